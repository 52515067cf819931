//! The key stores that the server reaches: those in CloudHSM clusters by their tokens, external ones by their proxies.

mod options;
mod proxies;
mod tokens;

use std::sync::Arc;

use base::{AccountId, Arn, Region, Secret, Timestamp};
use crypto::TokenRequest;
use pipeline::{
    BoxFuture, Failure, HsmCluster, KeyStores, TokenAnswer, TokenStore, XksAnswer, XksFault,
    XksProxy,
};
use storage::Records;
use tokio::runtime::Handle;

use crate::hsms::TokenFolders;
pub(crate) use options::XksOptions;
use proxies::Proxies;
use tokens::Tokens;
pub(crate) use tokens::{FILES_OF_PROCESS, processes};

/// What is behind custom key stores of KMS.
pub(crate) struct ReachedKeyStores {
    records: Records,
    tokens: Tokens,
    proxies: Proxies,
}

impl ReachedKeyStores {
    /// What is asked of tokens is asked on `runtime`, which must outlive all calls, by `processes` at a time at most.
    ///
    /// # Errors
    /// If proxies are listed and their authorities cannot be read, or notes of keys in tokens cannot be.
    pub(crate) fn new(
        options: &XksOptions,
        records: Records,
        folders: Arc<TokenFolders>,
        runtime: Handle,
        processes: usize,
    ) -> Result<Self, crate::failure::Failure> {
        Ok(Self {
            records,
            tokens: Tokens::new(folders, runtime, processes)?,
            proxies: Proxies::new(options)?,
        })
    }
}

/// Keys in clusters bear the ARN of their KMS key as their label, as AWS's do.
fn label(key: &Arn) -> String {
    key.as_str().to_owned()
}

impl KeyStores for ReachedKeyStores {
    fn cluster<'a>(
        &'a self,
        account: AccountId,
        region: Region,
        id: &'a str,
    ) -> BoxFuture<'a, Result<Option<HsmCluster>, Failure>> {
        Box::pin(cloudhsmv2::for_key_stores(
            &self.records,
            account,
            region,
            id,
        ))
    }

    fn connect<'a>(&'a self, store: &'a TokenStore) -> TokenAnswer<'a, ()> {
        Box::pin(self.tokens.connect(store))
    }

    fn stay_connected<'a>(&'a self, store: &'a TokenStore) -> TokenAnswer<'a, ()> {
        Box::pin(self.tokens.stay_connected(store))
    }

    fn keep_connected(&self, stores: &[String]) {
        self.tokens.keep_connected(stores);
    }

    fn make_key<'a>(&'a self, store: &'a TokenStore, key: &'a Arn) -> TokenAnswer<'a, ()> {
        Box::pin(self.tokens.make_key(store, key))
    }

    fn encrypt<'a>(
        &'a self,
        store: &'a TokenStore,
        key: &'a Arn,
        authenticated: &'a [u8],
        plaintext: &'a [u8],
    ) -> TokenAnswer<'a, Vec<u8>> {
        Box::pin(async move {
            let encrypt = TokenRequest::Encrypt {
                label: label(key),
                authenticated: authenticated.to_vec(),
                plaintext: Secret::new(plaintext.to_vec()),
            };
            let sealed = self.tokens.ask(store, encrypt).await?;
            Ok(sealed.expose().clone())
        })
    }

    fn decrypt<'a>(
        &'a self,
        store: &'a TokenStore,
        key: &'a Arn,
        authenticated: &'a [u8],
        sealed: &'a [u8],
    ) -> TokenAnswer<'a, Secret<Vec<u8>>> {
        let decrypt = TokenRequest::Decrypt {
            label: label(key),
            authenticated: authenticated.to_vec(),
            sealed: sealed.to_vec(),
        };
        Box::pin(self.tokens.ask(store, decrypt))
    }

    fn random<'a>(
        &'a self,
        store: &'a TokenStore,
        bytes: usize,
    ) -> TokenAnswer<'a, Secret<Vec<u8>>> {
        let bytes = u32::try_from(bytes).unwrap_or(u32::MAX);
        Box::pin(self.tokens.ask(store, TokenRequest::Random { bytes }))
    }

    fn unsettle<'a>(&'a self, cluster: &'a str, key: &'a Arn) -> TokenAnswer<'a, ()> {
        Box::pin(self.tokens.unsettle(cluster, key))
    }

    fn unsettled(&self) -> TokenAnswer<'_, Vec<(String, Arn)>> {
        Box::pin(std::future::ready(Ok(self.tokens.unsettled())))
    }

    fn keep_key<'a>(&'a self, cluster: &'a str, key: &'a Arn) -> TokenAnswer<'a, ()> {
        Box::pin(self.tokens.keep_key(cluster, key))
    }

    fn destroy_key<'a>(&'a self, store: &'a TokenStore, key: &'a Arn) -> TokenAnswer<'a, ()> {
        Box::pin(self.tokens.destroy_key(store, key))
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
