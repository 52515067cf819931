//! A root key in a file: 32 random bytes as base64, readable by its owner only, kept outside the data folder.

use crate::material::MATERIAL_BYTES;
use crate::{Material, RootError, RootKey, RootKind, Wrapped, key_ring_file, random};
use base::Secret;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use std::fs::File;
use std::io::Read;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

/// A longer file is no key file, and is not read to its end.
const LARGEST_FILE_BYTES: u64 = 256;
const WRAP_AAD: &[u8] = b"alcazar master key, key file";

/// The root key of a key file.
#[derive(Debug)]
pub struct KeyFile(Material);

impl KeyFile {
    /// Makes a new key file with mode 0600, on disk when this returns. [`RootError::Exists`] if `path` is taken.
    pub fn create(path: &Path) -> Result<Self, RootError> {
        let bytes = Secret::new(random::bytes::<MATERIAL_BYTES>());
        let text = Secret::new(STANDARD.encode(bytes.expose()) + "\n");
        key_ring_file::write_new(path, text.expose().as_bytes()).map_err(RootError::io(path))?;
        Ok(Self(Material::from_bytes(bytes.expose())))
    }

    /// Reads a key file. [`RootError::LooseMode`] if others than its owner may touch it.
    pub fn open(path: &Path) -> Result<Self, RootError> {
        let file = File::open(path).map_err(RootError::io(path))?;
        let mode = file
            .metadata()
            .map_err(RootError::io(path))?
            .permissions()
            .mode()
            & 0o777;
        if mode & 0o077 != 0 {
            return Err(RootError::LooseMode {
                path: path.to_path_buf(),
                mode,
            });
        }
        let text = read_text(file).map_err(RootError::io(path))?;
        let malformed = |reason| RootError::Malformed {
            path: path.to_path_buf(),
            reason,
        };
        let bytes = STANDARD
            .decode(text.expose().trim_end())
            .map_err(|_| malformed("it is not base64"))?;
        let bytes = Secret::new(bytes);
        let key = bytes
            .expose()
            .as_slice()
            .try_into()
            .map_err(|_| malformed("it does not hold 32 bytes"))?;
        Ok(Self(Material::from_bytes(key)))
    }
}

fn read_text(file: File) -> std::io::Result<Secret<String>> {
    let mut text = String::with_capacity(LARGEST_FILE_BYTES as usize + 1);
    file.take(LARGEST_FILE_BYTES).read_to_string(&mut text)?;
    Ok(Secret::new(text))
}

impl RootKey for KeyFile {
    fn kind(&self) -> RootKind {
        RootKind::KeyFile
    }

    fn wrap(&self, master: &Material) -> Result<Wrapped, RootError> {
        Ok(Wrapped::KeyFile {
            master: self.0.seal(WRAP_AAD, master.expose())?,
        })
    }

    fn unwrap(&self, wrapped: &Wrapped) -> Result<Material, RootError> {
        match wrapped {
            Wrapped::KeyFile { master } => Material::unseal(&self.0, WRAP_AAD, master)
                .map_err(|_| RootError::WrongRoot(self.kind())),
            other => Err(RootError::OtherKind {
                stored: other.kind(),
                offered: self.kind(),
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn opens_what_it_created_and_overwrites_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("root.key");
        let created = KeyFile::create(&path).unwrap();
        let wrapped = created.wrap(&Material::generate()).unwrap();
        assert!(KeyFile::open(&path).unwrap().unwrap(&wrapped).is_ok());
        assert!(matches!(KeyFile::create(&path), Err(RootError::Exists(_))));
        assert_eq!(
            fs::metadata(&path).unwrap().permissions().mode() & 0o777,
            0o600
        );
    }

    #[test]
    fn refuses_a_file_others_may_read() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("root.key");
        KeyFile::create(&path).unwrap();
        for mode in [0o640, 0o604, 0o660, 0o601, 0o644] {
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
            let refused = KeyFile::open(&path).unwrap_err();
            assert!(
                matches!(refused, RootError::LooseMode { mode: seen, .. } if seen == mode),
                "{refused}"
            );
        }
        fs::set_permissions(&path, fs::Permissions::from_mode(0o400)).unwrap();
        assert!(KeyFile::open(&path).is_ok());
    }

    #[test]
    fn refuses_what_is_no_key() {
        let folder = tempfile::tempdir().unwrap();
        for (name, content) in [
            ("empty", String::new()),
            ("short", STANDARD.encode([1; 31])),
            ("long", STANDARD.encode([1; 33])),
            ("text", "not a key".to_string()),
            ("endless", "A".repeat(100_000)),
        ] {
            let path = folder.path().join(name);
            fs::write(&path, content).unwrap();
            fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
            assert!(
                matches!(KeyFile::open(&path), Err(RootError::Malformed { .. })),
                "{name}"
            );
        }
        assert!(matches!(
            KeyFile::open(&folder.path().join("none")),
            Err(RootError::Io { .. })
        ));
    }

    #[test]
    fn another_key_is_the_wrong_root() {
        let folder = tempfile::tempdir().unwrap();
        let one = KeyFile::create(&folder.path().join("one")).unwrap();
        let other = KeyFile::create(&folder.path().join("other")).unwrap();
        let wrapped = one.wrap(&Material::generate()).unwrap();
        assert!(matches!(
            other.unwrap(&wrapped),
            Err(RootError::WrongRoot(RootKind::KeyFile))
        ));
    }
}
