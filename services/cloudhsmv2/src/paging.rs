//! Lists in pages. A token names the last item of the page before, for nobody to read.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use pipeline::{Failure, Lookup};
use std::sync::Arc;
use storage::{Key, Record};

use crate::errors;

/// Records read at once.
const BATCH: usize = 100;

/// Every record below `prefix`.
pub(crate) async fn all<R: Record>(
    look: &Lookup<'_>,
    prefix: &Key,
) -> Result<Vec<Arc<R>>, Failure> {
    let (mut items, mut after) = (Vec::new(), None);
    loop {
        let found = look.scan::<R>(prefix, after.as_ref(), BATCH).await?;
        items.extend(found.iter().map(|row| row.arc()));
        match found.last() {
            Some(last) if found.len() == BATCH => after = Some(last.key()),
            _ => return Ok(items),
        }
    }
}

/// The page of `items` behind the one that `token` names, and the token of the next page.
pub(crate) fn page<T>(
    items: Vec<T>,
    token: &Option<String>,
    limit: Option<i32>,
    most: usize,
    id: impl Fn(&T) -> String,
) -> Result<(Vec<T>, Option<String>), Failure> {
    let limit = limit.and_then(|limit| usize::try_from(limit).ok());
    let limit = limit.unwrap_or(most).clamp(1, most);
    let first = match token {
        None => 0,
        Some(token) => {
            let bytes = URL_SAFE_NO_PAD.decode(token);
            let last = bytes.map_err(|_| errors::invalid_next_token())?;
            let found = items.iter().position(|item| id(item).as_bytes() == last);
            found.ok_or_else(errors::invalid_next_token)? + 1
        }
    };
    let mut shown: Vec<T> = items.into_iter().skip(first).take(limit + 1).collect();
    let more = shown.len() > limit;
    shown.truncate(limit);
    let next = shown.last().filter(|_| more);
    let next = next.map(|last| URL_SAFE_NO_PAD.encode(id(last)));
    Ok((shown, next))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_item_comes_once() {
        for (limit, sizes) in [(2, vec![2, 2, 1]), (5, vec![5]), (1, vec![1; 5])] {
            let (mut found, mut names, mut token) = (Vec::new(), Vec::new(), None);
            loop {
                let items = vec!["c", "a", "e", "b", "d"];
                let (shown, next) =
                    page(items, &token, Some(limit), 5, |name| name.to_string()).unwrap();
                found.push(shown.len());
                names.extend(shown);
                token = next;
                if token.is_none() {
                    break;
                }
            }
            assert_eq!((found, names.concat().as_str()), (sizes, "caebd"));
        }
        for token in ["!", "eg"] {
            let token = Some(token.to_owned());
            assert!(page(vec!["a"], &token, None, 5, |name| name.to_string()).is_err());
        }
    }
}
