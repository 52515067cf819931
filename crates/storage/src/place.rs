//! Where a row lies in the store.

use crate::Key;
use smallvec::SmallVec;
use std::fmt;
use std::ops::Bound;

/// A table and a key in it, as the bytes by which every engine sorts: the table's name, a zero byte, the key.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place(SmallVec<[u8; 88]>);

impl Place {
    /// The place of `key` in `table`. Names of tables hold no zero byte.
    pub fn of(table: &str, key: &Key) -> Self {
        let mut bytes = SmallVec::with_capacity(table.len() + 1 + key.as_bytes().len());
        bytes.extend_from_slice(table.as_bytes());
        bytes.push(0);
        bytes.extend_from_slice(key.as_bytes());
        Self(bytes)
    }

    /// The bytes as the engine sorts them.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    pub(crate) fn from_bytes(bytes: &[u8]) -> Self {
        Self(SmallVec::from_slice(bytes))
    }

    /// The table.
    pub fn table(&self) -> &str {
        self.split().0
    }

    /// The key in the table.
    pub fn key(&self) -> Key {
        Key::from_bytes(self.split().1)
    }

    /// Where the list is kept in memory that the row of this place is in: at the key without its last part, where no
    /// row of the table lies.
    pub(crate) fn list(&self) -> Self {
        Self::of(self.table(), &self.key().parent())
    }

    /// Where the number is kept in memory of the rows that lie beside the row of this place.
    pub(crate) fn tally(&self) -> Self {
        self.list().past_children()
    }

    /// The first place behind every place that has the parts of this one and more.
    pub(crate) fn past_children(mut self) -> Self {
        // No part begins with 0xff: text is UTF-8, and 0xff after a zero byte marks an escaped zero.
        self.0.push(0xff);
        self
    }

    pub(crate) fn split(&self) -> (&str, &[u8]) {
        let end = self
            .0
            .iter()
            .position(|byte| *byte == 0)
            .unwrap_or(self.0.len());
        let (table, rest) = self.0.split_at_checked(end).unwrap_or_default();
        (
            std::str::from_utf8(table).unwrap_or_default(),
            rest.get(1..).unwrap_or_default(),
        )
    }
}

impl fmt::Debug for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0.escape_ascii())
    }
}

/// A stretch of places.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Span {
    /// Where it begins.
    pub start: Bound<Place>,
    /// Where it ends.
    pub end: Bound<Place>,
}

impl Span {
    /// Everything in `table` whose key begins with the parts of `prefix`.
    pub fn within(table: &str, prefix: &Key) -> Self {
        let start = Place::of(table, prefix);
        Self {
            end: Bound::Excluded(start.clone().past_children()),
            start: Bound::Included(start),
        }
    }

    /// The part of this stretch behind `key`.
    #[must_use]
    pub fn after(mut self, place: Place) -> Self {
        if !self.is_before_start(&place) {
            self.start = Bound::Excluded(place);
        }
        self
    }

    /// The part of this stretch before `key`.
    #[must_use]
    pub fn before(mut self, place: Place) -> Self {
        if !self.is_past_end(&place) {
            self.end = Bound::Excluded(place);
        }
        self
    }

    /// Whether `place` lies in it.
    pub fn contains(&self, place: &Place) -> bool {
        !self.is_before_start(place) && !self.is_past_end(place)
    }

    /// Whether nothing can lie in it: its end is before its start.
    pub fn is_empty(&self) -> bool {
        match (&self.start, &self.end) {
            (Bound::Included(start), Bound::Included(end)) => end < start,
            (
                Bound::Included(start) | Bound::Excluded(start),
                Bound::Included(end) | Bound::Excluded(end),
            ) => end <= start,
            (Bound::Unbounded, _) | (_, Bound::Unbounded) => false,
        }
    }

    fn is_before_start(&self, place: &Place) -> bool {
        match &self.start {
            Bound::Included(start) => place < start,
            Bound::Excluded(start) => place <= start,
            Bound::Unbounded => false,
        }
    }

    fn is_past_end(&self, place: &Place) -> bool {
        match &self.end {
            Bound::Included(end) => place > end,
            Bound::Excluded(end) => place >= end,
            Bound::Unbounded => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(parts: &[&str]) -> Key {
        parts.iter().fold(Key::root(), |key, part| key.then(part))
    }

    #[test]
    fn splits_into_table_and_key() {
        for parts in [&[][..], &["a"], &["a\0b", "c"], &["", ""]] {
            let place = Place::of("kms.key", &key(parts));
            assert_eq!((place.table(), place.key()), ("kms.key", key(parts)));
        }
    }

    #[test]
    fn a_prefix_holds_its_children_and_nothing_else() {
        let span = Span::within("t", &key(&["a"]));
        for (table, parts, inside) in [
            ("t", &["a"][..], true),
            ("t", &["a", ""], true),
            ("t", &["a", "b"], true),
            ("t", &["a", "\u{10ffff}"], true),
            ("t", &["a", "\0"], true),
            ("t", &["a\0b"], false),
            ("t", &["ab"], false),
            ("t", &[""], false),
            ("t", &[], false),
            ("s", &["a", "b"], false),
            ("tt", &["a", "b"], false),
        ] {
            assert_eq!(
                span.contains(&Place::of(table, &key(parts))),
                inside,
                "{table} {parts:?}"
            );
        }
        assert!(Span::within("t", &Key::root()).contains(&Place::of("t", &key(&["z", "z"]))));
        assert!(!Span::within("t", &Key::root()).contains(&Place::of("tt", &key(&["z"]))));
    }

    #[test]
    fn cuts_only_narrow() {
        let whole = || Span::within("t", &key(&["b"]));
        let at = |parts: &[&str]| Place::of("t", &key(parts));
        assert_eq!(whole().after(at(&["a"])), whole());
        assert_eq!(whole().before(at(&["c"])), whole());
        let cut = whole().after(at(&["b", "2"])).before(at(&["b", "4"]));
        for (parts, inside) in [(["b", "2"], false), (["b", "3"], true), (["b", "4"], false)] {
            assert_eq!(cut.contains(&at(&parts)), inside);
        }
        assert!(whole().after(at(&["z"])).is_empty());
        assert!(!cut.is_empty());
    }
}
