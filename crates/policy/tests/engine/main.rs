//! The engine from outside: documented decisions, conditions, refusals, and an oracle.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod case;
mod conditions;
mod decisions;
mod explanations;
mod generator;
mod hostile;
mod oracle;
mod oracle_text;
mod property;
mod refusals;
mod support;
mod variables;
