//! `cargo x check`: what is true of the sources before any test runs.

use crate::command::{command, run};
use crate::outcome::Outcome;
use crate::steps;
use crate::{r#gen, tidy};

/// Format, lints, generated code, tidiness.
pub fn all() -> Outcome {
    steps::run(&[
        ("format", Box::new(|| cargo(&["fmt", "--all", "--check"]))),
        ("generated code", Box::new(generated)),
        ("tidy", Box::new(tidy::run)),
        ("clippy", Box::new(clippy)),
    ])
}

/// Fails if the generated crates differ from their models.
pub fn generated() -> Outcome {
    r#gen::check(&[])
}

fn clippy() -> Outcome {
    cargo(&[
        "clippy",
        "--workspace",
        "--all-targets",
        "--quiet",
        "--",
        "-D",
        "warnings",
    ])
}

/// Runs cargo in the workspace's root.
pub fn cargo(arguments: &[&str]) -> Outcome {
    run(command("cargo", arguments))
}
