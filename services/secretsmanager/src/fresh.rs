//! New versions, and calls that are made again.

use pipeline::{Failure, Operation, Permitted};

use crate::keeping::Change;
use crate::secret::Secret;
use crate::value::Value;
use crate::version::Valued;
use crate::{encryption, errors};

/// Whether the call that this token stands for was made before, with this value.
///
/// # Errors
/// When the token stands for another value.
pub(crate) async fn is_replay<O: Operation>(
    call: &Permitted<'_, O>,
    secret: &Secret,
    token: &str,
    value: &Value,
) -> Result<bool, Failure> {
    match secret.versions.get(token).map(|version| &version.value) {
        None | Some(Valued::Not) => return Ok(false),
        // Put there by a trial of a rotation function, which does not make values.
        Some(Valued::As(_)) => return Err(errors::token_in_use(token, &secret.arn)),
        Some(Valued::Own) => {}
    }
    match encryption::open(call, secret, token).await?.is(value) {
        true => Ok(true),
        false => Err(errors::token_in_use(token, &secret.arn)),
    }
}

/// Keeps `secret` with a new version.
pub(crate) async fn add<O: Operation>(
    call: &Permitted<'_, O>,
    mut secret: Secret,
    token: &str,
    value: &Value,
    labels: &[String],
) -> Result<Secret, Failure> {
    let (now, key) = (call.call().now(), secret.kms_key_id.clone());
    let dropped = secret.versions.add(token, now, key.as_deref(), labels)?;
    let change = Change {
        fresh: Some((token, value)),
        dropped,
        ..Change::of(secret)
    };
    change.keep(call).await
}
