//! Calls without a signature: a token in the input proves who calls.
//!
//! An operation is reached so only if the model says that it is anonymous, it says itself how its token proves the
//! caller, and it is registered by `Entry::by_token`. Every other call without a signature is refused unread.

use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};

use base::{AccountId, Region, Timestamp};
use crypto::KeySet;
use identity::{OpenIdConnectProvider, Vouched};
use storage::{Key, Record};
use wire::ServiceFacts;

use crate::admit::Quota;
use crate::credential::Credential;
use crate::operation::{Input, Operation};
use crate::receive::Received;
use crate::standing::Standing;
use crate::{Core, Failure, IdentityProviderFault};

/// Calls by token from one address: to find out who calls takes more than most calls do, and nobody knows yet whose quota
/// it would be.
pub const CALLS_BY_TOKEN: Quota = Quota {
    name: "sts/calls-by-token-from-one-address",
    operations: &[],
    per_second: |_| 100,
};

/// An operation whose caller has no credentials. It is authorised and recorded like every other.
pub trait ByToken: Operation<Api: wire::Anonymous> {
    /// Who calls, proved by a token of the input. Fails for everybody else.
    fn prove(
        input: &Input<Self>,
        unproved: &Unproved<'_>,
    ) -> impl Future<Output = Result<Vouched, Failure>> + Send;
}

/// A call of nobody yet: what it takes to prove its caller. Cannot write.
pub struct Unproved<'a> {
    pub(crate) core: &'a Core,
    received: &'a Received,
    concerned: Mutex<Option<AccountId>>,
}

impl<'a> Unproved<'a> {
    pub(crate) fn new(core: &'a Core, received: &'a Received) -> Self {
        Self {
            core,
            received,
            concerned: Mutex::default(),
        }
    }

    /// When the call came.
    pub fn now(&self) -> Timestamp {
        self.received.at
    }

    /// The record at `key`, as it is now.
    pub async fn get<R: Record>(&self, key: &Key) -> Result<Option<Arc<R>>, Failure> {
        let held = self.core.records.get::<R>(key).await?;
        Ok(held.map(|held| held.arc()))
    }

    /// The keys that a provider signs with; asked for anew where those that were known lack one.
    pub async fn keys(
        &self,
        provider: &OpenIdConnectProvider,
        known_lack_one: bool,
    ) -> Result<Arc<KeySet>, IdentityProviderFault> {
        let providers = &self.core.identity_providers;
        providers.keys(provider, known_lack_one, self.now()).await
    }

    /// From here on the call is on the record of this account, also if it fails.
    pub fn concerns(&self, account: AccountId) {
        let concerned = self.concerned.lock();
        *concerned.unwrap_or_else(PoisonError::into_inner) = Some(account);
    }

    pub(crate) fn concerned(&self) -> Option<AccountId> {
        let concerned = self.concerned.lock();
        *concerned.unwrap_or_else(PoisonError::into_inner)
    }
}

/// What the proved caller stands for.
pub(crate) async fn stand(
    core: &Core,
    proved: Option<Vouched>,
) -> Result<Option<Arc<Standing>>, Failure> {
    let Some(vouched) = proved else {
        return Ok(None);
    };
    let credential = Credential::Vouched(Arc::new(vouched));
    let (records, standings) = (&core.records, &core.standings);
    crate::standing::stand(records, standings, &credential, None, Arc::default()).await
}

/// Where a call without a credential scope came to: the region in the name of the host, as AWS's endpoints have it.
pub(crate) fn region(received: &Received, service: &ServiceFacts) -> Region {
    let host = received.header("host").unwrap_or_default();
    let mut labels = host.split('.');
    let named = labels.next() == Some(service.name);
    let region = labels.next().filter(|_| named);
    let region = region.and_then(|region| region.parse().ok());
    region.unwrap_or(Region::US_EAST_1)
}
