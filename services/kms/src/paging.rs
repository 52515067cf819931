//! Lists in pages. A marker is the name of the last item of the page before, for nobody to read.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use pipeline::Failure;

use crate::errors;

/// What a caller wants to see of a list that is sorted by name.
#[derive(Debug, PartialEq)]
pub(crate) struct Asked {
    /// Only what comes behind this name.
    pub(crate) after: Option<String>,
    /// Items of a page.
    limit: usize,
}

impl Asked {
    /// From `Marker` and `Limit`, which validation has bounded.
    pub(crate) fn read(
        marker: Option<&str>,
        limit: Option<i32>,
        default: usize,
    ) -> Result<Self, Failure> {
        let limit = limit.and_then(|limit| usize::try_from(limit).ok());
        Ok(Self {
            after: marker.map(name_in).transpose()?,
            limit: limit.unwrap_or(default).max(1),
        })
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
        let next_marker = last.map(|item| marker(name(item)));
        Page { items, next_marker }
    }

    /// `page`, behind which the list goes on after `name`: what was looked at for it ended there.
    pub(crate) fn behind<T>(&self, page: Page<T>, name: &str) -> Page<T> {
        Page {
            next_marker: Some(marker(name)),
            ..page
        }
    }
}

/// One page.
#[derive(Debug)]
pub(crate) struct Page<T> {
    /// Its items.
    pub(crate) items: Vec<T>,
    /// Where the next one begins, if there is one.
    pub(crate) next_marker: Option<String>,
}

impl<T> Page<T> {
    /// `Truncated`: whether there is another page.
    pub(crate) fn truncated(&self) -> Option<bool> {
        Some(self.next_marker.is_some())
    }
}

fn marker(name: &str) -> String {
    URL_SAFE_NO_PAD.encode(name)
}

fn name_in(marker: &str) -> Result<String, Failure> {
    let bytes = URL_SAFE_NO_PAD
        .decode(marker)
        .map_err(|_| errors::invalid_marker())?;
    String::from_utf8(bytes).map_err(|_| errors::invalid_marker())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pages(limit: i32) -> Vec<Vec<&'static str>> {
        let names = ["a", "b", "c", "d", "e"];
        let (mut pages, mut marker) = (Vec::new(), None::<String>);
        loop {
            let asked = Asked::read(marker.as_deref(), Some(limit), 50).unwrap();
            let rest = names.iter().copied().filter(|name| asked.reaches(name));
            let page = asked.cut(rest, |name| name);
            assert_eq!(page.truncated(), Some(page.next_marker.is_some()));
            pages.push(page.items);
            match page.next_marker {
                Some(next) => marker = Some(next),
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
        let asked = |limit| Asked::read(None, limit, 50).unwrap().up_to(100);
        assert_eq!(asked(None).unwrap().to_read(), 51);
        assert_eq!(asked(Some(100)).unwrap().to_read(), 101);
        assert!(asked(Some(101)).is_err());
    }

    #[test]
    fn markers_that_never_were_ours() {
        for marker in ["!", "YQ==", "_w"] {
            assert!(Asked::read(Some(marker), None, 50).is_err(), "{marker}");
        }
    }
}
