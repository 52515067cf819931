//! Lists in pages. A token says how far a list was shown, is bound to the list and the caller's account, and can only be
//! read by this server.

use crypto::{context, digest};
use pipeline::{Call, Failure};

use crate::errors;

/// What tokens are for.
const PURPOSE: &str = "ssm page";
/// Bytes of a token that name the list.
const LIST_BYTES: usize = 32;

/// A list as one caller asked for it.
pub(crate) struct Pages {
    list: [u8; LIST_BYTES],
    /// What the page before ended with.
    pub(crate) after: Option<String>,
}

impl Pages {
    /// The page that `token` leads to, of the list that is known by `what`: the operation and all it was asked.
    pub(crate) fn read(
        call: &Call<'_>,
        what: &[&str],
        token: Option<&str>,
    ) -> Result<Self, Failure> {
        let (account, region) = (call.account(), call.region());
        let mut parts = vec![account.as_str().as_bytes(), region.as_str().as_bytes()];
        parts.extend(what.iter().map(|part| part.as_bytes()));
        let list = digest::sha256(&context::bind(&parts));
        let after = match token {
            Some(token) => {
                let opened = call.open_token(PURPOSE, token).unwrap_or_default();
                let after = opened.strip_prefix(&list[..]);
                let after = after.and_then(|after| String::from_utf8(after.to_vec()).ok());
                Some(after.ok_or_else(errors::invalid_next_token)?)
            }
            None => None,
        };
        Ok(Self { list, after })
    }

    /// The token of the page behind `last`.
    pub(crate) fn token(
        &self,
        call: &Call<'_>,
        last: Option<String>,
    ) -> Result<Option<String>, Failure> {
        let Some(last) = last else { return Ok(None) };
        let sealed = call.seal_token(PURPOSE, &[&self.list[..], last.as_bytes()].concat())?;
        Ok(Some(sealed.expose().clone()))
    }
}
