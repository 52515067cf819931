//! Resources as AWS names them in denials: by the name that the caller gave, not by the ARN, which would tell who may not ask
//! that the resource exists and where it lies.

use std::sync::Arc;

use base::{AccountId, Arn, Tags};

use crate::{ConditionKey, Grant, Resource, ResourcePolicy, Value};

/// A resource that denials call `words`, as `user ann`, or as the alias of a key.
pub struct Called {
    /// What they say.
    pub words: String,
    /// The resource, which all else is about.
    pub resource: Arc<dyn Resource>,
}

impl Resource for Called {
    fn arn(&self) -> &Arn {
        self.resource.arn()
    }
    fn named(&self) -> &str {
        &self.words
    }
    fn account(&self) -> AccountId {
        self.resource.account()
    }
    fn policy(&self) -> ResourcePolicy<'_> {
        self.resource.policy()
    }
    fn tags(&self) -> &Tags {
        self.resource.tags()
    }
    fn grants(&self) -> &[Arc<Grant>] {
        self.resource.grants()
    }
    fn access_control_list(&self) -> &[Arc<Grant>] {
        self.resource.access_control_list()
    }
    fn condition(&self, key: &ConditionKey, each: &mut dyn FnMut(Value<'_>)) -> bool {
        self.resource.condition(key, each)
    }
}
