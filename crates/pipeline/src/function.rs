//! Functions: programs that a service runs on behalf of a resource, as AWS Lambda does, under a role of their own.
//!
//! `Functions` is what the server has of them. Services reach them by `Duty::invoke` alone, which asks the function's policy
//! before anything runs.

use base::{Arn, Secret};

use crate::Duty;
use crate::entry::BoxFuture;

/// A call of a function by a service.
#[derive(Clone, Debug)]
pub struct Invocation<'a> {
    /// The function.
    pub function: &'a Arn,
    /// The service that calls, as `secretsmanager.amazonaws.com`.
    pub service: &'static str,
    /// The resource it calls for: `aws:SourceArn`, and by its account `aws:SourceAccount`.
    pub source: &'a Arn,
    /// The event, in JSON.
    pub payload: &'a [u8],
}

/// Why a function gave no result.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FunctionFault {
    /// There is no function of this name.
    #[error("the function does not exist")]
    NotFound,
    /// Its policy does not let this service run it for this resource.
    #[error("the policy of the function does not allow the invocation")]
    NotAllowed,
    /// Its role does not exist, or cannot be assumed by `lambda.amazonaws.com`.
    #[error("the role of the function cannot be assumed")]
    NoRole,
    /// As many run as may.
    #[error("too many functions run at once")]
    Busy,
    /// It did not end in its time.
    #[error("the function did not end in time")]
    TimedOut,
    /// It ended without a result, or could not be started.
    #[error("the function ended without a result: {0}")]
    Ended(String),
    /// It answered with an error of its own.
    #[error("the function failed: {kind}: {message}")]
    Raised {
        /// Name of the error, as `ValueError`.
        kind: String,
        /// What it says, cut to a length that can be recorded.
        message: String,
    },
}

/// A function's result: JSON.
pub type FunctionAnswer<'a> = BoxFuture<'a, Result<Secret<Vec<u8>>, FunctionFault>>;

/// The functions that the server has.
pub trait Functions: Send + Sync {
    /// Whether there is a function of this name.
    fn exists(&self, function: &Arn) -> bool;

    /// Runs it once. It ends in a time of its own.
    fn run<'a>(&'a self, invocation: &'a Invocation<'a>) -> FunctionAnswer<'a>;
}

impl Duty<'_> {
    /// Has a function run.
    ///
    /// # Errors
    /// Whatever kept it from a result.
    pub async fn invoke(
        &self,
        invocation: &Invocation<'_>,
    ) -> Result<Secret<Vec<u8>>, FunctionFault> {
        let functions = &self.core.functions;
        if !functions.exists(invocation.function) {
            return Err(FunctionFault::NotFound);
        }
        functions.run(invocation).await
    }
}
