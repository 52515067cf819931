//! The key stores that the server reaches: external ones by their proxies.
//!
//! Key stores in CloudHSM clusters are not built: their clusters are answered for with `NotImplemented`, so that none comes
//! to be.

mod options;
mod proxies;
mod rooms;

use base::{AccountId, Arn, Region, Secret, Timestamp};
use pipeline::{
    BoxFuture, Failure, HsmCluster, KeyStores, TokenAnswer, TokenFault, TokenStore, XksAnswer,
    XksFault, XksProxy,
};
use wire::Protocol;
use wire::errors::NOT_IMPLEMENTED;

pub(crate) use options::XksOptions;
use proxies::Proxies;
pub(crate) use rooms::ALL as CONNECTIONS;

/// What is behind custom key stores of KMS.
pub(crate) struct ReachedKeyStores {
    proxies: Proxies,
}

impl ReachedKeyStores {
    /// # Errors
    /// If proxies are listed and their authorities cannot be read.
    pub(crate) fn new(options: &XksOptions) -> Result<Self, crate::failure::Failure> {
        Ok(Self {
            proxies: Proxies::new(options)?,
        })
    }
}

fn not_built<'a, T: Send + 'a>() -> TokenAnswer<'a, T> {
    let fault = TokenFault::Failed("key stores in CloudHSM clusters are not built".to_owned());
    Box::pin(std::future::ready(Err(fault)))
}

impl KeyStores for ReachedKeyStores {
    fn cluster<'a>(
        &'a self,
        _: AccountId,
        _: Region,
        _: &'a str,
    ) -> BoxFuture<'a, Result<Option<HsmCluster>, Failure>> {
        let message = "Custom key stores in AWS CloudHSM clusters are not implemented";
        let fault = NOT_IMPLEMENTED.says(Protocol::Json11, message);
        Box::pin(std::future::ready(Err(fault.into())))
    }

    fn connect<'a>(&'a self, _: &'a TokenStore) -> TokenAnswer<'a, ()> {
        not_built()
    }

    fn stay_connected<'a>(&'a self, _: &'a TokenStore) -> TokenAnswer<'a, ()> {
        not_built()
    }

    fn keep_connected(&self, _: &[String]) {}

    fn make_key<'a>(&'a self, _: &'a TokenStore, _: &'a Arn) -> TokenAnswer<'a, ()> {
        not_built()
    }

    fn encrypt<'a>(
        &'a self,
        _: &'a TokenStore,
        _: &'a Arn,
        _: &'a [u8],
        _: &'a [u8],
    ) -> TokenAnswer<'a, Vec<u8>> {
        not_built()
    }

    fn decrypt<'a>(
        &'a self,
        _: &'a TokenStore,
        _: &'a Arn,
        _: &'a [u8],
        _: &'a [u8],
    ) -> TokenAnswer<'a, Secret<Vec<u8>>> {
        not_built()
    }

    fn random<'a>(&'a self, _: &'a TokenStore, _: usize) -> TokenAnswer<'a, Secret<Vec<u8>>> {
        not_built()
    }

    fn unsettle<'a>(&'a self, _: &'a str, _: &'a Arn) -> TokenAnswer<'a, ()> {
        not_built()
    }

    /// None was ever made.
    fn unsettled(&self) -> TokenAnswer<'_, Vec<(String, Arn)>> {
        Box::pin(std::future::ready(Ok(Vec::new())))
    }

    fn keep_key<'a>(&'a self, _: &'a str, _: &'a Arn) -> TokenAnswer<'a, ()> {
        not_built()
    }

    fn destroy_key<'a>(&'a self, _: &'a TokenStore, _: &'a Arn) -> TokenAnswer<'a, ()> {
        not_built()
    }

    fn ask<'a>(
        &'a self,
        proxy: &'a XksProxy,
        path: &'a str,
        body: &'a [u8],
        at: Timestamp,
    ) -> BoxFuture<'a, Result<XksAnswer, XksFault>> {
        Box::pin(self.proxies.ask(proxy, path, body, at))
    }
}
