//! `cargo x bench`: the server and its floor, built for speed and measured in one run. One line needs a PKCS#11 token.

use crate::command::{command, run};
use crate::outcome::Outcome;
use crate::{debian, workspace};

/// Builds and measures; the arguments are those of the program `bench`.
pub fn all(arguments: &[String]) -> Outcome {
    debian::softhsm()?;
    run(command(
        "cargo",
        [
            "build",
            "--quiet",
            "--release",
            "-p",
            "server",
            "-p",
            "benches",
        ],
    ))?;
    let bench = workspace::metadata()?
        .target_directory
        .join("release/bench");
    run(command(bench.as_str(), arguments))
}
