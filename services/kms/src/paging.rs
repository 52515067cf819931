//! Lists in pages. A marker is the name of the last item of the page before, for nobody to read: it is bound to the
//! list and the caller's account, and only this server opens it.

use crypto::{context, digest};
use pipeline::{Call, Failure};

use crate::errors;

/// What markers are for.
const PURPOSE: &str = "kms page";
/// Bytes of a marker that name the list.
const LIST_BYTES: usize = 32;

/// What a caller wants to see of a list that is sorted by name.
#[derive(Debug, PartialEq)]
pub(crate) struct Asked {
    list: [u8; LIST_BYTES],
    /// Only what comes behind this name.
    pub(crate) after: Option<String>,
    /// Items of a page.
    limit: usize,
}

impl Asked {
    /// From `Marker` and `Limit`, which validation has bounded, of the list that is known by `what`: the operation and
    /// what it is asked about.
    pub(crate) fn read(
        call: &Call<'_>,
        what: &[&str],
        marker: Option<&str>,
        (limit, default): (Option<i32>, usize),
    ) -> Result<Self, Failure> {
        let (account, region) = (call.account(), call.region());
        let mut parts = vec![account.as_str().as_bytes(), region.as_str().as_bytes()];
        parts.extend(what.iter().map(|part| part.as_bytes()));
        let list = digest::sha256(&context::bind(&parts));
        let after = match marker {
            Some(marker) => {
                let opened = call.open_token(PURPOSE, marker).unwrap_or_default();
                let name = opened.strip_prefix(&list[..]);
                let name = name.and_then(|name| String::from_utf8(name.to_vec()).ok());
                Some(name.ok_or_else(errors::invalid_marker)?)
            }
            None => None,
        };
        Ok(Self::of(list, after, limit, default))
    }

    fn of(
        list: [u8; LIST_BYTES],
        after: Option<String>,
        limit: Option<i32>,
        default: usize,
    ) -> Self {
        let limit = limit.and_then(|limit| usize::try_from(limit).ok());
        Self {
            list,
            after,
            limit: limit.unwrap_or(default).max(1),
        }
    }

    /// The same, of a list whose pages are smaller than those that the model allows.
    pub(crate) fn up_to(self, most: usize) -> Result<Self, Failure> {
        match self.limit <= most {
            true => Ok(self),
            false => Err(errors::limit_too_large(self.limit, most)),
        }
    }

    /// How many items to read: one more than the page has, to see whether there are more.
    pub(crate) fn to_read(&self) -> usize {
        self.limit + 1
    }

    /// Whether a sorted list in memory shows `name` on this page or a later one.
    pub(crate) fn reaches(&self, name: &str) -> bool {
        self.after.as_deref().is_none_or(|after| name > after)
    }

    /// The page of `items`, of which the first is the first of the page.
    pub(crate) fn cut<T>(
        &self,
        items: impl IntoIterator<Item = T>,
        name: fn(&T) -> &str,
    ) -> Page<T> {
        let mut items: Vec<T> = items.into_iter().take(self.to_read()).collect();
        let truncated = items.len() > self.limit;
        items.truncate(self.limit);
        let last = items.last().filter(|_| truncated);
        let last = last.map(|item| name(item).to_owned());
        Page { items, last }
    }

    /// `page`, behind which the list goes on after `name`: what was looked at for it ended there.
    pub(crate) fn behind<T>(&self, page: Page<T>, name: &str) -> Page<T> {
        Page {
            last: Some(name.to_owned()),
            ..page
        }
    }

    /// `NextMarker`, of a page that is not the last.
    pub(crate) fn next_marker<T>(
        &self,
        call: &Call<'_>,
        page: &Page<T>,
    ) -> Result<Option<String>, Failure> {
        let Some(last) = &page.last else {
            return Ok(None);
        };
        let sealed = call.seal_token(PURPOSE, &[&self.list[..], last.as_bytes()].concat())?;
        Ok(Some(sealed.expose().clone()))
    }
}

/// One page.
#[derive(Debug)]
pub(crate) struct Page<T> {
    /// Its items.
    pub(crate) items: Vec<T>,
    /// The name behind which the next one begins, if there is one.
    pub(crate) last: Option<String>,
}

impl<T> Page<T> {
    /// `Truncated`: whether there is another page.
    pub(crate) fn truncated(&self) -> Option<bool> {
        Some(self.last.is_some())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pages(limit: i32) -> Vec<Vec<&'static str>> {
        let names = ["a", "b", "c", "d", "e"];
        let (mut pages, mut after) = (Vec::new(), None);
        loop {
            let asked = Asked::of([0; LIST_BYTES], after, Some(limit), 50);
            let rest = names.iter().copied().filter(|name| asked.reaches(name));
            let page = asked.cut(rest, |name| name);
            assert_eq!(page.truncated(), Some(page.last.is_some()));
            pages.push(page.items);
            match page.last {
                Some(last) => after = Some(last),
                None => return pages,
            }
        }
    }

    #[test]
    fn every_item_comes_once() {
        assert_eq!(pages(2), [&["a", "b"][..], &["c", "d"], &["e"]]);
        assert_eq!(pages(5), [["a", "b", "c", "d", "e"]]);
        assert_eq!(pages(1).len(), 5);
    }

    #[test]
    fn some_lists_have_smaller_pages() {
        let asked = |limit| Asked::of([0; LIST_BYTES], None, limit, 50).up_to(100);
        assert_eq!(asked(None).unwrap().to_read(), 51);
        assert_eq!(asked(Some(100)).unwrap().to_read(), 101);
        assert!(asked(Some(101)).is_err());
    }
}
