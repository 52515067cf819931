//! Debian's programs that tests use: SoftHSM for PKCS#11 tokens, which each test makes in a folder of its own, and
//! openssl to check what is signed and sealed here.

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
    eprintln!("      installing Debian's softhsm2 and openssl");
    run(command("apt-get", ["update", "--quiet"]))?;
    let packages = ["--no-install-recommends", "softhsm2", "openssl"];
    let quietly = ["install", "--yes", "--quiet"].into_iter().chain(packages);
    run(command("apt-get", quietly))
}
