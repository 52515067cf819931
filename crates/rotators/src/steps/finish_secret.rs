//! `finishSecret`: the new version becomes the current one.

use crate::failure::Failure;
use crate::rotation::Rotation;
use crate::secrets_manager::CURRENT;

pub(crate) async fn finish_secret(rotation: &Rotation<'_>) -> Result<(), Failure> {
    let current = rotation.described.bearer(CURRENT);
    rotation
        .secrets_manager
        .make_current(&rotation.secret, current, &rotation.version)
        .await
}
