//! Records as they were read.

use crate::{Expected, Key, Place, Record, Span, Version};
use std::ops::Deref;
use std::sync::Arc;

/// A record that was read, and where and when it was written. Cheap to clone.
#[derive(Debug)]
pub struct Held<R> {
    value: Arc<R>,
    place: Place,
    version: Version,
}

impl<R> Held<R> {
    pub(crate) fn new(value: Arc<R>, place: Place, version: Version) -> Self {
        Self {
            value,
            place,
            version,
        }
    }

    /// The record itself, shared.
    pub fn arc(&self) -> Arc<R> {
        Arc::clone(&self.value)
    }

    /// Where it lies in its table.
    pub fn key(&self) -> Key {
        self.place.key()
    }

    /// The commit that wrote it.
    pub fn version(&self) -> Version {
        self.version
    }
}

impl<R> Deref for Held<R> {
    type Target = R;
    fn deref(&self) -> &R {
        &self.value
    }
}

impl<R> Clone for Held<R> {
    fn clone(&self) -> Self {
        Self {
            value: self.arc(),
            place: self.place.clone(),
            version: self.version,
        }
    }
}

/// Records of one stretch of a table, and the stretch, so that a commit can rely on nothing having come between.
#[derive(Debug)]
pub struct Page<R> {
    /// The records, in the order asked for.
    pub rows: Vec<Held<R>>,
    pub(crate) seen: Span,
    pub(crate) as_of: Version,
}

impl<R> IntoIterator for Page<R> {
    type Item = Held<R>;
    type IntoIter = std::vec::IntoIter<Held<R>>;
    fn into_iter(self) -> Self::IntoIter {
        self.rows.into_iter()
    }
}

impl<R> Deref for Page<R> {
    type Target = [Held<R>];
    fn deref(&self) -> &[Held<R>] {
        &self.rows
    }
}

/// What a commit relies on: it is refused if any of this has changed since it was read.
#[derive(Clone, Debug, Default)]
pub struct Reads(Vec<Expected>);

impl Reads {
    /// Relies on nothing.
    pub fn none() -> Self {
        Self::default()
    }

    /// Relies on what `Records::get` answered for `key`, be it a record or none.
    pub fn note<R: Record>(&mut self, key: &Key, found: Option<&Held<R>>) {
        let version = found.map(Held::version);
        self.0.push(Expected::Row {
            place: Place::of(R::TABLE, key),
            version,
            as_of: None,
        });
    }

    /// Relies on `held` being unchanged.
    pub fn held<R>(&mut self, held: &Held<R>) {
        let (place, version) = (held.place.clone(), Some(held.version));
        self.0.push(Expected::Row {
            place,
            version,
            as_of: None,
        });
    }

    /// Relies on there being no record at `key`.
    pub fn absent<R: Record>(&mut self, key: &Key) {
        self.note::<R>(key, None);
    }

    /// Relies on the stretch that was read having neither more nor fewer nor other records.
    pub fn page<R>(&mut self, page: &Page<R>) {
        self.0.push(Expected::Span {
            span: page.seen.clone(),
            as_of: page.as_of,
        });
    }

    /// Relies on what `other` relies on, too.
    pub fn extend(&mut self, other: Self) {
        self.0.extend(other.0);
    }

    /// Whether it relies on nothing.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn into_expected(self) -> Vec<Expected> {
        self.0
    }
}
