//! Lists in pages. A token says how far a list was shown, and of which list: it opens no other.

use crypto::{context, digest};
use pipeline::{Call, Failure};

use crate::errors;

/// What tokens are sealed for.
const PURPOSE: &str = "secretsmanager page";
/// Bytes of a token that name the list.
const LIST_BYTES: usize = 16;

/// A list as one caller asked for it.
pub(crate) struct Pages {
    list: [u8; LIST_BYTES],
    start: usize,
    size: usize,
}

impl Pages {
    /// The page that `token` leads to, of the list that is known by `what`: the operation and all it was asked.
    pub(crate) fn read(
        call: &Call<'_>,
        what: &[&str],
        token: Option<&str>,
        size: usize,
    ) -> Result<Self, Failure> {
        let (account, region) = (call.account(), call.region());
        let mut parts = vec![account.as_str().as_bytes(), region.as_str().as_bytes()];
        parts.extend(what.iter().map(|part| part.as_bytes()));
        let digest = digest::sha256(&context::bind(&parts));
        let list = digest.first_chunk::<LIST_BYTES>().copied();
        let list = list.ok_or_else(|| Failure::internal("a short digest"))?;
        let start = token.map_or(Ok(0), |token| start_in(call, token, &list))?;
        Ok(Self { list, start, size })
    }

    /// The page of `items`, and the token of the next one.
    pub(crate) fn cut<T>(
        &self,
        call: &Call<'_>,
        items: Vec<T>,
    ) -> Result<(Vec<T>, Option<String>), Failure> {
        let end = self.start.saturating_add(self.size);
        let more = items.len() > end;
        let page = items.into_iter().skip(self.start).take(self.size);
        let page = page.collect();
        if !more {
            return Ok((page, None));
        }
        let end = (end as u64).to_be_bytes();
        let token = call.seal_token(PURPOSE, &[&self.list[..], &end].concat())?;
        Ok((page, Some(token.expose().clone())))
    }
}

fn start_in(call: &Call<'_>, token: &str, list: &[u8; LIST_BYTES]) -> Result<usize, Failure> {
    let bytes = call.open_token(PURPOSE, token).unwrap_or_default();
    let start = bytes.split_first_chunk::<LIST_BYTES>();
    let start = start.filter(|(of, _)| *of == list);
    let start = start.and_then(|(_, start)| <[u8; 8]>::try_from(start).ok());
    let start = start.and_then(|start| usize::try_from(u64::from_be_bytes(start)).ok());
    start.ok_or_else(errors::invalid_next_token)
}
