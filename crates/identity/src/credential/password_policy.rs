//! What an account demands of its users' passwords.
//!
//! AWS document: IAM User Guide, "Set an account password policy for IAM users".

use base::AccountId;
use serde::{Deserialize, Serialize};
use storage::{Key, Record, Unreadable};

use crate::stored::{bad, read_v1, write_v1};

/// AWS: what counts as a symbol.
const SYMBOLS: &str = "!@#$%^&*()_+-=[]{}|'";

/// The password policy that an account has set.
#[derive(Clone, Debug, PartialEq)]
pub struct PasswordPolicy {
    /// Whose users it is for.
    pub account: AccountId,
    /// Characters a password has at least.
    pub minimum_length: i32,
    /// Whether one of them is a symbol.
    pub symbols: bool,
    /// Whether one is a digit.
    pub numbers: bool,
    /// Whether one is an upper-case Latin letter.
    pub uppercase: bool,
    /// Whether one is a lower-case Latin letter.
    pub lowercase: bool,
    /// Whether users may change their own passwords without a policy that says so.
    pub users_may_change: bool,
    /// Days after which a password expires.
    pub max_age_days: Option<i32>,
    /// How many former passwords, the present one included, are refused.
    pub reuse_prevention: Option<i32>,
    /// Whether only an administrator can replace an expired password.
    pub hard_expiry: bool,
}

impl PasswordPolicy {
    /// Where the policy of this account lies.
    pub fn key_of(account: AccountId) -> Key {
        Key::root().then(account.as_str())
    }

    /// What `password` lacks, in AWS's words; nothing when it is good enough. Without a policy of the account, AWS's own
    /// holds: eight characters of three kinds.
    pub fn lacks(policy: Option<&Self>, password: &str) -> Option<String> {
        let any = |is: fn(char) -> bool| password.chars().any(is);
        let upper = any(|letter| letter.is_ascii_uppercase());
        let lower = any(|letter| letter.is_ascii_lowercase());
        let digit = any(|letter| letter.is_ascii_digit());
        let symbol = any(|letter| SYMBOLS.contains(letter));
        let minimum = policy.map_or(8, |policy| policy.minimum_length);
        let length = i32::try_from(password.chars().count()).unwrap_or(i32::MAX);
        let Some(policy) = policy else {
            let kinds = [upper, lower, digit, symbol];
            let few = kinds.into_iter().filter(|has| *has).count() < 3;
            return lacking(&[
                (length < minimum, "have a minimum length of 8"),
                (
                    few,
                    "have at least three of uppercase letters, lowercase letters, numbers and symbols",
                ),
            ]);
        };
        lacking(&[
            (
                length < minimum,
                &format!("have a minimum length of {minimum}"),
            ),
            (
                policy.uppercase && !upper,
                "have at least one uppercase letter",
            ),
            (
                policy.lowercase && !lower,
                "have at least one lowercase letter",
            ),
            (policy.numbers && !digit, "have at least one number"),
            (policy.symbols && !symbol, "have at least one symbol"),
        ])
    }
}

fn lacking(demands: &[(bool, &str)]) -> Option<String> {
    let (_, demand) = demands.iter().find(|(fails, _)| *fails)?;
    Some(format!(
        "Password does not conform to the account password policy: it should {demand}."
    ))
}

#[derive(Serialize, Deserialize)]
struct StoredV1 {
    account: String,
    minimum_length: i32,
    symbols: bool,
    numbers: bool,
    uppercase: bool,
    lowercase: bool,
    users_may_change: bool,
    max_age_days: Option<i32>,
    reuse_prevention: Option<i32>,
    hard_expiry: bool,
}

impl Record for PasswordPolicy {
    const TABLE: &'static str = "identity.password_policy";
    fn key(&self) -> Key {
        Self::key_of(self.account)
    }
    fn store(&self) -> Vec<u8> {
        write_v1(&StoredV1 {
            account: self.account.to_string(),
            minimum_length: self.minimum_length,
            symbols: self.symbols,
            numbers: self.numbers,
            uppercase: self.uppercase,
            lowercase: self.lowercase,
            users_may_change: self.users_may_change,
            max_age_days: self.max_age_days,
            reuse_prevention: self.reuse_prevention,
            hard_expiry: self.hard_expiry,
        })
    }
    fn load(bytes: &[u8]) -> Result<Self, Unreadable> {
        let form: StoredV1 = read_v1(Self::TABLE, bytes)?;
        let account = form.account.parse();
        Ok(Self {
            account: account.map_err(|_| bad(Self::TABLE, "account"))?,
            minimum_length: form.minimum_length,
            symbols: form.symbols,
            numbers: form.numbers,
            uppercase: form.uppercase,
            lowercase: form.lowercase,
            users_may_change: form.users_may_change,
            max_age_days: form.max_age_days,
            reuse_prevention: form.reuse_prevention,
            hard_expiry: form.hard_expiry,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn policy() -> PasswordPolicy {
        PasswordPolicy {
            account: AccountId::from_number(1),
            minimum_length: 10,
            symbols: true,
            numbers: true,
            uppercase: true,
            lowercase: true,
            users_may_change: false,
            max_age_days: Some(90),
            reuse_prevention: None,
            hard_expiry: false,
        }
    }

    #[test]
    fn golden_bytes() {
        let stored = b"\x01{\"account\":\"000000000001\",\"minimum_length\":10,\"symbols\":true,\"numbers\":true,\"uppercase\":true,\"lowercase\":true,\"users_may_change\":false,\"max_age_days\":90,\"reuse_prevention\":null,\"hard_expiry\":false}";
        assert_eq!(policy().store(), stored);
        assert_eq!(PasswordPolicy::load(stored).unwrap(), policy());
    }

    #[test]
    fn every_demand_counts() {
        let policy = policy();
        for (password, lacks) in [
            ("Abcdefg1!x", None),
            ("Abcdef1!", Some("minimum length of 10")),
            ("abcdefg1!x", Some("uppercase")),
            ("ABCDEFG1!X", Some("lowercase")),
            ("Abcdefgh!x", Some("number")),
            ("Abcdefg12x", Some("symbol")),
            ("Abcdefg1~x", Some("symbol")),
        ] {
            let found = PasswordPolicy::lacks(Some(&policy), password);
            assert_eq!(found.is_some(), lacks.is_some(), "{password}");
            assert!(
                found
                    .unwrap_or_default()
                    .contains(lacks.unwrap_or_default())
            );
        }
    }

    #[test]
    fn without_a_policy_three_kinds_of_eight_characters() {
        for (password, good) in [
            ("Abcdefg1", true),
            ("abcdef1!", true),
            ("abcdefg1", false),
            ("Abcdef1", false),
        ] {
            assert_eq!(PasswordPolicy::lacks(None, password).is_none(), good);
        }
    }
}
