//! Key pairs for callers.

use crypto::{KeyPair, KeyPairSpec};
use kms_api::shapes::{DataKeyPairSpec, KeySpec};
use pipeline::{Failure, long_work};

use crate::custom_key_store::custody::Custody;
use crate::custom_key_store::errors::unsupported_in_store;
use crate::key::Key;
use crate::key_spec::{self, Kind};
use crate::{errors, stored};

/// AWS: a key in a custom key store encrypts no key pairs.
pub(crate) fn check_key(key: &Key) -> Result<(), Failure> {
    match key.custody {
        Custody::Here => Ok(()),
        Custody::Elsewhere(_) => Err(unsupported_in_store(&key.arn)),
    }
}

/// What key pair it shall be. Those of China's regions do not exist elsewhere.
pub(crate) fn check(spec: DataKeyPairSpec) -> Result<KeyPairSpec, Failure> {
    let kind = stored::named::<KeySpec>(spec.as_str()).map(key_spec::kind);
    match kind.transpose()? {
        Some(Kind::Pair(pair)) => Ok(pair),
        _ => Err(errors::not_built(format_args!("KeyPairSpec {spec}"))),
    }
}

/// A new key pair of this spec.
pub(crate) async fn generate(spec: DataKeyPairSpec) -> Result<KeyPair, Failure> {
    let pair = check(spec)?;
    let made = long_work(move || KeyPair::generate(pair)).await?;
    made.map_err(Failure::internal)
}
