//! Key stores in memory: tokens whose keys are used where they are, and a proxy. What real tokens and proxies do is tested
//! in `conformance/`.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use base::{AccountId, Arn, Region, Secret, Timestamp};
use crypto::{Material, random};
use pipeline::{
    BoxFuture, Failure, HsmCluster, KeyStores, TokenAnswer, TokenFault, TokenStore, XksAnswer,
    XksFault, XksProxy,
};

use crate::MemoryProxy;

/// A cluster, and the PIN of its tokens' user.
struct Tokens {
    cluster: HsmCluster,
    pin: Option<String>,
    keys: BTreeMap<String, Material>,
}

/// Tokens by cluster, and one proxy.
#[derive(Default)]
pub struct MemoryKeyStores {
    tokens: Mutex<BTreeMap<String, Tokens>>,
    fault: Mutex<Option<TokenFault>>,
    connected: Mutex<BTreeSet<String>>,
    unsettled: Mutex<BTreeSet<(String, String)>>,
    used: AtomicUsize,
    /// The proxy behind every address.
    pub proxy: MemoryProxy,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl MemoryKeyStores {
    /// A cluster is as `cluster` says from now on, and its user has this PIN.
    pub fn set(&self, id: &str, cluster: HsmCluster, pin: Option<&str>) {
        let mut tokens = lock(&self.tokens);
        let keys = tokens.remove(id).map(|tokens| tokens.keys);
        let tokens_of = Tokens {
            cluster,
            pin: pin.map(str::to_owned),
            keys: keys.unwrap_or_default(),
        };
        tokens.insert(id.to_owned(), tokens_of);
    }

    /// The cluster is gone.
    pub fn remove(&self, id: &str) {
        lock(&self.tokens).remove(id);
    }

    /// From now on tokens fail so, or work again.
    pub fn fail(&self, fault: Option<TokenFault>) {
        *lock(&self.fault) = fault;
    }

    /// ARNs of the keys in a cluster.
    pub fn keys(&self, cluster: &str) -> Vec<String> {
        let tokens = lock(&self.tokens);
        let tokens = tokens.get(cluster);
        tokens.map_or(Vec::new(), |tokens| tokens.keys.keys().cloned().collect())
    }

    /// Somebody deletes every key in a cluster.
    pub fn delete_keys(&self, cluster: &str) {
        if let Some(tokens) = lock(&self.tokens).get_mut(cluster) {
            tokens.keys.clear();
        }
    }

    /// How often a key in a token was used, or the proxy asked.
    pub fn used(&self) -> usize {
        self.used.load(Ordering::SeqCst) + self.proxy.asked().len()
    }

    /// Ids of the stores that are logged in to their tokens.
    pub fn connected(&self) -> Vec<String> {
        lock(&self.connected).iter().cloned().collect()
    }

    fn log_in(&self, store: &TokenStore) -> Result<(), TokenFault> {
        if let Some(fault) = lock(&self.fault).clone() {
            return Err(fault);
        }
        let tokens = lock(&self.tokens);
        let tokens = tokens.get(&store.cluster).ok_or(TokenFault::NoHsm)?;
        if tokens.cluster.zones.is_empty() {
            return Err(TokenFault::NoHsm);
        }
        let pin = tokens.pin.as_ref().ok_or(TokenFault::NoUser)?;
        if pin != store.password.expose() {
            return Err(TokenFault::WrongPin);
        }
        lock(&self.connected).insert(store.id.clone());
        Ok(())
    }

    fn with_key<T>(
        &self,
        store: &TokenStore,
        key: &Arn,
        work: impl FnOnce(&Material) -> Result<T, TokenFault>,
    ) -> Result<T, TokenFault> {
        self.log_in(store)?;
        self.used.fetch_add(1, Ordering::SeqCst);
        let tokens = lock(&self.tokens);
        let tokens = tokens.get(&store.cluster).ok_or(TokenFault::NoHsm)?;
        work(tokens.keys.get(key.as_str()).ok_or(TokenFault::NoKey)?)
    }
}

fn ready<'a, T: Send + 'a>(answer: T) -> BoxFuture<'a, T> {
    Box::pin(std::future::ready(answer))
}

impl KeyStores for MemoryKeyStores {
    fn cluster<'a>(
        &'a self,
        _: AccountId,
        _: Region,
        id: &'a str,
    ) -> BoxFuture<'a, Result<Option<HsmCluster>, Failure>> {
        let found = lock(&self.tokens)
            .get(id)
            .map(|tokens| tokens.cluster.clone());
        ready(Ok(found))
    }

    fn connect<'a>(&'a self, store: &'a TokenStore) -> TokenAnswer<'a, ()> {
        ready(self.log_in(store))
    }

    fn stay_connected<'a>(&'a self, store: &'a TokenStore) -> TokenAnswer<'a, ()> {
        ready(self.log_in(store))
    }

    fn keep_connected(&self, stores: &[String]) {
        lock(&self.connected).retain(|id| stores.contains(id));
    }

    fn make_key<'a>(&'a self, store: &'a TokenStore, key: &'a Arn) -> TokenAnswer<'a, ()> {
        if let Err(fault) = self.log_in(store) {
            return ready(Err(fault));
        }
        if let Some(tokens) = lock(&self.tokens).get_mut(&store.cluster) {
            tokens
                .keys
                .insert(key.as_str().to_owned(), Material::generate());
        }
        self.unsettle(&store.cluster, key)
    }

    fn encrypt<'a>(
        &'a self,
        store: &'a TokenStore,
        key: &'a Arn,
        authenticated: &'a [u8],
        plaintext: &'a [u8],
    ) -> TokenAnswer<'a, Vec<u8>> {
        ready(self.with_key(store, key, |key| {
            let sealed = key.seal(authenticated, plaintext);
            sealed.map_err(|error| TokenFault::Failed(error.to_string()))
        }))
    }

    fn decrypt<'a>(
        &'a self,
        store: &'a TokenStore,
        key: &'a Arn,
        authenticated: &'a [u8],
        sealed: &'a [u8],
    ) -> TokenAnswer<'a, Secret<Vec<u8>>> {
        ready(self.with_key(store, key, |key| {
            let opened = key.open(authenticated, sealed);
            opened.map_err(|_| TokenFault::NotAuthentic)
        }))
    }

    fn random<'a>(
        &'a self,
        store: &'a TokenStore,
        bytes: usize,
    ) -> TokenAnswer<'a, Secret<Vec<u8>>> {
        let mut drawn = vec![0; bytes];
        random::fill(&mut drawn);
        ready(self.log_in(store).map(|()| Secret::new(drawn)))
    }

    fn unsettle<'a>(&'a self, cluster: &'a str, key: &'a Arn) -> TokenAnswer<'a, ()> {
        lock(&self.unsettled).insert((cluster.to_owned(), key.as_str().to_owned()));
        ready(Ok(()))
    }

    fn unsettled(&self) -> TokenAnswer<'_, Vec<(String, Arn)>> {
        let all = lock(&self.unsettled);
        let all = all
            .iter()
            .map(|(cluster, arn)| (cluster.clone(), arn.parse().expect("an ARN")));
        ready(Ok(all.collect()))
    }

    fn keep_key<'a>(&'a self, cluster: &'a str, key: &'a Arn) -> TokenAnswer<'a, ()> {
        lock(&self.unsettled).remove(&(cluster.to_owned(), key.as_str().to_owned()));
        ready(Ok(()))
    }

    fn destroy_key<'a>(&'a self, store: &'a TokenStore, key: &'a Arn) -> TokenAnswer<'a, ()> {
        if let Err(fault) = self.log_in(store) {
            return ready(Err(fault));
        }
        if let Some(tokens) = lock(&self.tokens).get_mut(&store.cluster) {
            tokens.keys.remove(key.as_str());
        }
        self.keep_key(&store.cluster, key)
    }

    fn ask<'a>(
        &'a self,
        proxy: &'a XksProxy,
        path: &'a str,
        body: &'a [u8],
        _: Timestamp,
    ) -> BoxFuture<'a, Result<XksAnswer, XksFault>> {
        ready(self.proxy.answer(proxy, path, body))
    }
}
