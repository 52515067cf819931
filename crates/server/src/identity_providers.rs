//! The keys of identity providers: as the operator has put them down, or as providers publish them.

mod address;
mod ask;
mod fetched;
mod options;
mod put_down;
mod trust;
mod url;

use std::path::Path;
use std::sync::{Arc, OnceLock};

use base::{AccountId, Timestamp};
use crypto::KeySet;
use identity::OpenIdConnectProvider;
use pipeline::{BoxFuture, IdentityProviderFault, IdentityProviders};
use tokio::runtime::Handle;

use crate::failure::Failure;
use ask::Asker;
use fetched::FetchedKeys;
pub(crate) use options::OidcOptions;
use options::{OidcFetch, SYSTEM_AUTHORITIES};
use put_down::PutDownKeys;
use trust::{Authorities, Trust};

impl OidcOptions {
    /// Most connections to identity providers at a time.
    pub(crate) fn connections(&self) -> usize {
        match self.asks_nobody() {
            true => 0,
            false => fetched::REQUESTS.all,
        }
    }

    fn asks_nobody(&self) -> bool {
        self.oidc_fetch == OidcFetch::Listed && self.oidc_fetch_from.is_empty()
    }
}

/// Where the keys of identity providers come from.
pub(crate) struct ProviderKeys {
    put_down: PutDownKeys,
    fetched: FetchedKeys,
}

impl ProviderKeys {
    /// Providers are asked on `runtime`, which must outlive all calls.
    ///
    /// # Errors
    /// If files of keys or authorities cannot be used.
    pub(crate) fn new(options: &OidcOptions, runtime: Handle) -> Result<Self, Failure> {
        let authorities = match &options.oidc_ca {
            Some(path) => {
                Authorities::Read(Trust::in_authorities(trust::authorities(path, true)?)?)
            }
            None => Authorities::OfSystem(Path::new(SYSTEM_AUTHORITIES), OnceLock::new()),
        };
        let asker = Asker::new(options.oidc_fetch, &options.oidc_fetch_from, authorities);
        Ok(Self {
            put_down: PutDownKeys::load(&options.oidc_jwks)?,
            fetched: FetchedKeys::new(asker, runtime),
        })
    }
}

impl IdentityProviders for ProviderKeys {
    fn keys<'a>(
        &'a self,
        provider: &'a OpenIdConnectProvider,
        known_lack_one: bool,
        now: Timestamp,
    ) -> BoxFuture<'a, Result<Arc<KeySet>, IdentityProviderFault>> {
        match self.put_down.of(&provider.issuer()) {
            Some(keys) => Box::pin(std::future::ready(Ok(keys))),
            None => Box::pin(self.fetched.keys(provider, known_lack_one, now)),
        }
    }

    fn thumbprints<'a>(
        &'a self,
        account: AccountId,
        issuer: &'a str,
    ) -> BoxFuture<'a, Result<Vec<String>, IdentityProviderFault>> {
        match self.put_down.of(issuer) {
            Some(_) => Box::pin(std::future::ready(Ok(Vec::new()))),
            None => Box::pin(self.fetched.thumbprints(account, issuer)),
        }
    }
}
