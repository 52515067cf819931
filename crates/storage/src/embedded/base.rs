//! The rows that have left the log, in redb.

use super::files::{io, sync_folder};
use super::layer::Layer;
use crate::{Order, Place, Span, StorageError, Version, Versioned};
use crypto::KeyRing;
use redb::{Database, DatabaseError, ReadOnlyTable, ReadableDatabase, TableDefinition};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};

/// Place to `version (8, big-endian) || bytes`.
const ROWS: TableDefinition<&[u8], &[u8]> = TableDefinition::new("rows");
const FACTS: TableDefinition<&str, &[u8]> = TableDefinition::new("facts");
const APPLIED: &str = "applied";
const GENERATION: &str = "generation";
const CHECK: &str = "check";
/// Sealed at creation, to tell whether the key ring is the one the data was written under.
const CHECK_PLACE: &str = "storage.check";
const CHECK_TEXT: &[u8] = b"alcazar";
/// redb's own cache. Small: the hot path is served from the record cache.
const CACHE_BYTES: usize = 4 << 20;

/// How far the rows in redb reach.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Reach {
    /// Every commit up to this one is in.
    pub(super) applied: Version,
    /// The first log that is still needed.
    pub(super) generation: u64,
}

/// The redb database.
pub(super) struct Base {
    path: PathBuf,
    /// None after a failure, until it could be opened again.
    database: RwLock<Option<Database>>,
}

/// The rows in redb as of one moment.
pub(super) struct BaseSnapshot(ReadOnlyTable<&'static [u8], &'static [u8]>);

impl Base {
    /// Opens the database in `folder`; makes one that needs the logs from `Reach::generation` 1 if there is none.
    pub(super) fn open(folder: &Path, keys: &KeyRing) -> Result<(Self, Reach), StorageError> {
        let path = folder.join("rows.redb");
        let database = match path.try_exists().map_err(io(&path))? {
            true => open(&path)?,
            false => create(&path, keys)?,
        };
        let base = Self {
            database: RwLock::new(Some(database)),
            path,
        };
        let facts = base.facts()?;
        let reach = facts
            .reach()
            .ok_or_else(|| base.damaged("it does not say how far it reaches"))?;
        if facts.opens_under(keys) {
            Ok((base, reach))
        } else {
            Err(StorageError::OtherKeyRing(folder.to_path_buf()))
        }
    }

    /// The rows as they are now.
    pub(super) fn snapshot(&self) -> Result<BaseSnapshot, StorageError> {
        let database = self.database.read().unwrap_or_else(PoisonError::into_inner);
        let database = database.as_ref().ok_or_else(closed)?;
        let transaction = database.begin_read().map_err(disk)?;
        Ok(BaseSnapshot(transaction.open_table(ROWS).map_err(disk)?))
    }

    /// Takes in every row of `layer` and the new reach: on disk when this returns, whole or not at all.
    pub(super) fn absorb(&self, layer: &Layer, reach: Reach) -> Result<(), StorageError> {
        let database = self.database.read().unwrap_or_else(PoisonError::into_inner);
        let database = database.as_ref().ok_or_else(closed)?;
        write(database, layer, reach).map_err(disk)
    }

    /// Opens the file anew: redb takes no more work after the disk failed.
    pub(super) fn reopen(&self) -> Result<(), StorageError> {
        let mut database = self
            .database
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        if let Some(failed) = database.take() {
            // What it could not write is in the log.
            let _ = failed.close();
        }
        *database = Some(open(&self.path)?);
        Ok(())
    }

    fn facts(&self) -> Result<Facts, StorageError> {
        let database = self.database.read().unwrap_or_else(PoisonError::into_inner);
        let database = database.as_ref().ok_or_else(closed)?;
        let table = database
            .begin_read()
            .map_err(disk)?
            .open_table(FACTS)
            .map_err(disk)?;
        let read = |name| {
            Ok::<_, StorageError>(
                table
                    .get(name)
                    .map_err(disk)?
                    .map(|fact| fact.value().to_vec()),
            )
        };
        Ok(Facts {
            applied: read(APPLIED)?,
            generation: read(GENERATION)?,
            check: read(CHECK)?,
        })
    }

    fn damaged(&self, reason: &str) -> StorageError {
        StorageError::Damaged {
            path: self.path.clone(),
            reason: reason.to_string(),
        }
    }
}

impl BaseSnapshot {
    /// The row at `place`.
    pub(super) fn get(&self, place: &Place) -> Result<Option<Versioned>, StorageError> {
        let found = self.0.get(place.as_bytes()).map_err(disk)?;
        found.map(|row| versioned(place, row.value())).transpose()
    }

    /// The version of the row at `place`.
    pub(super) fn version(&self, place: &Place) -> Result<Option<Version>, StorageError> {
        let found = self.0.get(place.as_bytes()).map_err(disk)?;
        found
            .map(|row| Ok(split(place, row.value())?.0))
            .transpose()
    }

    /// How many rows `span` has.
    pub(super) fn count(&self, span: &Span) -> Result<usize, StorageError> {
        if span.is_empty() {
            return Ok(0);
        }
        let bounds = (
            span.start.as_ref().map(Place::as_bytes),
            span.end.as_ref().map(Place::as_bytes),
        );
        let mut rows = self.0.range::<&[u8]>(bounds).map_err(disk)?;
        rows.try_fold(0, |count, row| row.map(|_| count + 1).map_err(disk))
    }

    /// The rows of `span`, one after another. `span` is not empty.
    pub(super) fn scan(
        &self,
        span: &Span,
        order: Order,
    ) -> Result<impl Iterator<Item = Result<(Place, Versioned), StorageError>> + use<>, StorageError>
    {
        let bounds = (
            span.start.as_ref().map(Place::as_bytes),
            span.end.as_ref().map(Place::as_bytes),
        );
        let mut range = self.0.range_owned::<&[u8]>(bounds).map_err(disk)?;
        Ok(std::iter::from_fn(move || match order {
            Order::Forward => range.next(),
            Order::Backward => range.next_back(),
        })
        .map(|row| {
            let (place, row) = row.map_err(disk)?;
            let place = Place::from_bytes(place.value());
            let row = versioned(&place, row.value())?;
            Ok((place, row))
        }))
    }
}

struct Facts {
    applied: Option<Vec<u8>>,
    generation: Option<Vec<u8>>,
    check: Option<Vec<u8>>,
}

impl Facts {
    fn reach(&self) -> Option<Reach> {
        let number =
            |bytes: &Option<Vec<u8>>| Some(u64::from_be_bytes(bytes.as_deref()?.try_into().ok()?));
        Some(Reach {
            applied: Version::from_number(number(&self.applied)?),
            generation: number(&self.generation)?,
        })
    }

    fn opens_under(&self, keys: &KeyRing) -> bool {
        let check = self.check.as_deref().unwrap_or_default();
        keys.records()
            .open(CHECK_PLACE, &[], 0, check)
            .is_ok_and(|text| text.expose() == CHECK_TEXT)
    }
}

/// Makes the database under another name first, so that a crash leaves the whole of it or none.
fn create(path: &Path, keys: &KeyRing) -> Result<Database, StorageError> {
    let unfinished = path.with_extension("unfinished");
    match fs::remove_file(&unfinished) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            return Err(io(&unfinished)(error));
        }
        _ => {}
    }
    let mut check = Vec::new();
    keys.records()
        .seal(CHECK_PLACE, &[], 0, CHECK_TEXT, &mut check)?;
    let database = open(&unfinished)?;
    initialise(&database, &check).map_err(disk)?;
    fs::rename(&unfinished, path).map_err(io(path))?;
    sync_folder(path.parent().unwrap_or(Path::new(".")))?;
    Ok(database)
}

fn initialise(database: &Database, check: &[u8]) -> Result<(), redb::Error> {
    let transaction = database.begin_write()?;
    transaction.open_table(ROWS)?;
    transaction.open_table(FACTS)?.insert(CHECK, check)?;
    put_reach(
        &transaction,
        Reach {
            applied: Version::ZERO,
            generation: 1,
        },
    )?;
    Ok(transaction.commit()?)
}

fn write(database: &Database, layer: &Layer, reach: Reach) -> Result<(), redb::Error> {
    let mut transaction = database.begin_write()?;
    transaction.set_quick_repair(true);
    {
        let mut rows = transaction.open_table(ROWS)?;
        let mut value = Vec::new();
        for (place, row) in layer.rows() {
            match &row.bytes {
                None => drop(rows.remove(place.as_bytes())?),
                Some(bytes) => {
                    value.clear();
                    value.extend_from_slice(&row.version.number().to_be_bytes());
                    value.extend_from_slice(bytes);
                    rows.insert(place.as_bytes(), value.as_slice())?;
                }
            }
        }
    }
    put_reach(&transaction, reach)?;
    Ok(transaction.commit()?)
}

fn put_reach(transaction: &redb::WriteTransaction, reach: Reach) -> Result<(), redb::Error> {
    let mut facts = transaction.open_table(FACTS)?;
    facts.insert(APPLIED, reach.applied.number().to_be_bytes().as_slice())?;
    facts.insert(GENERATION, reach.generation.to_be_bytes().as_slice())?;
    Ok(())
}

fn open(path: &Path) -> Result<Database, StorageError> {
    Database::builder()
        .set_cache_size(CACHE_BYTES)
        .create(path)
        .map_err(|error| match error {
            DatabaseError::DatabaseAlreadyOpen => StorageError::InUse(path.to_path_buf()),
            DatabaseError::Storage(redb::StorageError::Corrupted(reason)) => {
                StorageError::Damaged {
                    path: path.to_path_buf(),
                    reason,
                }
            }
            other => disk(other),
        })
}

fn versioned(place: &Place, row: &[u8]) -> Result<Versioned, StorageError> {
    let (version, bytes) = split(place, row)?;
    Ok(Versioned {
        version,
        bytes: Arc::from(bytes),
    })
}

fn split<'a>(place: &Place, row: &'a [u8]) -> Result<(Version, &'a [u8]), StorageError> {
    let (version, bytes) = row
        .split_first_chunk()
        .ok_or_else(|| StorageError::NotAuthentic {
            table: place.table().to_string(),
        })?;
    Ok((Version::from_number(u64::from_be_bytes(*version)), bytes))
}

fn closed() -> StorageError {
    StorageError::Halted("it is not open".to_string())
}

fn disk(error: impl std::fmt::Display) -> StorageError {
    StorageError::Disk(error.to_string())
}
