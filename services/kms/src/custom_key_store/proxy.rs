//! Asking an external key store proxy. Nothing that it answers is taken at its word.
//!
//! Source: AWS KMS External Key Store Proxy API Specification.

use base::{Secret, Timestamp};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use crypto::digest::sha256_of;
use identity::{Caller, Identity};
use pipeline::{Duty, KeyStores, Operation, Permitted, XksProxy};
use serde::Serialize;
use serde::de::DeserializeOwned;
use wire::Api;

use super::forms::{
    DecryptAnswer, DecryptQuestion, EncryptAnswer, EncryptQuestion, ErrorAnswer, Health,
    HealthStatus, KeyMetadata, Question, RequestMetadata,
};
use super::trouble::Trouble;
use crate::key::Key;

const ALGORITHM: &str = "AES_GCM";
const INTEGRITY: &str = "SHA_256";
const MOST_MANAGERS: usize = 10;
const MOST_USAGES: usize = 10;
const MOST_METADATA_BYTES: usize = 20;
const TAG_BYTES: usize = 16;
/// What a proxy must take.
const MOST_AUTHENTICATED_BYTES: usize = 8192;

/// A conversation with a proxy, on behalf of one call.
pub(crate) struct Asking<'a> {
    stores: &'a dyn KeyStores,
    proxy: XksProxy,
    at: Timestamp,
    metadata: RequestMetadata,
}

impl<'a> Asking<'a> {
    /// On behalf of whoever calls, about `key` if there is one yet.
    pub(crate) fn of_call<O: Operation>(
        call: &'a Permitted<'_, O>,
        proxy: XksProxy,
        key: Option<&Key>,
    ) -> Self {
        let whole = call.call();
        Self {
            stores: call.key_stores(),
            proxy,
            at: whole.now(),
            metadata: RequestMetadata {
                aws_principal_arn: Some(principal_arn(whole.caller())),
                kms_key_arn: key.map(|key| key.arn.to_string()),
                kms_operation: O::Api::FACTS.name,
                kms_request_id: whole.id().to_string(),
                kms_via_service: whole.via_service(),
            },
        }
    }

    /// Whether the proxy is there and knows KMS, on behalf of whoever calls.
    pub(crate) fn of_settings<O: Operation>(call: &'a Permitted<'_, O>, proxy: XksProxy) -> Self {
        let whole = call.call();
        Self {
            stores: call.key_stores(),
            proxy,
            at: whole.now(),
            metadata: health_metadata(O::Api::FACTS.name, whole.id().to_string()),
        }
    }

    /// The same in the background, for a store that is being connected.
    pub(crate) fn of_duty(duty: &'a Duty<'_>, proxy: XksProxy) -> Self {
        let id = base::RequestId::from_random(crypto::random::bytes());
        Self {
            stores: duty.key_stores(),
            proxy,
            at: duty.now(),
            metadata: health_metadata("ConnectCustomKeyStore", id.to_string()),
        }
    }

    async fn post<T: DeserializeOwned>(
        &self,
        path: &str,
        question: &impl Serialize,
    ) -> Result<T, Trouble> {
        let body = serde_json::to_vec(question).map_err(|_| Trouble::Malformed)?;
        let body = Secret::new(body);
        let answer = self.stores.ask(&self.proxy, path, body.expose(), self.at);
        let answer = answer.await?;
        let body = answer.body.expose();
        match answer.status {
            200 => serde_json::from_slice(body).map_err(|_| Trouble::Malformed),
            _ => match serde_json::from_slice::<ErrorAnswer>(body) {
                Ok(error) => Err(Trouble::named(&error.error_name)),
                Err(_) => Err(Trouble::Malformed),
            },
        }
    }

    /// GetHealthStatus: whether one of its key managers can work.
    pub(crate) async fn health(&self) -> Result<(), Trouble> {
        let question = Question {
            request_metadata: &self.metadata,
        };
        let health: Health = self.post("/health", &question).await?;
        let managers = &health.ekm_fleet_details;
        if health.xks_proxy_fleet_size == 0 || managers.is_empty() || managers.len() > MOST_MANAGERS
        {
            return Err(Trouble::Malformed);
        }
        let works = |status| status != HealthStatus::Unavailable;
        match managers.iter().any(|manager| works(manager.health_status)) {
            true => Ok(()),
            false => Err(Trouble::Unavailable),
        }
    }

    /// GetKeyMetadata: whether this key can be what a KMS key needs.
    pub(crate) async fn check_key(&self, id: &str) -> Result<(), Trouble> {
        let question = Question {
            request_metadata: &self.metadata,
        };
        let path = format!("/keys/{id}/metadata");
        let key: KeyMetadata = self.post(&path, &question).await?;
        let may = |usage: &str| key.key_usage.iter().any(|it| it == usage);
        match &*key.key_status {
            _ if key.key_usage.len() > MOST_USAGES => Err(Trouble::Malformed),
            "DISABLED" => Err(Trouble::KeyDisabled),
            "ENABLED" if key.key_spec == "AES_256" && may("ENCRYPT") && may("DECRYPT") => Ok(()),
            "ENABLED" => Err(Trouble::KeyUsage),
            _ => Err(Trouble::Malformed),
        }
    }

    /// Encrypt: what the proxy gave, as one text.
    pub(crate) async fn encrypt(
        &self,
        id: &str,
        authenticated: &[u8],
        plaintext: &[u8],
    ) -> Result<Vec<u8>, Trouble> {
        let authenticated = bounded(authenticated);
        let question = EncryptQuestion {
            request_metadata: &self.metadata,
            additional_authenticated_data: &STANDARD.encode(&authenticated),
            plaintext: &STANDARD.encode(plaintext),
            encryption_algorithm: ALGORITHM,
            ciphertext_data_integrity_value_algorithm: INTEGRITY,
        };
        let path = format!("/keys/{id}/encrypt");
        let answer: EncryptAnswer = self.post(&path, &question).await?;
        let outer = Outer::read(&answer).ok_or(Trouble::Malformed)?;
        let integrity = answer.ciphertext_data_integrity_value.as_deref();
        let integrity = integrity.and_then(|text| STANDARD.decode(text).ok());
        let whole = outer.ciphertext.len() == plaintext.len()
            && integrity.as_deref() == Some(&outer.integrity(&authenticated));
        match whole {
            true => Ok(outer.write()),
            false => Err(Trouble::Malformed),
        }
    }

    /// Decrypt: what `encrypt` was given.
    pub(crate) async fn decrypt(
        &self,
        id: &str,
        authenticated: &[u8],
        outer: &Outer,
    ) -> Result<Secret<Vec<u8>>, Trouble> {
        let metadata = STANDARD.encode(&outer.metadata);
        let question = DecryptQuestion {
            request_metadata: &self.metadata,
            additional_authenticated_data: &STANDARD.encode(bounded(authenticated)),
            ciphertext: &STANDARD.encode(&outer.ciphertext),
            ciphertext_metadata: (!metadata.is_empty()).then_some(&metadata),
            initialization_vector: &STANDARD.encode(&outer.iv),
            authentication_tag: &STANDARD.encode(outer.tag),
            encryption_algorithm: ALGORITHM,
        };
        let path = format!("/keys/{id}/decrypt");
        let answer: DecryptAnswer = self.post(&path, &question).await?;
        let plaintext = STANDARD.decode(answer.plaintext.expose());
        plaintext.map(Secret::new).map_err(|_| Trouble::Malformed)
    }
}

fn health_metadata(operation: &'static str, request: String) -> RequestMetadata {
    RequestMetadata {
        aws_principal_arn: None,
        kms_key_arn: None,
        kms_operation: operation,
        kms_request_id: request,
        kms_via_service: None,
    }
}

/// `aws:PrincipalArn`
fn principal_arn(caller: &Caller) -> String {
    match &caller.identity {
        Identity::AssumedRole(role) => role.arn.to_string(),
        _ => caller.arn().to_string(),
    }
}

/// What is authenticated, if it is not more than every proxy takes; else its digest.
fn bounded(authenticated: &[u8]) -> Vec<u8> {
    match authenticated.len() <= MOST_AUTHENTICATED_BYTES {
        true => authenticated.to_vec(),
        false => sha256_of(&[authenticated]).to_vec(),
    }
}

/// What a proxy encrypted. As one text: `length of metadata (8 bits) || metadata || length of initialization vector (8
/// bits) || initialization vector || tag (16 bytes) || ciphertext`.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Outer {
    metadata: Vec<u8>,
    iv: Vec<u8>,
    tag: [u8; TAG_BYTES],
    ciphertext: Vec<u8>,
}

impl Outer {
    fn read(answer: &EncryptAnswer) -> Option<Self> {
        let bytes = |text: &str| STANDARD.decode(text).ok();
        let metadata = answer.ciphertext_metadata.as_deref().map(bytes);
        Self {
            metadata: metadata.unwrap_or(Some(Vec::new()))?,
            iv: bytes(&answer.initialization_vector)?,
            tag: bytes(&answer.authentication_tag)?.try_into().ok()?,
            ciphertext: bytes(&answer.ciphertext)?,
        }
        .checked()
    }

    fn checked(self) -> Option<Self> {
        let fits = self.metadata.len() <= MOST_METADATA_BYTES && matches!(self.iv.len(), 12 | 16);
        fits.then_some(self)
    }

    /// `ciphertextDataIntegrityValue`
    fn integrity(&self, authenticated: &[u8]) -> [u8; 32] {
        let Self {
            metadata,
            iv,
            tag,
            ciphertext,
        } = self;
        sha256_of(&[authenticated, metadata, iv, ciphertext, tag])
    }

    fn write(&self) -> Vec<u8> {
        // Both lengths were checked to be small.
        let parts: [&[u8]; 6] = [
            &[self.metadata.len() as u8],
            &self.metadata,
            &[self.iv.len() as u8],
            &self.iv,
            &self.tag,
            &self.ciphertext,
        ];
        parts.concat()
    }

    /// Takes `bytes` apart; none if they have not the form.
    pub(crate) fn parse(bytes: &[u8]) -> Option<Self> {
        let (length, bytes) = bytes.split_first()?;
        let (metadata, bytes) = bytes.split_at_checked(usize::from(*length))?;
        let (length, bytes) = bytes.split_first()?;
        let (iv, bytes) = bytes.split_at_checked(usize::from(*length))?;
        let (tag, ciphertext) = bytes.split_first_chunk()?;
        Self {
            metadata: metadata.to_vec(),
            iv: iv.to_vec(),
            tag: *tag,
            ciphertext: ciphertext.to_vec(),
        }
        .checked()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The example of the specification, Appendix C.
    #[test]
    fn integrity_value_of_the_specification() {
        let answer = EncryptAnswer {
            ciphertext: "ghxkK1txeDNn3q8Y".into(),
            ciphertext_metadata: Some("a2V5X3ZlcnNpb249MQ==".into()),
            initialization_vector: "HMrlRw85cAJUd5Ax".into(),
            authentication_tag: "vBxN2ncH1oEkR8WVXpmyYQ==".into(),
            ciphertext_data_integrity_value: None,
        };
        let outer = Outer::read(&answer).unwrap();
        let integrity = outer.integrity(b"project=nile,department=marketing");
        let expected = "qHA/ImC9h5HsLRXqCyPmWgYx7tzyoTplzILbP0fPXsc=";
        assert_eq!(STANDARD.encode(integrity), expected);
    }

    #[test]
    fn long_contexts_are_digested() {
        assert_eq!(bounded(&[7; 8192]).len(), 8192);
        assert_eq!(bounded(&[7; 8193]).len(), 32);
    }

    proptest! {
        #[test]
        fn the_form_is_taken_apart_as_it_was_put_together(
            metadata in proptest::collection::vec(any::<u8>(), 0..=20),
            long in any::<bool>(),
            tag in any::<[u8; 16]>(),
            ciphertext in proptest::collection::vec(any::<u8>(), 0..100),
        ) {
            let iv = vec![3; if long { 16 } else { 12 }];
            let outer = Outer { metadata, iv, tag, ciphertext };
            prop_assert_eq!(Outer::parse(&outer.write()), Some(outer));
        }

        #[test]
        fn nothing_else_is_taken_apart(bytes in proptest::collection::vec(any::<u8>(), 0..60)) {
            if let Some(outer) = Outer::parse(&bytes) {
                prop_assert_eq!(outer.write(), bytes);
            }
        }
    }
}
