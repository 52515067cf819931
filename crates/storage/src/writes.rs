//! Changes, gathered to be committed together.

use crate::cache::AnyRecord;
use crate::{Expected, Key, Place, Record};
use std::collections::BTreeMap;
use std::collections::btree_map::IntoIter;
use std::fmt;
use std::sync::Arc;

/// What one commit changes. Of several changes to one place the last counts.
#[derive(Default)]
pub struct Writes(BTreeMap<Place, Staged>);

/// One record as a commit shall leave it.
pub(crate) struct Staged {
    pub(crate) table: &'static str,
    pub(crate) cached: bool,
    pub(crate) listed: bool,
    pub(crate) counted: bool,
    /// Whether there must be no row before.
    pub(crate) new: bool,
    /// The record and its stored form; none deletes.
    pub(crate) record: Option<(AnyRecord, Vec<u8>)>,
}

impl Writes {
    /// Changes nothing.
    pub fn none() -> Self {
        Self::default()
    }

    /// Keeps `record` at its key, in place of what may be there.
    pub fn put<R: Record>(&mut self, record: R) {
        self.keep(record, false);
    }

    /// Keeps `record` at its key, where there must be none: else it is as if another commit had come between.
    pub fn add<R: Record>(&mut self, record: R) {
        self.keep(record, true);
    }

    fn keep<R: Record>(&mut self, record: R, new: bool) {
        let stored = record.store();
        let place = Place::of(R::TABLE, &record.key());
        self.0.insert(
            place,
            Staged {
                table: R::TABLE,
                cached: R::CACHED,
                listed: R::LISTED,
                counted: R::COUNTED,
                new,
                record: Some((Arc::new(record), stored)),
            },
        );
    }

    /// Leaves no record at `key`.
    pub fn delete<R: Record>(&mut self, key: &Key) {
        let place = Place::of(R::TABLE, key);
        self.0.insert(
            place,
            Staged {
                table: R::TABLE,
                cached: R::CACHED,
                listed: R::LISTED,
                counted: R::COUNTED,
                new: false,
                record: None,
            },
        );
    }

    /// Adds the changes of `other`; where both change one place, `other` counts.
    pub fn extend(&mut self, other: Self) {
        self.0.extend(other.0);
    }

    /// Where it leaves no record of `R`.
    pub fn deleted<R: Record>(&self) -> impl Iterator<Item = &Place> {
        let of_table = |staged: &Staged| staged.table == R::TABLE && staged.record.is_none();
        let deleted = self.0.iter().filter(move |(_, staged)| of_table(staged));
        deleted.map(|(place, _)| place)
    }

    /// How many records of `R` it keeps.
    pub fn kept<R: Record>(&self) -> usize {
        let of_table = |staged: &&Staged| staged.table == R::TABLE && staged.record.is_some();
        self.0.values().filter(of_table).count()
    }

    /// Whether it changes nothing.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn into_staged(self) -> IntoIter<Place, Staged> {
        self.0.into_iter()
    }

    /// What it relies on: that there is nothing where records are added.
    pub(crate) fn expected(&self) -> impl Iterator<Item = Expected> + '_ {
        let added = self.0.iter().filter(|(_, staged)| staged.new);
        added.map(|(place, _)| Expected::Row {
            place: place.clone(),
            version: None,
            as_of: None,
        })
    }

    /// How many places it changes.
    pub fn len(&self) -> usize {
        self.0.len()
    }
}

/// Names the places only: what is kept there may be secret.
impl fmt::Debug for Writes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}
