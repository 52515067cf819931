//! Records that are read together.

use crate::cache::{AnyRecord, Entry, Tally};
use crate::{Key, Order, Place, Record, Records, Span, StorageError};
use std::sync::Arc;

/// Records below one key, lowest first.
pub type List<R> = Arc<[Arc<R>]>;

impl Records {
    /// Every record whose key is `parent` and one part more. From memory where they are known: then the future is ready
    /// at once. Sees every commit acknowledged before.
    pub async fn list<R: Record>(&self, parent: &Key) -> Result<List<R>, StorageError> {
        const { assert!(R::LISTED) };
        let place = Place::of(R::TABLE, parent);
        if let Some(known) = self.known_list(&place) {
            return Ok(known);
        }
        let span = Span::within(R::TABLE, parent);
        let read = self
            .engine()
            .scan(&span, Order::Forward, usize::MAX)
            .await?;
        let bytes = read.found.iter().map(|(_, row)| row.bytes.len()).sum();
        let rows = read.found.iter();
        let list: List<R> = rows
            .map(|(place, row)| self.open(place, row))
            .collect::<Result<_, _>>()?;
        let entry = Entry::new(
            read.version,
            Some(Arc::new(list.clone()) as AnyRecord),
            bytes,
        );
        self.cache().loaded(place, read.version, entry);
        Ok(list)
    }

    /// How many records have keys that begin with `prefix`, at most `limit`. Opens none of them. Of a counted table
    /// `prefix` is all of the keys but their last part, and the number is taken from memory where it is known.
    pub async fn count<R: Record>(
        &self,
        prefix: &Key,
        limit: usize,
    ) -> Result<usize, StorageError> {
        let span = Span::within(R::TABLE, prefix);
        if R::COUNTED {
            return Ok(self
                .tally(&span, &Place::of(R::TABLE, prefix))
                .await?
                .min(limit));
        }
        let read = self.engine().scan(&span, Order::Forward, limit).await?;
        Ok(read.found.len())
    }

    async fn tally(&self, span: &Span, parent: &Place) -> Result<usize, StorageError> {
        let place = parent.clone().past_children();
        let known = self.cache().get(&place, |entry| {
            let tally = entry.value.as_ref()?.downcast_ref::<Tally>()?;
            Some(tally.0)
        });
        if let Some(known) = known {
            return Ok(known);
        }
        let read = self.engine().count(span).await?;
        let entry = Tally(read.found).entry(read.version);
        self.cache().loaded(place, read.version, entry);
        Ok(read.found)
    }

    fn known_list<R: Record>(&self, place: &Place) -> Option<List<R>> {
        self.cache().get(place, |entry| {
            let list = entry.value.as_ref()?.downcast_ref::<List<R>>()?;
            Some(Arc::clone(list))
        })
    }
}
