//! Identity providers in memory: they have the keys and thumbprints that a test gives them.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use base::{AccountId, Timestamp};
use crypto::KeySet;
use identity::OpenIdConnectProvider;
use pipeline::{BoxFuture, IdentityProviderFault, IdentityProviders};

/// What identity providers publish, by issuer. A set that is asked for is known until it lacks a key.
#[derive(Default)]
pub struct MemoryIdentityProviders {
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    published: BTreeMap<String, Result<Arc<KeySet>, IdentityProviderFault>>,
    known: BTreeMap<String, Arc<KeySet>>,
    asked: usize,
    shown: BTreeMap<String, Result<Vec<String>, IdentityProviderFault>>,
}

impl MemoryIdentityProviders {
    /// From now on `issuer`, as `https://id.example.com`, publishes these keys, or has this fault.
    pub fn publish(&self, issuer: &str, keys: Result<&serde_json::Value, IdentityProviderFault>) {
        let keys = keys.map(|json| {
            let set = KeySet::parse(json.to_string().as_bytes());
            Arc::new(set.expect("a set of keys"))
        });
        self.lock().published.insert(issuer.to_owned(), keys);
    }

    /// From now on the servers of `issuer` show certificates of these thumbprints, or have this fault. Those of others show
    /// none.
    pub fn show(&self, issuer: &str, thumbprints: Result<Vec<String>, IdentityProviderFault>) {
        self.lock().shown.insert(issuer.to_owned(), thumbprints);
    }

    /// How often they were asked.
    pub fn asked(&self) -> usize {
        self.lock().asked
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl IdentityProviders for MemoryIdentityProviders {
    fn keys<'a>(
        &'a self,
        provider: &'a OpenIdConnectProvider,
        known_lack_one: bool,
        _: Timestamp,
    ) -> BoxFuture<'a, Result<Arc<KeySet>, IdentityProviderFault>> {
        let mut state = self.lock();
        let issuer = provider.issuer();
        let known = state.known.get(&issuer).filter(|_| !known_lack_one);
        let found = match known {
            Some(known) => Ok(known.clone()),
            None => {
                state.asked += 1;
                let published = state.published.get(&issuer);
                let published = published.cloned();
                published.unwrap_or(Err(IdentityProviderFault::NotReachable))
            }
        };
        if let Ok(keys) = &found {
            state.known.insert(issuer, keys.clone());
        }
        Box::pin(std::future::ready(found))
    }

    fn thumbprints<'a>(
        &'a self,
        _: AccountId,
        issuer: &'a str,
    ) -> BoxFuture<'a, Result<Vec<String>, IdentityProviderFault>> {
        let shown = self.lock().shown.get(issuer).cloned();
        Box::pin(std::future::ready(shown.unwrap_or(Ok(Vec::new()))))
    }
}
