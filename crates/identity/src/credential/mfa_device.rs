//! Devices of multi-factor authentication.

use base::{AccountId, Arn, Secret, Tags, Timestamp};
use policy::{Resource, ResourcePolicy};
use serde::{Deserialize, Serialize};
use storage::{Key, Record, Unreadable};

use crate::Owner;
use crate::stored::{bad, read_v1, write_v1};

/// How a device proves that it is at hand.
#[derive(Clone, Debug, PartialEq)]
pub enum MfaKind {
    /// An authenticator app, which shows codes made from this seed.
    Virtual(Secret<Vec<u8>>),
}

/// Whose device it is.
#[derive(Clone, Debug, PartialEq)]
pub struct Assignment {
    /// The root user, or the user of this name.
    pub owner: Owner,
    /// Unique id of the user; the account's number for the root user.
    pub owner_id: String,
    /// Since when.
    pub enabled: Timestamp,
}

/// A device.
#[derive(Clone, Debug, PartialEq)]
pub struct MfaDevice {
    /// The account it belongs to.
    pub account: AccountId,
    /// `arn:aws:iam::ACCOUNT:mfa/path/name`, which is its serial number.
    pub arn: Arn,
    /// Its name.
    pub name: String,
    /// What it is.
    pub kind: MfaKind,
    /// When it was made.
    pub created: Timestamp,
    /// Its tags.
    pub tags: Tags,
    /// Whose it is; nobody's until it is enabled.
    pub assignment: Option<Assignment>,
    /// The step of the newest code that was used: it and those before it are used up.
    pub used_step: u64,
    /// Steps by which the device's clock is ahead.
    pub drift_steps: i64,
}

impl MfaDevice {
    /// Where the device of this name lies.
    pub fn key_of(account: AccountId, name: &str) -> Key {
        Self::prefix(account).then_in_lower_case(name)
    }
    /// What the keys of an account's devices begin with.
    pub fn prefix(account: AccountId) -> Key {
        Key::root().then(account.as_str())
    }
    /// The ARN of a virtual device of this path and name.
    pub fn arn_of(account: AccountId, path: &str, name: &str) -> Arn {
        let resource = format_args!("mfa{path}{name}");
        Arn::new("iam", "", account.as_str(), resource)
    }
    /// The name of the device of this serial number, if it can be one of `account`.
    pub fn name_in(account: AccountId, serial_number: &str) -> Option<&str> {
        let head = format!("arn:aws:iam::{account}:mfa/");
        let path = serial_number.strip_prefix(head.as_str())?;
        path.rsplit('/').next().filter(|name| !name.is_empty())
    }
}

impl Resource for MfaDevice {
    fn arn(&self) -> &Arn {
        &self.arn
    }
    fn account(&self) -> AccountId {
        self.account
    }
    fn policy(&self) -> ResourcePolicy<'_> {
        ResourcePolicy::None
    }
    fn tags(&self) -> &Tags {
        &self.tags
    }
}

#[derive(Serialize, Deserialize)]
struct StoredV1 {
    account: String,
    arn: String,
    name: String,
    seed: String,
    created: i64,
    tags: Tags,
    owner_id: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    user: Option<String>,
    enabled: i64,
    used_step: u64,
    drift_steps: i64,
}

impl Drop for StoredV1 {
    fn drop(&mut self) {
        zeroize::Zeroize::zeroize(&mut self.seed);
    }
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    let digits = text.as_bytes().chunks(2);
    let bytes = digits.map(|pair| {
        let pair = std::str::from_utf8(pair)
            .ok()
            .filter(|pair| pair.len() == 2)?;
        u8::from_str_radix(pair, 16).ok()
    });
    bytes.collect()
}

impl Record for MfaDevice {
    const TABLE: &'static str = "identity.mfa_device";
    fn key(&self) -> Key {
        Self::key_of(self.account, &self.name)
    }
    fn store(&self) -> Vec<u8> {
        let MfaKind::Virtual(seed) = &self.kind;
        let assignment = self.assignment.as_ref();
        write_v1(&StoredV1 {
            account: self.account.to_string(),
            arn: self.arn.to_string(),
            name: self.name.clone(),
            seed: hex(seed.expose()),
            created: self.created.micros(),
            tags: self.tags.clone(),
            owner_id: assignment.map(|held| held.owner_id.clone()),
            user: assignment.and_then(|held| match &held.owner {
                Owner::Root => None,
                Owner::User(name) => Some(name.clone()),
            }),
            enabled: assignment.map_or(0, |held| held.enabled.micros()),
            used_step: self.used_step,
            drift_steps: self.drift_steps,
        })
    }
    fn load(bytes: &[u8]) -> Result<Self, Unreadable> {
        let mut form: StoredV1 = read_v1(Self::TABLE, bytes)?;
        let bad = |field| bad(Self::TABLE, field);
        let owner = form.user.take().map_or(Owner::Root, Owner::User);
        let enabled = Timestamp::from_micros(form.enabled);
        Ok(Self {
            account: form.account.parse().map_err(|_| bad("account"))?,
            arn: form.arn.parse().map_err(|_| bad("arn"))?,
            name: std::mem::take(&mut form.name),
            kind: MfaKind::Virtual(Secret::new(unhex(&form.seed).ok_or_else(|| bad("seed"))?)),
            created: Timestamp::from_micros(form.created),
            tags: std::mem::take(&mut form.tags),
            assignment: form.owner_id.take().map(|owner_id| Assignment {
                owner,
                owner_id,
                enabled,
            }),
            used_step: form.used_step,
            drift_steps: form.drift_steps,
        })
    }
}

/// That a device is somebody's. The device's record says so too.
#[derive(Clone, Debug, PartialEq)]
pub struct MfaAssignment {
    /// The account of both.
    pub account: AccountId,
    /// Unique id of the user.
    pub owner_id: String,
    /// The device's name.
    pub device: String,
}

impl MfaAssignment {
    /// What the keys of one user's rows begin with.
    pub fn prefix(account: AccountId, owner_id: &str) -> Key {
        Key::root().then(account.as_str()).then(owner_id)
    }
}

#[derive(Serialize, Deserialize)]
struct StoredAssignmentV1 {
    account: String,
    owner_id: String,
    device: String,
}

impl Record for MfaAssignment {
    const TABLE: &'static str = "identity.mfa_assignment";
    fn key(&self) -> Key {
        Self::prefix(self.account, &self.owner_id).then_in_lower_case(&self.device)
    }
    fn store(&self) -> Vec<u8> {
        write_v1(&StoredAssignmentV1 {
            account: self.account.to_string(),
            owner_id: self.owner_id.clone(),
            device: self.device.clone(),
        })
    }
    fn load(bytes: &[u8]) -> Result<Self, Unreadable> {
        let form: StoredAssignmentV1 = read_v1(Self::TABLE, bytes)?;
        let account = form.account.parse();
        Ok(Self {
            account: account.map_err(|_| bad(Self::TABLE, "account"))?,
            owner_id: form.owner_id,
            device: form.device,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn golden_bytes() {
        let account = AccountId::from_number(1);
        let device = MfaDevice {
            account,
            arn: MfaDevice::arn_of(account, "/", "Ann"),
            name: "Ann".into(),
            kind: MfaKind::Virtual(Secret::new(vec![1, 0xab])),
            created: Timestamp::from_seconds(1),
            tags: Tags::default(),
            assignment: Some(Assignment {
                owner: Owner::User("Ann".into()),
                owner_id: "AIDA1".into(),
                enabled: Timestamp::from_seconds(2),
            }),
            used_step: 7,
            drift_steps: -1,
        };
        let stored = b"\x01{\"account\":\"000000000001\",\"arn\":\"arn:aws:iam::000000000001:mfa/Ann\",\"name\":\"Ann\",\"seed\":\"01ab\",\"created\":1000000,\"tags\":[],\"owner_id\":\"AIDA1\",\"user\":\"Ann\",\"enabled\":2000000,\"used_step\":7,\"drift_steps\":-1}";
        assert_eq!(device.store(), stored);
        assert_eq!(MfaDevice::load(stored).unwrap(), device);
        let unassigned = MfaDevice {
            assignment: None,
            ..device.clone()
        };
        assert_eq!(MfaDevice::load(&unassigned.store()).unwrap(), unassigned);
        assert!(!format!("{device:?}").contains("171"));
    }

    #[test]
    fn golden_bytes_of_an_assignment() {
        let row = MfaAssignment {
            account: AccountId::from_number(1),
            owner_id: "AIDA1".into(),
            device: "Ann".into(),
        };
        let stored =
            b"\x01{\"account\":\"000000000001\",\"owner_id\":\"AIDA1\",\"device\":\"Ann\"}";
        assert_eq!(row.store(), stored);
        assert_eq!(MfaAssignment::load(stored).unwrap(), row);
    }

    #[test]
    fn names_in_serial_numbers() {
        let account = AccountId::from_number(1);
        for (serial, name) in [
            ("arn:aws:iam::000000000001:mfa/Ann", Some("Ann")),
            ("arn:aws:iam::000000000001:mfa/a/b/Ann", Some("Ann")),
            ("arn:aws:iam::000000000002:mfa/Ann", None),
            ("arn:aws:iam::000000000001:mfa/", None),
            ("GAHT12345678", None),
        ] {
            assert_eq!(MfaDevice::name_in(account, serial), name);
        }
    }
}
