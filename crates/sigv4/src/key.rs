//! Keys derived from a secret access key for one day, region and service.

use std::fmt;

use aws_lc_rs::hmac;
use zeroize::Zeroizing;

use crate::TERMINATOR;

/// The key that signs requests of one credential scope. Wiped on drop, hidden in `Debug`.
///
/// Deriving costs four HMACs; a server keeps keys by access key id and scope. It holds the hash
/// state after the key was absorbed, which spares each verification two blocks.
///
/// Source: AWS IAM User Guide, "Derive a signing key for SigV4".
pub struct SigningKey(Box<hmac::Key>);

impl SigningKey {
    /// Derives the key from a secret access key, a date as `20261123`, a region and a service.
    pub fn derive(secret: &str, date: &str, region: &str, service: &str) -> Self {
        let mut first = Zeroizing::new(Vec::with_capacity(4 + secret.len()));
        first.extend_from_slice(b"AWS4");
        first.extend_from_slice(secret.as_bytes());
        let key = next(&first, date);
        let key = next(key.as_slice(), region);
        let key = next(key.as_slice(), service);
        let key = next(key.as_slice(), TERMINATOR);
        Self(Box::new(hmac::Key::new(hmac::HMAC_SHA256, key.as_slice())))
    }

    /// The signature of `text`.
    pub(crate) fn sign(&self, text: &[u8]) -> [u8; 32] {
        let mut signature = [0; 32];
        tag(&self.0, text, &mut signature);
        signature
    }

    /// Whether `signature` is that of `text`, told in constant time.
    pub(crate) fn signed(&self, text: &[u8], signature: &[u8; 32]) -> bool {
        hmac::verify(&self.0, text, signature).is_ok()
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SigningKey(…)")
    }
}

fn next(key: &[u8], text: &str) -> Zeroizing<[u8; 32]> {
    let mut derived = Zeroizing::new([0; 32]);
    let key = hmac::Key::new(hmac::HMAC_SHA256, key);
    tag(&key, text.as_bytes(), &mut derived);
    derived
}

#[expect(
    clippy::expect_used,
    reason = "HMAC-SHA-256 into 32 bytes cannot fail; going on without it would sign with zeros"
)]
fn tag(key: &hmac::Key, text: &[u8], into: &mut [u8; 32]) {
    hmac::sign_to_buffer(key, text, into).expect("an HMAC-SHA-256 tag is 32 bytes");
}

#[cfg(test)]
mod tests {
    use super::*;

    // The example of "Derive a signing key" in AWS's documentation.
    #[test]
    fn derives_as_documented() {
        let key = SigningKey::derive(
            "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
            "20150830",
            "us-east-1",
            "iam",
        );
        let expected = hmac::Key::new(
            hmac::HMAC_SHA256,
            &hex::decode("c4afb1cc5771d871763a393e44b703571b55cc28424d1a5e86da6ed3c154a4b9")
                .unwrap(),
        );
        assert_eq!(
            key.sign(b"text").as_slice(),
            hmac::sign(&expected, b"text").as_ref()
        );
    }

    #[test]
    fn tells_signatures_apart() {
        let key = SigningKey::derive("secret", "20150830", "us-east-1", "iam");
        let mut signature = key.sign(b"text");
        assert!(key.signed(b"text", &signature));
        assert!(!key.signed(b"test", &signature));
        signature[31] ^= 1;
        assert!(!key.signed(b"text", &signature));
    }

    #[test]
    fn debug_hides() {
        let key = SigningKey::derive("hunter2", "20150830", "us-east-1", "iam");
        assert_eq!(format!("{key:?}"), "SigningKey(…)");
    }
}
