//! The pure crates have no IO, no async, no clock, no environment.

use super::Source;
use crate::workspace;

/// Crates that only compute.
pub const PURE: [&str; 4] = ["base", "wire", "sigv4", "policy"];

const IMPURE: [&str; 8] = [
    "std::fs",
    "std::env",
    "std::process",
    "std::thread",
    "std::net::Tcp",
    "SystemTime",
    "Instant::now",
    "async fn",
];

/// Lines of a pure crate, outside its tests, that reach out of it.
pub fn findings(source: &Source) -> Vec<String> {
    let pure = |name: &&str| {
        source
            .path
            .starts_with(workspace::root().join("crates").join(name).join("src"))
    };
    if !PURE.iter().any(pure) {
        return Vec::new();
    }
    let code = source
        .text
        .lines()
        .take_while(|line| line.trim() != "#[cfg(test)]");
    code.enumerate()
        .filter(|(_, line)| !line.trim_start().starts_with("//"))
        .filter_map(|(at, line)| {
            let impure = IMPURE.iter().find(|word| line.contains(*word))?;
            Some(source.finding(at + 1, &format!("`{impure}` in a pure crate")))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_pure_crates_and_only_outside_tests() {
        for (path, text, expected) in [
            ("crates/base/src/a.rs", "use std::fs;\n", 1),
            (
                "crates/base/src/a.rs",
                "// std::fs\n#[cfg(test)]\nuse std::fs;\n",
                0,
            ),
            ("crates/storage/src/a.rs", "use std::fs;\n", 0),
        ] {
            let path = workspace::root().join(path);
            let source = Source {
                path,
                text: text.into(),
            };
            assert_eq!(findings(&source).len(), expected, "{text}");
        }
    }
}
