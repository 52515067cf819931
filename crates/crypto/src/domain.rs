//! The key of one account in one region, which wraps the key material kept there.

use aws_lc_rs::hmac;

use crate::{Material, ModuleFailure, NotAuthentic};

const FINGERPRINT_LABEL: &str = "alcazar fingerprint";

/// Wraps key material of one account and region. Material wrapped in one domain does not unwrap in another.
#[derive(Debug)]
pub struct DomainKey(Material);

impl DomainKey {
    pub(crate) fn new(material: Material) -> Self {
        Self(material)
    }

    /// `material` sealed under the domain key together with `aad`: bind the key's id and the material's version.
    pub fn wrap(&self, material: &Material, aad: &[u8]) -> Result<Vec<u8>, ModuleFailure> {
        self.0.seal(aad, material.expose())
    }

    /// The material that `wrap` was given with the same `aad`.
    pub fn unwrap(&self, wrapped: &[u8], aad: &[u8]) -> Result<Material, NotAuthentic> {
        Material::unseal(&self.0, aad, wrapped)
    }

    /// A name for `secret`, the same whenever it comes with the same `context`: for telling secrets apart. Without this
    /// key it tells nothing of the secret, not even to who guesses it.
    pub fn fingerprint(&self, context: &[u8], secret: &[u8]) -> Result<[u8; 32], ModuleFailure> {
        let key = self.0.derive(FINGERPRINT_LABEL, &[])?;
        let key = hmac::Key::new(hmac::HMAC_SHA256, key.expose());
        let mut named = hmac::Context::with_key(&key);
        for part in [context, secret] {
            named.update(&(part.len() as u64).to_be_bytes());
            named.update(part);
        }
        named.sign().as_ref().try_into().map_err(|_| ModuleFailure)
    }

    /// Any other secret of the domain (such as a private key's encoding), sealed together with `aad`.
    pub fn seal(&self, aad: &[u8], secret: &[u8]) -> Result<Vec<u8>, ModuleFailure> {
        self.0.seal(aad, secret)
    }

    /// The secret that `seal` was given with the same `aad`.
    pub fn open(&self, aad: &[u8], sealed: &[u8]) -> Result<base::Secret<Vec<u8>>, NotAuthentic> {
        self.0.open(aad, sealed)
    }
}

#[cfg(test)]
mod tests {
    use crate::KeyRing;
    use base::{AccountId, Region};

    #[test]
    fn fingerprints_tell_secrets_contexts_and_domains_apart() {
        let ring = KeyRing::ephemeral().unwrap();
        let domain = |number| {
            let account = AccountId::from_number(number);
            ring.domain(account, &Region::US_EAST_1).unwrap()
        };
        let print = |number, context: &[u8], secret: &[u8]| {
            domain(number).fingerprint(context, secret).unwrap()
        };
        let one = print(1, b"a", b"bc");
        assert_eq!(one, print(1, b"a", b"bc"));
        for other in [
            print(1, b"a", b"bd"),
            print(1, b"ab", b"c"),
            print(2, b"a", b"bc"),
        ] {
            assert_ne!(one, other);
        }
    }
}
