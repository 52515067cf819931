//! The public key of a key pair, kept in clear beside the private one: what needs no more unwraps nothing.

use std::sync::{Arc, OnceLock};

use crypto::PublicKey;
use kms_api::shapes::KeySpec;
use pipeline::Failure;

use crate::key_material::Opened;
use crate::key_spec::{self, Kind};

/// A public key as it is kept, and parsed once: the parsed form stays with the record, in memory only.
#[derive(Clone, Debug)]
pub(crate) struct PublicHalf {
    der: Vec<u8>,
    parsed: OnceLock<Arc<PublicKey>>,
}

impl PublicHalf {
    /// As it was kept: the DER of a `SubjectPublicKeyInfo` (RFC 5280).
    pub(crate) fn stored(der: Vec<u8>) -> Self {
        Self {
            der,
            parsed: OnceLock::new(),
        }
    }

    /// That of a key pair; none of other material.
    pub(crate) fn of(material: &Opened) -> Option<Self> {
        let der = material.public_der()?;
        Some(Self::stored(der.to_vec()))
    }

    /// As it is kept.
    pub(crate) fn der(&self) -> &[u8] {
        &self.der
    }

    /// Ready for use, as one of keys of `spec`.
    pub(crate) fn key(&self, spec: KeySpec) -> Result<&PublicKey, Failure> {
        if let Some(key) = self.parsed.get() {
            return Ok(key);
        }
        let Kind::Pair(pair) = key_spec::kind(spec)? else {
            return Err(Failure::internal("a public key of a key that is no pair"));
        };
        let key = PublicKey::from_der(pair, &self.der).map_err(Failure::internal)?;
        Ok(self.parsed.get_or_init(|| Arc::new(key)))
    }
}

impl PartialEq for PublicHalf {
    fn eq(&self, other: &Self) -> bool {
        self.der == other.der
    }
}

#[cfg(test)]
mod tests {
    use harness::{ACCOUNT, Alcazar, Client};
    use serde_json::{Value, json};
    use storage::Record;

    use super::*;
    use crate::key::Key;
    use crate::key_id::KeyId;
    use crate::testing::{Kms, alcazar, blob};

    async fn kept(alcazar: &Alcazar, id: &str) -> Key {
        let account = ACCOUNT.parse().unwrap();
        let place = Key::key_of(
            account,
            &base::Region::US_EAST_1,
            &KeyId::parse(id).unwrap(),
        );
        let found = alcazar.core.records.get::<Key>(&place).await.unwrap();
        Key::clone(&found.unwrap())
    }

    /// Calls that need the public key alone, and one that needs the private one.
    fn calls(key: &str, signature: &str) -> [(&'static str, Value); 3] {
        let sign = json!({"KeyId": key, "Message": blob("m"), "SigningAlgorithm": "ECDSA_SHA_256"});
        let mut verify = sign.clone();
        verify["Signature"] = json!(signature);
        [
            ("GetPublicKey", json!({"KeyId": key})),
            ("Verify", verify),
            ("Sign", sign),
        ]
    }

    async fn statuses(root: &Client, key: &str, signature: &str) -> Vec<u16> {
        let mut statuses = Vec::new();
        for (operation, input) in calls(key, signature) {
            statuses.push(root.kms(operation, input).await.status);
        }
        statuses
    }

    #[tokio::test]
    async fn what_needs_no_private_key_opens_none() {
        let alcazar = alcazar().await;
        let root = alcazar.root();
        let id = root.new_key_of("ECC_NIST_P256", "SIGN_VERIFY").await;
        let (_, sign) = calls(&id, "").into_iter().next_back().unwrap();
        let signature = root.kms("Sign", sign).await.ok().field("Signature");
        let key = kept(&alcazar, &id).await;
        // As it is read from disk, with a private key that does not open.
        let stored = String::from_utf8(key.store()).unwrap();
        assert!(stored.contains(r#""public_key":"3059"#), "{stored}");
        let at = stored.find(r#""wrapped":""#).unwrap() + 60;
        let mut damaged = stored.into_bytes();
        damaged[at] = if damaged[at] == b'0' { b'1' } else { b'0' };
        alcazar.keep(Key::load(&damaged).unwrap()).await;
        assert_eq!(statuses(&root, &id, &signature).await, [200, 200, 500]);
    }

    #[tokio::test]
    async fn a_key_that_was_kept_without_it_tells_it_all_the_same() {
        let alcazar = alcazar().await;
        let root = alcazar.root();
        let id = root.new_key_of("ECC_NIST_P256", "SIGN_VERIFY").await;
        let (_, sign) = calls(&id, "").into_iter().next_back().unwrap();
        let signature = root.kms("Sign", sign).await.ok().field("Signature");
        let before = root.kms("GetPublicKey", json!({"KeyId": id})).await.ok();
        let old = Key {
            public: None,
            ..kept(&alcazar, &id).await
        };
        let stored = String::from_utf8(old.store()).unwrap();
        assert!(!stored.contains("public_key"));
        alcazar.keep(Key::load(stored.as_bytes()).unwrap()).await;
        assert_eq!(statuses(&root, &id, &signature).await, [200, 200, 200]);
        let after = root.kms("GetPublicKey", json!({"KeyId": id})).await.ok();
        assert_eq!(after.field("PublicKey"), before.field("PublicKey"));
    }

    #[tokio::test]
    async fn an_imported_key_pair_has_it_from_its_import_on() {
        let alcazar = alcazar().await;
        let root = alcazar.root();
        let wanted = json!({"KeySpec": "ECC_NIST_P256", "KeyUsage": "SIGN_VERIFY"});
        let id = root.new_imported_key(wanted).await;
        assert_eq!(kept(&alcazar, &id).await.public, None);
        let pair = Opened::generate(KeySpec::EccNistP256).unwrap();
        let Opened::Pair(private) = &pair else {
            unreachable!()
        };
        let private = private.pkcs8().unwrap();
        root.import(&id, private.expose(), json!({})).await.ok();
        assert_eq!(kept(&alcazar, &id).await.public, PublicHalf::of(&pair));
    }
}
