//! Where the tokens of clusters are, and whose turn it is to change which of them there are.

use std::collections::BTreeMap;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use crypto::hsm::{HsmFailure, HsmPlace};

use super::files::{self, CONFIGURATION};

const BACKUPS: &str = "backups";
const MAKING: &str = "making";
const UNSETTLED: &str = "unsettled";
/// The folder of a token's files, in that of its HSM.
pub(super) const TOKENS: &str = "tokens";
/// What ids of HSMs begin with.
const HSM: &str = "hsm-";

/// The folders below which everything of tokens is.
pub(crate) struct TokenFolders {
    folder: PathBuf,
    pub(crate) module: PathBuf,
    changing: Mutex<BTreeMap<String, Arc<tokio::sync::Mutex<()>>>>,
}

impl TokenFolders {
    pub(crate) fn new(folder: PathBuf, module: PathBuf) -> Self {
        Self {
            folder,
            module,
            changing: Mutex::default(),
        }
    }

    /// Held by whoever changes which HSMs a cluster has, or what all of them hold: an HSM is copied before a key is made
    /// in all, or after, and never in between.
    pub(crate) fn changing(&self, cluster: &str) -> Arc<tokio::sync::Mutex<()>> {
        let mut all = self.changing.lock().unwrap_or_else(PoisonError::into_inner);
        all.entry(cluster.to_owned()).or_default().clone()
    }

    pub(super) fn place(&self, place: &HsmPlace) -> Result<PathBuf, HsmFailure> {
        Ok(self.cluster(&place.cluster)?.join(plain(&place.hsm)?))
    }

    fn cluster(&self, id: &str) -> Result<PathBuf, HsmFailure> {
        Ok(self.folder.join(plain(id)?))
    }

    pub(super) fn backup(&self, id: &str) -> Result<PathBuf, HsmFailure> {
        Ok(self.folder.join(BACKUPS).join(plain(id)?))
    }

    /// Where a token is while a key is made in it, before it is put into those of its cluster. What lies there is of no
    /// use to anybody once the server has ended.
    pub(crate) fn making(&self, key: &str) -> Result<PathBuf, HsmFailure> {
        Ok(self.folder.join(MAKING).join(plain(key)?))
    }

    /// Removes what a server that was killed has left there.
    pub(crate) fn forget_making(&self) -> Result<(), HsmFailure> {
        files::remove_left(&self.folder.join(MAKING))
    }

    /// Where notes are of keys in tokens that may have no record.
    pub(crate) fn unsettled(&self) -> PathBuf {
        self.folder.join(UNSETTLED)
    }

    /// The HSMs of a cluster whose tokens are there: their ids, and their folders.
    pub(crate) fn hsms(&self, cluster: &str) -> Result<BTreeMap<String, PathBuf>, HsmFailure> {
        let folder = self.cluster(cluster)?;
        let entries = match fs::read_dir(&folder) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(BTreeMap::new()),
            entries => entries.map_err(files::failed(&folder))?,
        };
        let mut found = BTreeMap::new();
        for entry in entries {
            let entry = entry.map_err(files::failed(&folder))?;
            let (Ok(id), path) = (entry.file_name().into_string(), entry.path()) else {
                continue;
            };
            if id.starts_with(HSM) && is_whole(&path) {
                found.insert(id, path);
            }
        }
        Ok(found)
    }
}

/// Whether a token is at `hsm`: its files come there all at once.
fn is_whole(hsm: &Path) -> bool {
    hsm.join(TOKENS).is_dir()
}

/// The configuration of the token at `hsm`, which is written when its files are there.
pub(crate) fn configuration(hsm: &Path) -> PathBuf {
    hsm.join(CONFIGURATION)
}

/// An id is one name of a file, and no way out of the folder.
fn plain(id: &str) -> Result<&str, HsmFailure> {
    let letters = |c: char| c.is_ascii_alphanumeric() || c == '-';
    match !id.is_empty() && id.chars().all(letters) {
        true => Ok(id),
        false => Err(HsmFailure("an id that is no name of a file".to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_stay_in_the_folder() {
        for id in ["", ".", "..", "a/b", "a\0", "a b", "é"] {
            assert!(plain(id).is_err(), "{id:?}");
        }
        assert_eq!(plain("cluster-abc234").unwrap(), "cluster-abc234");
    }

    #[test]
    fn hsms_are_those_that_are_whole() {
        let folder = tempfile::tempdir().unwrap();
        let folders = TokenFolders::new(folder.path().to_path_buf(), PathBuf::new());
        assert!(folders.hsms("cluster-a").unwrap().is_empty());
        for path in ["hsm-a/tokens", "hsm-b/tokens.unfinished", "other/tokens"] {
            fs::create_dir_all(folder.path().join("cluster-a").join(path)).unwrap();
        }
        let found = folders.hsms("cluster-a").unwrap();
        assert_eq!(found.into_keys().collect::<Vec<_>>(), ["hsm-a"]);
        assert!(folders.hsms("..").is_err());
    }
}
