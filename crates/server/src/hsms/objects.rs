//! Objects of SoftHSM tokens as files: how a key that was made in one token comes to be in its copies.
//!
//! All tokens of a cluster are copies of one, and so have one key of their own under which each object's value is encrypted
//! (it is kept in `token.object`, under the PINs). An object's file means the same in each of them, and nothing to anybody
//! else: this is how an HSM of AWS CloudHSM gives a key to the others of its cluster, too.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::{DirBuilderExt, FileExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::time::Duration;

use crypto::hsm::HsmFailure;
use rustix::fs::FlockOperation;

use super::files::{self, failed};
use super::folders::TOKENS;

/// What a token is, apart from what is in it.
const TOKEN: &str = "token.object";
/// A number that grows with every change: by it others see that they must look again.
const GENERATION: &str = "generation";
const OBJECT: &str = "object";
const LOCK: &str = "lock";
/// What was kept of it.
const KEPT: &str = "token.kept";
/// Bytes of the number that a record begins with.
const NUMBER: usize = 8;
/// How often a record must be seen cut short: who is writing it is done much sooner.
const STILL: usize = 10;
/// How often a file that somebody else has locked is tried.
const TRIES: usize = 50;
const PAUSE: Duration = Duration::from_millis(20);

/// The token at `hsm`, without what is in it, at `to`, where nothing else is.
pub(crate) fn copy_empty(hsm: &Path, to: &Path) -> Result<(), HsmFailure> {
    let copy = || {
        let from = token_of(hsm)?;
        let name = from.file_name().ok_or(ErrorKind::InvalidInput)?;
        let to = to.join(TOKENS).join(name);
        DirBuilder::new().recursive(true).mode(0o700).create(&to)?;
        for file in [TOKEN, GENERATION] {
            let source = locked(&from.join(file), FlockOperation::NonBlockingLockShared)?;
            fs::copy(from.join(file), to.join(file))?;
            drop(source);
        }
        Ok(())
    };
    files::remove_folder(to)?;
    copy().map_err(failed(to))?;
    files::configure(to, &to.join(TOKENS)).map(|_| ())
}

/// Keeps the record of the token at `hsm`, in which somebody has just logged in: SoftHSM empties and rewrites it at every
/// login, and loses the token when its process ends in between.
pub(crate) fn keep_record(hsm: &Path) -> Result<(), HsmFailure> {
    let keep = || {
        let record = token_of(hsm)?.join(TOKEN);
        let source = locked(&record, FlockOperation::NonBlockingLockShared)?;
        let (bytes, kept) = (fs::read(&record)?, hsm.join(KEPT));
        drop(source);
        match bytes.is_empty() || fs::read(&kept).is_ok_and(|it| it == bytes) {
            true => Ok(()),
            false => replace(&kept, &bytes),
        }
    };
    keep().map_err(failed(hsm))
}

/// Brings back the record that was kept, if the token's own was cut short and nobody is writing it.
pub(crate) fn mend_record(hsm: &Path) -> Result<(), HsmFailure> {
    let mend = || {
        let Ok(kept) = fs::read(hsm.join(KEPT)) else {
            return Ok(());
        };
        let record = token_of(hsm)?.join(TOKEN);
        for _ in 0..STILL {
            if !is_cut(&record, &kept)? {
                return Ok(());
            }
            // Who writes it is SoftHSM in another process, which tells nobody when it is done. This is a thread for work
            // that blocks.
            std::thread::sleep(PAUSE);
        }
        tracing::warn!(hsm = %hsm.display(), "the record of a token was cut short, and is brought back");
        replace(&record, &kept)
    };
    mend().map_err(failed(hsm))
}

/// Refuses a token whose record is cut short and cannot be brought back: nothing shall be made of it.
pub(crate) fn check_record(hsm: &Path) -> Result<(), HsmFailure> {
    mend_record(hsm)?;
    let length = token_of(hsm).and_then(|token| Ok(token.join(TOKEN).metadata()?.len()));
    match length.map_err(failed(hsm))? {
        0 => Err(HsmFailure("the record of a token is empty".to_owned())),
        _ => Ok(()),
    }
}

fn is_cut(record: &Path, kept: &[u8]) -> io::Result<bool> {
    Ok(begins_only(&fs::read(record)?, kept))
}

/// Whether a record is no more than the beginning of what was kept, behind its number, which grows with every change. One
/// that is short, and another, was made anew by its owner (C_InitToken).
fn begins_only(record: &[u8], kept: &[u8]) -> bool {
    let shorter = record.len() < kept.len();
    match (record.get(NUMBER..), kept.get(NUMBER..)) {
        (Some(record), Some(kept)) => shorter && kept.starts_with(record),
        (Some(_), None) => false,
        (None, _) => shorter,
    }
}

/// Writes a file anew, whole or not at all.
fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let unfinished = path.with_extension("unfinished");
    let mut file = new_file(&unfinished)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&unfinished, path)?;
    let folder = path.parent().ok_or(ErrorKind::InvalidInput)?;
    File::open(folder)?.sync_all()
}

/// Puts the only object of the token at `made` into the token at `hsm`, for good.
pub(crate) fn put_object(made: &Path, hsm: &Path) -> Result<(), HsmFailure> {
    let put = || {
        let object = only_object(&token_of(made)?)?;
        let token = token_of(hsm)?;
        let name = object.file_name().ok_or(ErrorKind::InvalidInput)?;
        let target = token.join(name);
        // SoftHSM does not destroy an object that has no such file.
        new_file(&target.with_extension(LOCK))?;
        replace(&target, &fs::read(&object)?)?;
        tell(&token)
    };
    put().map_err(failed(hsm))
}

fn new_file(path: &Path) -> io::Result<File> {
    let mut file = OpenOptions::new();
    let file = file.write(true).create(true).truncate(true).mode(0o600);
    file.open(path)
}

/// The folder of the one token at `hsm`.
fn token_of(hsm: &Path) -> io::Result<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(hsm.join(TOKENS))? {
        let path = entry?.path();
        if path.join(TOKEN).is_file() {
            found.push(path);
        }
    }
    one(found)
}

fn only_object(token: &Path) -> io::Result<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(token)? {
        let path = entry?.path();
        let object = path.extension().is_some_and(|it| it == OBJECT);
        if object && path.file_name().is_some_and(|name| name != TOKEN) {
            found.push(path);
        }
    }
    one(found)
}

fn one(mut found: Vec<PathBuf>) -> io::Result<PathBuf> {
    match (found.pop(), found.is_empty()) {
        (Some(only), true) => Ok(only),
        _ => Err(io::Error::other("there is not one of it")),
    }
}

/// Tells every process that has the token open to look at it again, as SoftHSM does.
fn tell(token: &Path) -> io::Result<()> {
    let path = token.join(GENERATION);
    let file = locked(&path, FlockOperation::NonBlockingLockExclusive)?;
    let mut number = [0; 8];
    match file.read_exact_at(&mut number, 0) {
        Err(error) if error.kind() != ErrorKind::UnexpectedEof => return Err(error),
        _ => {}
    }
    let next = u64::from_be_bytes(number).checked_add(1).unwrap_or(1);
    file.write_all_at(&next.to_be_bytes(), 0)?;
    file.sync_all()
}

/// The file, once nobody else has locked it. It is tried again and again, as waiting in the kernel (`F_SETLKW`) has no end of
/// its own, and the token's owner may keep a lock for ever. This is a thread for work that blocks.
fn locked(path: &Path, how: FlockOperation) -> io::Result<File> {
    let file = OpenOptions::new().read(true).write(true).open(path)?;
    for _ in 0..TRIES {
        match rustix::fs::fcntl_lock(&file, how) {
            Ok(()) => return Ok(file),
            Err(rustix::io::Errno::AGAIN | rustix::io::Errno::ACCESS) => std::thread::sleep(PAUSE),
            Err(error) => return Err(error.into()),
        }
    }
    Err(io::Error::other("somebody has locked it for too long"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token(folder: &Path) -> PathBuf {
        let token = folder.join(TOKENS).join("t");
        fs::create_dir_all(&token).unwrap();
        fs::write(token.join(TOKEN), "token").unwrap();
        fs::write(token.join(GENERATION), 7u64.to_be_bytes()).unwrap();
        fs::write(token.join("a.object"), "of somebody else").unwrap();
        token
    }

    #[test]
    fn one_object_goes_from_a_copy_to_all() {
        let folder = tempfile::tempdir().unwrap();
        let (hsm, made) = (folder.path().join("hsm"), folder.path().join("made"));
        let token = token(&hsm);
        for _ in 0..2 {
            copy_empty(&hsm, &made).unwrap();
        }
        let copy = made.join(TOKENS).join("t");
        assert!(copy.join(TOKEN).exists() && !copy.join("a.object").exists());
        assert!(put_object(&made, &hsm).is_err(), "nothing was made");
        fs::write(copy.join("b.object"), "new").unwrap();
        put_object(&made, &hsm).unwrap();
        assert_eq!(fs::read_to_string(token.join("b.object")).unwrap(), "new");
        assert!(token.join("b.lock").exists());
        let generation = fs::read(token.join(GENERATION)).unwrap();
        assert_eq!(generation, 8u64.to_be_bytes());
        fs::write(copy.join("c.object"), "another").unwrap();
        assert!(
            put_object(&made, &hsm).is_err(),
            "which it is cannot be told"
        );
    }

    /// A record: a number, and what is in it.
    fn numbered(number: u64, rest: &str) -> Vec<u8> {
        [&number.to_be_bytes(), rest.as_bytes()].concat()
    }

    #[test]
    fn a_record_that_was_cut_short_is_brought_back_and_no_other() {
        let folder = tempfile::tempdir().unwrap();
        let hsm = folder.path().join("hsm");
        let record = token(&hsm).join(TOKEN);
        let read = || fs::read(&record).unwrap();
        let (first, second) = (numbered(1, "token"), numbered(2, "tokeN"));
        fs::write(&record, &first).unwrap();
        mend_record(&hsm).unwrap();
        keep_record(&hsm).unwrap();
        fs::write(&record, "").unwrap();
        keep_record(&hsm).unwrap();
        mend_record(&hsm).unwrap();
        assert_eq!(read(), first);
        fs::write(&record, &second).unwrap();
        mend_record(&hsm).unwrap();
        assert_eq!(read(), second, "another PIN");
        keep_record(&hsm).unwrap();
        for cut in [numbered(3, "tok"), numbered(3, ""), vec![0; 7]] {
            fs::write(&record, &cut).unwrap();
            mend_record(&hsm).unwrap();
            assert_eq!(read(), second);
        }
    }

    #[test]
    fn a_record_that_its_owner_made_anew_stays() {
        let folder = tempfile::tempdir().unwrap();
        let hsm = folder.path().join("hsm");
        let record = token(&hsm).join(TOKEN);
        fs::write(&record, numbered(7, "officer and user")).unwrap();
        keep_record(&hsm).unwrap();
        let reset = numbered(9, "another");
        fs::write(&record, &reset).unwrap();
        mend_record(&hsm).unwrap();
        assert_eq!(fs::read(&record).unwrap(), reset);
        keep_record(&hsm).unwrap();
        fs::write(&record, "").unwrap();
        mend_record(&hsm).unwrap();
        assert_eq!(fs::read(&record).unwrap(), reset);
    }

    #[test]
    fn nothing_is_made_of_an_empty_record() {
        let folder = tempfile::tempdir().unwrap();
        let hsm = folder.path().join("hsm");
        let record = token(&hsm).join(TOKEN);
        check_record(&hsm).unwrap();
        fs::write(&record, "").unwrap();
        assert!(check_record(&hsm).is_err(), "nothing was kept");
        fs::write(&record, numbered(1, "token")).unwrap();
        keep_record(&hsm).unwrap();
        fs::write(&record, "").unwrap();
        check_record(&hsm).unwrap();
        assert_eq!(fs::read(&record).unwrap(), numbered(1, "token"));
    }
}
