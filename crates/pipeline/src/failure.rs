//! Why a call did not complete.

use storage::StorageError;
use wire::Fault;

/// The failure of a call: AWS's error for the caller, or something of ours that the caller is not told.
#[derive(Debug)]
pub enum Failure {
    /// An AWS error.
    Fault(Fault),
    /// Authorization said no. Carries AWS's error and the explanation, sealed,
    /// that `sts:DecodeAuthorizationMessage` opens.
    Denied {
        /// `AccessDenied` in the service's protocol.
        fault: Fault,
        /// The sealed explanation.
        encoded: String,
    },
    /// What was read changed before the commit; the pipeline tries again.
    Conflict,
    /// Ours: logged once with its chain and the request id, `InternalFailure` on the wire.
    Internal(Box<dyn std::error::Error + Send + Sync>),
}

impl From<Fault> for Failure {
    fn from(fault: Fault) -> Self {
        Failure::Fault(fault)
    }
}

impl From<StorageError> for Failure {
    fn from(error: StorageError) -> Self {
        Failure::Internal(error.into())
    }
}

impl Failure {
    /// Something of ours that went wrong.
    pub fn internal(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Failure::Internal(error.into())
    }
}
