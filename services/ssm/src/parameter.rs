//! A parameter: its newest version, and what belongs to all of its versions.

use std::collections::BTreeMap;

use base::{AccountId, Arn, Region, Tags};
use identity::Document;
use policy::Grammar;
use serde::{Deserialize, Serialize};
use storage::{Key, Record, Unreadable};

use crate::name::Path;
use crate::stored;
use crate::version::{StoredVersion, Version};

/// A parameter as its region knows it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Parameter {
    /// As it was made, with or without its leading slash.
    pub(crate) name: String,
    /// `arn:aws:ssm:REGION:ACCOUNT:parameter/PATH`
    pub(crate) arn: Arn,
    /// The account it belongs to.
    pub(crate) account: AccountId,
    /// The region it lies in.
    pub(crate) region: Region,
    /// Its tags.
    pub(crate) tags: Tags,
    /// The version that each label is attached to.
    pub(crate) labels: BTreeMap<String, u64>,
    /// The oldest version that is kept; all from there to the newest are.
    pub(crate) oldest: u64,
    /// The newest version.
    pub(crate) current: Version,
    /// Its resource policy.
    pub(crate) policy: Option<Sharing>,
}

/// A resource policy, by which other accounts may read a parameter.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Sharing {
    /// `PolicyId`
    pub(crate) id: String,
    /// The policy itself.
    pub(crate) document: Document,
}

impl Parameter {
    /// Where the parameter of this path lies. Those below a path lie behind what its own place begins with.
    pub(crate) fn key_of(account: AccountId, region: &Region, path: Path<'_>) -> Key {
        let all = Self::prefix(account, region);
        path.parts().fold(all, |key, part| key.then(part))
    }

    /// What the places of an account's parameters in a region begin with.
    pub(crate) fn prefix(account: AccountId, region: &Region) -> Key {
        Key::root().then(account.as_str()).then(region.as_str())
    }

    /// The ARN of the parameter of this path.
    pub(crate) fn arn_of(account: AccountId, region: &Region, path: &str) -> Arn {
        Arn::new(
            "ssm",
            region.as_str(),
            account.as_str(),
            format_args!("parameter/{path}"),
        )
    }

    /// The ARN of the public parameter of this path, in whatever account.
    pub(crate) fn arn_of_public(region: &Region, path: &str) -> Arn {
        Arn::new("ssm", region.as_str(), "", format_args!("parameter/{path}"))
    }

    /// Its name without leading slash.
    pub(crate) fn path(&self) -> &str {
        self.name.strip_prefix('/').unwrap_or(&self.name)
    }

    /// The labels of a version.
    pub(crate) fn labels_of(&self, number: u64) -> Vec<String> {
        let of = self.labels.iter().filter(|(_, of)| **of == number);
        of.map(|(label, _)| label.clone()).collect()
    }

    /// Whether it has such a version.
    pub(crate) fn has(&self, number: u64) -> bool {
        (self.oldest..=self.current.number).contains(&number)
    }
}

#[derive(Serialize, Deserialize)]
struct StoredV1 {
    name: String,
    account: String,
    region: String,
    #[serde(default, skip_serializing_if = "Tags::is_empty")]
    tags: Tags,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    labels: BTreeMap<String, u64>,
    oldest: u64,
    current: StoredVersion,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    policy: Option<StoredSharing>,
}

#[derive(Serialize, Deserialize)]
struct StoredSharing {
    id: String,
    text: String,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    bindings: BTreeMap<String, String>,
}

impl StoredSharing {
    fn of(sharing: &Sharing) -> Self {
        Self {
            id: sharing.id.clone(),
            text: sharing.document.text().to_owned(),
            bindings: sharing.document.bindings().clone(),
        }
    }

    fn read(self) -> Option<Sharing> {
        let document = Document::parse_bound(&self.text, Grammar::Resource, self.bindings);
        Some(Sharing {
            id: self.id,
            document: document.ok()?,
        })
    }
}

impl Record for Parameter {
    const TABLE: &'static str = "ssm.parameter";
    fn key(&self) -> Key {
        let all = Self::prefix(self.account, &self.region);
        self.path().split('/').fold(all, |key, part| key.then(part))
    }
    fn store(&self) -> Vec<u8> {
        stored::write(&StoredV1 {
            name: self.name.clone(),
            account: self.account.to_string(),
            region: self.region.to_string(),
            tags: self.tags.clone(),
            labels: self.labels.clone(),
            oldest: self.oldest,
            current: StoredVersion::of(&self.current),
            policy: self.policy.as_ref().map(StoredSharing::of),
        })
    }
    fn load(bytes: &[u8]) -> Result<Self, Unreadable> {
        let form: StoredV1 = stored::read(Self::TABLE, bytes)?;
        let bad = |field| move || stored::bad(Self::TABLE, field);
        let account = form.account.parse().ok().ok_or_else(bad("account"))?;
        let region: Region = form.region.parse().ok().ok_or_else(bad("region"))?;
        let policy = match form.policy {
            Some(policy) => Some(policy.read().ok_or_else(bad("policy"))?),
            None => None,
        };
        let path = form.name.strip_prefix('/').unwrap_or(&form.name);
        Ok(Self {
            arn: Self::arn_of(account, &region, path),
            name: form.name,
            account,
            region,
            tags: form.tags,
            labels: form.labels,
            oldest: form.oldest,
            current: form.current.read().ok_or_else(bad("current"))?,
            policy,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::some_parameter;

    #[test]
    fn golden_bytes() {
        let stored = "\x01{\"name\":\"/a/b\",\"account\":\"111122223333\",\"region\":\"us-east-1\",\"tags\":[{\"key\":\"team\",\"value\":\"red\"}],\"labels\":{\"x\":2},\"oldest\":1,\"current\":{\"number\":2,\"kind\":\"String\",\"value\":{\"Plain\":\"v\"},\"modified\":1000000,\"modified_by\":\"arn:aws:iam::111122223333:root\",\"description\":\"d\",\"allowed_pattern\":\"v*\",\"tier\":\"Standard\",\"data_type\":\"text\"},\"policy\":{\"id\":\"p\",\"text\":\"{\\\"Statement\\\":{\\\"Effect\\\":\\\"Deny\\\",\\\"Principal\\\":\\\"*\\\",\\\"Action\\\":\\\"*\\\",\\\"Resource\\\":\\\"*\\\"}}\"}}";
        let parameter = some_parameter();
        assert_eq!(String::from_utf8(parameter.store()).unwrap(), stored);
        assert_eq!(Parameter::load(stored.as_bytes()).unwrap(), parameter);
        let path = Path::read("/a/b").unwrap();
        let key = Parameter::key_of(parameter.account, &parameter.region, path);
        assert_eq!(parameter.key(), key);
    }
}
