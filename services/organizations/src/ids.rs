//! Ids as Organizations makes them: a prefix, then lower-case letters and digits.
//!
//! AWS document: AWS Organizations API Reference, the patterns of the `Id` members.

use base::AccountId;
use crypto::random;

const LETTERS: &[u8; 36] = b"abcdefghijklmnopqrstuvwxyz0123456789";

/// `o-` and ten.
pub(crate) fn organization() -> String {
    format!("o-{}", text::<10>())
}
/// `r-` and four.
pub(crate) fn root() -> String {
    format!("r-{}", text::<4>())
}
/// `ou-`, what the root's id ends in, and eight.
pub(crate) fn unit(root: &str) -> String {
    let of_root = root.strip_prefix("r-").unwrap_or(root);
    format!("ou-{of_root}-{}", text::<8>())
}
/// `p-` and eight.
pub(crate) fn policy() -> String {
    format!("p-{}", text::<8>())
}
/// `h-` and thirty-two.
pub(crate) fn handshake() -> String {
    format!("h-{}", text::<32>())
}
/// `car-` and thirty-two.
pub(crate) fn create_account_request() -> String {
    format!("car-{}", text::<32>())
}
/// Twelve digits, of which the first is not 0.
pub(crate) fn account() -> AccountId {
    let number = u64::from_be_bytes(random::bytes());
    AccountId::from_number(100_000_000_000 + number % 900_000_000_000)
}

fn text<const LENGTH: usize>() -> String {
    let random: [u8; LENGTH] = random::bytes();
    let letter = |byte: &u8| LETTERS.get(usize::from(*byte) % LETTERS.len());
    random
        .iter()
        .filter_map(letter)
        .map(|it| char::from(*it))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms() {
        for (id, prefix, length) in [
            (organization(), "o-", 12),
            (root(), "r-", 6),
            (unit("r-ab12"), "ou-ab12-", 16),
            (policy(), "p-", 10),
            (handshake(), "h-", 34),
            (create_account_request(), "car-", 36),
        ] {
            let rest = id.strip_prefix(prefix).unwrap();
            assert_eq!(id.len(), length, "{id}");
            assert!(rest.bytes().all(|byte| LETTERS.contains(&byte)), "{id}");
        }
        assert_ne!(policy(), policy());
        assert!(account().number() >= 100_000_000_000);
    }
}
