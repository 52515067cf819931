//! The reference tells of the same keys as the table of tests, and the same of their absence.

use std::collections::BTreeSet;

use crate::callers::{EVERYBODY, Who};
use crate::keys::KEYS;

const REFERENCE: &str = include_str!("../../../../docs/reference/condition-keys.md");

/// The first and the last cell of each row: the key without a tag's name, and when it is absent.
fn documented() -> Vec<(&'static str, &'static str)> {
    let rows = REFERENCE.lines().filter(|line| line.starts_with("| `aws:"));
    let cells = |row: &'static str| row.trim_matches('|').split('|').map(str::trim);
    let ends = |row| (cells(row).next().unwrap(), cells(row).next_back().unwrap());
    let rows = rows.map(ends);
    rows.map(|(key, absent)| (name(key.trim_matches('`')), absent))
        .collect()
}

fn name(key: &str) -> &str {
    key.split('/').next().unwrap_or(key)
}

#[test]
fn tells_of_every_key() {
    let documented: BTreeSet<&str> = documented().into_iter().map(|(key, _)| key).collect();
    let tested: BTreeSet<&str> = KEYS.iter().map(|(key, ..)| name(key)).collect();
    assert_eq!(documented, tested);
}

#[test]
fn tells_what_is_never_absent_and_what_is_always() {
    for (key, absent) in documented() {
        for (_, _, values) in KEYS.iter().filter(|(row, ..)| name(row) == key) {
            let has = |who: &Who| values.iter().any(|(whom, _)| whom.contains(who));
            assert!(absent != "never" || EVERYBODY.iter().all(has), "{key}");
            assert!(!absent.starts_with("always") || values.is_empty(), "{key}");
        }
    }
}
