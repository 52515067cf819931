//! Every `.rs` file is reached from a crate's root by `mod`.

use super::Source;
use cargo_metadata::Metadata;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// Files that no `mod` reaches. Programs that must not compile (`tests/fail`) are read by their test.
pub fn findings(metadata: &Metadata, sources: &[Source]) -> Vec<String> {
    let texts: BTreeMap<&Path, &str> = sources
        .iter()
        .map(|source| (source.path.as_path(), source.text.as_str()))
        .collect();
    let mut reached = BTreeSet::new();
    for package in &metadata.packages {
        for target in &package.targets {
            let root = target.src_path.as_std_path();
            reach(root, root.parent().unwrap_or(root), &texts, &mut reached);
        }
    }
    let alone =
        |source: &&Source| !reached.contains(&source.path) && !must_not_compile(&source.path);
    let orphans = sources.iter().filter(alone);
    orphans
        .map(|source| source.finding(1, "no `mod` reaches this file"))
        .collect()
}

fn must_not_compile(path: &Path) -> bool {
    path.parent()
        .is_some_and(|folder| folder.ends_with("tests/fail"))
}

/// Follows the `mod` lines of `file`, whose modules are files in `folder`.
fn reach(
    file: &Path,
    folder: &Path,
    texts: &BTreeMap<&Path, &str>,
    reached: &mut BTreeSet<PathBuf>,
) {
    let Some(text) = texts.get(file) else { return };
    if !reached.insert(file.to_owned()) {
        return;
    }
    for name in text.lines().filter_map(module) {
        let inner = folder.join(name);
        reach(&inner.with_extension("rs"), &inner, texts, reached);
        reach(&inner.join("mod.rs"), &inner, texts, reached);
    }
}

/// The name in a line `mod name;`.
fn module(line: &str) -> Option<&str> {
    let line = line.trim().strip_suffix(';')?;
    let (before, name) = line.rsplit_once("mod ")?;
    let before = before.trim();
    let visible = before.is_empty() || before == "pub" || before.starts_with("pub(");
    visible.then(|| name.strip_prefix("r#").unwrap_or(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modules() {
        for (line, expected) in [
            ("mod a;", Some("a")),
            ("pub(crate) mod r#gen;", Some("gen")),
            ("mod tests {", None),
            ("// the mod a;", None),
        ] {
            assert_eq!(module(line), expected, "{line}");
        }
    }

    #[test]
    fn follows_modules_into_folders() {
        let texts = [
            ("/s/lib.rs", "mod a;"),
            ("/s/a.rs", "pub mod b;"),
            ("/s/a/b.rs", ""),
            ("/s/c.rs", ""),
        ];
        let texts = texts.map(|(path, text)| (Path::new(path), text)).into();
        let mut reached = BTreeSet::new();
        reach(
            Path::new("/s/lib.rs"),
            Path::new("/s"),
            &texts,
            &mut reached,
        );
        assert_eq!(
            reached,
            ["/s/a.rs", "/s/a/b.rs", "/s/lib.rs"]
                .map(PathBuf::from)
                .into()
        );
    }
}
