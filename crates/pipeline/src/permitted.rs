//! The proof that authorization happened, and the only write handle.

use std::sync::{MutexGuard, PoisonError};

use base::{AccountId, Region};
use crypto::{DomainKey, random};
use identity::{LastUsed, Session, unique_id};
use policy::Permission;
use smallvec::smallvec;
use storage::{Key, Record, Writes};

use crate::access::Needs;
use crate::audit::{Abroad, ServiceEvent};
use crate::authorize::{Authorized, authorize};
use crate::forward::{Gathered, Gathering};
use crate::operation::{Input, Operation};
use crate::{Call, Failure, Lookup, audit};

/// A call that may run. Only the pipeline makes one, from the outcome of authorization.
pub struct Permitted<'a, O: Operation> {
    pub(crate) input: &'a Input<O>,
    pub(crate) target: O::Target,
    pub(crate) look: &'a Lookup<'a>,
    pub(crate) gathering: &'a Gathering,
    pub(crate) _proof: Authorized,
}

impl<'a, O: Operation> Permitted<'a, O> {
    /// What the caller sent.
    pub fn input(&self) -> &'a Input<O> {
        self.input
    }
    /// What `access` found.
    pub fn target(&self) -> &O::Target {
        &self.target
    }
    /// Caller, region, time.
    pub fn call(&self) -> &'a Call<'a> {
        self.look.call()
    }
    /// For further reading.
    pub fn look(&self) -> &'a Lookup<'a> {
        self.look
    }

    pub(crate) fn gathered(&self) -> MutexGuard<'_, Gathered> {
        let gathered = self.gathering.lock();
        gathered.unwrap_or_else(PoisonError::into_inner)
    }
    /// Keeps `record`, together with the audit record of this call, once `run` has returned.
    pub fn put<R: Record>(&self, record: R) {
        self.gathered().writes.put(record);
    }
    /// Removes the record at `key` likewise.
    pub fn delete<R: Record>(&self, key: &Key) {
        self.gathered().writes.delete::<R>(key);
    }

    /// Makes all these changes likewise.
    pub fn write(&self, writes: Writes) {
        self.gathered().writes.extend(writes);
    }
    /// Records likewise what the service does of its own in the course of this call.
    pub fn record(&self, event: &ServiceEvent) {
        let event = event.record(self.call().now());
        self.gathered().writes.put(event.into_row());
    }
    /// Notes that a part of a resource was used: for when nothing of the work is left that could fail.
    pub fn used_part(&self, arn: &base::Arn, part: &str) {
        let call = self.call();
        call.core.resource_usage.note_part(arn, part, call.now());
    }
    /// Records likewise what this call does in another region.
    pub fn record_abroad(&self, abroad: Abroad) {
        self.gathered().abroad.push(abroad);
    }

    /// A new unique id of the caller's account.
    pub fn unique_id(&self, prefix: identity::Prefix) -> String {
        self.unique_id_in(self.call().account(), prefix)
    }
    /// A new unique id of another account, as of the account whose role is assumed.
    pub fn unique_id_in(&self, account: AccountId, prefix: identity::Prefix) -> String {
        unique_id(prefix, account, random::bytes())
    }
    /// A new secret access key.
    pub fn secret_access_key(&self) -> base::Secret<String> {
        identity::secret_access_key(random::bytes())
    }
    /// The key that wraps the key material of the caller's account in this region.
    pub fn domain_key(&self) -> Result<DomainKey, Failure> {
        let call = self.call();
        self.domain_key_of(call.account(), call.region())
    }
    /// The key that wraps the key material of another account or region, for a key that the call may use.
    pub fn domain_key_of(&self, account: AccountId, region: Region) -> Result<DomainKey, Failure> {
        let key = self.call().core.keys.domain(account, &region);
        key.map_err(Failure::internal)
    }
    /// Whether the caller would be granted `permission`, on a resource as it would be after this call.
    pub async fn would_grant(&self, permission: impl Permission) -> Result<bool, Failure> {
        let needs: Needs = smallvec![Box::new(permission) as Box<dyn Permission>];
        match authorize(self.call(), &needs).await {
            Ok(_) => Ok(true),
            Err(Failure::Denied { .. }) => Ok(false),
            Err(failure) => Err(failure),
        }
    }
    /// The token of a session, of at least `minimum_bytes`.
    pub fn seal_session(
        &self,
        session: &Session,
        minimum_bytes: usize,
    ) -> Result<base::Secret<String>, Failure> {
        let sealed = self.call().core.sessions.seal(session, minimum_bytes);
        sealed.map_err(Failure::internal)
    }
    /// The explanation in an encoded authorization message; `None` when it was not made for a caller of this account.
    pub fn open_authorization_message(&self, encoded: &str) -> Option<String> {
        let call = self.call();
        call.core.sessions.open_message(call.account(), encoded)
    }
    /// Last use of an access key, the most recent calls included.
    pub async fn last_used(&self, access_key_id: &str) -> Result<Option<LastUsed>, Failure> {
        let core = self.call().core;
        Ok(core.usage.last_used(&core.records, access_key_id).await?)
    }
    /// The audit records of the caller's account and region that `query` wants, newest first, as far as a bounded
    /// effort goes.
    pub async fn events(&self, query: audit::Query) -> Result<audit::Page, Failure> {
        let call = self.call();
        let query = audit::Query {
            account: Some(call.account()),
            region: Some(call.region()),
            ..query
        };
        call.core.trail.look(&call.core.records, &query).await
    }
}
