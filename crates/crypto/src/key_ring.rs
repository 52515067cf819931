//! The key ring: every key of the server, from one master key.

use crate::{
    DomainKey, Material, ModuleFailure, NotAuthentic, RecordSealer, RootError, RootKey,
    SEGMENT_HEADER_BYTES, SegmentOpener, SegmentSealer, Wrapped, context, key_ring_file,
};
use base::{AccountId, Region};
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

const DOMAIN_LABEL: &str = "alcazar domain key";
const RECORDS_LABEL: &str = "alcazar records";
const SEGMENTS_LABEL: &str = "alcazar segments";
const SESSION_TOKENS_LABEL: &str = "alcazar session tokens";
const AUTHORIZATION_MESSAGES_LABEL: &str = "alcazar authorization messages";

/// Every key of the server, derived from a random master key that the root key wraps.
#[derive(Debug)]
pub struct KeyRing {
    master: Material,
    records: RecordSealer,
    segments: Material,
    session_tokens: Material,
    authorization_messages: Material,
    /// The wrapping that is known to open, if this is kept anywhere.
    proven: Mutex<Option<Wrapped>>,
}

impl KeyRing {
    /// Makes a new master key, wraps it by `root` and writes it to `path`: on disk when this returns.
    /// [`RootError::Exists`] if there is a key ring already.
    pub fn create(root: &dyn RootKey, path: &Path) -> Result<Self, RootError> {
        let master = Material::generate();
        let wrapped = root.wrap(&master)?;
        key_ring_file::create(path, wrapped.clone())?;
        Ok(Self::of(master, Some(wrapped))?)
    }

    /// Opens the key ring at `path`. [`RootError::WrongRoot`] if it takes another root key; nothing changes then.
    pub fn open(root: &dyn RootKey, path: &Path) -> Result<Self, RootError> {
        let roots = key_ring_file::read(path)?;
        let mut refused = RootError::OtherKind {
            stored: roots.root.kind(),
            offered: root.kind(),
        };
        for wrapped in roots.all().filter(|it| it.kind() == root.kind()) {
            match root.unwrap(wrapped) {
                Ok(master) => return Ok(Self::of(master, Some(wrapped.clone()))?),
                Err(error) => refused = error,
            }
        }
        Err(refused)
    }

    pub(crate) fn master(&self) -> &Material {
        &self.master
    }

    /// The wrapping that is known to open; held by whoever moves the root key.
    pub(crate) fn proven(&self) -> MutexGuard<'_, Option<Wrapped>> {
        self.proven.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What opens this key ring, of what its file says.
    pub fn opened_by(&self) -> Option<Wrapped> {
        self.proven().clone()
    }

    /// A key ring that is nowhere kept: what it seals is lost with it. For tests and for stores in memory.
    pub fn ephemeral() -> Result<Self, ModuleFailure> {
        Self::of(Material::generate(), None)
    }

    fn of(master: Material, proven: Option<Wrapped>) -> Result<Self, ModuleFailure> {
        Ok(Self {
            records: RecordSealer::new(master.derive(RECORDS_LABEL, &[])?),
            segments: master.derive(SEGMENTS_LABEL, &[])?,
            session_tokens: master.derive(SESSION_TOKENS_LABEL, &[])?,
            authorization_messages: master.derive(AUTHORIZATION_MESSAGES_LABEL, &[])?,
            master,
            proven: Mutex::new(proven),
        })
    }

    /// The key of one account in one region, under which its key material is wrapped.
    pub fn domain(&self, account: AccountId, region: &Region) -> Result<DomainKey, ModuleFailure> {
        let place = context::bind(&[account.as_str().as_bytes(), region.as_str().as_bytes()]);
        Ok(DomainKey::new(self.master.derive(DOMAIN_LABEL, &place)?))
    }

    /// Seals stored records.
    pub fn records(&self) -> &RecordSealer {
        &self.records
    }

    /// Seals the session tokens of temporary credentials.
    pub fn session_tokens(&self) -> &Material {
        &self.session_tokens
    }

    /// Seals the encoded messages of denials, which `sts:DecodeAuthorizationMessage` opens.
    pub fn authorization_messages(&self) -> &Material {
        &self.authorization_messages
    }

    /// Seals a new append-only file called `name`, such as `audit/2026-11-23T10`. It begins with
    /// [`SegmentSealer::header`].
    pub fn new_segment(&self, name: &str) -> Result<SegmentSealer, ModuleFailure> {
        SegmentSealer::create(&self.segments, name)
    }

    /// Opens the append-only file called `name` that begins with `header`.
    pub fn open_segment(
        &self,
        name: &str,
        header: &[u8; SEGMENT_HEADER_BYTES],
    ) -> Result<SegmentOpener, NotAuthentic> {
        SegmentOpener::open_segment(&self.segments, name, header)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{KeyFile, Passphrase, RootKind, StoredRoots};
    use base::Secret;
    use std::fs;

    fn account(number: u64) -> AccountId {
        AccountId::from_number(number)
    }

    #[test]
    fn reopens_with_the_same_keys() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("keyring.json");
        assert_eq!(StoredRoots::read(&path).unwrap(), None);
        let root = KeyFile::create(&folder.path().join("root.key")).unwrap();
        let created = KeyRing::create(&root, &path).unwrap();
        let token = created.session_tokens().seal(b"", b"token").unwrap();

        let stored = StoredRoots::read(&path).unwrap().unwrap();
        assert!(stored.opened_by(RootKind::KeyFile) && !stored.opened_by(RootKind::Passphrase));
        let opened = KeyRing::open(&root, &path).unwrap();
        assert_eq!(
            opened.session_tokens().open(b"", &token).unwrap().expose(),
            b"token"
        );
        assert!(opened.authorization_messages().open(b"", &token).is_err());
        assert!(matches!(
            KeyRing::create(&root, &path),
            Err(RootError::Exists(_))
        ));
        assert!(
            KeyRing::open(&root, &path).is_ok(),
            "a refused creation left the key ring as it was"
        );
        assert_eq!(
            fs::read_dir(folder.path()).unwrap().count(),
            2,
            "no unfinished file stays"
        );
    }

    #[test]
    fn a_wrong_passphrase_changes_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("keyring.json");
        let right = Passphrase::new(Secret::new("right".to_string())).unwrap();
        let wrong = Passphrase::new(Secret::new("wrong".to_string())).unwrap();
        KeyRing::create(&right, &path).unwrap();
        let before = fs::read(&path).unwrap();
        assert!(matches!(
            KeyRing::open(&wrong, &path),
            Err(RootError::WrongRoot(RootKind::Passphrase))
        ));
        assert_eq!(fs::read(&path).unwrap(), before);
        assert!(KeyRing::open(&right, &path).is_ok());
        assert!(!String::from_utf8(before).unwrap().contains("right"));
    }

    #[test]
    fn an_altered_or_foreign_file_does_not_open() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("keyring.json");
        let root = KeyFile::create(&folder.path().join("root.key")).unwrap();
        KeyRing::create(&root, &path).unwrap();
        let text = fs::read_to_string(&path).unwrap();
        for altered in [
            String::new(),
            text.replace("\"format\": 1", "\"format\": 2"),
            text.replace("key_file", "passphrase"),
            text.replace("key_file", "token"),
            text.replacen("\"master\": \"A", "\"master\": \"B", 1),
            text.replace("\"format\"", "\"more\": 1, \"format\""),
        ] {
            assert_ne!(altered, text);
            fs::write(&path, &altered).unwrap();
            assert!(KeyRing::open(&root, &path).is_err(), "{altered}");
        }
    }

    #[test]
    fn domains_do_not_open_each_others_material() {
        let ring = KeyRing::ephemeral().unwrap();
        let (one, two) = ("us-east-1".parse().unwrap(), "eu-west-1".parse().unwrap());
        let home = ring.domain(account(1), &one).unwrap();
        let material = Material::generate();
        let wrapped = home.wrap(&material, b"key 1").unwrap();
        let again = ring.domain(account(1), &one).unwrap();
        assert_eq!(
            again.unwrap(&wrapped, b"key 1").unwrap().expose(),
            material.expose()
        );
        assert!(again.unwrap(&wrapped, b"key 2").is_err());
        assert!(
            ring.domain(account(2), &one)
                .unwrap()
                .unwrap(&wrapped, b"key 1")
                .is_err()
        );
        assert!(
            ring.domain(account(1), &two)
                .unwrap()
                .unwrap(&wrapped, b"key 1")
                .is_err()
        );
    }

    #[test]
    fn debug_hides_every_key() {
        let shown = format!("{:?}", KeyRing::ephemeral().unwrap());
        assert!(!shown.contains(|c: char| c.is_ascii_digit()), "{shown}");
    }
}
