//! The user changes its own password.

use super::same_place;
use crate::credentials::Credentials;
use crate::database::{LogIn, Session};
use crate::failure::Failure;
use crate::rotation::Rotation;
use crate::secrets_manager::{CURRENT, PREVIOUS};

/// Logs in with the current password, else with the previous one, and sets the pending one.
pub(super) async fn set(
    rotation: &Rotation<'_>,
    current: &Credentials,
    pending: &Credentials,
) -> Result<(), Failure> {
    let mut session = match rotation.log_in(current).await? {
        LogIn::In(session) => session,
        refused @ LogIn::Refused(_) => match previous(rotation, pending).await? {
            Some(session) => session,
            None => refused.session(CURRENT)?,
        },
    };
    session.set_own_password(&pending.password).await
}

/// A session with the previous password: of a database that was restored, or of a rotation that was broken off.
async fn previous(
    rotation: &Rotation<'_>,
    pending: &Credentials,
) -> Result<Option<Session>, Failure> {
    let Some(previous) = rotation.previous().await? else {
        return Ok(None);
    };
    if previous.username != pending.username {
        let what = "AWSPREVIOUS and AWSPENDING do not have the same user";
        return Err(Failure::Precondition(what.to_owned()));
    }
    same_place(&previous, pending, "AWSPREVIOUS and AWSPENDING")?;
    let session = rotation.log_in(&previous).await?;
    session.session(PREVIOUS).map(Some)
}
