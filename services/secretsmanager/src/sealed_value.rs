//! The value of one version, sealed under a data key, and that under KMS keys.

use base::{AccountId, Region};
use pipeline::PartUse;
use serde::{Deserialize, Serialize};
use storage::{Key, Record, Unreadable, Writes};

use crate::secret::Secret;
use crate::stored;

/// A value that only KMS opens.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct SealedValue {
    /// The account of the secret.
    pub(crate) account: AccountId,
    /// The region of the secret.
    pub(crate) region: Region,
    /// The name of the secret.
    pub(crate) name: String,
    /// The random characters of the secret's ARN.
    pub(crate) suffix: String,
    /// The version.
    pub(crate) version: String,
    /// Whether it is `SecretBinary`.
    pub(crate) binary: bool,
    /// The data key under each KMS key that opens it, the one in force last.
    pub(crate) envelopes: Vec<Envelope>,
    /// The value under the data key.
    pub(crate) sealed: Vec<u8>,
}

/// A data key under a KMS key.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Envelope {
    /// ARN of the KMS key.
    pub(crate) key_arn: String,
    /// What KMS made of the data key.
    #[serde(with = "hex")]
    pub(crate) data_key: Vec<u8>,
}

/// Leaves nothing of the value of the version `id` of `secret`, nor of its reads.
pub(crate) fn without(secret: &Secret, id: &str) -> Writes {
    let mut writes = Writes::none();
    writes.delete::<SealedValue>(&SealedValue::key_of(secret, id));
    writes.delete::<PartUse>(&PartUse::key_of(&secret.arn, id));
    writes
}

impl SealedValue {
    /// Where the value of a version lies.
    pub(crate) fn key_of(secret: &Secret, version: &str) -> Key {
        let place = Secret::key_of(secret.account, &secret.region, &secret.name);
        place.then(secret.suffix()).then(version)
    }
}

#[derive(Serialize, Deserialize)]
struct StoredV1 {
    account: String,
    region: String,
    name: String,
    suffix: String,
    version: String,
    binary: bool,
    envelopes: Vec<Envelope>,
    #[serde(with = "hex")]
    sealed: Vec<u8>,
}

impl Record for SealedValue {
    const TABLE: &'static str = "secretsmanager.value";
    fn key(&self) -> Key {
        let place = Secret::key_of(self.account, &self.region, &self.name);
        place.then(&self.suffix).then(&self.version)
    }
    fn store(&self) -> Vec<u8> {
        stored::write(&StoredV1 {
            account: self.account.to_string(),
            region: self.region.to_string(),
            name: self.name.clone(),
            suffix: self.suffix.clone(),
            version: self.version.clone(),
            binary: self.binary,
            envelopes: self.envelopes.clone(),
            sealed: self.sealed.clone(),
        })
    }
    fn load(bytes: &[u8]) -> Result<Self, Unreadable> {
        let form: StoredV1 = stored::read(Self::TABLE, bytes)?;
        let bad = |field| move || stored::bad(Self::TABLE, field);
        Ok(Self {
            account: form.account.parse().ok().ok_or_else(bad("account"))?,
            region: form.region.parse().ok().ok_or_else(bad("region"))?,
            name: form.name,
            suffix: form.suffix,
            version: form.version,
            binary: form.binary,
            envelopes: form.envelopes,
            sealed: form.sealed,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::some_secret;

    #[test]
    fn golden_bytes() {
        let secret = some_secret();
        let value = SealedValue {
            account: secret.account,
            region: secret.region,
            name: secret.name.clone(),
            suffix: secret.suffix().to_owned(),
            version: "v1".into(),
            binary: false,
            envelopes: vec![Envelope {
                key_arn: "k".into(),
                data_key: vec![1, 2],
            }],
            sealed: vec![3],
        };
        let stored = b"\x01{\"account\":\"111122223333\",\"region\":\"us-east-1\",\"name\":\"a/b\",\"suffix\":\"AbCdEf\",\"version\":\"v1\",\"binary\":false,\"envelopes\":[{\"key_arn\":\"k\",\"data_key\":\"0102\"}],\"sealed\":\"03\"}";
        assert_eq!(value.store(), stored);
        assert_eq!(SealedValue::load(stored).unwrap(), value);
        assert_eq!(value.key(), SealedValue::key_of(&secret, "v1"));
    }
}
