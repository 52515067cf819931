//! Moving the root key: from file, passphrase or token to another, while the key ring is in use.
//!
//! The key ring file says in turn: the old root key opens me; either does; the new one does. Each is put in the place of
//! the one before by one rename, so a crash leaves a key ring that at least one of them opens. The old one goes only
//! after the new one has opened what is on disk. The master key stays the same: a copy of an old key ring file and its
//! root key still open everything.

use crate::{KeyRing, RootError, RootKey, StoredRoots, Wrapped, key_ring_file};
use std::path::Path;
use std::sync::MutexGuard;

/// A move that has begun: old and new root key both open the key ring. [`RootMove::finish`] ends it.
#[must_use = "a move that is not finished leaves two root keys"]
pub struct RootMove<'a> {
    ring: &'a KeyRing,
    path: &'a Path,
    new: Wrapped,
    // One move at a time: nobody else changes the file while this is held.
    proven: MutexGuard<'a, Option<Wrapped>>,
}

impl KeyRing {
    /// Lets `to` open the key ring at `path` as well, on disk when this returns. Of a move that was cut short before,
    /// only the root key that opened this key ring stays.
    pub fn begin_move<'a>(
        &'a self,
        path: &'a Path,
        to: &dyn RootKey,
    ) -> Result<RootMove<'a>, RootError> {
        let proven = self.proven();
        let old = proven.clone().ok_or(RootError::Refused(
            "a key ring that is nowhere kept has no root key to move",
        ))?;
        if !key_ring_file::read(path)?.all().any(|it| *it == old) {
            return Err(RootError::Refused(
                "the key ring file is no longer the one this server opened: nothing was changed",
            ));
        }
        let new = to.wrap(self.master())?;
        let both = StoredRoots {
            root: old,
            next: Some(new.clone()),
        };
        key_ring_file::replace(path, both)?;
        Ok(RootMove {
            ring: self,
            path,
            new,
            proven,
        })
    }
}

impl RootMove<'_> {
    /// Opens what is on disk with `fresh`, the new root key as a restarted server would come by it, and only then
    /// takes the old root key away. When it does not open, the new one is taken away instead, and the error says why.
    pub fn finish(mut self, fresh: &dyn RootKey) -> Result<(), RootError> {
        match self.verify(fresh) {
            Ok(()) => {
                self.leave(self.new.clone())?;
                *self.proven = Some(self.new);
                Ok(())
            }
            Err(refused) => {
                self.undo()?;
                Err(refused)
            }
        }
    }

    /// Takes the new root key away again.
    pub fn undo(&self) -> Result<(), RootError> {
        match self.proven.clone() {
            Some(old) => self.leave(old),
            None => Ok(()),
        }
    }

    fn verify(&self, fresh: &dyn RootKey) -> Result<(), RootError> {
        let stored = key_ring_file::read(self.path)?;
        let on_disk = stored.next.filter(|next| *next == self.new);
        let on_disk = on_disk.ok_or(RootError::Refused(
            "the key ring file was changed by somebody else during the move",
        ))?;
        let master = fresh.unwrap(&on_disk)?;
        match base::same_bytes(master.expose(), self.ring.master().expose()) {
            true => Ok(()),
            false => Err(RootError::WrongRoot(fresh.kind())),
        }
    }

    fn leave(&self, root: Wrapped) -> Result<(), RootError> {
        key_ring_file::replace(self.path, StoredRoots { root, next: None })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{KeyFile, Passphrase, RootKind};
    use base::Secret;
    use std::fs;

    fn passphrase(text: &str) -> Passphrase {
        Passphrase::new(Secret::new(text.to_owned())).unwrap()
    }

    fn opens(root: &dyn RootKey, path: &Path, sealed: &[u8]) -> bool {
        KeyRing::open(root, path).is_ok_and(|ring| ring.session_tokens().open(b"", sealed).is_ok())
    }

    #[test]
    fn at_every_step_at_least_one_root_key_opens() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("keyring.json");
        let old = KeyFile::create(&folder.path().join("root.key")).unwrap();
        let new = passphrase("new");
        let ring = KeyRing::create(&old, &path).unwrap();
        let sealed = ring.session_tokens().seal(b"", b"kept").unwrap();

        let moving = ring.begin_move(&path, &new).unwrap();
        assert!(opens(&old, &path, &sealed) && opens(&new, &path, &sealed));
        moving.finish(&passphrase("new")).unwrap();
        assert!(!opens(&old, &path, &sealed) && opens(&new, &path, &sealed));

        let back = ring.begin_move(&path, &old).unwrap();
        assert!(opens(&old, &path, &sealed) && opens(&new, &path, &sealed));
        back.finish(&old).unwrap();
        assert!(opens(&old, &path, &sealed) && !opens(&new, &path, &sealed));
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2);
    }

    #[test]
    fn a_new_root_key_that_does_not_open_is_taken_away() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("keyring.json");
        let old = KeyFile::create(&folder.path().join("root.key")).unwrap();
        let ring = KeyRing::create(&old, &path).unwrap();
        let before = fs::read(&path).unwrap();
        let moving = ring.begin_move(&path, &passphrase("as typed")).unwrap();
        let refused = moving.finish(&passphrase("as kept")).unwrap_err();
        assert!(matches!(
            refused,
            RootError::WrongRoot(RootKind::Passphrase)
        ));
        assert_eq!(fs::read(&path).unwrap(), before);
        assert!(ring.begin_move(&path, &passphrase("x")).is_ok());
    }

    #[test]
    fn a_move_cut_short_leaves_two_and_the_next_move_one() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("keyring.json");
        let (one, two, three) = (passphrase("1"), passphrase("2"), passphrase("3"));
        let ring = KeyRing::create(&one, &path).unwrap();
        let sealed = ring.session_tokens().seal(b"", b"kept").unwrap();
        drop(ring.begin_move(&path, &two).unwrap());

        let reopened = KeyRing::open(&two, &path).unwrap();
        let stored = StoredRoots::read(&path).unwrap().unwrap();
        assert!(stored.next.is_some());
        let moving = reopened.begin_move(&path, &three).unwrap();
        assert!(!opens(&one, &path, &sealed), "it did not open this server");
        assert!(opens(&two, &path, &sealed) && opens(&three, &path, &sealed));
        moving.finish(&three).unwrap();
        assert!(opens(&three, &path, &sealed) && !opens(&two, &path, &sealed));
    }

    #[test]
    fn a_key_ring_of_somebody_else_is_not_written_over() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("keyring.json");
        let ring = KeyRing::create(&passphrase("1"), &path).unwrap();
        fs::remove_file(&path).unwrap();
        KeyRing::create(&passphrase("2"), &path).unwrap();
        let other = fs::read(&path).unwrap();
        assert!(ring.begin_move(&path, &passphrase("3")).is_err());
        assert_eq!(fs::read(&path).unwrap(), other);
        assert!(
            KeyRing::ephemeral()
                .unwrap()
                .begin_move(&path, &passphrase("3"))
                .is_err()
        );
    }
}
