//! Debian's programs. Tests use SoftHSM for PKCS#11 tokens, which each test makes in a folder of its own, and openssl to check
//! what is signed and sealed here.

use crate::command::{command, run};
use crate::outcome::Outcome;
use std::path::Path;

const MODULE: &str = "/usr/lib/softhsm/libsofthsm2.so";

/// Installs those that are not there.
pub fn installed() -> Outcome {
    let tokens = command("softhsm2-util", ["--version"]).output();
    let openssl = command("openssl", ["version"]).output();
    if Path::new(MODULE).exists() && tokens.is_ok() && openssl.is_ok() {
        return Ok(());
    }
    install(&["softhsm2", "openssl"])
}

/// Installs packages of Debian's.
pub fn install(packages: &[&str]) -> Outcome {
    eprintln!("      installing Debian's {}", packages.join(" and "));
    run(command("apt-get", ["update", "--quiet"]))?;
    let quietly = ["install", "--yes", "--quiet", "--no-install-recommends"];
    let arguments = quietly.iter().chain(packages).copied();
    run(command("apt-get", arguments))
}
