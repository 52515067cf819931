//! Invitations of accounts into organizations.
//!
//! AWS document: AWS Organizations User Guide, "Managing account invitations".

use base::{AccountId, Arn, Region, Tags, Timestamp};
use pipeline::Subject;
use serde::{Deserialize, Serialize};
use storage::{Key, Record, Unreadable};

use crate::stored::{bad, read_v1, write_v1};

/// How far an invitation has come. What is open past its end has expired.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    /// It waits for an answer.
    Open,
    /// The account has joined.
    Accepted,
    /// The account does not want to.
    Declined,
    /// The organization has thought better of it.
    Canceled,
}

impl State {
    const ALL: [Self; 4] = [Self::Open, Self::Accepted, Self::Declined, Self::Canceled];

    fn name(self) -> &'static str {
        match self {
            Self::Open => "OPEN",
            Self::Accepted => "ACCEPTED",
            Self::Declined => "DECLINED",
            Self::Canceled => "CANCELED",
        }
    }
}

/// An invitation.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Handshake {
    /// `h-…`
    pub(crate) id: String,
    /// Id of the organization.
    pub(crate) organization: String,
    /// Its management account.
    pub(crate) management: AccountId,
    /// Who is invited.
    pub(crate) target: AccountId,
    /// How far it has come.
    pub(crate) state: State,
    /// When it was made.
    pub(crate) at: Timestamp,
    /// When it ends, if nobody answers.
    pub(crate) expires: Timestamp,
    /// When it was answered or taken back.
    pub(crate) ended: Option<Timestamp>,
    /// What the organization says to it.
    pub(crate) notes: Option<String>,
    /// Tags that the account gets when it joins.
    pub(crate) tags: Tags,
}

impl Handshake {
    /// Where the invitation of this id lies.
    pub(crate) fn key_of(id: &str) -> Key {
        Key::root().then(id)
    }
    /// `arn:aws:organizations::MANAGEMENT:handshake/o-…/invite/h-…`
    pub(crate) fn arn(&self) -> Arn {
        arn(self.management, &self.organization, &self.id)
    }
    /// Whether it can still be answered.
    pub(crate) fn is_open(&self, now: Timestamp) -> bool {
        self.state == State::Open && now < self.expires
    }
    /// When it was completed; none while it is open. Of those answered before this was kept the last instant is taken.
    pub(crate) fn completed(&self, now: Timestamp) -> Option<Timestamp> {
        (!self.is_open(now)).then(|| self.ended.unwrap_or(self.expires))
    }
    /// What events about it are about.
    pub(crate) fn subject(&self) -> Subject {
        Subject {
            account: self.management,
            region: Region::US_EAST_1,
            arn: self.arn(),
        }
    }
    /// The rows that find it by its parties.
    pub(crate) fn parties(&self) -> [HandshakeParty; 2] {
        [self.organization.clone(), self.target.to_string()].map(|party| HandshakeParty {
            party,
            handshake: self.id.clone(),
        })
    }
}

/// The ARN of an invitation into this organization.
pub(crate) fn arn(management: AccountId, organization: &str, id: &str) -> Arn {
    let resource = format_args!("handshake/{organization}/invite/{id}");
    Arn::new("organizations", "", management.as_str(), resource)
}

#[derive(Serialize, Deserialize)]
struct StoredV1 {
    id: String,
    organization: String,
    management: String,
    target: String,
    state: String,
    at: i64,
    expires: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    ended: Option<i64>,
    notes: Option<String>,
    tags: Tags,
}

impl Record for Handshake {
    const TABLE: &'static str = "organization.handshake";
    fn key(&self) -> Key {
        Self::key_of(&self.id)
    }
    fn store(&self) -> Vec<u8> {
        write_v1(&StoredV1 {
            id: self.id.clone(),
            organization: self.organization.clone(),
            management: self.management.to_string(),
            target: self.target.to_string(),
            state: self.state.name().to_owned(),
            at: self.at.micros(),
            expires: self.expires.micros(),
            ended: self.ended.map(Timestamp::micros),
            notes: self.notes.clone(),
            tags: self.tags.clone(),
        })
    }
    fn load(bytes: &[u8]) -> Result<Self, Unreadable> {
        let form: StoredV1 = read_v1(Self::TABLE, bytes)?;
        let bad = |field| bad(Self::TABLE, field);
        let mut states = State::ALL.into_iter();
        let state = states.find(|state| state.name() == form.state);
        Ok(Self {
            id: form.id,
            organization: form.organization,
            management: form.management.parse().map_err(|_| bad("management"))?,
            target: form.target.parse().map_err(|_| bad("target"))?,
            state: state.ok_or_else(|| bad("state"))?,
            at: Timestamp::from_micros(form.at),
            expires: Timestamp::from_micros(form.expires),
            ended: form.ended.map(Timestamp::from_micros),
            notes: form.notes,
            tags: form.tags,
        })
    }
}

/// That an organization or account is party to an invitation: the index behind listings.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct HandshakeParty {
    /// Id of the organization or account.
    pub(crate) party: String,
    /// Id of the invitation.
    pub(crate) handshake: String,
}

impl HandshakeParty {
    /// What the keys of a party's invitations begin with.
    pub(crate) fn prefix(party: &str) -> Key {
        Key::root().then(party)
    }
}

impl Record for HandshakeParty {
    const TABLE: &'static str = "organization.handshake_party";
    fn key(&self) -> Key {
        Self::prefix(&self.party).then(&self.handshake)
    }
    fn store(&self) -> Vec<u8> {
        write_v1(self)
    }
    fn load(bytes: &[u8]) -> Result<Self, Unreadable> {
        read_v1(Self::TABLE, bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn golden_bytes() {
        let handshake = Handshake {
            id: "h-1".into(),
            organization: "o-1".into(),
            management: AccountId::from_number(1),
            target: AccountId::from_number(2),
            state: State::Open,
            at: Timestamp::from_seconds(1),
            expires: Timestamp::from_seconds(2),
            ended: None,
            notes: None,
            tags: Tags::default(),
        };
        let stored = b"\x01{\"id\":\"h-1\",\"organization\":\"o-1\",\"management\":\"000000000001\",\"target\":\"000000000002\",\"state\":\"OPEN\",\"at\":1000000,\"expires\":2000000,\"notes\":null,\"tags\":[]}";
        assert_eq!(handshake.store(), stored);
        assert_eq!(Handshake::load(stored).unwrap(), handshake);
        assert!(handshake.is_open(Timestamp::from_seconds(1)));
        assert!(!handshake.is_open(Timestamp::from_seconds(2)));
        let declined = Handshake {
            state: State::Declined,
            ended: Some(Timestamp::from_seconds(1)),
            ..handshake.clone()
        };
        assert_eq!(Handshake::load(&declined.store()).unwrap(), declined);
        let [party, _] = handshake.parties();
        let stored = b"\x01{\"party\":\"o-1\",\"handshake\":\"h-1\"}";
        assert_eq!(party.store(), stored);
        assert_eq!(HandshakeParty::load(stored).unwrap(), party);
    }
}
