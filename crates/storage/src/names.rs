//! Names of records without the records: what long lists show.

use crate::{Key, Order, Place, Record, Records, Span, StorageError};

impl Records {
    /// The last part of the keys of at most `limit` records whose key begins with `prefix`, in key order, behind `after`.
    /// Every row is proved to be what was written there; none is read.
    pub async fn names<R: Record>(
        &self,
        prefix: &Key,
        after: Option<&Key>,
        limit: usize,
    ) -> Result<Vec<String>, StorageError> {
        let span = Span::within(R::TABLE, prefix);
        let span = after
            .map(|key| Place::of(R::TABLE, key))
            .into_iter()
            .fold(span, Span::after);
        let rows = self.engine().scan(&span, Order::Forward, limit).await?;
        let names = rows.found.iter().map(|(place, row)| {
            self.prove(place, row)?;
            Ok(place.key().name())
        });
        names.collect()
    }
}
