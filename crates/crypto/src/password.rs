//! Passwords of people, kept as Argon2id hashes (RFC 9106) alone.

use argon2::password_hash::{PasswordHash as Phc, PasswordHasher, PasswordVerifier, SaltString};
use argon2::{Algorithm, Argon2, Params, Version};
use base::Secret;

use crate::{ModuleFailure, random};

/// OWASP Password Storage Cheat Sheet, "Argon2id": 19 MiB, two passes, one lane.
const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;
const LANES: u32 = 1;
const SALT_BYTES: usize = 16;
const HASH_BYTES: usize = 32;

/// The hash of a password with its salt and cost, in the PHC string format.
#[derive(Clone, Debug, PartialEq)]
pub struct PasswordHash(Secret<String>);

impl PasswordHash {
    /// Hashes `password` under a new salt. Takes tens of milliseconds and 19 MiB.
    pub fn of(password: &Secret<String>) -> Result<Self, ModuleFailure> {
        let salt = SaltString::encode_b64(&random::bytes::<SALT_BYTES>());
        let salt = salt.map_err(|_| ModuleFailure)?;
        let hash = argon2()?
            .hash_password(password.expose().as_bytes(), &salt)
            .map_err(|_| ModuleFailure)?;
        Ok(Self(Secret::new(hash.to_string())))
    }

    /// Whether `password` is the one that was hashed. As costly as hashing. A text that is no such hash matches nothing.
    pub fn matches(&self, password: &Secret<String>) -> bool {
        let hash = Phc::new(self.0.expose()).ok().filter(is_ours);
        hash.zip(argon2().ok()).is_some_and(|(hash, argon2)| {
            let compared = argon2.verify_password(password.expose().as_bytes(), &hash);
            compared.is_ok()
        })
    }

    /// As it is stored.
    pub fn text(&self) -> &Secret<String> {
        &self.0
    }

    /// From what `text` gave.
    pub fn from_text(text: Secret<String>) -> Self {
        Self(text)
    }
}

fn argon2() -> Result<Argon2<'static>, ModuleFailure> {
    let params = Params::new(MEMORY_KIB, PASSES, LANES, Some(HASH_BYTES));
    let params = params.map_err(|_| ModuleFailure)?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

/// A stored hash that asks for more work than ours is refused, not obeyed.
fn is_ours(hash: &Phc<'_>) -> bool {
    let cost = Params::try_from(hash).is_ok_and(|params| {
        params.m_cost() <= MEMORY_KIB && params.t_cost() <= PASSES && params.p_cost() <= LANES
    });
    cost && hash.algorithm.as_str() == "argon2id"
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secret(text: &str) -> Secret<String> {
        Secret::new(text.to_owned())
    }

    #[test]
    fn only_the_same_password_matches() {
        let hash = PasswordHash::of(&secret("correct horse")).unwrap();
        let kept = PasswordHash::from_text(hash.text().clone());
        assert!(kept.matches(&secret("correct horse")));
        for wrong in ["correct hors", "correct horse ", "Correct horse", ""] {
            assert!(!kept.matches(&secret(wrong)), "{wrong}");
        }
        assert!(
            hash.text()
                .expose()
                .starts_with("$argon2id$v=19$m=19456,t=2,p=1$")
        );
        assert!(!format!("{hash:?}").contains("argon2id"));
    }

    #[test]
    fn salts_differ() {
        let [one, other] = [0; 2].map(|_| PasswordHash::of(&secret("same")).unwrap());
        assert_ne!(one, other);
    }

    #[test]
    fn a_stored_hash_cannot_ask_for_boundless_work() {
        let hash = PasswordHash::of(&secret("x")).unwrap();
        let text = hash.text().expose();
        for text in [
            text.replace("m=19456", "m=4194304"),
            text.replace("argon2id", "argon2d"),
            String::new(),
        ] {
            assert!(!PasswordHash::from_text(secret(&text)).matches(&secret("x")));
        }
    }
}
