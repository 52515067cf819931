//! Reports on access: what a caller asked for, and what was found once a worker had gone through the audit trail.

use base::{AccountId, Timestamp};
use serde::{Deserialize, Serialize};
use storage::{Key, Record, Unreadable};

use crate::stored::{bad, read_v1, write_v1};

/// What a report is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ReportScope {
    /// Services that an entity's policies allow.
    Services,
    /// The same, and their actions.
    Actions,
    /// Services that an organization's policies leave to accounts.
    Organization,
}

/// What those whose calls are looked for are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ReportedKind {
    /// A user.
    User,
    /// A role.
    Role,
    /// Everybody of an account.
    Account,
}

/// One of those whose calls are looked for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Reported {
    /// What it is.
    pub kind: ReportedKind,
    /// Unique id; of an account its number.
    pub id: String,
    /// ARN; of an account its path in the organization.
    pub arn: String,
    /// Name; of an account its number.
    pub name: String,
    /// Path; of an account empty.
    pub path: String,
}

/// The last call of one of them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Seen {
    /// Its place in the report's list.
    pub who: usize,
    /// When, in microseconds.
    pub at: i64,
    /// In which region.
    pub region: String,
}

/// One service in a report.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ReportedService {
    /// As policies name it.
    pub namespace: String,
    /// As people name it.
    pub name: String,
    /// As records name it.
    pub source: String,
    /// Who called it, the latest first.
    pub seen: Vec<Seen>,
    /// The actions that are told of.
    pub actions: Vec<ReportedAction>,
}

/// One action in a report.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ReportedAction {
    /// As policies name it, without its service.
    pub name: String,
    /// The operations that it allows.
    pub operations: Vec<String>,
    /// The last of their calls.
    pub seen: Option<Seen>,
}

/// A report, asked for or made.
#[derive(Clone, Debug, PartialEq)]
pub struct AccessReport {
    /// `JobId`
    pub id: String,
    /// The account of whoever asked.
    pub account: AccountId,
    /// Unique id of the user or role who asked; the account's number for the root user.
    pub caller: String,
    /// What it is about.
    pub scope: ReportScope,
    /// When it was asked for.
    pub created: Timestamp,
    /// When it was made.
    pub completed: Option<Timestamp>,
    /// Whose calls are looked for.
    pub reported: Vec<Reported>,
    /// The services that are told of.
    pub services: Vec<ReportedService>,
}

/// A report that is asked for and not made yet.
#[derive(Clone, Debug, PartialEq)]
pub struct AwaitedReport {
    /// Its account.
    pub account: AccountId,
    /// Its `JobId`.
    pub id: String,
    /// What it is about.
    pub scope: ReportScope,
}

impl AccessReport {
    /// Where the report of this id lies.
    pub fn key_of(account: AccountId, id: &str) -> Key {
        Self::prefix(account).then(id)
    }
    /// What the keys of an account's reports begin with.
    pub fn prefix(account: AccountId) -> Key {
        Key::root().then(account.as_str())
    }
}

impl AwaitedReport {
    /// What the keys of an account's awaited reports begin with.
    pub fn prefix(account: AccountId) -> Key {
        Key::root().then(account.as_str())
    }
}

#[derive(Serialize, Deserialize)]
struct StoredV1 {
    id: String,
    account: String,
    caller: String,
    scope: ReportScope,
    created: i64,
    completed: Option<i64>,
    reported: Vec<Reported>,
    services: Vec<ReportedService>,
}

impl Record for AccessReport {
    const TABLE: &'static str = "identity.access_report";
    const CACHED: bool = false;
    fn key(&self) -> Key {
        Self::key_of(self.account, &self.id)
    }
    fn store(&self) -> Vec<u8> {
        write_v1(&StoredV1 {
            id: self.id.clone(),
            account: self.account.to_string(),
            caller: self.caller.clone(),
            scope: self.scope,
            created: self.created.micros(),
            completed: self.completed.map(Timestamp::micros),
            reported: self.reported.clone(),
            services: self.services.clone(),
        })
    }
    fn load(bytes: &[u8]) -> Result<Self, Unreadable> {
        let form: StoredV1 = read_v1(Self::TABLE, bytes)?;
        let account = form.account.parse();
        Ok(Self {
            id: form.id,
            account: account.map_err(|_| bad(Self::TABLE, "account"))?,
            caller: form.caller,
            scope: form.scope,
            created: Timestamp::from_micros(form.created),
            completed: form.completed.map(Timestamp::from_micros),
            reported: form.reported,
            services: form.services,
        })
    }
}

#[derive(Serialize, Deserialize)]
struct StoredAwaitedV1 {
    account: String,
    id: String,
    scope: ReportScope,
}

impl Record for AwaitedReport {
    const TABLE: &'static str = "identity.awaited_report";
    const CACHED: bool = false;
    fn key(&self) -> Key {
        Self::prefix(self.account).then(&self.id)
    }
    fn store(&self) -> Vec<u8> {
        write_v1(&StoredAwaitedV1 {
            account: self.account.to_string(),
            id: self.id.clone(),
            scope: self.scope,
        })
    }
    fn load(bytes: &[u8]) -> Result<Self, Unreadable> {
        let form: StoredAwaitedV1 = read_v1(Self::TABLE, bytes)?;
        let account = form.account.parse();
        Ok(Self {
            account: account.map_err(|_| bad(Self::TABLE, "account"))?,
            id: form.id,
            scope: form.scope,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn golden_bytes() {
        let seen = Seen {
            who: 0,
            at: 5,
            region: "us-east-1".into(),
        };
        let report = AccessReport {
            id: "1".into(),
            account: AccountId::from_number(1),
            caller: "AIDA1".into(),
            scope: ReportScope::Actions,
            created: Timestamp::from_seconds(1),
            completed: None,
            reported: vec![Reported {
                kind: ReportedKind::User,
                id: "AIDA1".into(),
                arn: "arn:aws:iam::000000000001:user/ann".into(),
                name: "ann".into(),
                path: "/".into(),
            }],
            services: vec![ReportedService {
                namespace: "kms".into(),
                name: "KMS".into(),
                source: "kms.amazonaws.com".into(),
                seen: vec![seen.clone()],
                actions: vec![ReportedAction {
                    name: "Encrypt".into(),
                    operations: vec!["Encrypt".into()],
                    seen: Some(seen),
                }],
            }],
        };
        let stored = b"\x01{\"id\":\"1\",\"account\":\"000000000001\",\"caller\":\"AIDA1\",\"scope\":\"Actions\",\"created\":1000000,\"completed\":null,\"reported\":[{\"kind\":\"User\",\"id\":\"AIDA1\",\"arn\":\"arn:aws:iam::000000000001:user/ann\",\"name\":\"ann\",\"path\":\"/\"}],\"services\":[{\"namespace\":\"kms\",\"name\":\"KMS\",\"source\":\"kms.amazonaws.com\",\"seen\":[{\"who\":0,\"at\":5,\"region\":\"us-east-1\"}],\"actions\":[{\"name\":\"Encrypt\",\"operations\":[\"Encrypt\"],\"seen\":{\"who\":0,\"at\":5,\"region\":\"us-east-1\"}}]}]}";
        assert_eq!(report.store(), stored);
        assert_eq!(AccessReport::load(stored).unwrap(), report);
        let awaited = AwaitedReport {
            account: AccountId::from_number(1),
            id: "1".into(),
            scope: ReportScope::Services,
        };
        let stored = b"\x01{\"account\":\"000000000001\",\"id\":\"1\",\"scope\":\"Services\"}";
        assert_eq!(awaited.store(), stored);
        assert_eq!(AwaitedReport::load(stored).unwrap(), awaited);
    }
}
