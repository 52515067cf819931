//! A version of a parameter that is not its newest.

use base::{AccountId, Region};
use serde::{Deserialize, Serialize};
use storage::{Key, Record, Unreadable};

use crate::parameter::Parameter;
use crate::stored;
use crate::version::{StoredVersion, Version};

/// A version that a later one has taken the place of.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct PastVersion {
    account: AccountId,
    region: Region,
    path: String,
    /// What it was.
    pub(crate) version: Version,
}

impl PastVersion {
    /// The present version of `parameter`, which is about to have another.
    pub(crate) fn of(parameter: &Parameter) -> Self {
        Self {
            account: parameter.account,
            region: parameter.region,
            path: parameter.path().to_owned(),
            version: parameter.current.clone(),
        }
    }

    /// Where a version of `parameter` lies.
    pub(crate) fn key_of(parameter: &Parameter, number: u64) -> Key {
        place(
            parameter.account,
            &parameter.region,
            parameter.path(),
            number,
        )
    }
}

/// The path is one part: the versions of one parameter lie together, those of others below it do not.
fn place(account: AccountId, region: &Region, path: &str, number: u64) -> Key {
    let place = Parameter::prefix(account, region).then(path);
    // Twenty digits sort as the numbers do.
    place.then(&format!("{number:020}"))
}

#[derive(Serialize, Deserialize)]
struct StoredV1 {
    account: String,
    region: String,
    path: String,
    version: StoredVersion,
}

impl Record for PastVersion {
    const TABLE: &'static str = "ssm.past-version";
    fn key(&self) -> Key {
        place(self.account, &self.region, &self.path, self.version.number)
    }
    fn store(&self) -> Vec<u8> {
        stored::write(&StoredV1 {
            account: self.account.to_string(),
            region: self.region.to_string(),
            path: self.path.clone(),
            version: StoredVersion::of(&self.version),
        })
    }
    fn load(bytes: &[u8]) -> Result<Self, Unreadable> {
        let form: StoredV1 = stored::read(Self::TABLE, bytes)?;
        let bad = |field| move || stored::bad(Self::TABLE, field);
        Ok(Self {
            account: form.account.parse().ok().ok_or_else(bad("account"))?,
            region: form.region.parse().ok().ok_or_else(bad("region"))?,
            path: form.path,
            version: form.version.read().ok_or_else(bad("version"))?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::some_parameter;
    use crate::version::{Kept, Sealed};

    #[test]
    fn golden_bytes() {
        let mut parameter = some_parameter();
        parameter.current.value = Kept::Sealed(Sealed {
            key_arn: "k".into(),
            blob: vec![1],
            under_data_key: vec![2],
        });
        let past = PastVersion::of(&parameter);
        let stored = "\x01{\"account\":\"111122223333\",\"region\":\"us-east-1\",\"path\":\"a/b\",\"version\":{\"number\":2,\"kind\":\"String\",\"value\":{\"Sealed\":{\"key_arn\":\"k\",\"blob\":\"01\",\"under_data_key\":\"02\"}},\"modified\":1000000,\"modified_by\":\"arn:aws:iam::111122223333:root\",\"description\":\"d\",\"allowed_pattern\":\"v*\",\"tier\":\"Standard\",\"data_type\":\"text\"}}";
        assert_eq!(String::from_utf8(past.store()).unwrap(), stored);
        assert_eq!(PastVersion::load(stored.as_bytes()).unwrap(), past);
        assert_eq!(past.key(), PastVersion::key_of(&parameter, 2));
    }
}
