//! What is known of one call, from authentication on.

use std::sync::Arc;

use base::{AccountId, Region, RequestId, Timestamp};
use identity::Caller;
use wire::{Facts, Protocol};

use crate::receive::Received;
use crate::standing::Standing;
use crate::via::Via;
use crate::{Core, Quota};

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
    pub(crate) fn protocol(&self) -> Protocol {
        self.spoken
    }
}
