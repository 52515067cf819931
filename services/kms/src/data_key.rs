//! Random bytes for callers.

use base::Secret;
use crypto::random;
use kms_api::shapes::DataKeySpec;
use pipeline::Failure;
use wire::Blob;

use crate::errors;

/// A data key of the length that the caller asks for in one of two ways.
pub(crate) fn generate(
    spec: Option<DataKeySpec>,
    bytes: Option<i32>,
) -> Result<Secret<Blob>, Failure> {
    match (spec, bytes) {
        (Some(DataKeySpec::Aes256), None) => random(32),
        (Some(DataKeySpec::Aes128), None) => random(16),
        (None, Some(bytes)) => random(bytes),
        (None, None) | (Some(_), Some(_)) => Err(errors::validation(
            "Please specify either number of bytes or key spec.",
        )),
    }
}

/// Random bytes fit for keys, as many as validation has let through.
pub(crate) fn random(bytes: i32) -> Result<Secret<Blob>, Failure> {
    let mut blob = vec![0; usize::try_from(bytes).map_err(Failure::internal)?];
    random::fill(&mut blob);
    Ok(Secret::new(Blob(blob)))
}
