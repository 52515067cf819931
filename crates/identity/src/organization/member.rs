//! An account's membership in an organization.

use base::{AccountId, Tags, Timestamp};
use serde::{Deserialize, Serialize};
use storage::{Key, Record, Unreadable};

use crate::stored::{bad, read_v1, write_v1};

/// Whether a member account works.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MemberStatus {
    /// It works.
    Active,
    /// It is closed: nobody acts in it any more.
    Suspended,
    /// It is being closed: nobody acts in it any more.
    PendingClosure,
    /// It is closed for good and of its organization no more: nobody will ever act in it.
    Closed,
}

impl MemberStatus {
    /// As AWS's API has it: `ACTIVE`, `SUSPENDED` or `PENDING_CLOSURE`; `CLOSED` is told to nobody.
    pub fn name(self) -> &'static str {
        match self {
            Self::Active => "ACTIVE",
            Self::Suspended => "SUSPENDED",
            Self::PendingClosure => "PENDING_CLOSURE",
            Self::Closed => "CLOSED",
        }
    }
    /// The status of this name.
    pub fn parse(name: &str) -> Option<Self> {
        let all = [
            Self::Active,
            Self::Suspended,
            Self::PendingClosure,
            Self::Closed,
        ];
        all.into_iter().find(|status| status.name() == name)
    }
}

/// How an account came to its organization.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JoinedMethod {
    /// Made by the organization.
    Created,
    /// Invited, and it accepted; the management account of its own organization too.
    Invited,
}

impl JoinedMethod {
    /// As AWS's API has it: `CREATED` or `INVITED`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Created => "CREATED",
            Self::Invited => "INVITED",
        }
    }
    /// The method of this name.
    pub fn parse(name: &str) -> Option<Self> {
        let all = [Self::Created, Self::Invited];
        all.into_iter().find(|method| method.name() == name)
    }
}

/// An account in an organization, the management account included.
#[derive(Clone, Debug, PartialEq)]
pub struct Member {
    /// The account.
    pub account: AccountId,
    /// Id of the organization.
    pub organization: String,
    /// Its name.
    pub name: String,
    /// The address of its owner.
    pub email: String,
    /// What it lies in: the root's id, then the id of each unit down to its own.
    pub parents: Vec<String>,
    /// Whether it works.
    pub status: MemberStatus,
    /// How it came.
    pub joined: JoinedMethod,
    /// When it came.
    pub joined_at: Timestamp,
    /// When it was closed.
    pub closed: Option<Timestamp>,
    /// Its tags.
    pub tags: Tags,
}

impl Member {
    /// Where the membership of this account lies; an account is in one organization at most.
    pub fn key_of(account: AccountId) -> Key {
        Key::root().then(account.as_str())
    }
    /// Whether anybody may act in the account.
    pub fn is_active(&self) -> bool {
        self.status == MemberStatus::Active
    }
    /// Whether it is closed for good: then it is of no organization any more.
    pub fn is_gone(&self) -> bool {
        self.status == MemberStatus::Closed
    }
    /// Id of the root or unit it lies in.
    pub fn parent(&self) -> Option<&str> {
        self.parents.last().map(String::as_str)
    }
}

#[derive(Serialize, Deserialize)]
struct StoredV1 {
    account: String,
    organization: String,
    name: String,
    email: String,
    parents: Vec<String>,
    status: String,
    joined: String,
    joined_at: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    closed: Option<i64>,
    tags: Tags,
}

impl Record for Member {
    const TABLE: &'static str = "organization.member";
    fn key(&self) -> Key {
        Self::key_of(self.account)
    }
    fn store(&self) -> Vec<u8> {
        write_v1(&StoredV1 {
            account: self.account.to_string(),
            organization: self.organization.clone(),
            name: self.name.clone(),
            email: self.email.clone(),
            parents: self.parents.clone(),
            status: self.status.name().to_owned(),
            joined: self.joined.name().to_owned(),
            joined_at: self.joined_at.micros(),
            closed: self.closed.map(Timestamp::micros),
            tags: self.tags.clone(),
        })
    }
    fn load(bytes: &[u8]) -> Result<Self, Unreadable> {
        let form: StoredV1 = read_v1(Self::TABLE, bytes)?;
        let bad = |field| bad(Self::TABLE, field);
        Ok(Self {
            account: form.account.parse().map_err(|_| bad("account"))?,
            organization: form.organization,
            name: form.name,
            email: form.email,
            parents: form.parents,
            status: MemberStatus::parse(&form.status).ok_or_else(|| bad("status"))?,
            joined: JoinedMethod::parse(&form.joined).ok_or_else(|| bad("joined"))?,
            joined_at: Timestamp::from_micros(form.joined_at),
            closed: form.closed.map(Timestamp::from_micros),
            tags: form.tags,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn golden_bytes() {
        let member = Member {
            account: AccountId::from_number(2),
            organization: "o-abcdefghij".into(),
            name: "dev".into(),
            email: "dev@example.com".into(),
            parents: vec!["r-abcd".into(), "ou-abcd-12345678".into()],
            status: MemberStatus::PendingClosure,
            joined: JoinedMethod::Created,
            joined_at: Timestamp::from_seconds(1),
            closed: None,
            tags: Tags::default(),
        };
        let stored = b"\x01{\"account\":\"000000000002\",\"organization\":\"o-abcdefghij\",\"name\":\"dev\",\"email\":\"dev@example.com\",\"parents\":[\"r-abcd\",\"ou-abcd-12345678\"],\"status\":\"PENDING_CLOSURE\",\"joined\":\"CREATED\",\"joined_at\":1000000,\"tags\":[]}";
        assert_eq!(member.store(), stored);
        assert_eq!(Member::load(stored).unwrap(), member);
        assert_eq!(member.parent(), Some("ou-abcd-12345678"));
        assert!(!member.is_active());
        let closed = Member {
            status: MemberStatus::Closed,
            closed: Some(Timestamp::from_seconds(2)),
            ..member.clone()
        };
        assert_eq!(Member::load(&closed.store()).unwrap(), closed);
        let unknown = String::from_utf8(stored.to_vec()).unwrap();
        let unknown = unknown.replace("PENDING_CLOSURE", "ASLEEP");
        assert!(Member::load(unknown.as_bytes()).is_err());
    }
}
