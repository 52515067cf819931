//! One version of a parameter.

use base::{Secret, Timestamp};
use serde::{Deserialize, Serialize};
use ssm_api::shapes::{ParameterTier, ParameterType};
use wire::ClosedSet;

use crate::parameter_policy::{ParameterPolicy, StoredPolicy};

/// One version of a parameter, with all that PutParameter set.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Version {
    /// One, and one more each time.
    pub(crate) number: u64,
    /// `Type`
    pub(crate) kind: ParameterType,
    /// What it holds.
    pub(crate) value: Kept,
    /// The key as the caller named it, of a `SecureString`.
    pub(crate) key_id: Option<String>,
    /// When it was made.
    pub(crate) modified: Timestamp,
    /// ARN of who made it.
    pub(crate) modified_by: String,
    /// The caller's own words.
    pub(crate) description: Option<String>,
    /// What values have to match.
    pub(crate) allowed_pattern: Option<String>,
    /// `Standard` or `Advanced`.
    pub(crate) tier: ParameterTier,
    /// As `text`.
    pub(crate) data_type: String,
    /// What shall become of it in time: obeyed while it is the newest.
    pub(crate) policies: Vec<ParameterPolicy>,
}

/// A value as it is kept.
#[derive(Clone, Debug)]
pub(crate) enum Kept {
    /// Of a parameter that everybody may read, and of a `String` or `StringList` of before there was `Owned`.
    Plain(Secret<String>),
    /// Of a `String` or `StringList`: under the service's own key.
    Owned(Vec<u8>),
    /// Of a `SecureString`.
    Sealed(Sealed),
}

/// A value that only KMS opens.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Sealed {
    /// ARN of the KMS key.
    pub(crate) key_arn: String,
    /// What KMS made of the value, or of its data key.
    #[serde(with = "hex")]
    pub(crate) blob: Vec<u8>,
    /// The value under the data key, of an advanced parameter.
    #[serde(default, skip_serializing_if = "Vec::is_empty", with = "hex")]
    pub(crate) under_data_key: Vec<u8>,
}

impl PartialEq for Kept {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Plain(one), Self::Plain(other)) => {
                base::same_bytes(one.expose().as_bytes(), other.expose().as_bytes())
            }
            (Self::Sealed(one), Self::Sealed(other)) => one == other,
            (Self::Owned(one), Self::Owned(other)) => one == other,
            (Self::Plain(_) | Self::Sealed(_) | Self::Owned(_), _) => false,
        }
    }
}

/// As it is stored, in whatever record.
#[derive(Serialize, Deserialize)]
pub(crate) struct StoredVersion {
    number: u64,
    kind: String,
    value: StoredKept,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    key_id: Option<String>,
    modified: i64,
    modified_by: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    description: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    allowed_pattern: Option<String>,
    tier: String,
    data_type: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    policies: Vec<StoredPolicy>,
}

#[derive(Serialize, Deserialize)]
enum StoredKept {
    Plain(String),
    Owned(#[serde(with = "hex")] Vec<u8>),
    Sealed(Sealed),
}

impl StoredVersion {
    pub(crate) fn of(version: &Version) -> Self {
        Self {
            number: version.number,
            kind: version.kind.as_str().to_owned(),
            value: match &version.value {
                Kept::Plain(value) => StoredKept::Plain(value.expose().clone()),
                Kept::Owned(sealed) => StoredKept::Owned(sealed.clone()),
                Kept::Sealed(sealed) => StoredKept::Sealed(sealed.clone()),
            },
            key_id: version.key_id.clone(),
            modified: version.modified.micros(),
            modified_by: version.modified_by.clone(),
            description: version.description.clone(),
            allowed_pattern: version.allowed_pattern.clone(),
            tier: version.tier.as_str().to_owned(),
            data_type: version.data_type.clone(),
            policies: version.policies.iter().map(StoredPolicy::of).collect(),
        }
    }

    pub(crate) fn read(self) -> Option<Version> {
        Some(Version {
            number: self.number,
            kind: of_name(&self.kind)?,
            value: match self.value {
                StoredKept::Plain(value) => Kept::Plain(Secret::new(value)),
                StoredKept::Owned(sealed) => Kept::Owned(sealed),
                StoredKept::Sealed(sealed) => Kept::Sealed(sealed),
            },
            key_id: self.key_id,
            modified: Timestamp::from_micros(self.modified),
            modified_by: self.modified_by,
            description: self.description,
            allowed_pattern: self.allowed_pattern,
            tier: of_name(&self.tier).filter(|tier| *tier != ParameterTier::IntelligentTiering)?,
            data_type: self.data_type,
            policies: read_all(self.policies)?,
        })
    }
}

fn read_all(policies: Vec<StoredPolicy>) -> Option<Vec<ParameterPolicy>> {
    policies.into_iter().map(StoredPolicy::read).collect()
}

fn of_name<S: ClosedSet>(name: &str) -> Option<S> {
    S::ALL.iter().copied().find(|it| it.as_str() == name)
}

/// As replies have it.
pub(crate) fn told(number: u64) -> Option<i64> {
    i64::try_from(number).ok()
}
