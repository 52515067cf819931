//! Lists in pages. A token names the last item of the page before, for nobody to read.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use pipeline::{Failure, Lookup};
use std::sync::Arc;
use storage::{Key, Record};

use crate::errors;

/// Items of a page unless told otherwise, and at most.
const MOST: usize = 20;

/// Sorts before every id: what a token holds where the page before had none.
const FIRST: &str = "-";

/// What a caller wants to see of a list that is sorted by name.
#[derive(Debug, PartialEq)]
pub(crate) struct Asked {
    after: Option<String>,
    limit: usize,
}

/// One page.
#[derive(Debug)]
pub(crate) struct Page<T> {
    /// Its items.
    pub(crate) items: Vec<T>,
    /// Where the next one begins, if there is one.
    pub(crate) next_token: Option<String>,
}

impl Asked {
    /// From `NextToken` and `MaxResults`, which validation has bounded.
    pub(crate) fn read(token: &Option<String>, limit: Option<i32>) -> Result<Self, Failure> {
        let limit = limit.and_then(|limit| usize::try_from(limit).ok());
        Ok(Self {
            after: token.as_deref().map(name_in).transpose()?,
            limit: limit.unwrap_or(MOST).clamp(1, MOST),
        })
    }

    /// The same with room for `taken` items less, and whether this is the first page.
    pub(crate) fn first_page_less(self, taken: usize) -> (Self, bool) {
        let first = self.after.is_none();
        let limit = if first {
            self.limit.saturating_sub(taken)
        } else {
            self.limit
        };
        (Self { limit, ..self }, first)
    }

    /// The page of `items`, which are sorted by `name` and all there are.
    pub(crate) fn of_all<T>(
        &self,
        items: impl IntoIterator<Item = T>,
        name: impl Fn(&T) -> String,
    ) -> Page<T> {
        let after = self.after.as_deref();
        let reached = |item: &T| after.is_none_or(|after| name(item).as_str() > after);
        let items = items.into_iter().filter(reached).take(self.limit + 1);
        self.cut(items.collect(), &name)
    }

    /// The page of the records below `prefix` that are `wanted`. `key` finds the record of a name again.
    pub(crate) async fn below<R: Record>(
        &self,
        look: &Lookup<'_>,
        prefix: &Key,
        list: &Listing<'_, R>,
    ) -> Result<Page<Arc<R>>, Failure> {
        let mut after = self.after.as_deref().map(list.key);
        let mut items = Vec::new();
        while items.len() <= self.limit {
            let found = look.scan::<R>(prefix, after.as_ref(), MOST + 1).await?;
            let Some(last) = found.last().filter(|_| found.len() > MOST) else {
                items.extend(
                    found
                        .iter()
                        .map(|row| row.arc())
                        .filter(|row| (list.wanted)(row)),
                );
                break;
            };
            after = Some(last.key());
            items.extend(
                found
                    .iter()
                    .map(|row| row.arc())
                    .filter(|row| (list.wanted)(row)),
            );
        }
        Ok(self.cut(items, &|row: &Arc<R>| (list.name)(row)))
    }

    fn cut<T>(&self, mut items: Vec<T>, name: &dyn Fn(&T) -> String) -> Page<T> {
        let more = items.len() > self.limit;
        items.truncate(self.limit);
        let last = || items.last().map_or_else(|| FIRST.to_owned(), name);
        let next_token = more.then(|| URL_SAFE_NO_PAD.encode(last()));
        Page { items, next_token }
    }
}

/// What is listed of a table.
pub(crate) struct Listing<'a, R> {
    /// Which records.
    pub(crate) wanted: &'a (dyn Fn(&R) -> bool + Sync),
    /// What a token holds of a record.
    pub(crate) name: &'a (dyn Fn(&R) -> String + Sync),
    /// Where the record of that name lies.
    pub(crate) key: &'a (dyn Fn(&str) -> Key + Sync),
}

fn name_in(token: &str) -> Result<String, Failure> {
    let bytes = URL_SAFE_NO_PAD
        .decode(token)
        .map_err(|_| errors::invalid_next_token())?;
    String::from_utf8(bytes).map_err(|_| errors::invalid_next_token())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_item_comes_once() {
        for (limit, sizes) in [
            (2, vec![2, 2, 1]),
            (5, vec![5]),
            (1, vec![1; 5]),
            (20, vec![5]),
        ] {
            let (mut found, mut names, mut token) = (Vec::new(), Vec::new(), None);
            loop {
                let asked = Asked::read(&token, Some(limit)).unwrap();
                let page = asked.of_all(["a", "b", "c", "d", "e"], |name| name.to_string());
                found.push(page.items.len());
                names.extend(page.items);
                token = page.next_token;
                if token.is_none() {
                    break;
                }
            }
            assert_eq!((found, names.concat().as_str()), (sizes, "abcde"));
        }
    }

    #[test]
    fn tokens_that_never_were_ours() {
        for token in ["!", "YQ==", "_w"] {
            assert!(
                Asked::read(&Some(token.to_owned()), None).is_err(),
                "{token}"
            );
        }
    }
}
