//! Who may change what a function runs: nobody but root and the server's own user.
//!
//! Whoever else may write to a file of it, or to a folder on the way there, has programs run under the function's role.

use std::fs::Metadata;
use std::os::unix::fs::MetadataExt;
use std::path::{Component, Path, PathBuf};

use crate::failure::Failure;

/// Write permission of others than the owner.
const WRITERS: u32 = 0o022;
/// In such a folder nobody takes the place of what is another's.
const STICKY: u32 = 0o1000;
/// Links that are followed to one file.
const MOST_LINKS: u32 = 40;

/// Refuses a path that somebody else may change, or any folder or link on the way there, from the root on.
///
/// # Errors
/// Somebody may, or it is not there.
pub(super) fn refuse_foreign_path(path: &Path) -> Result<(), Failure> {
    let path = std::path::absolute(path).map_err(Failure::file(path))?;
    let (mut at, mut links) = (PathBuf::from("/"), 0);
    check(&at)?;
    let mut left: Vec<PathBuf> = parts(&path);
    while let Some(part) = left.pop() {
        if part == Path::new("..") {
            at.pop();
            continue;
        }
        let next = at.join(&part);
        if !check(&next)?.is_symlink() {
            at = next;
            continue;
        }
        links += 1;
        if links > MOST_LINKS {
            return Err(refused(&path, "it leads through too many links"));
        }
        let target = std::fs::read_link(&next).map_err(Failure::file(&next))?;
        if target.is_absolute() {
            at = PathBuf::from("/");
        }
        left.extend(parts(&target));
    }
    Ok(())
}

/// The parts of a path, the first one last.
fn parts(path: &Path) -> Vec<PathBuf> {
    let parts = path.components().rev().filter_map(|part| match part {
        Component::Normal(name) => Some(PathBuf::from(name)),
        Component::ParentDir => Some(PathBuf::from("..")),
        Component::CurDir | Component::RootDir | Component::Prefix(_) => None,
    });
    parts.collect()
}

/// Refuses a folder in which somebody else may change anything. What links in it lead to is looked at on the way there.
///
/// # Errors
/// Somebody may, or it cannot be looked at.
pub(super) fn refuse_foreign_within(folder: &Path) -> Result<(), Failure> {
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        let entries = std::fs::read_dir(&folder).map_err(Failure::file(&folder))?;
        for entry in entries {
            let path = entry.map_err(Failure::file(&folder))?.path();
            let metadata = check(&path)?;
            if metadata.is_dir() {
                folders.push(path);
            } else if metadata.is_symlink() && path.exists() {
                refuse_foreign_path(&path)?;
            }
        }
    }
    Ok(())
}

fn check(path: &Path) -> Result<Metadata, Failure> {
    let metadata = path.symlink_metadata().map_err(Failure::file(path))?;
    let own = rustix::process::geteuid().as_raw();
    let owner = metadata.uid();
    if owner != 0 && owner != own {
        let why = format!(
            "user {owner} owns it and could have programs run under the function's role: give it to root or to the \
             server's user with chown"
        );
        return Err(refused(path, &why));
    }
    let mode = metadata.mode();
    let closed = mode & WRITERS == 0 || (metadata.is_dir() && mode & STICKY != 0);
    // A link has no mode of its own.
    match closed || metadata.is_symlink() {
        true => Ok(metadata),
        false => Err(refused(
            path,
            "others than its owner may write to it: close it with chmod go-w",
        )),
    }
}

fn refused(path: &Path, why: &str) -> Failure {
    Failure::Refused(format!("{}: {why}", path.display()))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::{PermissionsExt, chown, symlink};

    use super::*;

    fn chmod(path: &Path, mode: u32) {
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
    }

    /// A folder `a/b` with a file in it, closed to all others.
    fn folder() -> (tempfile::TempDir, PathBuf) {
        let root = tempfile::tempdir().unwrap();
        let folder = root.path().join("a/b");
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join("code"), "x").unwrap();
        for path in ["a", "a/b", "a/b/code"] {
            chmod(&root.path().join(path), 0o755);
        }
        (root, folder)
    }

    fn said(outcome: Result<(), Failure>) -> String {
        outcome.map_or_else(|failure| failure.to_string(), |()| "fine".to_owned())
    }

    #[test]
    fn every_folder_on_the_way_is_looked_at() {
        let (root, folder) = folder();
        let file = folder.join("code");
        assert_eq!(said(refuse_foreign_path(&file)), "fine");
        for part in ["a", "a/b", "a/b/code"] {
            for mode in [0o775, 0o757] {
                let open = root.path().join(part);
                chmod(&open, mode);
                let told = said(refuse_foreign_path(&file));
                assert!(
                    told.starts_with(&format!("{}: others", open.display())),
                    "{told}"
                );
                chmod(&open, 0o755);
            }
        }
        // As /tmp: nobody takes the place of what is another's.
        chmod(&root.path().join("a"), 0o1777);
        assert_eq!(said(refuse_foreign_path(&file)), "fine");
        assert_ne!(said(refuse_foreign_path(&folder.join("none"))), "fine");
    }

    #[test]
    fn links_are_followed() {
        let (root, folder) = folder();
        let (link, other) = (root.path().join("link"), root.path().join("other"));
        symlink(&folder, &link).unwrap();
        symlink("a/../link/../b/code", &other).unwrap();
        assert_eq!(said(refuse_foreign_path(&other)), "fine");
        chmod(&folder, 0o777);
        for path in [&other, &link, &link.join("code")] {
            let told = said(refuse_foreign_path(path));
            assert!(told.starts_with(&folder.display().to_string()), "{told}");
        }
        chmod(&folder, 0o755);
        let circle = root.path().join("circle");
        symlink(&circle, &circle).unwrap();
        assert!(said(refuse_foreign_path(&circle)).contains("too many links"));
    }

    #[test]
    fn everything_in_it_is_looked_at() {
        let (root, folder) = folder();
        let above = root.path().join("a");
        symlink("nowhere", above.join("broken")).unwrap();
        assert_eq!(said(refuse_foreign_within(&above)), "fine");
        chmod(&folder.join("code"), 0o666);
        let told = said(refuse_foreign_within(&above));
        assert!(told.contains("code: others"), "{told}");
        chmod(&folder.join("code"), 0o644);
        let elsewhere = root.path().join("elsewhere");
        std::fs::write(&elsewhere, "x").unwrap();
        chmod(&elsewhere, 0o646);
        symlink(&elsewhere, folder.join("module.py")).unwrap();
        let told = said(refuse_foreign_within(&above));
        assert!(told.starts_with(&elsewhere.display().to_string()), "{told}");
    }

    #[test]
    fn owners_are_root_and_the_server() {
        let (root, folder) = folder();
        let file = folder.join("code");
        // Only root gives files away: for others there is nothing else to see.
        if chown(root.path().join("a"), Some(12_345), None).is_err() {
            assert!(!rustix::process::geteuid().is_root());
            assert_eq!(said(refuse_foreign_path(&file)), "fine");
            return;
        }
        let told = said(refuse_foreign_path(&file));
        assert!(told.contains("user 12345 owns it"), "{told}");
        chown(root.path().join("a"), Some(0), None).unwrap();
        assert_eq!(said(refuse_foreign_path(&file)), "fine");
    }
}
