//! What is known of one call, from authentication on.

use std::sync::Arc;

use base::{AccountId, Region, RequestId, Secret, Timestamp};
use identity::Caller;
use wire::{Facts, Protocol};

use crate::receive::Received;
use crate::standing::Standing;
use crate::via::Via;
use crate::{Core, Failure, Quota, VpcEndpoint};

/// One authenticated call on its way to its operation.
pub struct Call<'a> {
    pub(crate) core: &'a Core,
    pub(crate) received: &'a Received,
    pub(crate) facts: &'static Facts,
    pub(crate) standing: &'a Arc<Standing>,
    /// The protocol the caller speaks.
    pub(crate) spoken: Protocol,
    pub(crate) region: Region,
    pub(crate) via: Option<&'a Via<'a>>,
    /// Whether it was attempted before.
    pub(crate) again: bool,
}

impl<'a> Call<'a> {
    /// Who calls.
    pub fn caller(&self) -> &'a Caller {
        &self.standing.caller
    }
    /// The caller's account.
    pub fn account(&self) -> AccountId {
        self.standing.caller.account
    }
    /// The region of the credential scope.
    pub fn region(&self) -> Region {
        self.region
    }
    /// The service that calls on the caller's behalf; none where the caller called himself.
    pub fn via(&self) -> Option<&'a Via<'a>> {
        self.via
    }
    /// When the call came.
    pub fn now(&self) -> Timestamp {
        self.received.at
    }
    /// The call's id.
    pub fn id(&self) -> RequestId {
        self.received.id
    }
    /// How many there may be of what `quota` counts; `None` where the operator has lifted the limit.
    pub fn limit(&self, quota: &Quota) -> Option<u32> {
        self.core.admission.rate(quota, &self.region)
    }
    /// The service that calls on the caller's behalf, as `s3.us-east-1.amazonaws.com`: `kms:ViaService`.
    pub fn via_service(&self) -> Option<String> {
        self.via.map(|via| via.endpoint(self.region))
    }
    /// A token that only this server can read: `bytes`, sealed anew each time. Only `open_token` for the same `purpose`
    /// opens it.
    pub fn seal_token(&self, purpose: &str, bytes: &[u8]) -> Result<Secret<String>, Failure> {
        let sealed = self.core.sessions.seal_token(purpose, bytes);
        sealed.map_err(Failure::internal)
    }
    /// What was sealed into a token for `purpose`; none if the token is not of this server.
    pub fn open_token(&self, purpose: &str, token: &str) -> Option<Vec<u8>> {
        self.core.sessions.open_token(purpose, token)
    }
    /// The VPC endpoint the caller used for this very call. AWS: what a service calls on the caller's behalf goes through
    /// no endpoint of the caller's.
    pub(crate) fn endpoint(&self) -> Option<&'a VpcEndpoint> {
        match self.via {
            None => self.received.endpoint.as_deref(),
            Some(_) => None,
        }
    }
    pub(crate) fn protocol(&self) -> Protocol {
        self.spoken
    }
}
