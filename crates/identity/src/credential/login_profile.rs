//! A user's password.

use base::{AccountId, Secret, Timestamp};
use serde::{Deserialize, Serialize};
use storage::{Key, Record, Unreadable};

use crate::PasswordPolicy;
use crate::stored::{bad, read_v1, write_v1};

const DAY_SECONDS: i64 = 86_400;
/// Former hashes kept: as many as a password policy can forbid.
const HISTORY: usize = 24;

/// That a user has a password. Of the password itself only Argon2id hashes are kept.
#[derive(Clone, Debug, PartialEq)]
pub struct LoginProfile {
    /// The user's account.
    pub account: AccountId,
    /// The user's unique id.
    pub user_id: String,
    /// When the user got a password.
    pub created: Timestamp,
    /// When the password was set last.
    pub changed: Timestamp,
    /// Whether the user must set another at the next sign-in.
    pub reset_required: bool,
    /// Hash of the password.
    pub hash: Secret<String>,
    /// Hashes of those before it, the newest first.
    pub former: Vec<Secret<String>>,
}

/// What a right password is good for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PasswordStanding {
    /// Signing in.
    Good,
    /// Setting another password.
    MustChange,
    /// Nothing: an administrator must set another.
    Expired,
}

impl LoginProfile {
    /// Where the password of this user lies.
    pub fn key_of(account: AccountId, user_id: &str) -> Key {
        Self::prefix(account).then(user_id)
    }
    /// What the keys of an account's passwords begin with.
    pub fn prefix(account: AccountId) -> Key {
        Key::root().then(account.as_str())
    }

    /// When the password expires under `policy`.
    pub fn expires(&self, policy: Option<&PasswordPolicy>) -> Option<Timestamp> {
        let days = policy?.max_age_days?;
        Some(self.changed.plus_seconds(i64::from(days) * DAY_SECONDS))
    }

    /// What the password is good for at this instant.
    pub fn standing(&self, policy: Option<&PasswordPolicy>, now: Timestamp) -> PasswordStanding {
        let expired = self.expires(policy).is_some_and(|end| end <= now);
        let hard = policy.is_some_and(|policy| policy.hard_expiry);
        match (expired, self.reset_required) {
            (true, _) if hard => PasswordStanding::Expired,
            (false, false) => PasswordStanding::Good,
            _ => PasswordStanding::MustChange,
        }
    }

    /// The hashes that a new password must not match under `policy`.
    pub fn forbidden(&self, policy: Option<&PasswordPolicy>) -> Vec<Secret<String>> {
        let count = policy.and_then(|policy| policy.reuse_prevention);
        let count = usize::try_from(count.unwrap_or_default()).unwrap_or_default();
        let all = std::iter::once(&self.hash).chain(&self.former);
        all.take(count).cloned().collect()
    }

    /// With another password.
    #[must_use]
    pub fn changed_to(&self, hash: Secret<String>, now: Timestamp) -> Self {
        let before = std::iter::once(&self.hash).chain(&self.former);
        Self {
            former: before.take(HISTORY).cloned().collect(),
            hash,
            changed: now,
            ..self.clone()
        }
    }
}

#[derive(Serialize, Deserialize)]
struct StoredV1 {
    account: String,
    user_id: String,
    created: i64,
    changed: i64,
    reset_required: bool,
    hash: String,
    former: Vec<String>,
}

impl Drop for StoredV1 {
    fn drop(&mut self) {
        zeroize::Zeroize::zeroize(&mut self.hash);
        zeroize::Zeroize::zeroize(&mut self.former);
    }
}

impl Record for LoginProfile {
    const TABLE: &'static str = "identity.login_profile";
    fn key(&self) -> Key {
        Self::key_of(self.account, &self.user_id)
    }
    fn store(&self) -> Vec<u8> {
        let former = self.former.iter();
        write_v1(&StoredV1 {
            account: self.account.to_string(),
            user_id: self.user_id.clone(),
            created: self.created.micros(),
            changed: self.changed.micros(),
            reset_required: self.reset_required,
            hash: self.hash.expose().clone(),
            former: former.map(|hash| hash.expose().clone()).collect(),
        })
    }
    fn load(bytes: &[u8]) -> Result<Self, Unreadable> {
        let mut form: StoredV1 = read_v1(Self::TABLE, bytes)?;
        let account = form.account.parse();
        let former = std::mem::take(&mut form.former);
        Ok(Self {
            account: account.map_err(|_| bad(Self::TABLE, "account"))?,
            user_id: std::mem::take(&mut form.user_id),
            created: Timestamp::from_micros(form.created),
            changed: Timestamp::from_micros(form.changed),
            reset_required: form.reset_required,
            hash: Secret::new(std::mem::take(&mut form.hash)),
            former: former.into_iter().map(Secret::new).collect(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn profile() -> LoginProfile {
        LoginProfile {
            account: AccountId::from_number(1),
            user_id: "AIDA1".into(),
            created: Timestamp::from_seconds(1),
            changed: Timestamp::from_seconds(2),
            reset_required: false,
            hash: Secret::new("h3".into()),
            former: vec![Secret::new("h2".into()), Secret::new("h1".into())],
        }
    }

    fn policy(max_age_days: Option<i32>, hard_expiry: bool) -> PasswordPolicy {
        PasswordPolicy {
            account: AccountId::from_number(1),
            minimum_length: 6,
            symbols: false,
            numbers: false,
            uppercase: false,
            lowercase: false,
            users_may_change: false,
            max_age_days,
            reuse_prevention: Some(2),
            hard_expiry,
        }
    }

    #[test]
    fn golden_bytes() {
        let stored = b"\x01{\"account\":\"000000000001\",\"user_id\":\"AIDA1\",\"created\":1000000,\"changed\":2000000,\"reset_required\":false,\"hash\":\"h3\",\"former\":[\"h2\",\"h1\"]}";
        assert_eq!(profile().store(), stored);
        assert_eq!(LoginProfile::load(stored).unwrap(), profile());
        assert!(!format!("{:?}", profile()).contains("h1"));
    }

    #[test]
    fn ages_as_the_policy_says() {
        let reset = LoginProfile {
            reset_required: true,
            ..profile()
        };
        let later = Timestamp::from_seconds(2 + DAY_SECONDS);
        for (profile, policy, standing) in [
            (profile(), None, PasswordStanding::Good),
            (
                profile(),
                Some(policy(Some(2), true)),
                PasswordStanding::Good,
            ),
            (
                profile(),
                Some(policy(Some(1), false)),
                PasswordStanding::MustChange,
            ),
            (
                profile(),
                Some(policy(Some(1), true)),
                PasswordStanding::Expired,
            ),
            (reset.clone(), None, PasswordStanding::MustChange),
            (
                reset,
                Some(policy(Some(1), true)),
                PasswordStanding::Expired,
            ),
        ] {
            assert_eq!(profile.standing(policy.as_ref(), later), standing);
        }
    }

    #[test]
    fn remembers_former_passwords() {
        let policy = policy(None, false);
        assert_eq!(profile().forbidden(Some(&policy)).len(), 2);
        assert!(profile().forbidden(None).is_empty());
        let mut changed = profile();
        for _ in 0..30 {
            changed = changed.changed_to(Secret::new("x".into()), Timestamp::from_seconds(9));
        }
        assert_eq!(changed.former.len(), HISTORY);
        assert_eq!(changed.changed, Timestamp::from_seconds(9));
        assert_eq!(changed.created, Timestamp::from_seconds(1));
    }
}
