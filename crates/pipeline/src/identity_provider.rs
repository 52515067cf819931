//! The identity providers that the server asks for their keys.

use std::sync::Arc;

use base::Timestamp;
use crypto::KeySet;
use identity::OpenIdConnectProvider;

use crate::BoxFuture;

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
}
