//! What a service tells those who explain policies and decisions: its facts, and its resources by their ARNs.

use std::sync::Arc;

use base::Arn;
use identity::Caller;
use policy::Resource;
use storage::{Records, StorageError};

use crate::entry::BoxFuture;

/// What is told of one service.
pub struct Described {
    /// Its `model.json`: which actions, resources and condition keys it has.
    pub model: &'static str,
    /// What finds its resources; none where none of them has a policy or tags.
    pub resource: Option<FindResource>,
}

/// The resource of an ARN as a decision about a call by the caller sees it: policy, tags, and what is granted on it to the
/// caller. `None` where there is none.
pub type FindResource =
    for<'a> fn(
        &'a Records,
        &'a Arn,
        &'a Caller,
    ) -> BoxFuture<'a, Result<Option<Arc<dyn Resource>>, StorageError>>;
