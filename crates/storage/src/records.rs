//! Typed, sealed records over an engine, with the cache of the hot path.

use crate::cache::{AnyRecord, Cache, Counted, Entry, Published};
use crate::{
    AsOf, Batch, Changes, CommitError, Engine, Epoch, Expected, Held, Key, Order, Page, Place,
    Reads, Record, Snapshot, Span, StorageError, Version, Versioned, Watch, Write, Writes,
    sealed_row,
};
use crypto::KeyRing;
use std::ops::Bound;
use std::sync::Arc;

/// How much memory cached records may take unless told otherwise, in bytes, about.
pub const CACHE_BYTES: usize = 64 << 20;

/// Everything that is kept, as records. The only thing of this crate that the pipeline uses. Clones share everything.
#[derive(Clone)]
pub struct Records {
    engine: Arc<dyn Engine>,
    keys: Arc<KeyRing>,
    cache: Arc<Cache>,
}

impl Records {
    /// Records in `engine`, sealed by `keys`.
    pub fn new(engine: Arc<dyn Engine>, keys: Arc<KeyRing>) -> Self {
        Self::with_cache(engine, keys, CACHE_BYTES)
    }

    /// As `new`, with about `bytes` of cached records at most.
    pub fn with_cache(engine: Arc<dyn Engine>, keys: Arc<KeyRing>, bytes: usize) -> Self {
        let cache = Arc::new(Cache::new(bytes, engine.latest()));
        Self {
            engine,
            keys,
            cache,
        }
    }

    /// What is known in memory about `key`: a record, none (`Some(None)`), or nothing (`None`).
    pub fn cached<R: Record>(&self, key: &Key) -> Option<Option<Arc<R>>> {
        self.remembered(&Place::of(R::TABLE, key))
            .map(|found| found.map(|(record, _)| record))
    }

    /// The record at `key`. From memory where it is known: then the future is ready at once.
    pub async fn get<R: Record>(&self, key: &Key) -> Result<Option<Held<R>>, StorageError> {
        let place = Place::of(R::TABLE, key);
        match self.remembered(&place) {
            Some(found) => Ok(found.map(|(record, version)| Held::new(record, place, version))),
            // On the heap, so that callers who find the record in memory carry nothing for it.
            None => Box::pin(self.load(place)).await,
        }
    }

    /// At most `limit` records whose key begins with `prefix`, lowest first, behind `after` if that is given.
    pub async fn scan<R: Record>(
        &self,
        prefix: &Key,
        after: Option<&Key>,
        limit: usize,
    ) -> Result<Page<R>, StorageError> {
        let span = Span::within(R::TABLE, prefix);
        let span = after
            .map(|key| Place::of(R::TABLE, key))
            .into_iter()
            .fold(span, Span::after);
        self.page(span, Order::Forward, limit).await
    }

    /// At most `limit` records whose key begins with `prefix`, highest first, from before `before` if that is given.
    pub async fn scan_back<R: Record>(
        &self,
        prefix: &Key,
        before: Option<&Key>,
        limit: usize,
    ) -> Result<Page<R>, StorageError> {
        let span = Span::within(R::TABLE, prefix);
        let span = before
            .map(|key| Place::of(R::TABLE, key))
            .into_iter()
            .fold(span, Span::before);
        self.page(span, Order::Backward, limit).await
    }

    /// Keeps `writes`, all of them or none, if everything in `reads` still holds. On disk when this returns, and
    /// every read that begins afterwards sees them.
    pub async fn commit(&self, reads: Reads, writes: Writes) -> Result<Version, CommitError> {
        let mut expected = reads.into_expected();
        expected.extend(writes.expected());
        self.confirm(&mut expected)?;
        let (changes, writes) = self.seal(writes, &expected)?;
        let relied_on = rows(&expected);
        let cache = Arc::clone(&self.cache);
        let kept = Box::new(move |version| {
            cache.publish(
                version,
                changes
                    .into_iter()
                    .map(|change| change.at(version))
                    .collect(),
            );
        });
        let outcome = self.engine.commit(Batch { expected, writes }, kept).await;
        if let Err(CommitError::Conflict) = outcome {
            // Whoever tries again must not meet the same outdated rows.
            self.cache.forget(relied_on.iter());
        }
        outcome
    }

    /// Follows the changes of the table of `R`.
    pub fn watch<R: Record>(&self) -> Watch {
        self.cache.watch(R::TABLE)
    }

    /// Counts the commits that change any of `tables`, from now on. Made once for each use: it is counted for ever.
    pub fn epoch(&self, tables: &'static [&'static str]) -> Epoch {
        self.cache.epoch(tables)
    }

    /// Reads several records of the tables of `epoch` as they stand at one moment.
    pub fn snapshot<'r>(&'r self, epoch: &'r Epoch) -> Snapshot<'r> {
        Snapshot::begin(self, epoch)
    }

    pub(crate) fn published(&self) -> Version {
        self.cache.published()
    }

    /// What is known in memory about `key`, if it was published by the commit `published` or before.
    pub(crate) fn published_as_of<R: Record>(
        &self,
        key: &Key,
        published: Version,
    ) -> Option<Option<Arc<R>>> {
        self.cache.get(&Place::of(R::TABLE, key), |entry| {
            let known = entry.version <= published;
            match &entry.value {
                _ if !known => None,
                None => Some(None),
                Some(record) => Some(Some(Arc::clone(record).downcast().ok()?)),
            }
        })
    }

    /// Which places changed after `version`.
    pub async fn changes_since(&self, version: Version) -> Result<Changes, StorageError> {
        self.engine.changes_since(version).await
    }

    pub(crate) fn engine(&self) -> &dyn Engine {
        &*self.engine
    }

    pub(crate) fn cache(&self) -> &Cache {
        &self.cache
    }

    fn remembered<R: Record>(&self, place: &Place) -> Option<Option<(Arc<R>, Version)>> {
        self.cache.get(place, |entry| match &entry.value {
            None => Some(None),
            Some(record) => Some(Some((Arc::clone(record).downcast().ok()?, entry.version))),
        })
    }

    async fn load<R: Record>(&self, place: Place) -> Result<Option<Held<R>>, StorageError> {
        let AsOf {
            version: as_of,
            found,
        } = self.engine.get(&place).await?;
        let Some(row) = found else {
            if R::CACHED {
                self.cache.loaded(place, as_of, Entry::new(as_of, None, 0));
            }
            return Ok(None);
        };
        let record: Arc<R> = self.open(&place, &row)?;
        if R::CACHED {
            let entry = Entry::new(
                row.version,
                Some(Arc::clone(&record) as AnyRecord),
                row.bytes.len(),
            );
            self.cache.loaded(place.clone(), as_of, entry);
        }
        Ok(Some(Held::new(record, place, row.version)))
    }

    async fn page<R: Record>(
        &self,
        span: Span,
        order: Order,
        limit: usize,
    ) -> Result<Page<R>, StorageError> {
        let AsOf {
            version: as_of,
            found,
        } = self.engine.scan(&span, order, limit).await?;
        let seen = match found.last() {
            Some((last, _)) if found.len() >= limit => cut(span, order, last.clone()),
            _ => span,
        };
        let rows = found.into_iter().map(|(place, row)| {
            let record = match self.remembered(&place) {
                Some(Some((record, version))) if version == row.version => record,
                _ => self.open(&place, &row)?,
            };
            Ok(Held::new(record, place, row.version))
        });
        Ok(Page {
            rows: rows.collect::<Result<_, StorageError>>()?,
            seen,
            as_of,
        })
    }

    pub(crate) fn open<R: Record>(
        &self,
        place: &Place,
        row: &Versioned,
    ) -> Result<Arc<R>, StorageError> {
        let record = sealed_row::open(&self.keys, place, &row.bytes)?;
        Ok(Arc::new(R::load(record.expose())?))
    }

    /// Whether the row is what was written at this place.
    pub(crate) fn prove(&self, place: &Place, row: &Versioned) -> Result<(), StorageError> {
        sealed_row::open(&self.keys, place, &row.bytes).map(drop)
    }

    /// Compares what is expected with what is in memory: a row that is there as expected holds as of now.
    fn confirm(&self, expected: &mut [Expected]) -> Result<(), CommitError> {
        for one in expected {
            let Expected::Row {
                place,
                version,
                as_of,
            } = one
            else {
                continue;
            };
            let now = self.cache.published();
            match self.cache.get(place, |entry| {
                Some(entry.value.is_some().then_some(entry.version))
            }) {
                Some(known) if known == *version => *as_of = Some(now),
                Some(_) => return Err(CommitError::Conflict),
                None => {}
            }
        }
        Ok(())
    }

    fn seal(
        &self,
        writes: Writes,
        expected: &[Expected],
    ) -> Result<(Vec<Change>, Vec<Write>), StorageError> {
        let revision = self.cache.published();
        let mut changes = Vec::with_capacity(writes.len());
        let mut rows = Vec::with_capacity(writes.len());
        for (place, staged) in writes.into_staged() {
            let bytes = match &staged.record {
                Some((_, stored)) => Some(sealed_row::seal(&self.keys, &place, revision, stored)?),
                None => None,
            };
            let stored_bytes = bytes.as_ref().map_or(0, |bytes| bytes.len());
            rows.push(Write {
                place: place.clone(),
                bytes,
            });
            let by = || change_of_number(expected, &place, staged.record.is_some());
            let counted = staged.counted.then(|| Counted {
                place: place.tally(),
                by: by(),
            });
            let value = staged.record.map(|(record, _)| record);
            changes.push(Change {
                counted,
                table: staged.table,
                cached: staged.cached,
                listed: staged.listed,
                place,
                value,
                stored_bytes,
            });
        }
        Ok((changes, rows))
    }
}

/// A write on its way: what the cache will hold once it is committed.
struct Change {
    table: &'static str,
    cached: bool,
    listed: bool,
    counted: Option<Counted>,
    place: Place,
    value: Option<AnyRecord>,
    stored_bytes: usize,
}

impl Change {
    fn at(self, version: Version) -> Published {
        let entry = self
            .cached
            .then(|| Entry::new(version, self.value, self.stored_bytes));
        let list = self.listed.then(|| self.place.list());
        Published {
            table: self.table,
            place: self.place,
            entry,
            list,
            counted: self.counted,
        }
    }
}

/// By how much a commit that relies on `expected` changes the number of rows, by what it leaves at `place`.
fn change_of_number(expected: &[Expected], place: &Place, there_after: bool) -> Option<isize> {
    let there_before = expected.iter().find_map(|one| match one {
        Expected::Row {
            place: read,
            version,
            ..
        } => (read == place).then_some(version.is_some()),
        Expected::Span { .. } => None,
    })?;
    Some(isize::from(there_after) - isize::from(there_before))
}

fn rows(expected: &[Expected]) -> Vec<Place> {
    expected
        .iter()
        .filter_map(|one| match one {
            Expected::Row { place, .. } => Some(place.clone()),
            Expected::Span { .. } => None,
        })
        .collect()
}

/// What a full page has seen of a stretch: up to its last row.
fn cut(span: Span, order: Order, last: Place) -> Span {
    match order {
        Order::Forward => Span {
            end: Bound::Included(last),
            ..span
        },
        Order::Backward => Span {
            start: Bound::Included(last),
            ..span
        },
    }
}
