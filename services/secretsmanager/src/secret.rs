//! A secret: everything but its values.

use std::collections::BTreeMap;

use base::{AccountId, Arn, Region, Tags, Timestamp};
use identity::Document;
use pipeline::Failure;
use policy::Grammar;
use serde::{Deserialize, Serialize};
use storage::{Key, Record, Unreadable};

use crate::replication::{Replication, StoredReplication};
use crate::rotation::Rotation;
use crate::stored_rotation::StoredRotation;
use crate::version::{StoredVersion, Versions};
use crate::{errors, stored};

/// A secret as its region knows it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Secret {
    /// Its friendly name.
    pub(crate) name: String,
    /// `arn:aws:secretsmanager:REGION:ACCOUNT:secret:NAME-SUFFIX`
    pub(crate) arn: Arn,
    /// The account it belongs to.
    pub(crate) account: AccountId,
    /// The region it lies in.
    pub(crate) region: Region,
    /// When it was made.
    pub(crate) created: Timestamp,
    /// When anything of it was last changed.
    pub(crate) changed: Timestamp,
    /// The caller's own words.
    pub(crate) description: Option<String>,
    /// The key as the caller named it; none for `aws/secretsmanager`.
    pub(crate) kms_key_id: Option<String>,
    /// Its tags; none if it never had any.
    pub(crate) tags: Option<Tags>,
    /// Its resource policy.
    pub(crate) policy: Option<Document>,
    /// When it will be deleted, if it is going to be.
    pub(crate) deletion: Option<Timestamp>,
    /// Its versions.
    pub(crate) versions: Versions,
    /// Its relatives in other regions.
    pub(crate) replication: Replication,
    /// How it is rotated, if it ever was to be.
    pub(crate) rotation: Option<Rotation>,
}

/// Characters of a name beside letters and digits.
const PUNCTUATION: &[u8] = b"-/_+=.@!";
/// Characters that AWS puts behind the name in an ARN.
pub(crate) const SUFFIX_LENGTH: usize = 6;

/// Whether `name` can be a secret's.
pub(crate) fn is_name(name: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || PUNCTUATION.contains(&byte);
    !name.is_empty() && name.len() <= 512 && name.bytes().all(allowed)
}

impl Secret {
    /// Where the secret of this name lies.
    pub(crate) fn key_of(account: AccountId, region: &Region, name: &str) -> Key {
        Self::prefix(account, region).then(name)
    }

    /// What the places of an account's secrets in a region begin with.
    pub(crate) fn prefix(account: AccountId, region: &Region) -> Key {
        Key::root().then(account.as_str()).then(region.as_str())
    }

    /// The ARN of what is called `resource`: a name with or without its suffix.
    pub(crate) fn arn_of(account: AccountId, region: &Region, resource: &str) -> Arn {
        Arn::new(
            "secretsmanager",
            region.as_str(),
            account.as_str(),
            format_args!("secret:{resource}"),
        )
    }

    /// The six random characters of its ARN, which a later secret of the same name does not share.
    pub(crate) fn suffix(&self) -> &str {
        let resource = self.arn.resource();
        let cut = resource.len().saturating_sub(SUFFIX_LENGTH);
        resource.get(cut..).unwrap_or_default()
    }

    /// Refuses a secret that is going to be deleted.
    pub(crate) fn not_deleted(&self) -> Result<(), Failure> {
        match self.deletion {
            Some(_) => Err(errors::marked_for_deletion()),
            None => Ok(()),
        }
    }

    /// Refuses what AWS allows in the region of the primary secret only.
    pub(crate) fn is_primary(&self) -> Result<(), Failure> {
        match self.replication {
            Replication::ReplicaOf(_) => Err(errors::is_replica()),
            Replication::None | Replication::To(_) => Ok(()),
        }
    }

    /// The region where it can be changed.
    pub(crate) fn primary_region(&self) -> Region {
        match &self.replication {
            Replication::ReplicaOf(primary) => *primary,
            Replication::None | Replication::To(_) => self.region,
        }
    }
}

#[derive(Serialize, Deserialize)]
struct StoredV1 {
    name: String,
    suffix: String,
    account: String,
    region: String,
    created: i64,
    changed: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    description: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    kms_key_id: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    tags: Option<Tags>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    policy: Option<String>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    policy_bindings: BTreeMap<String, String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    deletion: Option<i64>,
    versions: Vec<StoredVersion>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    replication: Option<StoredReplication>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    rotation: Option<StoredRotation>,
}

impl Record for Secret {
    const TABLE: &'static str = "secretsmanager.secret";
    fn key(&self) -> Key {
        Self::key_of(self.account, &self.region, &self.name)
    }
    fn store(&self) -> Vec<u8> {
        let policy = self.policy.as_ref();
        stored::write(&StoredV1 {
            name: self.name.clone(),
            suffix: self.suffix().to_owned(),
            account: self.account.to_string(),
            region: self.region.to_string(),
            created: self.created.micros(),
            changed: self.changed.micros(),
            description: self.description.clone(),
            kms_key_id: self.kms_key_id.clone(),
            tags: self.tags.clone(),
            policy: policy.map(|policy| policy.text().to_owned()),
            policy_bindings: policy
                .map(|policy| policy.bindings().clone())
                .unwrap_or_default(),
            deletion: self.deletion.map(Timestamp::micros),
            versions: self.versions.store(),
            replication: StoredReplication::of(&self.replication),
            rotation: self.rotation.as_ref().map(StoredRotation::of),
        })
    }
    fn load(bytes: &[u8]) -> Result<Self, Unreadable> {
        let form: StoredV1 = stored::read(Self::TABLE, bytes)?;
        let bad = |field| move || stored::bad(Self::TABLE, field);
        let account = form.account.parse().ok().ok_or_else(bad("account"))?;
        let region = form.region.parse().ok().ok_or_else(bad("region"))?;
        let bindings = form.policy_bindings;
        let policy = form
            .policy
            .map(|text| Document::parse_bound(&text, Grammar::Resource, bindings));
        let replication = StoredReplication::read(form.replication);
        let resource = format!("{}-{}", form.name, form.suffix);
        Ok(Self {
            arn: Self::arn_of(account, &region, &resource),
            name: form.name,
            account,
            region,
            created: Timestamp::from_micros(form.created),
            changed: Timestamp::from_micros(form.changed),
            description: form.description,
            kms_key_id: form.kms_key_id,
            tags: form.tags,
            policy: policy.transpose().ok().ok_or_else(bad("policy"))?,
            deletion: form.deletion.map(Timestamp::from_micros),
            versions: Versions::read(form.versions),
            replication: replication.ok_or_else(bad("replication"))?,
            rotation: match form.rotation {
                Some(rotation) => Some(rotation.read().ok_or_else(bad("rotation"))?),
                None => None,
            },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::some_secret;

    #[test]
    fn golden_bytes() {
        let stored = b"\x01{\"name\":\"a/b\",\"suffix\":\"AbCdEf\",\"account\":\"111122223333\",\"region\":\"us-east-1\",\"created\":1000000,\"changed\":2000000,\"description\":\"d\",\"kms_key_id\":\"alias/k\",\"tags\":[{\"key\":\"team\",\"value\":\"red\"}],\"policy\":\"{\\\"Statement\\\":{\\\"Effect\\\":\\\"Deny\\\",\\\"Principal\\\":\\\"*\\\",\\\"Action\\\":\\\"*\\\",\\\"Resource\\\":\\\"*\\\"}}\",\"deletion\":3000000,\"versions\":[{\"id\":\"v1\",\"created\":1000000,\"labels\":[\"AWSCURRENT\"],\"kms_key_ids\":[\"alias/k\"]}],\"replication\":{\"primary\":null,\"replicas\":[{\"region\":\"eu-west-1\",\"kms_key_id\":\"k2\",\"failure\":null}]}}";
        let secret = some_secret();
        assert_eq!(
            String::from_utf8(secret.store()).unwrap(),
            String::from_utf8(stored.to_vec()).unwrap()
        );
        assert_eq!(Secret::load(stored).unwrap(), secret);
    }

    #[test]
    fn names() {
        for (name, good) in [
            ("a", true),
            ("prod/db_1+x=.@-!", true),
            ("", false),
            ("a b", false),
            ("a:b", false),
            ("a\0b", false),
            ("ä", false),
        ] {
            assert_eq!(is_name(name), good, "{name}");
        }
        assert!(is_name(&"n".repeat(512)) && !is_name(&"n".repeat(513)));
    }
}
