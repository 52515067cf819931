//! Root keys in a real PKCS#11 token: SoftHSM, in a folder of the tests' own (`.cargo/config.toml`).
//!
//! Debian's package `softhsm2` brings it; `cargo x test` installs it.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod crash;
mod moves;
mod refusals;
mod support;
mod wrapping;
