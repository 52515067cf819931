//! A root key from a passphrase, by Argon2id (RFC 9106).

use crate::material::MATERIAL_BYTES;
use crate::{Material, ModuleFailure, RootError, RootKey, RootKind, Wrapped, random};
use argon2::{Algorithm, Argon2, Params, Version};
use base::Secret;

/// RFC 9106, section 4, second recommended option: 64 MiB, three passes, four lanes.
const COST: Cost = Cost {
    memory_kib: 64 * 1024,
    passes: 3,
    lanes: 4,
};
/// A key ring file that asks for more is refused, not obeyed.
const LARGEST_COST: Cost = Cost {
    memory_kib: 4 * 1024 * 1024,
    passes: 64,
    lanes: 64,
};
const SALT_BYTES: usize = 16;
const WRAP_AAD: &[u8] = b"alcazar master key, passphrase";

#[derive(Clone, Copy)]
struct Cost {
    memory_kib: u32,
    passes: u32,
    lanes: u32,
}

/// The root key of a passphrase.
#[derive(Debug)]
pub struct Passphrase(Secret<String>);

impl Passphrase {
    /// Takes a passphrase as the operator typed it. An empty one is refused.
    pub fn new(passphrase: Secret<String>) -> Result<Self, RootError> {
        if passphrase.expose().is_empty() {
            return Err(RootError::Refused("the passphrase is empty"));
        }
        Ok(Self(passphrase))
    }

    fn key(&self, cost: Cost, salt: &[u8]) -> Result<Material, RootError> {
        let params = Params::new(
            cost.memory_kib,
            cost.passes,
            cost.lanes,
            Some(MATERIAL_BYTES),
        )
        .map_err(|_| {
            RootError::Refused("the passphrase's derivation parameters are out of bounds")
        })?;
        let mut key = zeroize::Zeroizing::new([0; MATERIAL_BYTES]);
        Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
            .hash_password_into(self.0.expose().as_bytes(), salt, key.as_mut_slice())
            .map_err(|_| ModuleFailure)?;
        Ok(Material::from_bytes(&key))
    }
}

impl RootKey for Passphrase {
    fn kind(&self) -> RootKind {
        RootKind::Passphrase
    }

    fn wrap(&self, master: &Material) -> Result<Wrapped, RootError> {
        let salt = random::bytes::<SALT_BYTES>().to_vec();
        let Cost {
            memory_kib,
            passes,
            lanes,
        } = COST;
        let master = self.key(COST, &salt)?.seal(WRAP_AAD, master.expose())?;
        Ok(Wrapped::Passphrase {
            memory_kib,
            passes,
            lanes,
            salt,
            master,
        })
    }

    fn unwrap(&self, wrapped: &Wrapped) -> Result<Material, RootError> {
        match wrapped {
            Wrapped::Passphrase {
                memory_kib,
                passes,
                lanes,
                salt,
                master,
            } => {
                let cost = Cost {
                    memory_kib: *memory_kib,
                    passes: *passes,
                    lanes: *lanes,
                }
                .bounded()?;
                Material::unseal(&self.key(cost, salt)?, WRAP_AAD, master)
                    .map_err(|_| RootError::WrongRoot(self.kind()))
            }
            other => Err(RootError::OtherKind {
                stored: other.kind(),
                offered: self.kind(),
            }),
        }
    }
}

impl Cost {
    fn bounded(self) -> Result<Self, RootError> {
        let most = LARGEST_COST;
        if self.memory_kib <= most.memory_kib
            && self.passes <= most.passes
            && self.lanes <= most.lanes
        {
            Ok(self)
        } else {
            Err(RootError::Refused(
                "the passphrase's derivation parameters are out of bounds",
            ))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn passphrase(text: &str) -> Passphrase {
        Passphrase::new(Secret::new(text.to_string())).unwrap()
    }

    #[test]
    fn only_the_same_passphrase_unwraps() {
        let wrapped = passphrase("correct horse")
            .wrap(&Material::from_bytes(&[5; 32]))
            .unwrap();
        let master = passphrase("correct horse").unwrap(&wrapped).unwrap();
        assert_eq!(master.expose(), &[5; 32]);
        for wrong in ["correct hors", "correct horse ", "Correct horse"] {
            let refused = passphrase(wrong).unwrap(&wrapped).unwrap_err();
            assert!(
                matches!(refused, RootError::WrongRoot(RootKind::Passphrase)),
                "{refused}"
            );
        }
    }

    #[test]
    fn an_empty_passphrase_is_refused() {
        assert!(matches!(
            Passphrase::new(Secret::new(String::new())),
            Err(RootError::Refused(_))
        ));
    }

    #[test]
    fn a_file_cannot_ask_for_boundless_work() {
        for (memory_kib, passes, lanes) in [
            (u32::MAX, 3, 4),
            (65536, u32::MAX, 4),
            (65536, 3, u32::MAX),
            (0, 0, 0),
        ] {
            let wrapped = Wrapped::Passphrase {
                memory_kib,
                passes,
                lanes,
                salt: vec![0; 16],
                master: vec![],
            };
            assert!(matches!(
                passphrase("x").unwrap(&wrapped),
                Err(RootError::Refused(_))
            ));
        }
    }

    #[test]
    fn kinds_do_not_mix() {
        let wrapped = Wrapped::KeyFile { master: vec![] };
        let refused = passphrase("x").unwrap(&wrapped).unwrap_err();
        assert_eq!(
            refused.to_string(),
            "the key ring is opened by a key file, not by a passphrase"
        );
    }
}
