//! `createSecret`: the new version, with a random password, and for alternating users the other user.

use crate::failure::Failure;
use crate::rotation::Rotation;
use crate::strategy::{Strategy, alternate};

pub(crate) async fn create_secret(rotation: &Rotation<'_>) -> Result<(), Failure> {
    let current = rotation.current().await?;
    if rotation.maybe_pending().await?.is_some() {
        // Made before: the database may know it already.
        return Ok(());
    }
    let username = match rotation.rotator.strategy {
        Strategy::SingleUser => current.username.clone(),
        Strategy::AlternatingUsers => alternate(current.engine, &current.username)?,
    };
    let password = rotation.secrets_manager.random_password().await?;
    rotation.put(&current, &username, &password).await
}
