//! The queue of parameters whose policies have something to do, soonest first.

use base::{AccountId, Region, Timestamp};
use serde::{Deserialize, Serialize};
use storage::{Key, Record, Unreadable};

use crate::name::Path;
use crate::parameter::Parameter;
use crate::parameter_policy::due;
use crate::stored;

/// When the next policy of a parameter is due. Exists as long as one of its policies is pending.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct PolicyDue {
    /// When.
    pub(crate) at: Timestamp,
    account: AccountId,
    region: Region,
    path: String,
}

impl PolicyDue {
    /// When the next policy of `parameter` is due; none where none is pending.
    pub(crate) fn of(parameter: &Parameter) -> Option<Self> {
        let version = &parameter.current;
        let all = &version.policies;
        let at = all
            .iter()
            .filter_map(|policy| due(policy, all, version.modified))
            .min()?;
        Some(Self {
            at,
            account: parameter.account,
            region: parameter.region,
            path: parameter.path().to_owned(),
        })
    }

    /// Where its parameter lies.
    pub(crate) fn of_parameter(&self) -> Option<Key> {
        let path = Path::of_arn(&self.path)?;
        Some(Parameter::key_of(self.account, &self.region, path))
    }
}

#[derive(Serialize, Deserialize)]
struct StoredV1 {
    at: i64,
    account: String,
    region: String,
    path: String,
}

impl Record for PolicyDue {
    const TABLE: &'static str = "ssm.policy-due";
    const CACHED: bool = false;
    fn key(&self) -> Key {
        // Twenty digits sort as the numbers do; what was due before 1970 is due first.
        let at = format!("{:020}", self.at.micros().max(0));
        let place = Key::root().then(&at).then(self.account.as_str());
        place.then(self.region.as_str()).then(&self.path)
    }
    fn store(&self) -> Vec<u8> {
        stored::write(&StoredV1 {
            at: self.at.micros(),
            account: self.account.to_string(),
            region: self.region.to_string(),
            path: self.path.clone(),
        })
    }
    fn load(bytes: &[u8]) -> Result<Self, Unreadable> {
        let form: StoredV1 = stored::read(Self::TABLE, bytes)?;
        let bad = |field| move || stored::bad(Self::TABLE, field);
        Ok(Self {
            at: Timestamp::from_micros(form.at),
            account: form.account.parse().ok().ok_or_else(bad("account"))?,
            region: form.region.parse().ok().ok_or_else(bad("region"))?,
            path: form.path,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn golden_bytes() {
        let due = PolicyDue {
            at: Timestamp::from_seconds(1),
            account: AccountId::from_number(1),
            region: Region::US_EAST_1,
            path: "a/b".into(),
        };
        let stored = b"\x01{\"at\":1000000,\"account\":\"000000000001\",\"region\":\"us-east-1\",\"path\":\"a/b\"}";
        assert_eq!(due.store(), stored);
        assert_eq!(PolicyDue::load(stored).unwrap(), due);
    }
}
