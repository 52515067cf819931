//! A user, or the root user, who issues a session in its own right.

use identity::{Caller, Identity, Owner};
use pipeline::Failure;

use crate::errors;

/// Sessions last that long unless told otherwise, in seconds.
const TWELVE_HOURS: i32 = 43_200;
/// Longest session that the root user issues, in seconds.
const ONE_HOUR: i32 = 3600;

/// Who issues a session.
pub(crate) struct Issuer {
    pub(crate) owner: Owner,
    /// Unique id: the account id for the root user.
    pub(crate) id: String,
}

impl Issuer {
    /// The caller of `operation`, who must have long-term credentials.
    pub(crate) fn of(caller: &Caller, operation: &str) -> Result<Self, Failure> {
        let owner = match (&caller.identity, &caller.session) {
            (Identity::Root, None) => Owner::Root,
            (Identity::User(user), None) => Owner::User(user.name.clone()),
            _ => return Err(errors::session_credentials(operation)),
        };
        Ok(Self {
            owner,
            id: caller.user_id(),
        })
    }

    /// How long the session lasts. AWS: what is too long for the root user is cut, not refused.
    pub(crate) fn duration_seconds(&self, wanted: Option<i32>) -> i32 {
        let wanted = wanted.unwrap_or(TWELVE_HOURS);
        match self.owner {
            Owner::Root => wanted.min(ONE_HOUR),
            Owner::User(_) => wanted,
        }
    }
}
