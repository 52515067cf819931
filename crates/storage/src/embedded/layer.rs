//! Rows in memory that lie over older ones.

use crate::{Order, Place, Span, StorageError, Version, Versioned, Write};
use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::iter::Peekable;
use std::sync::Arc;

/// What a row costs in memory besides its bytes, about.
const ROW_BYTES: usize = 200;

/// A row of a layer. One without bytes hides what lies below.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct LayerRow {
    pub(super) version: Version,
    pub(super) bytes: Option<Arc<[u8]>>,
}

/// The latest commits' rows, sorted.
#[derive(Clone, Debug, Default)]
pub(super) struct Layer {
    rows: BTreeMap<Place, LayerRow>,
    bytes: usize,
}

impl Layer {
    pub(super) fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// What it costs in memory, about.
    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    /// Takes in what the commit `version` wrote.
    pub(super) fn apply(&mut self, version: Version, writes: Vec<Write>) {
        for Write { place, bytes } in writes {
            self.put(place, LayerRow { version, bytes });
        }
    }

    /// Takes in every row of `newer`.
    pub(super) fn cover(&mut self, newer: Self) {
        for (place, row) in newer.rows {
            self.put(place, row);
        }
    }

    pub(super) fn get(&self, place: &Place) -> Option<&LayerRow> {
        self.rows.get(place)
    }

    pub(super) fn rows(&self) -> impl Iterator<Item = (&Place, &LayerRow)> {
        self.rows.iter()
    }

    /// The rows of `span`, which is not empty.
    pub(super) fn scan(
        &self,
        span: &Span,
        order: Order,
    ) -> impl Iterator<Item = (Place, LayerRow)> + use<'_> {
        let mut range = self.rows.range((span.start.clone(), span.end.clone()));
        std::iter::from_fn(move || match order {
            Order::Forward => range.next(),
            Order::Backward => range.next_back(),
        })
        .map(|(place, row)| (place.clone(), row.clone()))
    }

    fn put(&mut self, place: Place, row: LayerRow) {
        let bytes = |row: &LayerRow| row.bytes.as_ref().map_or(0, |bytes| bytes.len());
        self.bytes += bytes(&row);
        match self.rows.insert(place, row) {
            Some(hidden) => self.bytes -= bytes(&hidden),
            None => self.bytes += ROW_BYTES,
        }
    }
}

/// Two sorted runs of rows as one, where `newer` counts if both have a place.
pub(super) fn over<N, O>(
    newer: N,
    older: O,
    order: Order,
) -> impl Iterator<Item = (Place, LayerRow)>
where
    N: Iterator<Item = (Place, LayerRow)>,
    O: Iterator<Item = (Place, LayerRow)>,
{
    let mut newer = newer.peekable();
    let mut older = older.peekable();
    std::iter::from_fn(move || match first(&mut newer, &mut older, order) {
        Ordering::Less => newer.next(),
        Ordering::Greater => older.next(),
        Ordering::Equal => {
            older.next();
            newer.next()
        }
    })
}

/// Which of the two comes first: `Less` for `newer`.
fn first<N, O>(newer: &mut Peekable<N>, older: &mut Peekable<O>, order: Order) -> Ordering
where
    N: Iterator<Item = (Place, LayerRow)>,
    O: Iterator<Item = (Place, LayerRow)>,
{
    match (newer.peek(), older.peek()) {
        (Some((new, _)), Some((old, _))) => match order {
            Order::Forward => new.cmp(old),
            Order::Backward => old.cmp(new),
        },
        (Some(_), None) => Ordering::Less,
        (None, _) => Ordering::Greater,
    }
}

/// The first rows of a run, until `limit` of them have bytes. Whatever lies behind them cannot be among the first
/// `limit` rows of this run over any other.
pub(super) fn enough(
    run: impl Iterator<Item = (Place, LayerRow)>,
    limit: usize,
) -> Vec<(Place, LayerRow)> {
    let mut left = limit;
    let mut taken = Vec::new();
    for (place, row) in run {
        if left == 0 {
            break;
        }
        left -= usize::from(row.bytes.is_some());
        taken.push((place, row));
    }
    taken
}

/// The first `limit` rows that have bytes, of `above` over `below`.
pub(super) fn visible(
    above: Vec<(Place, LayerRow)>,
    below: impl Iterator<Item = Result<(Place, Versioned), StorageError>>,
    order: Order,
    limit: usize,
) -> Result<Vec<(Place, Versioned)>, StorageError> {
    let mut failure = None;
    let below = below.map_while(|row| match row {
        Ok((place, Versioned { version, bytes })) => Some((
            place,
            LayerRow {
                version,
                bytes: Some(bytes),
            },
        )),
        Err(error) => {
            failure = Some(error);
            None
        }
    });
    let rows = over(above.into_iter(), below, order)
        .filter_map(|(place, row)| {
            Some((
                place,
                Versioned {
                    version: row.version,
                    bytes: row.bytes?,
                },
            ))
        })
        .take(limit)
        .collect();
    failure.map_or(Ok(rows), Err)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Key;

    fn place(name: &str) -> Place {
        Place::of("t", &Key::root().then(name))
    }

    fn layer(rows: &[(&str, u64, Option<&[u8]>)]) -> Layer {
        let mut layer = Layer::default();
        for (name, version, bytes) in rows {
            let write = Write {
                place: place(name),
                bytes: bytes.map(Arc::from),
            };
            layer.apply(Version::from_number(*version), vec![write]);
        }
        layer
    }

    fn names(newer: &Layer, older: &Layer, order: Order, limit: usize) -> Vec<(String, u64)> {
        let span = Span::within("t", &Key::root());
        let above = enough(newer.scan(&span, order), limit);
        let below = older.scan(&span, order).map(|(place, row)| {
            Ok((
                place,
                Versioned {
                    version: row.version,
                    bytes: row.bytes.unwrap(),
                },
            ))
        });
        let rows = visible(above, below, order, limit).unwrap();
        rows.into_iter()
            .map(|(place, row)| (format!("{place:?}"), row.version.number()))
            .collect()
    }

    #[test]
    fn the_newer_row_counts_and_a_deleted_one_hides() {
        let newer = layer(&[("b", 5, None), ("c", 6, Some(b"c")), ("e", 7, Some(b"e"))]);
        let older = layer(&[
            ("a", 1, Some(b"a")),
            ("b", 2, Some(b"b")),
            ("c", 3, Some(b"c")),
            ("d", 4, Some(b"d")),
        ]);
        let row = |name: &str, version| (format!("t\\x00{name}\\x00"), version);
        let all = [row("a", 1), row("c", 6), row("d", 4), row("e", 7)];
        let reversed: Vec<_> = all.iter().rev().cloned().collect();
        for limit in 0..6 {
            let shown = limit.min(all.len());
            assert_eq!(names(&newer, &older, Order::Forward, limit), all[..shown]);
            assert_eq!(
                names(&newer, &older, Order::Backward, limit),
                reversed[..shown]
            );
        }
    }

    #[test]
    fn a_failure_below_is_no_end() {
        let below = [Err(StorageError::Disk("gone".to_string()))].into_iter();
        assert!(visible(vec![], below, Order::Forward, 10).is_err());
    }

    #[test]
    fn counts_its_bytes() {
        let mut layer = layer(&[
            ("a", 1, Some(b"1234")),
            ("a", 2, Some(b"12")),
            ("b", 3, None),
        ]);
        assert_eq!(layer.bytes(), 2 * ROW_BYTES + 2);
        let other = layer.clone();
        layer.cover(other);
        assert_eq!(layer.bytes(), 2 * ROW_BYTES + 2);
    }
}
