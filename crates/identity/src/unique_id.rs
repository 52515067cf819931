//! IAM's unique ids and access key ids.
//!
//! AWS document: "IAM identifiers", section "Unique identifiers". The account is encoded in the id as AWS does
//! since 2019: bits 7 to 46 of the first 48 bits of the base32 body.

use base::{AccountId, Secret};

const BASE32: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
const BASE64: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const ACCOUNT_MASK: u64 = 0x7fff_ffff_ff80;

/// What a unique id names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Prefix {
    /// `AKIA`: a long-term access key.
    AccessKey,
    /// `ASIA`: a temporary access key.
    TemporaryAccessKey,
    /// `AIDA`: a user.
    User,
    /// `AROA`: a role.
    Role,
    /// `AGPA`: a group.
    Group,
    /// `ANPA`: a managed policy.
    ManagedPolicy,
    /// `AIPA`: an instance profile.
    InstanceProfile,
    /// `APKA`: a public key for SSH.
    SshPublicKey,
    /// `ACCA`: a credential for one service.
    ServiceSpecificCredential,
    /// `ASCA`: a server certificate.
    ServerCertificate,
}

impl Prefix {
    fn text(self) -> &'static str {
        match self {
            Prefix::AccessKey => "AKIA",
            Prefix::TemporaryAccessKey => "ASIA",
            Prefix::User => "AIDA",
            Prefix::Role => "AROA",
            Prefix::Group => "AGPA",
            Prefix::ManagedPolicy => "ANPA",
            Prefix::InstanceProfile => "AIPA",
            Prefix::SshPublicKey => "APKA",
            Prefix::ServiceSpecificCredential => "ACCA",
            Prefix::ServerCertificate => "ASCA",
        }
    }
    /// Characters after the prefix: access key ids have 20 in all, the others 21.
    fn body_length(self) -> usize {
        match self {
            Prefix::AccessKey | Prefix::TemporaryAccessKey => 16,
            _ => 17,
        }
    }
}

/// An id of `account` made from eleven random bytes.
pub fn unique_id(prefix: Prefix, account: AccountId, random: [u8; 11]) -> String {
    let mut bits = [0u8; 16];
    for (place, byte) in bits.iter_mut().skip(5).zip(random) {
        *place = byte;
    }
    let low = u128::from_be_bytes(bits) & ((1 << 87) - 1);
    let head = (1u64 << 47) | ((account.number() << 7) & ACCOUNT_MASK);
    // 48 bits of head, then random bits down to 85 in all (17 characters of 5 bits).
    let body = (u128::from(head) << 37) | (low & ((1 << 37) - 1)) | ((low >> 50) & 0x7f) << 37;
    let characters = (0..prefix.body_length()).map(|index| {
        let digit = (body >> (80 - 5 * index)) & 31;
        char::from(*BASE32.get(digit as usize).unwrap_or(&b'A'))
    });
    prefix.text().chars().chain(characters).collect()
}

/// The account encoded in an id that this product or AWS made.
pub fn account_of(id: &str) -> Option<AccountId> {
    let body = id.as_bytes().get(4..14)?;
    let mut bits: u64 = 0;
    for character in body {
        let digit = BASE32.iter().position(|c| c == character)?;
        bits = (bits << 5) | digit as u64;
    }
    let number = ((bits >> 2) & ACCOUNT_MASK) >> 7;
    (number < 1_000_000_000_000).then(|| AccountId::from_number(number))
}

/// A secret access key: forty characters of base64 from thirty random bytes.
pub fn secret_access_key(random: [u8; 30]) -> Secret<String> {
    let text = random.chunks(3).flat_map(|chunk| {
        let bits = chunk
            .iter()
            .fold(0usize, |bits, byte| bits << 8 | usize::from(*byte));
        [18, 12, 6, 0].map(|shift| {
            let digit = BASE64.get((bits >> shift) & 63);
            char::from(*digit.unwrap_or(&b'A'))
        })
    });
    Secret::new(text.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_carry_their_account() {
        for number in [0, 1, 123_456_789_012, 999_999_999_999] {
            let account = AccountId::from_number(number);
            for (prefix, length) in [
                (Prefix::AccessKey, 20),
                (Prefix::TemporaryAccessKey, 20),
                (Prefix::User, 21),
                (Prefix::Role, 21),
            ] {
                for random in [[0; 11], [0xff; 11], [0x5a; 11]] {
                    let id = unique_id(prefix, account, random);
                    assert_eq!(id.len(), length);
                    assert_eq!(account_of(&id), Some(account), "{id}");
                }
            }
        }
    }

    #[test]
    fn a_public_example_decodes() {
        // Published with the description of the encoding.
        let account = account_of("ASIAQNZGKIQY56JQ7WML");
        assert_eq!(
            account.map(|a| a.to_string()).as_deref(),
            Some("029608264753")
        );
    }

    #[test]
    fn random_bits_reach_the_id() {
        let account = AccountId::from_number(1);
        let one = unique_id(Prefix::AccessKey, account, [1; 11]);
        let other = unique_id(Prefix::AccessKey, account, [2; 11]);
        assert_ne!(one, other);
        assert_eq!(account_of("AKIA"), None);
        assert_eq!(account_of("AKIA!!!!!!!!!!!!!!!!"), None);
    }

    #[test]
    fn secrets_are_forty_characters() {
        let secret = secret_access_key([0xfb; 30]);
        assert_eq!(secret.expose().len(), 40);
        assert!(secret.expose().starts_with("+/v7"));
    }
}
