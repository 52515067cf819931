//! Using the material of a key for what the key is for.

use crypto::{KeyPair, MacKey, PublicKey};
use kms_api::shapes::KeyUsageType;
use pipeline::{Failure, Operation, Permitted};
use wire::Api;

use crate::errors;
use crate::key::Key;
use crate::key_material::Opened;

/// Refuses a key that cannot be used now, or is for something else.
pub(crate) fn check<O: Operation>(
    call: &Permitted<'_, O>,
    key: &Key,
    usage: KeyUsageType,
) -> Result<(), Failure> {
    key.materials(call.call().now())?;
    if key.usage == usage {
        return Ok(());
    }
    let operation = O::Api::FACTS.name;
    Err(errors::invalid_usage(&key.arn, key.usage, operation))
}

/// The key pair of `key`, which is for `usage`.
pub(crate) fn pair<'k, O: Operation>(
    call: &Permitted<'_, O>,
    key: &'k Key,
    usage: KeyUsageType,
) -> Result<&'k KeyPair, Failure> {
    check(call, key, usage)?;
    match opened(call, key)? {
        Opened::Pair(pair) => Ok(pair),
        _ => Err(errors::invalid_usage(
            &key.arn,
            key.usage,
            O::Api::FACTS.name,
        )),
    }
}

/// The public key of `key`, which is for `usage`. The private one is opened only where the public one was not kept.
pub(crate) fn public_key<'k, O: Operation>(
    call: &Permitted<'_, O>,
    key: &'k Key,
    usage: KeyUsageType,
) -> Result<&'k PublicKey, Failure> {
    check(call, key, usage)?;
    match &key.public {
        Some(public) => public.key(key.spec),
        None => Ok(pair(call, key, usage)?.public_key()),
    }
}

/// The HMAC key of `key`.
pub(crate) fn mac_key<'k, O: Operation>(
    call: &Permitted<'_, O>,
    key: &'k Key,
) -> Result<&'k MacKey, Failure> {
    check(call, key, KeyUsageType::GenerateVerifyMac)?;
    match opened(call, key)? {
        Opened::Mac(mac_key) => Ok(mac_key),
        _ => Err(errors::invalid_usage(
            &key.arn,
            key.usage,
            O::Api::FACTS.name,
        )),
    }
}

fn opened<'k, O: Operation>(call: &Permitted<'_, O>, key: &'k Key) -> Result<&'k Opened, Failure> {
    let material = key.materials(call.call().now())?.current();
    material.open(key, || call.domain_key_of(key.account, key.region))
}
