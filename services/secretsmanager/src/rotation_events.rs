//! What the audit record says of rotations beside the calls that began them.
//!
//! AWS document: AWS Secrets Manager User Guide, "AWS CloudTrail entries for Secrets Manager".

use pipeline::audit::{ServiceEvent, Told};
use pipeline::{FunctionFault, Subject};
use serde_json::json;

use crate::rotation::{Attempt, Step};
use crate::secret::Secret;

/// A function was called for the first time, or is about to be.
pub(crate) fn started(secret: &Secret, attempt: &Attempt) -> ServiceEvent {
    let name = match attempt.step {
        Step::Trial => "TestRotationStarted",
        _ => "RotationStarted",
    };
    event(secret, name, &attempt.token, None)
}

/// All that was asked of the function was done.
pub(crate) fn succeeded(secret: &Secret, attempt: &Attempt) -> ServiceEvent {
    let name = match attempt.step {
        Step::Trial => "TestRotationSucceeded",
        _ => "RotationSucceeded",
    };
    event(secret, name, &attempt.token, None)
}

/// A step was not done.
pub(crate) fn failed(secret: &Secret, attempt: &Attempt, error: String) -> ServiceEvent {
    let name = match attempt.step {
        Step::Trial => "TestRotationFailed",
        _ => "RotationFailed",
    };
    event(secret, name, &attempt.token, Some(error))
}

/// A rotation ended because its version is not going to be current any more.
pub(crate) fn abandoned(secret: &Secret, token: &str) -> ServiceEvent {
    event(secret, "RotationAbandoned", token, None)
}

/// What kept a function from its step. Its own words are left out: a secret may be among them.
pub(crate) fn reason(fault: &FunctionFault) -> &'static str {
    match fault {
        FunctionFault::NotFound => "the function does not exist",
        FunctionFault::NotAllowed => "the policy of the function does not allow the invocation",
        FunctionFault::NoRole => "the role of the function cannot be assumed",
        FunctionFault::Busy => "too many functions run at once",
        FunctionFault::TimedOut => "the function did not end in time",
        FunctionFault::Ended(_) => "the function ended without a result",
        FunctionFault::Raised { .. } => "the function raised an error",
    }
}

fn event(secret: &Secret, name: &'static str, token: &str, error: Option<String>) -> ServiceEvent {
    ServiceEvent {
        source: "secretsmanager.amazonaws.com",
        name,
        subject: Subject {
            account: secret.account,
            region: secret.region,
            arn: secret.arn.clone(),
        },
        resource_type: "AWS::SecretsManager::Secret",
        told: Told::Steps {
            data: json!({"SecretId": secret.arn.as_str()}),
            request: format!("Rotation-{}-{token}", secret.arn),
            error,
        },
    }
}
