//! What GenerateMac and VerifyMac have in common.

use crypto::MacKey;
use kms_api::shapes::MacAlgorithmSpec;
use pipeline::{Failure, Operation, Permitted};

use crate::key::Key;
use crate::{errors, key_spec, usage};

/// The HMAC key of `key`, which must know this algorithm.
pub(crate) fn key<'k, O: Operation>(
    call: &Permitted<'_, O>,
    key: &'k Key,
    named: MacAlgorithmSpec,
) -> Result<&'k MacKey, Failure> {
    let mac_key = usage::mac_key(call, key)?;
    if key_spec::mac_algorithm_spec(mac_key.algorithm()) == named {
        return Ok(mac_key);
    }
    let (algorithm, spec) = (named.as_str(), key.spec.as_str());
    Err(errors::incompatible_algorithm(algorithm, spec))
}
