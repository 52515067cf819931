//! The identity providers that the server asks for their keys.

use std::sync::Arc;

use base::{AccountId, Timestamp};
use crypto::KeySet;
use identity::OpenIdConnectProvider;

use crate::{BoxFuture, Operation, Permitted};

/// Why a provider's keys are not to be had.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IdentityProviderFault {
    /// It does not answer, or may not be asked.
    NotReachable,
    /// What it answers is of no use.
    Unusable,
}

/// The keys that identity providers sign with.
pub trait IdentityProviders: Send + Sync {
    /// The keys of `provider` as of `now`. Where those that were known lack one, it is asked again, if that is not too
    /// often.
    fn keys<'a>(
        &'a self,
        provider: &'a OpenIdConnectProvider,
        known_lack_one: bool,
        now: Timestamp,
    ) -> BoxFuture<'a, Result<Arc<KeySet>, IdentityProviderFault>>;

    /// The thumbprints of the certificates that now vouch for the servers of `issuer` (`https://…`), which `account` wants
    /// to make a provider of: of the last certificate that each server shows. None for an issuer that is not asked.
    fn thumbprints<'a>(
        &'a self,
        account: AccountId,
        issuer: &'a str,
    ) -> BoxFuture<'a, Result<Vec<String>, IdentityProviderFault>>;
}

impl<'a, O: Operation> Permitted<'a, O> {
    /// The identity providers that the server asks.
    pub fn identity_providers(&self) -> &'a dyn IdentityProviders {
        &*self.call().core.identity_providers
    }
}
