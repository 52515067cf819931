//! Credentials that a user holds under an id: keys for SSH, signing certificates, passwords for one service.

use base::{AccountId, Secret, Timestamp};
use serde::{Deserialize, Serialize};
use storage::{Key, Record, Unreadable};

use crate::AccessKeyStatus;
use crate::stored::{bad, read_v1, write_v1};

/// What is held.
#[derive(Clone, Debug, PartialEq)]
pub enum HeldKind {
    /// A public key for SSH, as one line.
    SshPublicKey(String),
    /// An X.509 certificate in PEM, as it was given.
    SigningCertificate(String),
    /// A name and a password for this service.
    ServiceSpecific(ServicePassword),
}

/// A name and a password that one service takes.
#[derive(Clone, Debug, PartialEq)]
pub struct ServicePassword {
    /// As `codecommit.amazonaws.com`.
    pub service: String,
    /// The name that goes with it.
    pub user_name: String,
    /// Argon2id hash of the password, which was shown once.
    pub hash: Secret<String>,
    /// Until when it is good.
    pub expires: Option<Timestamp>,
}

/// A credential that a user holds.
#[derive(Clone, Debug, PartialEq)]
pub struct HeldCredential {
    /// The user's account.
    pub account: AccountId,
    /// The user's unique id.
    pub user_id: String,
    /// The credential's id.
    pub id: String,
    /// Since when.
    pub created: Timestamp,
    /// Whether it may be used.
    pub status: AccessKeyStatus,
    /// What it is.
    pub kind: HeldKind,
}

impl HeldCredential {
    /// What the keys of one user's credentials begin with.
    pub fn prefix(account: AccountId, user_id: &str) -> Key {
        Key::root().then(account.as_str()).then(user_id)
    }
    /// Where a user's credential of this id lies.
    pub fn key_of(account: AccountId, user_id: &str, id: &str) -> Key {
        Self::prefix(account, user_id).then(id)
    }
}

#[derive(Serialize, Deserialize)]
struct StoredV1 {
    account: String,
    user_id: String,
    id: String,
    created: i64,
    active: bool,
    /// `ssh`, `signing` or `service`
    form: String,
    /// The key, certificate or hash.
    body: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    service: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    user_name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    expires: Option<i64>,
}

impl Drop for StoredV1 {
    fn drop(&mut self) {
        zeroize::Zeroize::zeroize(&mut self.body);
    }
}

impl Record for HeldCredential {
    const TABLE: &'static str = "identity.held_credential";
    fn key(&self) -> Key {
        Self::key_of(self.account, &self.user_id, &self.id)
    }
    fn store(&self) -> Vec<u8> {
        let (form, body, password) = match &self.kind {
            HeldKind::SshPublicKey(body) => ("ssh", body, None),
            HeldKind::SigningCertificate(body) => ("signing", body, None),
            HeldKind::ServiceSpecific(held) => ("service", held.hash.expose(), Some(held)),
        };
        write_v1(&StoredV1 {
            account: self.account.to_string(),
            user_id: self.user_id.clone(),
            id: self.id.clone(),
            created: self.created.micros(),
            active: self.status == AccessKeyStatus::Active,
            form: form.to_owned(),
            body: body.clone(),
            service: password.map(|held| held.service.clone()),
            user_name: password.map(|held| held.user_name.clone()),
            expires: password
                .and_then(|held| held.expires)
                .map(Timestamp::micros),
        })
    }
    fn load(bytes: &[u8]) -> Result<Self, Unreadable> {
        let mut form: StoredV1 = read_v1(Self::TABLE, bytes)?;
        let bad = |field| bad(Self::TABLE, field);
        let body = std::mem::take(&mut form.body);
        let kind = match form.form.as_str() {
            "ssh" => HeldKind::SshPublicKey(body),
            "signing" => HeldKind::SigningCertificate(body),
            "service" => HeldKind::ServiceSpecific(ServicePassword {
                service: form.service.take().ok_or_else(|| bad("service"))?,
                user_name: form.user_name.take().ok_or_else(|| bad("user_name"))?,
                hash: Secret::new(body),
                expires: form.expires.map(Timestamp::from_micros),
            }),
            _ => return Err(bad("form")),
        };
        Ok(Self {
            account: form.account.parse().map_err(|_| bad("account"))?,
            user_id: std::mem::take(&mut form.user_id),
            id: std::mem::take(&mut form.id),
            created: Timestamp::from_micros(form.created),
            status: match form.active {
                true => AccessKeyStatus::Active,
                false => AccessKeyStatus::Inactive,
            },
            kind,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn golden_bytes() {
        let held = |kind| HeldCredential {
            account: AccountId::from_number(1),
            user_id: "AIDA1".into(),
            id: "ACCA1".into(),
            created: Timestamp::from_seconds(1),
            status: AccessKeyStatus::Active,
            kind,
        };
        let password = held(HeldKind::ServiceSpecific(ServicePassword {
            service: "s".into(),
            user_name: "u".into(),
            hash: Secret::new("h4sh".into()),
            expires: Some(Timestamp::from_seconds(2)),
        }));
        let stored = b"\x01{\"account\":\"000000000001\",\"user_id\":\"AIDA1\",\"id\":\"ACCA1\",\"created\":1000000,\"active\":true,\"form\":\"service\",\"body\":\"h4sh\",\"service\":\"s\",\"user_name\":\"u\",\"expires\":2000000}";
        assert_eq!(password.store(), stored);
        assert!(!format!("{password:?}").contains("h4sh"));
        for one in [
            password,
            held(HeldKind::SshPublicKey("k".into())),
            held(HeldKind::SigningCertificate("c".into())),
        ] {
            assert_eq!(HeldCredential::load(&one.store()).unwrap(), one);
        }
    }
}
