//! A SAML provider of an account: whose assertions its roles may trust.

use base::{AccountId, Arn, Secret, Tags, Timestamp};
use policy::{Resource, ResourcePolicy};
use serde::{Deserialize, Serialize};
use storage::{Key, Record, Unreadable};
use zeroize::Zeroize;

use crate::stored::{bad, read_v1, write_v1};

/// A SAML provider, as its metadata document describes it.
#[derive(Clone, Debug, PartialEq)]
pub struct SamlProvider {
    /// The account it belongs to.
    pub account: AccountId,
    /// Unique in the account.
    pub name: String,
    /// `arn:aws:iam::ACCOUNT:saml-provider/name`
    pub arn: Arn,
    /// `SAMLProviderUUID`
    pub id: String,
    /// Entity id of the identity provider: the issuer of its assertions.
    pub issuer: String,
    /// The certificates that it signs with, in DER.
    pub certificates: Vec<Vec<u8>>,
    /// Until when the metadata document holds.
    pub valid_until: Timestamp,
    /// When it was made.
    pub created: Timestamp,
    /// What of its assertions is encrypted.
    pub encryption: Option<AssertionEncryption>,
    /// What encrypted assertions are opened with.
    pub private_keys: Vec<SamlPrivateKey>,
    /// Its tags.
    pub tags: Tags,
}

/// Which assertions are taken: `AssertionEncryptionMode`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum AssertionEncryption {
    /// Encrypted ones and others.
    Allowed,
    /// Encrypted ones alone.
    Required,
}

/// A private key for encrypted assertions.
#[derive(Clone, Debug, PartialEq)]
pub struct SamlPrivateKey {
    /// `KeyId`
    pub id: String,
    /// When it came.
    pub uploaded: Timestamp,
    /// The key in PEM. No operation gives it out.
    pub pem: Secret<String>,
}

impl SamlProvider {
    /// Providers that an account may have. AWS: IAM User Guide, "IAM and AWS STS quotas".
    pub const MOST: usize = 100;
    /// Signing certificates that one may have. AWS: IAM User Guide, "IAM and AWS STS quotas".
    pub const MOST_CERTIFICATES: usize = 10;
    /// Private keys that one may have. AWS: IAM API Reference, "GetSAMLProvider".
    pub const MOST_PRIVATE_KEYS: usize = 2;

    /// Where the provider of this name lies.
    pub fn key_of(account: AccountId, name: &str) -> Key {
        Self::prefix(account).then(name)
    }
    /// What the keys of an account's providers begin with.
    pub fn prefix(account: AccountId) -> Key {
        Key::root().then(account.as_str())
    }
    /// The ARN the provider of this name has.
    pub fn arn_of(account: AccountId, name: &str) -> Arn {
        let resource = format_args!("saml-provider/{name}");
        Arn::new("iam", "", account.as_str(), resource)
    }
    /// The name in the ARN of a provider; none if it is the ARN of something else.
    pub fn name_in(arn: &Arn) -> Option<&str> {
        let name = arn.resource().strip_prefix("saml-provider/")?;
        (arn.service() == "iam" && !name.is_empty()).then_some(name)
    }
}

impl Resource for SamlProvider {
    fn arn(&self) -> &Arn {
        &self.arn
    }
    fn account(&self) -> AccountId {
        self.account
    }
    fn policy(&self) -> ResourcePolicy<'_> {
        ResourcePolicy::None
    }
    fn tags(&self) -> &Tags {
        &self.tags
    }
}

#[derive(Serialize, Deserialize)]
struct StoredV1 {
    account: String,
    name: String,
    id: String,
    issuer: String,
    certificates: Vec<Vec<u8>>,
    valid_until: i64,
    created: i64,
    encryption: Option<AssertionEncryption>,
    private_keys: Vec<StoredKeyV1>,
    tags: Tags,
}

#[derive(Serialize, Deserialize)]
struct StoredKeyV1 {
    id: String,
    uploaded: i64,
    pem: String,
}

impl Drop for StoredKeyV1 {
    fn drop(&mut self) {
        self.pem.zeroize();
    }
}

impl Record for SamlProvider {
    const TABLE: &'static str = "identity.saml_provider";
    fn key(&self) -> Key {
        Self::key_of(self.account, &self.name)
    }
    fn store(&self) -> Vec<u8> {
        let stored = |key: &SamlPrivateKey| StoredKeyV1 {
            id: key.id.clone(),
            uploaded: key.uploaded.micros(),
            pem: key.pem.expose().clone(),
        };
        write_v1(&StoredV1 {
            account: self.account.to_string(),
            name: self.name.clone(),
            id: self.id.clone(),
            issuer: self.issuer.clone(),
            certificates: self.certificates.clone(),
            valid_until: self.valid_until.micros(),
            created: self.created.micros(),
            encryption: self.encryption,
            private_keys: self.private_keys.iter().map(stored).collect(),
            tags: self.tags.clone(),
        })
    }
    fn load(bytes: &[u8]) -> Result<Self, Unreadable> {
        let form: StoredV1 = read_v1(Self::TABLE, bytes)?;
        let account = form.account.parse();
        let account = account.map_err(|_| bad(Self::TABLE, "account"))?;
        let key = |mut stored: StoredKeyV1| SamlPrivateKey {
            id: std::mem::take(&mut stored.id),
            uploaded: Timestamp::from_micros(stored.uploaded),
            pem: Secret::new(std::mem::take(&mut stored.pem)),
        };
        Ok(Self {
            account,
            arn: Self::arn_of(account, &form.name),
            name: form.name,
            id: form.id,
            issuer: form.issuer,
            certificates: form.certificates,
            valid_until: Timestamp::from_micros(form.valid_until),
            created: Timestamp::from_micros(form.created),
            encryption: form.encryption,
            private_keys: form.private_keys.into_iter().map(key).collect(),
            tags: form.tags,
        })
    }
}

/// The metadata document of a SAML provider, as it was given.
#[derive(Clone, Debug, PartialEq)]
pub struct SamlMetadata {
    /// The provider's account.
    pub account: AccountId,
    /// The provider's name.
    pub name: String,
    /// The document.
    pub text: String,
}

#[derive(Serialize, Deserialize)]
struct StoredMetadataV1 {
    account: String,
    name: String,
    text: String,
}

impl Record for SamlMetadata {
    const TABLE: &'static str = "identity.saml_metadata";
    fn key(&self) -> Key {
        SamlProvider::key_of(self.account, &self.name)
    }
    fn store(&self) -> Vec<u8> {
        write_v1(&StoredMetadataV1 {
            account: self.account.to_string(),
            name: self.name.clone(),
            text: self.text.clone(),
        })
    }
    fn load(bytes: &[u8]) -> Result<Self, Unreadable> {
        let form: StoredMetadataV1 = read_v1(Self::TABLE, bytes)?;
        let account = form.account.parse();
        Ok(Self {
            account: account.map_err(|_| bad(Self::TABLE, "account"))?,
            name: form.name,
            text: form.text,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn golden_bytes() {
        let account = AccountId::from_number(1);
        let provider = SamlProvider {
            account,
            name: "idp".into(),
            arn: SamlProvider::arn_of(account, "idp"),
            id: "SAML1".into(),
            issuer: "https://id.example.com".into(),
            certificates: vec![vec![1, 2]],
            valid_until: Timestamp::from_seconds(2),
            created: Timestamp::from_seconds(1),
            encryption: Some(AssertionEncryption::Required),
            private_keys: vec![SamlPrivateKey {
                id: "K".into(),
                uploaded: Timestamp::from_seconds(1),
                pem: Secret::new("p".into()),
            }],
            tags: Tags::default(),
        };
        let stored = b"\x01{\"account\":\"000000000001\",\"name\":\"idp\",\"id\":\"SAML1\",\"issuer\":\"https://id.example.com\",\"certificates\":[[1,2]],\"valid_until\":2000000,\"created\":1000000,\"encryption\":\"Required\",\"private_keys\":[{\"id\":\"K\",\"uploaded\":1000000,\"pem\":\"p\"}],\"tags\":[]}";
        assert_eq!(provider.store(), stored);
        assert_eq!(SamlProvider::load(stored).unwrap(), provider);
        assert_eq!(SamlProvider::name_in(&provider.arn), Some("idp"));
        assert!(!format!("{provider:?}").contains("\"p\""));
        let metadata = SamlMetadata {
            account,
            name: "idp".into(),
            text: "<a/>".into(),
        };
        let stored = b"\x01{\"account\":\"000000000001\",\"name\":\"idp\",\"text\":\"<a/>\"}";
        assert_eq!(metadata.store(), stored);
        assert_eq!(SamlMetadata::load(stored).unwrap(), metadata);
    }
}
