//! Debian's programs. Tests use SoftHSM for PKCS#11 tokens, which each test makes in a folder of its own, openssl to check
//! what is signed and sealed here, xmlsec1 to sign what identity providers sign, curl as a reader of the guides, and PostgreSQL
//! and MariaDB for rotators, which each have their folder too.

use crate::command::{command, run};
use crate::outcome::Outcome;
use std::path::Path;

const MODULE: &str = "/usr/lib/softhsm/libsofthsm2.so";
const POSTGRESQL: &str = "/usr/lib/postgresql";

/// Installs those that are not there.
pub fn installed() -> Outcome {
    let openssl = command("openssl", ["version"]).output().is_ok();
    let there = [
        ("softhsm2", has_softhsm()),
        ("openssl", openssl),
        ("curl", runs("curl")),
        ("xmlsec1", runs("xmlsec1")),
        ("postgresql", Path::new(POSTGRESQL).is_dir() && runs("psql")),
        (
            "mariadb-server",
            runs("/usr/sbin/mariadbd") && runs("mariadb"),
        ),
    ];
    let missing = there.iter().filter(|(_, there)| !there);
    let missing: Vec<_> = missing.map(|(package, _)| *package).collect();
    match missing.is_empty() {
        true => Ok(()),
        false => install(&missing),
    }
}

/// Installs SoftHSM if it is not there.
pub fn softhsm() -> Outcome {
    match has_softhsm() {
        true => Ok(()),
        false => install(&["softhsm2"]),
    }
}

fn has_softhsm() -> bool {
    Path::new(MODULE).exists() && runs("softhsm2-util")
}

fn runs(program: &str) -> bool {
    command(program, ["--version"]).output().is_ok()
}

/// Installs packages of Debian's.
pub fn install(packages: &[&str]) -> Outcome {
    eprintln!("      installing Debian's {}", packages.join(" and "));
    run(command("apt-get", ["update", "--quiet"]))?;
    let quietly = ["install", "--yes", "--quiet", "--no-install-recommends"];
    let arguments = quietly.iter().chain(packages).copied();
    run(command("apt-get", arguments))
}
