//! A key with the grants on it that may reach the caller.

use std::sync::Arc;

use base::{AccountId, Arn, Tags};
use identity::Caller;
use pipeline::{Failure, Lookup};
use policy::{ConditionKey, Resource, ResourcePolicy, Value};
use storage::{Records, StorageError};

use crate::encryption_context::Given;
use crate::grant::{self, GrantOf};
use crate::key::Key;

/// A key, and what was granted on it to the caller, to whoever is behind it, or to its account.
pub(crate) struct GrantedKey {
    /// The key.
    pub(crate) key: Arc<Key>,
    grants: Vec<Arc<GrantOf>>,
}

impl GrantedKey {
    /// Finds the caller's grants. A key on which there never was one costs nothing.
    pub(crate) async fn find(look: &Lookup<'_>, key: Arc<Key>) -> Result<Self, Failure> {
        let grants = match key.granted {
            true => grant::of_caller(look, &key).await?,
            false => Vec::new(),
        };
        Ok(Self { key, grants })
    }

    /// The same for whoever explains decisions about calls of `caller`.
    pub(crate) async fn known(
        records: &Records,
        caller: &Caller,
        key: Arc<Key>,
    ) -> Result<Self, StorageError> {
        let grants = match key.granted {
            true => grant::to_caller(records, caller, &key).await?,
            false => Vec::new(),
        };
        Ok(Self { key, grants })
    }

    /// The key as policies see it.
    pub(crate) fn resource(&self) -> Arc<dyn Resource> {
        self.with(|_| true)
    }

    /// The key as policies see it for a call with this encryption context: grants whose constraints ask for another
    /// are left out.
    pub(crate) fn resource_in(&self, context: &Given) -> Arc<dyn Resource> {
        self.with(|of| of.grant.constraints.allow(context))
    }

    fn with(&self, counts: impl Fn(&GrantOf) -> bool) -> Arc<dyn Resource> {
        let grants = self.grants.iter().filter(|of| counts(of));
        let grants: Vec<_> = grants.map(|of| of.compiled.clone()).collect();
        match grants.is_empty() {
            true => self.key.clone(),
            false => Arc::new(WithGrants {
                key: self.key.clone(),
                grants,
            }),
        }
    }
}

struct WithGrants {
    key: Arc<Key>,
    grants: Vec<Arc<policy::Grant>>,
}

impl Resource for WithGrants {
    fn arn(&self) -> &Arn {
        self.key.arn()
    }
    fn account(&self) -> AccountId {
        Resource::account(&*self.key)
    }
    fn policy(&self) -> ResourcePolicy<'_> {
        self.key.policy()
    }
    fn tags(&self) -> &Tags {
        self.key.tags()
    }
    fn grants(&self) -> &[Arc<policy::Grant>] {
        &self.grants
    }
    fn condition(&self, key: &ConditionKey, each: &mut dyn FnMut(Value<'_>)) -> bool {
        self.key.condition(key, each)
    }
}
