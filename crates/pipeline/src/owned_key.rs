//! The key of a service's own, in no account of anybody's: an AWS owned key. What the service keeps for accounts that choose no
//! key is sealed under it.
//!
//! AWS document: AWS KMS Developer Guide, "AWS owned keys".

use base::{AccountId, Region, Secret};

use crate::entry::BoxFuture;
use crate::operation::Operation;
use crate::{Call, Duty, Failure, Permitted};

/// The account that services' own keys are in: nobody's, and none can be made of this number.
pub fn account() -> AccountId {
    AccountId::from_number(0)
}

/// Which service's own key, and where.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OwnedKey {
    /// The region it is kept in.
    pub region: Region,
    /// Signing name of the service it is for, as `ssm`.
    pub service: &'static str,
}

/// Seals, or opens, the last bytes under the key; those before them are authenticated with it.
pub type UseOwnedKey<T> =
    for<'a> fn(Duty<'a>, OwnedKey, &'a [u8], &'a [u8]) -> BoxFuture<'a, Result<T, Failure>>;

/// What is done with such keys. One service has it: that which keeps keys.
#[derive(Clone, Copy)]
pub struct OwnedKeys {
    /// Seals. The key is made by its first use, on disk and recorded when this returns.
    pub seal: UseOwnedKey<Vec<u8>>,
    /// Opens what was sealed under the same key, with the same bytes authenticated.
    pub open: UseOwnedKey<Secret<Vec<u8>>>,
}

impl<O: Operation> Permitted<'_, O> {
    /// `plaintext` under the own key of this call's service in `region`. The caller needs no permission for it, and his
    /// account does not learn of it: who may ask the service may have what it keeps.
    ///
    /// # Errors
    /// Where no service of this server keeps keys.
    pub async fn seal_under_own_key(
        &self,
        region: Region,
        authenticated: &[u8],
        plaintext: &[u8],
    ) -> Result<Vec<u8>, Failure> {
        let (keys, duty, key) = self.own_key(region)?;
        (keys.seal)(duty, key, authenticated, plaintext).await
    }

    /// What `seal_under_own_key` has sealed with the same `authenticated` bytes.
    ///
    /// # Errors
    /// If it does not open.
    pub async fn open_under_own_key(
        &self,
        region: Region,
        authenticated: &[u8],
        sealed: &[u8],
    ) -> Result<Secret<Vec<u8>>, Failure> {
        let (keys, duty, key) = self.own_key(region)?;
        (keys.open)(duty, key, authenticated, sealed).await
    }

    fn own_key(&self, region: Region) -> Result<(OwnedKeys, Duty<'_>, OwnedKey), Failure> {
        let call: &Call<'_> = self.call();
        let service = call.facts.service.name;
        let mut keepers = call
            .core
            .services()
            .filter_map(|service| service.owned_keys);
        let keys = keepers.next();
        let keys = keys.ok_or_else(|| Failure::internal("no service here keeps keys"))?;
        Ok((keys, Duty { core: call.core }, OwnedKey { region, service }))
    }
}
