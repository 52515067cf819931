//! The files of tokens: copied whole or not at all.

use std::collections::BTreeMap;
use std::fs::{self, DirBuilder, File};
use std::io::{self, ErrorKind};
use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use crypto::hsm::HsmFailure;
use rustix::fs::FlockOperation;

pub(super) const CONFIGURATION: &str = "softhsm2.conf";

pub(super) fn failed(path: &Path) -> impl FnOnce(io::Error) -> HsmFailure {
    let path = path.to_path_buf();
    move |error| HsmFailure(format!("{}: {error}", path.display()))
}

/// Makes a folder and those it lies in, each on disk with its name.
fn make_folder(path: &Path) -> io::Result<()> {
    if path.is_dir() {
        return Ok(());
    }
    let parent = path.parent().ok_or(ErrorKind::InvalidInput)?;
    make_folder(parent)?;
    match DirBuilder::new().mode(0o700).create(path) {
        Err(error) if error.kind() != ErrorKind::AlreadyExists => return Err(error),
        _ => {}
    }
    File::open(parent)?.sync_all()
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

/// How often a token whose owner writes to it is tried to be copied.
const TRIES: usize = 50;
/// Longer than a file system may take two instants for one.
const PAUSE: Duration = Duration::from_millis(20);

/// Copies a folder; one that is there already is left as it is. A crash leaves the whole copy or none, and the copy is what
/// the folder was at one instant, though its owner may write to it meanwhile.
pub(super) fn copy_folder(from: &Path, to: &Path) -> Result<(), HsmFailure> {
    if to.exists() {
        return Ok(());
    }
    let copy = || {
        let parent = to.parent().ok_or(ErrorKind::InvalidInput)?;
        make_folder(parent)?;
        let unfinished = to.with_extension("unfinished");
        copy_still(from, &unfinished)?;
        fs::rename(&unfinished, to)?;
        File::open(parent)?.sync_all()
    };
    copy().map_err(failed(to))
}

/// Copies `from` as it is while nobody writes to it: again from the start when somebody did.
fn copy_still(from: &Path, to: &Path) -> io::Result<()> {
    for _ in 0..TRIES {
        remove(to)?;
        let before = State::of(from)?;
        let copied = match before.is_quiet(SystemTime::now()) {
            true => copy_all(from, to),
            false => Err(ErrorKind::WouldBlock.into()),
        };
        match copied {
            Ok(()) if State::of(from)? == before => return Ok(()),
            // A file is being written, or was removed after it was listed.
            Err(error) if !is_passing(&error) => return Err(error),
            // Nothing tells when SoftHSM, in a process of somebody else's, is done: there is only looking again. This is
            // a thread for work that blocks (`Duty::on_hsms`), with no lock held.
            _ => std::thread::sleep(PAUSE),
        }
    }
    Err(io::Error::other(
        "somebody writes to it without a pause; it is copied when they do not",
    ))
}

fn is_passing(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::NotFound)
}

/// What tells of a change to a folder: every file in it, how long it is, and when it was written last.
#[derive(Debug, PartialEq, Eq)]
struct State(BTreeMap<PathBuf, (u64, u64, SystemTime)>);

impl State {
    fn of(folder: &Path) -> io::Result<Self> {
        let mut files = BTreeMap::new();
        Self::add(folder, &mut files)?;
        Ok(Self(files))
    }

    fn add(folder: &Path, files: &mut BTreeMap<PathBuf, (u64, u64, SystemTime)>) -> io::Result<()> {
        for entry in fs::read_dir(folder)? {
            let entry = entry?;
            let metadata = match entry.metadata() {
                // Removed after it was listed.
                Err(error) if error.kind() == ErrorKind::NotFound => continue,
                told => told?,
            };
            if metadata.is_dir() {
                Self::add(&entry.path(), files)?;
            }
            let state = (metadata.ino(), metadata.len(), metadata.modified()?);
            files.insert(entry.path(), state);
        }
        Ok(())
    }

    /// Whether nothing was written so shortly before `now` that another change would not be seen.
    fn is_quiet(&self, now: SystemTime) -> bool {
        let quiet = |written: &SystemTime| match now.duration_since(*written) {
            Ok(since) => since >= PAUSE,
            // Written in the future: by a clock that was set back, and not just now.
            Err(ahead) => ahead.duration() >= PAUSE,
        };
        self.0.values().all(|(_, _, written)| quiet(written))
    }
}

fn copy_all(from: &Path, to: &Path) -> io::Result<()> {
    make_folder(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy_all(&entry.path(), &target)?;
        } else {
            // SoftHSM locks what it writes; whoever holds the lock has not finished.
            let file = File::open(entry.path())?;
            rustix::fs::fcntl_lock(&file, FlockOperation::NonBlockingLockShared)?;
            fs::copy(entry.path(), &target)?;
            File::open(&target)?.sync_all()?;
        }
    }
    File::open(to)?.sync_all()
}

/// Removes a folder with everything in it, if it is there.
pub(crate) fn remove_folder(path: &Path) -> Result<(), HsmFailure> {
    remove(path).map_err(failed(path))
}

fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_dir_all(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// As `remove_folder`, though processes that are about to end may still write to it: those of a server that was killed.
pub(super) fn remove_left(path: &Path) -> Result<(), HsmFailure> {
    for _ in 0..TRIES {
        match remove(path) {
            Err(error) if error.kind() == ErrorKind::DirectoryNotEmpty => {
                // They are no children of this process, so nothing tells when they have ended. This is the start of the
                // server: nothing else waits for this thread.
                std::thread::sleep(PAUSE);
            }
            done => return done.map_err(failed(path)),
        }
    }
    remove_folder(path)
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

    /// Two files that are always written one after the other, as the halves of a key pair are.
    #[test]
    fn a_copy_is_of_one_instant_while_its_owner_writes() {
        let folder = tempfile::tempdir().unwrap();
        let (from, to) = (folder.path().join("from"), folder.path().join("to"));
        fs::create_dir_all(&from).unwrap();
        let write = |number: usize| {
            fs::write(from.join("a"), number.to_string()).unwrap();
            fs::write(from.join("b"), number.to_string()).unwrap();
        };
        write(0);
        std::thread::scope(|scope| {
            // As the worker does that copies: again when it was not possible.
            let copied = scope.spawn(|| while copy_folder(&from, &to).is_err() {});
            for number in 1..2000 {
                write(number);
            }
            copied.join().unwrap();
        });
        let read = |name: &str| fs::read_to_string(to.join(name)).unwrap();
        assert_eq!(read("a"), read("b"));
    }

    #[test]
    fn what_is_being_written_or_was_just_now_is_not_copied() {
        let folder = tempfile::tempdir().unwrap();
        let (from, to) = (folder.path().join("from"), folder.path().join("to"));
        fs::create_dir_all(&from).unwrap();
        fs::write(from.join("a"), "content").unwrap();
        let file = File::options().write(true).open(from.join("a")).unwrap();
        let at = |millis| SystemTime::UNIX_EPOCH + Duration::from_millis(millis);
        file.set_modified(at(1000)).unwrap();
        let before = State::of(&from).unwrap();
        for (now, quiet) in [
            (900, true),
            (999, false),
            (1001, false),
            (1019, false),
            (1020, true),
        ] {
            assert_eq!(before.is_quiet(at(now)), quiet, "{now}");
        }
        file.set_modified(at(1001)).unwrap();
        assert_ne!(State::of(&from).unwrap(), before);
        copy_folder(&from, &to).unwrap();
        assert_eq!(fs::read_to_string(to.join("a")).unwrap(), "content");
    }
}
