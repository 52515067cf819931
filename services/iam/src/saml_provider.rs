//! SAML providers: naming one by its ARN, and the rules for what one is made of.
//!
//! AWS documents: IAM API Reference, "CreateSAMLProvider" and "UpdateSAMLProvider"; IAM User Guide, "Troubleshoot SAML
//! federation with IAM".

use std::sync::Arc;

use base::{AccountId, Arn, Secret, Timestamp};
use crypto::{DecryptionKey, random};
use iam_api::shapes::AssertionEncryptionModeType;
use identity::{AssertionEncryption, SamlPrivateKey, SamlProvider};
use pipeline::{Failure, Lookup};
use policy::{NamedResource, Resource};
use saml::Metadata;

use crate::errors;

/// How long metadata holds that does not say so: a hundred years, in seconds.
const A_HUNDRED_YEARS: i64 = 36_525 * 86_400;

/// A provider that a call names, be it there or not.
pub(crate) struct Named {
    arn: Arn,
    record: Option<Arc<SamlProvider>>,
    resource: Arc<dyn Resource>,
}

impl Named {
    /// The provider of this ARN.
    pub(crate) async fn find(look: &Lookup<'_>, text: &str) -> Result<Self, Failure> {
        let arn: Arn = text.parse().map_err(|_| errors::invalid_arn(text))?;
        let account = arn.account().parse::<AccountId>();
        let (Ok(account), Some(name)) = (account, SamlProvider::name_in(&arn)) else {
            return Err(errors::invalid_arn(text));
        };
        let named = Self::of(look, account, name).await?;
        match named.arn == arn {
            true => Ok(named),
            // As of another partition.
            false => Err(errors::invalid_arn(text)),
        }
    }

    /// The provider of this name.
    pub(crate) async fn of(
        look: &Lookup<'_>,
        account: AccountId,
        name: &str,
    ) -> Result<Self, Failure> {
        let key = SamlProvider::key_of(account, name);
        let arn = SamlProvider::arn_of(account, name);
        let record = look.get::<SamlProvider>(&key).await?;
        let resource: Arc<dyn Resource> = match &record {
            Some(provider) => provider.clone(),
            None => Arc::new(NamedResource::new(arn.clone(), account)),
        };
        Ok(Self {
            arn,
            record,
            resource,
        })
    }

    /// What policies see of it.
    pub(crate) fn resource(&self) -> Arc<dyn Resource> {
        self.resource.clone()
    }

    /// The provider, or the error that there is none.
    pub(crate) fn found(&self) -> Result<&Arc<SamlProvider>, Failure> {
        let record = self.record.as_ref();
        record.ok_or_else(|| errors::no_such_saml_provider(self.arn.as_str()))
    }

    /// Fails when there is one.
    pub(crate) fn free(&self) -> Result<(), Failure> {
        match &self.record {
            None => Ok(()),
            Some(provider) => Err(errors::saml_provider_exists(&provider.name)),
        }
    }
}

/// What a metadata document says that was given now.
pub(crate) struct Described {
    pub(crate) issuer: String,
    pub(crate) certificates: Vec<Vec<u8>>,
    pub(crate) valid_until: Timestamp,
}

impl Described {
    /// Reads a metadata document.
    pub(crate) fn by(text: &str, now: Timestamp) -> Result<Self, Failure> {
        let metadata = Metadata::parse(text).map_err(|_| errors::no_saml_metadata())?;
        let most = SamlProvider::MOST_CERTIFICATES;
        if metadata.certificates.len() > most {
            return Err(errors::quota_exceeded("KeysPerSamlProvider", most));
        }
        let certificates = metadata.certificates.into_iter();
        let until = metadata.valid_until;
        Ok(Self {
            issuer: metadata.issuer,
            certificates: certificates.map(|it| it.der).collect(),
            valid_until: until.unwrap_or_else(|| now.plus_seconds(A_HUNDRED_YEARS)),
        })
    }
}

/// A private key that was given now.
pub(crate) fn private_key(pem: &Secret<String>, now: Timestamp) -> Result<SamlPrivateKey, Failure> {
    match DecryptionKey::from_pem(pem) {
        None => Err(errors::invalid_saml_private_key()),
        Some(_) => Ok(SamlPrivateKey {
            id: new_id(),
            uploaded: now,
            pem: pem.clone(),
        }),
    }
}

/// An id of letters and digits. AWS: 22 to 64 of them.
pub(crate) fn new_id() -> String {
    let random: [u8; 16] = random::bytes();
    random.iter().map(|byte| format!("{byte:02X}")).collect()
}

/// `AssertionEncryptionMode`, where it is one. With no key to open them with, encrypted assertions cannot be required.
pub(crate) fn encryption(
    mode: Option<AssertionEncryptionModeType>,
    otherwise: Option<AssertionEncryption>,
    private_keys: &[SamlPrivateKey],
) -> Result<Option<AssertionEncryption>, Failure> {
    let encryption = match mode {
        Some(AssertionEncryptionModeType::Required) => Some(AssertionEncryption::Required),
        Some(AssertionEncryptionModeType::Allowed) => Some(AssertionEncryption::Allowed),
        None => otherwise,
    };
    match encryption {
        Some(AssertionEncryption::Required) if private_keys.is_empty() => {
            Err(errors::no_private_key_to_require())
        }
        other => Ok(other),
    }
}
