//! A superuser makes the other user, if it is not there, and sets its password.

use super::same_place;
use crate::credentials::Credentials;
use crate::failure::Failure;
use crate::rotation::Rotation;
use crate::secrets_manager::CURRENT;

/// Has the superuser of `masterarn` do it. The database must let the current user in first, so that whoever can write the
/// secret cannot have the superuser touch users of which he has none.
pub(super) async fn set(
    rotation: &Rotation<'_>,
    current: &Credentials,
    pending: &Credentials,
) -> Result<(), Failure> {
    rotation.log_in(current).await?.session(CURRENT)?;
    let master = rotation.master(current).await?;
    same_place(current, &master, "The secret and that of its superuser")?;
    let session = rotation.log_in(&master).await?;
    let mut session = session.session("the superuser")?;
    session
        .set_alternate(&current.username, &pending.username, &pending.password)
        .await
}
