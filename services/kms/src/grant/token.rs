//! Grant tokens: a grant's name for the time in which not all of AWS knows of it. Here it is known at once, and a token
//! says no more than that there is such a grant.
//!
//! AWS document: AWS KMS Developer Guide, "Grant token".

use std::sync::Arc;

use base::Secret;
use pipeline::{Call, Failure, Lookup};

use super::{Grant, GrantId};
use crate::errors;
use crate::key::Key;
use crate::key_id::KeyId;
use base::{AccountId, Region};
use storage::Key as Place;

/// What a sealed token is for.
const PURPOSE: &str = "kms grant token";

/// A grant as a token names it.
pub(crate) struct Named {
    /// The account of the key.
    pub(crate) account: AccountId,
    /// The key.
    pub(crate) key: KeyId,
    /// The grant.
    pub(crate) id: GrantId,
}

/// A new token of `grant`.
pub(crate) fn seal(call: &Call<'_>, grant: &Grant) -> Result<Secret<String>, Failure> {
    let name = name(grant.account, &grant.region, &grant.key, grant.id);
    call.seal_token(PURPOSE, name.as_bytes())
}

fn name(account: AccountId, region: &Region, key: &KeyId, id: GrantId) -> String {
    format!("{account}/{region}/{key}/{id}")
}

/// What `token` names in the region of the call.
pub(crate) fn open(call: &Call<'_>, token: &Secret<String>) -> Result<Named, Failure> {
    let opened = call.open_token(PURPOSE, token.expose());
    let named = opened
        .as_deref()
        .and_then(|bytes| read(bytes, &call.region()));
    named.ok_or_else(errors::invalid_grant_token)
}

fn read(bytes: &[u8], here: &Region) -> Option<Named> {
    let text = std::str::from_utf8(bytes).ok()?;
    let mut parts = text.split('/');
    let mut part = || parts.next();
    let account = part()?.parse().ok()?;
    if part()? != here.as_str() {
        return None;
    }
    Some(Named {
        account,
        key: KeyId::parse(part()?)?,
        id: GrantId::parse(part()?)?,
    })
}

/// Refuses tokens that are not ours, and those of grants that are no more.
pub(crate) async fn check(
    look: &Lookup<'_>,
    given: &Option<Vec<Secret<String>>>,
) -> Result<(), Failure> {
    for token in given.iter().flatten() {
        let named = open(look.call(), token)?;
        let place = named.place(&look.call().region());
        let grant: Option<Arc<Grant>> = look.get(&place).await?;
        if grant.is_none() {
            return Err(errors::invalid_grant_token());
        }
    }
    Ok(())
}

impl Named {
    /// Where the grant lies.
    fn place(&self, here: &Region) -> Place {
        Key::key_of(self.account, here, &self.key).then(&self.id.to_string())
    }
}
