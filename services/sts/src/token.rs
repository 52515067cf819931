//! The credentials of a session: its access key, and the token that holds all of it.
//!
//! AWS document: AWS Security Token Service API Reference, "Credentials". A token has at most 4,096 bytes, and that
//! is the one limit on session policies and tags together.

use base::{AccountId, Timestamp};
use identity::{Prefix, Session};
use pipeline::{Failure, Operation, Permitted};
use sts_api::shapes::Credentials;

use crate::errors;

/// Longest token, in bytes.
const LONGEST_TOKEN: usize = 4096;

/// The credentials of a session that began with this call.
pub(crate) struct Issued {
    pub(crate) credentials: Credentials,
    /// Length of the token, in bytes.
    pub(crate) token_bytes: i32,
    /// How much of the longest token that is, in percent.
    pub(crate) utilization: i32,
}

/// When a session of this call begins and ends: whole seconds, as its expiration is told.
pub(crate) fn lifetime<O: Operation>(
    call: &Permitted<'_, O>,
    duration_seconds: i32,
) -> (Timestamp, Timestamp) {
    let issued = Timestamp::from_seconds(call.call().now().seconds());
    (issued, issued.plus_seconds(duration_seconds.into()))
}

/// A new access key id for a session in `account`.
pub(crate) fn access_key_id<O: Operation>(call: &Permitted<'_, O>, account: AccountId) -> String {
    call.unique_id_in(account, Prefix::TemporaryAccessKey)
}

/// Seals `session` into a token of at least `minimum_bytes`. Nothing is kept of it.
pub(crate) fn issue<O: Operation>(
    call: &Permitted<'_, O>,
    session: &Session,
    minimum_bytes: Option<i32>,
) -> Result<Issued, Failure> {
    let minimum = usize::try_from(minimum_bytes.unwrap_or_default()).unwrap_or_default();
    let token = call.seal_session(session, minimum)?;
    let bytes = token.expose().len();
    let percent = (bytes * 100).div_ceil(LONGEST_TOKEN);
    if bytes > LONGEST_TOKEN {
        return Err(errors::too_large(percent, !session.tags.is_empty()));
    }
    Ok(Issued {
        credentials: Credentials {
            access_key_id: session.access_key_id.clone(),
            secret_access_key: session.secret.clone(),
            session_token: token,
            expiration: session.expires,
        },
        token_bytes: i32::try_from(bytes).map_err(Failure::internal)?,
        utilization: i32::try_from(percent).map_err(Failure::internal)?,
    })
}
