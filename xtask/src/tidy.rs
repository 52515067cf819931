//! `cargo x tidy`: rules of the project that no compiler holds.

mod dependencies;
mod headers;
mod lengths;
mod orphans;
mod purity;

use crate::r#gen::MARK;
use crate::outcome::{During, Outcome};
use crate::workspace;
use cargo_metadata::Metadata;
use std::path::PathBuf;

/// One `.rs` file of the project.
struct Source {
    path: PathBuf,
    text: String,
}

impl Source {
    fn generated(&self) -> bool {
        self.text.starts_with(MARK)
    }

    /// Says what is wrong with a line, counted from 1.
    fn finding(&self, line: usize, what: &str) -> String {
        let path = self
            .path
            .strip_prefix(workspace::root())
            .unwrap_or(&self.path);
        format!("{}:{line}: {what}", path.display())
    }
}

/// Fails with everything that is not tidy.
pub fn run() -> Outcome {
    let findings = findings()?;
    if findings.is_empty() {
        return Ok(());
    }
    Err(format!("not tidy:\n{}", findings.join("\n")).into())
}

fn findings() -> Outcome<Vec<String>> {
    let metadata = workspace::metadata()?;
    let sources = sources(&metadata)?;
    let mut findings = Vec::new();
    for source in &sources {
        findings.extend(headers::findings(source));
        findings.extend(lengths::findings(source));
        findings.extend(purity::findings(source));
    }
    findings.extend(orphans::findings(&metadata, &sources));
    findings.extend(dependencies::findings(&metadata));
    Ok(findings)
}

/// Every `.rs` file of every package.
fn sources(metadata: &Metadata) -> Outcome<Vec<Source>> {
    let mut sources = Vec::new();
    for package in &metadata.packages {
        let folder = package
            .manifest_path
            .parent()
            .ok_or("a package without folder")?;
        for part in ["src", "tests", "benches", "examples"] {
            let part = folder.join(part).into_std_path_buf();
            let paths = if part.is_dir() {
                workspace::files(&part, "rs")?
            } else {
                Vec::new()
            };
            for path in paths {
                let text = std::fs::read_to_string(&path).during(path.display())?;
                sources.push(Source { path, text });
            }
        }
    }
    Ok(sources)
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_project_is_tidy() {
        let findings = super::findings().unwrap();
        assert!(findings.is_empty(), "{}", findings.join("\n"));
    }
}
