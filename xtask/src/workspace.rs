//! Where things are in the workspace.

use crate::outcome::{During, Outcome};
use cargo_metadata::{Metadata, MetadataCommand};
use std::path::{Path, PathBuf};

/// The folder that holds the workspace's `Cargo.toml`.
pub fn root() -> &'static Path {
    let xtask = Path::new(env!("CARGO_MANIFEST_DIR"));
    xtask.parent().unwrap_or(xtask)
}

/// What cargo knows of the workspace's own packages.
pub fn metadata() -> Outcome<Metadata> {
    let mut command = MetadataCommand::new();
    command
        .current_dir(root())
        .no_deps()
        .exec()
        .during("cargo metadata")
}

/// The folder of one service.
pub fn service(name: &str) -> PathBuf {
    root().join("services").join(name)
}

/// `chosen`, or every service there is, sorted. Fails for one that is not there.
pub fn services(chosen: &[String]) -> Outcome<Vec<String>> {
    let mut all = Vec::new();
    for path in entries(&root().join("services"))? {
        if let (true, Some(name)) = (path.is_dir(), path.file_name()) {
            all.push(name.to_string_lossy().into_owned());
        }
    }
    if let Some(unknown) = chosen.iter().find(|name| !all.contains(name)) {
        return Err(format!("there is no services/{unknown}").into());
    }
    Ok(if chosen.is_empty() {
        all
    } else {
        chosen.to_vec()
    })
}

/// What a folder holds, sorted.
pub fn entries(folder: &Path) -> Outcome<Vec<PathBuf>> {
    let mut paths = Vec::new();
    for entry in std::fs::read_dir(folder).during(folder.display())? {
        paths.push(entry.during(folder.display())?.path());
    }
    paths.sort();
    Ok(paths)
}

/// Every file under a folder whose name ends in `.extension`, sorted.
pub fn files(folder: &Path, extension: &str) -> Outcome<Vec<PathBuf>> {
    let mut found = Vec::new();
    for path in entries(folder)? {
        if path.is_dir() {
            found.extend(files(&path, extension)?);
        } else if path.extension().is_some_and(|it| it == extension) {
            found.push(path);
        }
    }
    Ok(found)
}
