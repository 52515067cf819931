//! `testSecret`: the database takes the new version, and answers.

use crate::failure::Failure;
use crate::rotation::Rotation;
use crate::secrets_manager::PENDING;

pub(crate) async fn test_secret(rotation: &Rotation<'_>) -> Result<(), Failure> {
    let pending = rotation.pending().await?;
    let mut session = rotation.log_in(&pending).await?.session(PENDING)?;
    session.probe().await
}
