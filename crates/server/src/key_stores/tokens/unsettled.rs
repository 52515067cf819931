//! Notes on disk of keys that may be in tokens without a record: made before their record is, or left by one that goes.
//!
//! A note is a file of its own, named after the key, and is on disk before the key is made.

use std::collections::BTreeMap;
use std::fs::{self, DirBuilder, File};
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use base::Arn;
use pipeline::TokenFault;
use serde::{Deserialize, Serialize};
use tokio::task::spawn_blocking;
use tokio::time::Instant;

use super::session::lock;

const NOTE: &str = "json";
const UNFINISHED: &str = "unfinished";
/// Longer than a call takes from the making of a key to its record.
const IN_FLIGHT: Duration = Duration::from_secs(60);

/// The notes, as they are on disk.
pub(super) struct Unsettled {
    folder: PathBuf,
    noted: Mutex<BTreeMap<String, Noted>>,
}

struct Noted {
    note: Note,
    /// When; none if by a server that has ended, whose calls are all over.
    at: Option<Instant>,
}

impl Noted {
    /// Whether no call in flight can make a record of it any more.
    fn is_over(&self) -> bool {
        self.at.is_none_or(|at| at.elapsed() >= IN_FLIGHT)
    }
}

#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Note {
    cluster: String,
    key: String,
}

impl Unsettled {
    /// The notes in `folder`, of servers that have ended.
    ///
    /// # Errors
    /// If one cannot be read.
    pub(super) fn open(folder: PathBuf) -> io::Result<Self> {
        let mut noted = BTreeMap::new();
        for path in listed(&folder)? {
            if path.extension().is_some_and(|it| it == UNFINISHED) {
                fs::remove_file(&path)?;
                continue;
            }
            let note: Note = serde_json::from_slice(&fs::read(&path)?)?;
            noted.insert(note.key.clone(), Noted { note, at: None });
        }
        Ok(Self {
            folder,
            noted: Mutex::new(noted),
        })
    }

    /// Notes that this key may be in the tokens of this cluster without a record.
    pub(super) async fn note(self: &Arc<Self>, cluster: &str, key: &Arn) -> Result<(), TokenFault> {
        let note = Note {
            cluster: cluster.to_owned(),
            key: key.as_str().to_owned(),
        };
        self.on_disk(move |notes| {
            let mut noted = lock(&notes.noted);
            write(&notes.folder, &note)?;
            let at = Some(Instant::now());
            noted.insert(note.key.clone(), Noted { note, at });
            Ok(())
        })
        .await
    }

    /// Removes the note.
    pub(super) async fn forget(
        self: &Arc<Self>,
        cluster: &str,
        key: &Arn,
    ) -> Result<(), TokenFault> {
        self.remove(cluster, key, |_| true).await
    }

    /// Removes the note unless it was made since `all` told of it: whoever made it anew is about to do away with the record
    /// that was found.
    pub(super) async fn forget_told(
        self: &Arc<Self>,
        cluster: &str,
        key: &Arn,
    ) -> Result<(), TokenFault> {
        self.remove(cluster, key, Noted::is_over).await
    }

    async fn remove(
        self: &Arc<Self>,
        cluster: &str,
        key: &Arn,
        may: fn(&Noted) -> bool,
    ) -> Result<(), TokenFault> {
        let (cluster, key) = (cluster.to_owned(), key.as_str().to_owned());
        self.on_disk(move |notes| {
            let mut noted = lock(&notes.noted);
            let found = noted.get(&key).filter(|it| it.note.cluster == cluster);
            if !found.is_some_and(may) {
                return Ok(());
            }
            match fs::remove_file(path(&notes.folder, &key)?) {
                Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
                _ => {}
            }
            noted.remove(&key);
            Ok(())
        })
        .await
    }

    /// The keys noted, with their clusters, of which no call in flight can make a record any more.
    pub(super) fn all(&self) -> Vec<(String, Arn)> {
        let noted = lock(&self.noted);
        let over = noted.values().filter(|it| it.is_over());
        let named =
            over.filter_map(|it| Some((it.note.cluster.clone(), it.note.key.parse().ok()?)));
        named.collect()
    }

    async fn on_disk(
        self: &Arc<Self>,
        work: impl FnOnce(&Self) -> io::Result<()> + Send + 'static,
    ) -> Result<(), TokenFault> {
        let notes = self.clone();
        let done = spawn_blocking(move || work(&notes)).await;
        let failed = |error: String| TokenFault::Failed(format!("a note of a key: {error}"));
        let done = done.map_err(|error| failed(error.to_string()))?;
        done.map_err(|error| failed(error.to_string()))
    }
}

fn listed(folder: &Path) -> io::Result<Vec<PathBuf>> {
    match fs::read_dir(folder) {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(Vec::new()),
        entries => entries?.map(|entry| Ok(entry?.path())).collect(),
    }
}

/// Where the note of a key lies: its id is one name of a file.
fn path(folder: &Path, key: &str) -> io::Result<PathBuf> {
    let id = key.rsplit('/').next().unwrap_or_default();
    let letters = |c: char| c.is_ascii_alphanumeric() || c == '-';
    match !id.is_empty() && id.chars().all(letters) {
        true => Ok(folder.join(id).with_extension(NOTE)),
        false => Err(ErrorKind::InvalidInput.into()),
    }
}

/// Writes a note for good.
fn write(folder: &Path, note: &Note) -> io::Result<()> {
    let path = path(folder, &note.key)?;
    if !folder.is_dir() {
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(folder)?;
        for above in folder.ancestors().skip(1).take(2) {
            File::open(above)?.sync_all()?;
        }
    }
    let unfinished = path.with_extension(UNFINISHED);
    let mut file = fs::OpenOptions::new();
    let file = file.write(true).create(true).truncate(true).mode(0o600);
    let mut file = file.open(&unfinished)?;
    file.write_all(&serde_json::to_vec(note)?)?;
    file.sync_all()?;
    fs::rename(&unfinished, &path)?;
    File::open(folder)?.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    const CLUSTER: &str = "cluster-abcdefgh234";

    fn key(id: &str) -> Arn {
        let arn = format!("arn:aws:kms:us-east-1:111122223333:key/{id}");
        arn.parse().unwrap()
    }

    #[tokio::test(start_paused = true)]
    async fn a_note_outlives_the_server_and_waits_for_calls_in_flight() {
        let folder = tempfile::tempdir().unwrap();
        let open = || Arc::new(Unsettled::open(folder.path().join("hsms/unsettled")).unwrap());
        let notes = open();
        notes.note(CLUSTER, &key("a-1")).await.unwrap();
        notes.note(CLUSTER, &key("b-2")).await.unwrap();
        assert_eq!(notes.all(), []);
        notes.forget(CLUSTER, &key("b-2")).await.unwrap();
        notes.forget(CLUSTER, &key("b-2")).await.unwrap();
        notes.forget("cluster-other", &key("a-1")).await.unwrap();
        tokio::time::advance(IN_FLIGHT).await;
        let noted = [(CLUSTER.to_owned(), key("a-1"))];
        assert_eq!(notes.all(), noted);
        assert_eq!(open().all(), noted);
        // Made anew, it is not the one that was told of.
        notes.note(CLUSTER, &key("a-1")).await.unwrap();
        notes.forget_told(CLUSTER, &key("a-1")).await.unwrap();
        tokio::time::advance(IN_FLIGHT).await;
        assert_eq!(notes.all(), noted);
        notes.forget_told(CLUSTER, &key("a-1")).await.unwrap();
        assert_eq!(notes.all(), []);
        notes.note(CLUSTER, &key("a-1")).await.unwrap();
        open().forget(CLUSTER, &key("a-1")).await.unwrap();
        assert_eq!(open().all(), []);
    }

    #[tokio::test]
    async fn one_that_was_not_finished_is_none_and_one_that_cannot_be_read_is_told() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("a.unfinished"), "{").unwrap();
        let notes = Unsettled::open(folder.path().to_owned()).unwrap();
        assert_eq!(notes.all(), []);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
        fs::write(folder.path().join("a.json"), "{").unwrap();
        assert!(Unsettled::open(folder.path().to_owned()).is_err());
        let other = "arn:aws:kms:us-east-1:111122223333:key/..".parse().unwrap();
        assert!(Arc::new(notes).note(CLUSTER, &other).await.is_err());
    }
}
