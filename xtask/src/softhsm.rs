//! SoftHSM, the PKCS#11 tokens that tests use. Each test makes its own, in a folder of the tests' own.

use crate::command::{command, run};
use crate::outcome::Outcome;
use std::path::Path;

const MODULE: &str = "/usr/lib/softhsm/libsofthsm2.so";

/// Installs Debian's SoftHSM where it is not there.
pub fn installed() -> Outcome {
    let util = command("softhsm2-util", ["--version"]).output();
    if Path::new(MODULE).exists() && util.is_ok() {
        return Ok(());
    }
    eprintln!("      no SoftHSM: installing Debian's softhsm2");
    run(command("apt-get", ["update", "--quiet"]))?;
    let packages = ["--no-install-recommends", "softhsm2"];
    let quietly = ["install", "--yes", "--quiet"].into_iter().chain(packages);
    run(command("apt-get", quietly))
}
