//! Errors of operations on tokens for others.

use iam_api::errors;
use pipeline::Failure;

/// Callers of the account get tokens already.
pub(crate) fn outbound_federation_enabled() -> Failure {
    errors::FEATURE_ENABLED_EXCEPTION
        .says("Outbound web identity federation is already enabled for this account.")
        .into()
}

/// Callers of the account get no tokens.
pub(crate) fn outbound_federation_disabled() -> Failure {
    errors::FEATURE_DISABLED_EXCEPTION
        .says("Outbound web identity federation is not enabled for this account.")
        .into()
}
