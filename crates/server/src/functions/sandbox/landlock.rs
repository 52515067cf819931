//! What of files, ports and other processes a function reaches.
//!
//! Source: the kernel's documentation, "Landlock: unprivileged access control". ABI 6 (Linux 6.12) is needed: before it a
//! function could send signals to the server, where both have one user.

use std::path::{Path, PathBuf};

use landlock::{
    ABI, Access, AccessFs, AccessNet, BitFlags, CompatLevel, Compatible, PathBeneath, PathFd,
    Ruleset, RulesetAttr, RulesetCreated, RulesetCreatedAttr, RulesetError, RulesetStatus, Scope,
    path_beneath_rules,
};

const NEEDED: ABI = ABI::V6;

/// Programs and libraries of the system.
const PROGRAMS: &[&str] = &[
    "/usr",
    "/bin",
    "/sbin",
    "/lib",
    "/lib32",
    "/lib64",
    "/nix/store",
];
/// Of `/etc`, where secrets are too, only what programs need to start, to find hosts and to trust servers.
const FILES: &[&str] = &[
    "/etc/alternatives",
    "/etc/ca-certificates",
    "/etc/crypto-policies",
    "/etc/gai.conf",
    "/etc/group",
    "/etc/host.conf",
    "/etc/hosts",
    "/etc/ld.so.cache",
    "/etc/ld.so.conf",
    "/etc/ld.so.conf.d",
    "/etc/localtime",
    "/etc/mime.types",
    "/etc/nsswitch.conf",
    "/etc/os-release",
    "/etc/passwd",
    "/etc/pki/tls/certs",
    "/etc/pki/ca-trust",
    "/etc/protocols",
    "/etc/resolv.conf",
    "/etc/services",
    "/etc/ssl/certs",
    "/etc/ssl/openssl.cnf",
    "/dev/full",
    "/dev/random",
    "/dev/urandom",
    "/dev/zero",
    // Of the process itself, by the number it keeps; but not `net`, which tells who listens where.
    "/proc/self/cgroup",
    "/proc/self/cmdline",
    "/proc/self/fd",
    "/proc/self/limits",
    "/proc/self/maps",
    "/proc/self/mountinfo",
    "/proc/self/stat",
    "/proc/self/statm",
    "/proc/self/status",
    "/sys/devices/system/cpu",
];
const SINKS: &[&str] = &["/dev/null"];

/// All of the system that every function may read.
pub(in crate::functions) fn system_paths() -> impl Iterator<Item = &'static Path> {
    [PROGRAMS, FILES].into_iter().flatten().map(Path::new)
}

/// Whether this kernel has what is needed; if not, why.
pub(in crate::functions) fn is_supported() -> Result<(), RulesetError> {
    ruleset().map(|_| ())
}

fn ruleset() -> Result<RulesetCreated, RulesetError> {
    Ruleset::default()
        .set_compatibility(CompatLevel::HardRequirement)
        .handle_access(AccessFs::from_all(NEEDED))?
        // It listens nowhere: a port that it took could be the server's at the next start.
        .handle_access(AccessNet::BindTcp)?
        .scope(Scope::from_all(NEEDED))?
        .create()
}

/// From now on this process and what it starts reaches nothing else, and gains no privileges.
pub(super) fn restrict(read: &[PathBuf], write: &Path) -> Result<(), String> {
    restrict_to(read, write).map_err(|error| error.to_string())?
}

fn restrict_to(read: &[PathBuf], write: &Path) -> Result<Result<(), String>, RulesetError> {
    let reading = AccessFs::from_read(NEEDED);
    let files = AccessFs::ReadFile | AccessFs::ReadDir;
    let ruleset = ruleset()?
        .add_rules(path_beneath_rules(PROGRAMS, reading))?
        .add_rules(path_beneath_rules(FILES, files))?
        .add_rules(path_beneath_rules(SINKS, files | AccessFs::WriteFile))?
        .add_rules(path_beneath_rules(read, reading))?;
    let folder = match PathFd::new(write) {
        Ok(folder) => folder,
        Err(error) => return Ok(Err(error.to_string())),
    };
    let status = ruleset
        .add_rule(PathBeneath::new(folder, writing()))?
        .restrict_self()?;
    let whole = status.ruleset == RulesetStatus::FullyEnforced && status.no_new_privs;
    Ok(match whole {
        true => Ok(()),
        false => Err("it does not take hold".to_owned()),
    })
}

/// All that there is to do with files of its own; no devices.
fn writing() -> BitFlags<AccessFs> {
    AccessFs::from_all(NEEDED) & !(AccessFs::MakeChar | AccessFs::MakeBlock | AccessFs::IoctlDev)
}
