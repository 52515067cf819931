//! Lists in pages: `Marker` and `MaxItems`.

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use pipeline::{Failure, Lookup};
use storage::{Key, Record};

use crate::errors;

/// Entries of a page unless the caller says otherwise. AWS: each list's `MaxItems`.
const DEFAULT: usize = 100;
/// Records one call looks at in search of those it wants. AWS: "IAM might return fewer than the MaxItems number of
/// results, even when there are more results available."
const LOOKED_AT: usize = 2_000;

/// Which page of a list is wanted.
#[derive(Clone)]
pub(crate) struct Paging {
    after: Option<String>,
    size: usize,
}

/// One page, and the marker of the next if there is one.
pub(crate) struct Paged<T> {
    /// The entries.
    pub(crate) items: Vec<T>,
    /// For `Marker`.
    pub(crate) marker: Option<String>,
}

impl<T> Paged<T> {
    /// For `IsTruncated`.
    pub(crate) fn is_truncated(&self) -> Option<bool> {
        Some(self.marker.is_some())
    }
    /// The same page with other entries.
    pub(crate) fn map<U>(&self, entry: impl FnMut(&T) -> U) -> Vec<U> {
        self.items.iter().map(entry).collect()
    }
}

impl Paging {
    /// From what the caller sent. Fails for a marker that no answer held.
    pub(crate) fn new(marker: &Option<String>, max_items: Option<i32>) -> Result<Self, Failure> {
        let after = marker.as_deref().map(unmark).transpose()?;
        let size = max_items.and_then(|size| usize::try_from(size).ok());
        Ok(Self {
            after,
            size: size.unwrap_or(DEFAULT).max(1),
        })
    }

    /// The records below `prefix` that `wanted` wants. Each record's key must be `prefix`, then `name` in lower case.
    pub(crate) async fn records<R: Record>(
        &self,
        look: &Lookup<'_>,
        prefix: &Key,
        name: fn(&R) -> &str,
        wanted: impl Fn(&R) -> bool + Send,
    ) -> Result<Paged<Arc<R>>, Failure> {
        let mut items: Vec<Arc<R>> = Vec::new();
        let mut after = self.after.clone();
        let mut looked_at = 0;
        loop {
            let limit = self.size + 1 - items.len();
            let behind = after.as_deref().map(|name| prefix.clone().then(name));
            let page = look.scan::<R>(prefix, behind.as_ref(), limit).await?;
            let is_last = page.len() < limit;
            looked_at += page.len();
            for record in page {
                if wanted(&record) {
                    if items.len() == self.size {
                        let marker = after.as_deref().map(mark);
                        return Ok(Paged { items, marker });
                    }
                    items.push(record.arc());
                }
                after = Some(name(&record).to_ascii_lowercase());
            }
            if is_last {
                return Ok(Paged {
                    items,
                    marker: None,
                });
            }
            if looked_at >= LOOKED_AT {
                let marker = after.as_deref().map(mark);
                return Ok(Paged { items, marker });
            }
        }
    }

    /// For a list of several kinds of entity one after another: the kind at which the page begins. From then on the
    /// paging is that of the kind.
    pub(crate) fn take_kind(&mut self) -> Result<usize, Failure> {
        let Some(after) = self.after.take() else {
            return Ok(0);
        };
        let (kind, name) = after.split_once(':').ok_or_else(errors::invalid_marker)?;
        let kind = kind.parse::<u8>().ok().filter(|kind| *kind < 5);
        let kind = kind.ok_or_else(errors::invalid_marker)?;
        self.after = Some(name.to_owned()).filter(|name| !name.is_empty());
        Ok(kind.into())
    }

    /// The marker of a page that begins with this kind, behind `name`.
    pub(crate) fn mark_kind(kind: usize, name: &str) -> String {
        mark(&format!("{kind}:{name}"))
    }

    /// Whether nothing more fits.
    pub(crate) fn is_full(&self) -> bool {
        self.size == 0
    }

    /// The records of one kind that fit.
    pub(crate) async fn section<R: Record>(
        &self,
        look: &Lookup<'_>,
        prefix: &Key,
        name: fn(&R) -> &str,
    ) -> Result<Paged<Arc<R>>, Failure> {
        self.records(look, prefix, name, |_| true).await
    }

    /// Goes on to the next kind, where `taken` entities fewer fit; answers where this kind stopped, if it did.
    pub(crate) fn after_section(
        &mut self,
        taken: usize,
        marker: Option<String>,
    ) -> Result<Option<String>, Failure> {
        self.size = self.size.saturating_sub(taken);
        self.after = None;
        marker.as_deref().map(unmark).transpose()
    }

    /// A page of a list at hand, which is sorted by `place`: a text of at most 200 bytes that no two entries share.
    pub(crate) fn list<T>(
        &self,
        entries: impl IntoIterator<Item = T>,
        place: impl Fn(&T) -> String,
    ) -> Paged<T> {
        let mut items: Vec<T> = entries.into_iter().collect();
        items.sort_by_cached_key(&place);
        items.retain(|entry| {
            self.after
                .as_ref()
                .is_none_or(|after| place(entry) > *after)
        });
        let more = items.len() > self.size;
        items.truncate(self.size);
        let last = items.last().filter(|_| more);
        let marker = last.map(|entry| mark(&place(entry)));
        Paged { items, marker }
    }
}

fn mark(place: &str) -> String {
    STANDARD.encode(place)
}

fn unmark(marker: &str) -> Result<String, Failure> {
    let bytes = STANDARD.decode(marker).ok();
    let text = bytes.and_then(|bytes| String::from_utf8(bytes).ok());
    text.ok_or_else(errors::invalid_marker)
}

/// Whether an entity of this path is wanted. Without a prefix, every one is.
pub(crate) fn below(prefix: &Option<String>, path: &str) -> bool {
    prefix
        .as_deref()
        .is_none_or(|prefix| path.starts_with(prefix))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(marker: Option<String>, size: i32) -> Paged<&'static str> {
        let paging = Paging::new(&marker, Some(size)).unwrap();
        paging.list(["c", "a", "b"], |entry| entry.to_string())
    }

    #[test]
    fn pages_of_a_list_at_hand() {
        let first = page(None, 2);
        assert_eq!(first.items, ["a", "b"]);
        assert_eq!(first.is_truncated(), Some(true));
        let second = page(first.marker, 2);
        assert_eq!(second.items, ["c"]);
        assert_eq!(second.is_truncated(), Some(false));
        assert_eq!(page(None, 3).marker, None);
        assert_eq!(page(Some(mark("z")), 3).items.len(), 0);
    }

    #[test]
    fn markers_that_no_answer_held() {
        for marker in ["%", "a", "/w=="] {
            assert!(Paging::new(&Some(marker.into()), None).is_err(), "{marker}");
        }
    }

    #[test]
    fn path_prefixes() {
        assert!(below(&None, "/a/"));
        assert!(below(&Some("/".into()), "/a/"));
        assert!(below(&Some("/a".into()), "/ab/"));
        assert!(!below(&Some("/a/".into()), "/"));
    }
}
