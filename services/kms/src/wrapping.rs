//! Whoever may ask for the keys that wrap key material.

use base::{AccountId, Region};
use crypto::DomainKey;
use pipeline::{Duty, Failure, Operation, Permitted};

/// A permitted call, or a worker's duty.
pub(crate) trait Wrapping {
    /// The key that wraps the key material of `account` in `region`.
    fn domain_key_of(&self, account: AccountId, region: Region) -> Result<DomainKey, Failure>;
}

impl<O: Operation> Wrapping for Permitted<'_, O> {
    fn domain_key_of(&self, account: AccountId, region: Region) -> Result<DomainKey, Failure> {
        Permitted::domain_key_of(self, account, region)
    }
}

impl Wrapping for Duty<'_> {
    fn domain_key_of(&self, account: AccountId, region: Region) -> Result<DomainKey, Failure> {
        Duty::domain_key_of(self, account, region)
    }
}
