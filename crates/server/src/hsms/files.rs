//! The files of tokens: copied whole or not at all.

use std::fs::{self, DirBuilder, File};
use std::io::{self, ErrorKind};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

use crypto::hsm::HsmFailure;

const CONFIGURATION: &str = "softhsm2.conf";

fn failed(path: &Path) -> impl FnOnce(io::Error) -> HsmFailure {
    let path = path.to_path_buf();
    move |error| HsmFailure(format!("{}: {error}", path.display()))
}

fn make_folder(path: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(path)
}

/// The configuration of the token in `folder`, written if it is not there or says something else.
pub(super) fn configure(folder: &Path, tokens: &Path) -> Result<PathBuf, HsmFailure> {
    let path = folder.join(CONFIGURATION);
    let text = format!(
        "directories.tokendir = {}\nobjectstore.backend = file\nlog.level = ERROR\n",
        tokens.display()
    );
    if fs::read_to_string(&path).is_ok_and(|it| it == text) {
        return Ok(path);
    }
    let write = || {
        make_folder(tokens)?;
        let unfinished = path.with_extension("unfinished");
        fs::write(&unfinished, text)?;
        File::open(&unfinished)?.sync_all()?;
        fs::rename(&unfinished, &path)?;
        File::open(folder)?.sync_all()
    };
    write().map_err(failed(&path))?;
    Ok(path)
}

/// Copies a folder; one that is there already is left as it is. A crash leaves the whole copy or none.
pub(super) fn copy_folder(from: &Path, to: &Path) -> Result<(), HsmFailure> {
    if to.exists() {
        return Ok(());
    }
    let copy = || {
        let parent = to.parent().ok_or(ErrorKind::InvalidInput)?;
        make_folder(parent)?;
        let unfinished = to.with_extension("unfinished");
        remove(&unfinished)?;
        copy_all(from, &unfinished)?;
        fs::rename(&unfinished, to)?;
        File::open(parent)?.sync_all()
    };
    copy().map_err(failed(to))
}

fn copy_all(from: &Path, to: &Path) -> io::Result<()> {
    make_folder(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy_all(&entry.path(), &target)?;
        } else {
            fs::copy(entry.path(), &target)?;
            File::open(&target)?.sync_all()?;
        }
    }
    File::open(to)?.sync_all()
}

/// Removes a folder with everything in it, if it is there.
pub(super) fn remove_folder(path: &Path) -> Result<(), HsmFailure> {
    remove(path).map_err(failed(path))
}

fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_dir_all(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_are_copied_once_and_removed_for_good() {
        let folder = tempfile::tempdir().unwrap();
        let (from, to) = (folder.path().join("from"), folder.path().join("a/to"));
        fs::create_dir_all(from.join("deep")).unwrap();
        fs::write(from.join("deep/file"), "content").unwrap();
        copy_folder(&from, &to).unwrap();
        fs::write(from.join("deep/file"), "changed").unwrap();
        copy_folder(&from, &to).unwrap();
        assert_eq!(fs::read_to_string(to.join("deep/file")).unwrap(), "content");
        assert!(copy_folder(&folder.path().join("none"), &folder.path().join("b")).is_err());
        remove_folder(&to).unwrap();
        remove_folder(&to).unwrap();
        assert!(!to.exists());
    }
}
