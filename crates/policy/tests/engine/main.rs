//! The engine from outside: documented decisions, conditions, refusals, and an oracle.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::string_slice,
    reason = "a test fails by panicking"
)]

mod case;
mod conditions;
mod decisions;
mod dice;
mod documented;
mod documented_conditions;
mod explanations;
mod forms;
mod generator;
mod generator_conditions;
mod hostile;
mod minimize;
mod oracle;
mod oracle_callers;
mod oracle_text;
mod oracle_values;
mod property;
mod refusals;
mod support;
mod variables;
