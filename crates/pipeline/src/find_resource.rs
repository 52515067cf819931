//! What finds the resources of a service, for those who explain decisions.

use std::sync::Arc;

use base::Arn;
use identity::Caller;
use policy::Resource;
use storage::{Records, StorageError};

use crate::entry::BoxFuture;

/// The resource of an ARN as a decision about a call by the caller sees it: policy, tags, and what is granted on it to the
/// caller. `None` where there is none.
pub type FindResource =
    for<'a> fn(
        &'a Records,
        &'a Arn,
        &'a Caller,
    ) -> BoxFuture<'a, Result<Option<Arc<dyn Resource>>, StorageError>>;
