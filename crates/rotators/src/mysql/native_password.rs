//! What MariaDB keeps of a password.
//!
//! Source: MariaDB documentation, "Authentication Plugin - mysql_native_password".

use aws_lc_rs::digest::{SHA1_FOR_LEGACY_USE_ONLY, digest};
use base::Secret;

/// What no password leads to: an account that has it lets nobody in.
pub(super) const NOBODY: &str = "*0000000000000000000000000000000000000000";

/// The form of `password` that the database keeps.
pub(super) fn kept(password: &Secret<String>) -> String {
    let once = digest(&SHA1_FOR_LEGACY_USE_ONLY, password.expose().as_bytes());
    let twice = digest(&SHA1_FOR_LEGACY_USE_ONLY, once.as_ref());
    let digits: Vec<_> = twice
        .as_ref()
        .iter()
        .map(|byte| format!("{byte:02X}"))
        .collect();
    format!("*{}", digits.concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_documented_example() {
        let kept = kept(&Secret::new("password".to_owned()));
        assert_eq!(kept, "*2470C0C06DEE42FD1618BB99005ADCA2EC9D1E19");
        assert_eq!(kept.len(), NOBODY.len());
    }
}
