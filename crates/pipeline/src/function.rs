//! Functions: programs that a service runs on behalf of a resource, as AWS Lambda does, under a role of their own.
//!
//! `Functions` is what the server has of them. Services reach them by `Duty::invoke` alone, which asks the function's policy
//! before anything runs, and hands the function a session of its role if the role trusts `lambda.amazonaws.com`.
//!
//! Differs from AWS: the session lasts as long as the function may run, not up to twelve hours.

mod declared;
mod invoke;
mod known;
mod session;

use std::sync::Arc;

use base::{Arn, RequestId, Secret};

use crate::RoleCredentials;
use crate::entry::BoxFuture;

pub use declared::{Function, InvalidFunction};

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

impl FunctionFault {
    /// As Lambda or this server calls it in a record.
    pub(crate) fn code(&self) -> &'static str {
        match self {
            Self::NotFound => "ResourceNotFoundException",
            Self::NotAllowed | Self::NoRole => "AccessDenied",
            Self::Busy => "TooManyRequestsException",
            Self::TimedOut => "Sandbox.Timedout",
            Self::Ended(_) => "Runtime.ExitError",
            Self::Raised { .. } => "Unhandled",
        }
    }

    /// As a record tells it: nothing that the function has said itself, which may be a secret.
    pub fn told(&self) -> String {
        match self {
            Self::Raised { .. } => "the function raised an error".to_owned(),
            Self::Ended(_) => "the function ended without a result".to_owned(),
            other => other.to_string(),
        }
    }

    /// For what kept the server itself from running it.
    pub(crate) fn ours(error: impl std::fmt::Debug) -> Self {
        tracing::error!(?error, "a function could not be run");
        Self::Ended("the server could not run it".to_owned())
    }
}

/// A function's result: JSON.
pub type FunctionAnswer<'a> = BoxFuture<'a, Result<Secret<Vec<u8>>, FunctionFault>>;

/// One run of a function that may run.
pub struct FunctionRun<'a> {
    /// The function.
    pub function: &'a Function,
    /// Of a session of its role; none if it has no role.
    pub credentials: Option<&'a RoleCredentials>,
    /// The event, in JSON.
    pub payload: &'a [u8],
    /// The id of this run, as its record has it.
    pub id: RequestId,
}

/// The functions that the server has.
pub trait Functions: Send + Sync {
    /// The function of this name.
    fn find(&self, function: &Arn) -> Option<Arc<Function>>;

    /// Runs it once. It ends in a time of its own. Only for whoever has decided that it may.
    fn run<'a>(&'a self, run: FunctionRun<'a>) -> FunctionAnswer<'a>;
}
