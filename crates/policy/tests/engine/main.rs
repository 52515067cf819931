//! The engine from outside: documented decisions, conditions, refusals, and an oracle.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod conditions;
mod decisions;
mod explanations;
mod hostile;
mod oracle;
mod property;
mod refusals;
mod support;
