//! Arrows between crates point one way: server → services → pipeline → the core → base.

use super::purity::PURE;
use cargo_metadata::{DependencyKind, Metadata};

/// What each crate of the core may use of the project.
const CORE: [(&str, &[&str]); 11] = [
    ("base", &[]),
    ("wire", &["base"]),
    ("sigv4", &["base"]),
    ("policy", &["base"]),
    ("crypto", &["base"]),
    ("saml", &["base", "crypto"]),
    ("rotators", &["base", "sigv4"]),
    ("storage", &["base", "crypto"]),
    ("identity", &["base", "policy", "storage"]),
    (
        "pipeline",
        &[
            "base", "wire", "sigv4", "policy", "crypto", "storage", "identity",
        ],
    ),
    (
        "harness",
        &[
            "base", "wire", "sigv4", "policy", "crypto", "storage", "identity", "pipeline",
        ],
    ),
];
/// What a service may use, beside every `api`.
const SERVICE: &[&str] = &[
    "base", "wire", "policy", "crypto", "saml", "storage", "identity", "pipeline",
];
/// What an `api` may use.
const API: &[&str] = &["base", "wire", "policy"];
/// What the tools may use.
const XTASK: &[&str] = &["base", "wire"];
/// Libraries that talk to the world, which pure crates do without.
const IO: [&str; 9] = [
    "tokio",
    "hyper",
    "hyper-util",
    "redb",
    "rustix",
    "socket2",
    "tempfile",
    "tracing",
    "tokio-rustls",
];
/// HTTP, databases and cryptography, which services do without.
const PLUMBING: [&str; 13] = [
    "hyper",
    "hyper-util",
    "http",
    "http-body-util",
    "redb",
    "tokio-postgres",
    "postgres-protocol",
    "mysql_async",
    "aws-lc-rs",
    "cryptoki",
    "rustls",
    "tokio-rustls",
    "rcgen",
];
/// Libraries that nothing uses.
const BANNED: [&str; 3] = ["ring", "openssl", "sled"];

/// Dependencies that point the wrong way.
pub fn findings(metadata: &Metadata) -> Vec<String> {
    let ours: Vec<&str> = metadata
        .packages
        .iter()
        .map(|package| package.name.as_str())
        .collect();
    let mut findings = Vec::new();
    for package in &metadata.packages {
        let normal = |it: &&cargo_metadata::Dependency| it.kind != DependencyKind::Development;
        for dependency in package.dependencies.iter().filter(normal) {
            let (from, to) = (package.name.as_str(), dependency.name.as_str());
            let folder = package.manifest_path.strip_prefix(&metadata.workspace_root);
            let folder = folder.map_or("", |path| path.as_str());
            let allowed = if ours.contains(&to) {
                may_use(folder, from, to)
            } else {
                may_link(folder, from, to)
            };
            if !allowed {
                findings.push(format!("{folder}: {from} must not depend on {to}"));
            }
        }
    }
    findings
}

/// Whether a crate of the project, in `folder`, may use another.
fn may_use(folder: &str, from: &str, to: &str) -> bool {
    if folder.starts_with("services/") {
        let api = folder.ends_with("/api/Cargo.toml");
        return if api {
            API.contains(&to)
        } else {
            SERVICE.contains(&to) || to.ends_with("-api")
        };
    }
    match CORE.iter().find(|(name, _)| *name == from) {
        Some((_, uses)) => uses.contains(&to),
        None => match from {
            "server" | "benches" => true,
            "xtask" => XTASK.contains(&to),
            _ => false,
        },
    }
}

/// Whether a crate of the project may use a library.
fn may_link(folder: &str, from: &str, to: &str) -> bool {
    let pure = PURE.contains(&from) || folder.ends_with("/api/Cargo.toml");
    let service = folder.starts_with("services/");
    !(BANNED.contains(&to) || (pure && IO.contains(&to)) || (service && PLUMBING.contains(&to)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arrows() {
        let (core, service, api) = (
            "crates/x/Cargo.toml",
            "services/kms/Cargo.toml",
            "services/kms/api/Cargo.toml",
        );
        for (folder, from, to, expected) in [
            (core, "pipeline", "policy", true),
            (core, "policy", "pipeline", false),
            (core, "storage", "pipeline", false),
            (core, "server", "kms", true),
            (core, "rotators", "sigv4", true),
            (core, "rotators", "pipeline", false),
            (core, "unknown", "base", false),
            (service, "kms", "pipeline", true),
            (service, "kms", "sts-api", true),
            (service, "kms", "sts", false),
            (service, "kms", "server", false),
            (api, "kms-api", "wire", true),
            (api, "kms-api", "pipeline", false),
        ] {
            assert_eq!(may_use(folder, from, to), expected, "{from} -> {to}");
        }
        for (folder, from, to, expected) in [
            (core, "policy", "ipnet", true),
            (core, "policy", "tokio", false),
            (core, "pipeline", "tokio", true),
            (core, "server", "ring", false),
            (service, "kms", "hyper", false),
            (service, "kms", "serde", true),
            (api, "kms-api", "tokio", false),
        ] {
            assert_eq!(may_link(folder, from, to), expected, "{from} -> {to}");
        }
    }
}
