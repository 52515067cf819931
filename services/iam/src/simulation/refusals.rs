//! What a simulation is refused for. AWS's words where they are known; those of context entries, identifiers of
//! policies and sizes are ours.

use base::AccountId;
use iam_api::errors;
use pipeline::Failure;

fn invalid(message: impl Into<String>) -> Failure {
    errors::INVALID_INPUT_EXCEPTION.says(message.into()).into()
}

/// A text that should be the ARN of a user, group or role.
pub(crate) fn unclear_entity(arn: &str) -> Failure {
    invalid(format!(
        "Invalid Entity Arn: {arn} does not clearly define entity type and name."
    ))
}

/// The policies of an entity of another account.
pub(crate) fn foreign_source(caller: AccountId, owner: AccountId) -> Failure {
    invalid(format!(
        "Invalid Policy Source Arn: caller's account {caller} does not have access to policies in account {owner}"
    ))
}

/// A simulated caller of another kind.
pub(crate) fn invalid_caller() -> Failure {
    invalid("Invalid caller - Caller must be an IAM user, role or group in this context.")
}

/// A resource policy without anybody it could name.
pub(crate) fn no_caller() -> Failure {
    invalid("Invalid caller - Caller cannot be null or empty.")
}

/// A document that does not parse.
pub(crate) fn malformed(malformed: policy::Malformed) -> Failure {
    invalid(malformed.message)
}

/// More boundaries than an entity can have.
pub(crate) fn too_many_boundaries() -> Failure {
    invalid("Only one permissions boundary can be simulated.")
}

/// A text that should name an operation.
pub(crate) fn invalid_action() -> Failure {
    invalid("The action is invalid since it is missing names")
}

/// A text that should be the ARN of a resource.
pub(crate) fn invalid_resource(arn: &str) -> Failure {
    invalid(format!(
        "ResourceNames are not in a valid ARN format: {arn}."
    ))
}

/// A text that should be the ARN of an account's root user.
pub(crate) fn invalid_owner(owner: &str) -> Failure {
    invalid(format!("'{owner}' is not a valid as a Resource Owner."))
}

/// A type of simulation that there is not.
pub(crate) fn invalid_handling(option: &str) -> Failure {
    invalid(format!(
        "Invalid input resource handling options: {option}."
    ))
}

/// A type of simulation of another service's actions.
pub(crate) fn handling_not_for(action: &str) -> Failure {
    invalid(format!(
        "Invalid input resource handling options. Action does not support resource handling options: {action}."
    ))
}

/// A type of simulation that needs a resource which is not given.
pub(crate) fn handling_needs(option: &str, resource: &str) -> Failure {
    invalid(format!(
        "Invalid input resource handling options. {option} requires a resource of type {resource}."
    ))
}

/// A context entry that names no key.
pub(crate) fn no_context_key() -> Failure {
    invalid("ContextKeyName cannot be null or empty.")
}

/// A context key that stands twice.
pub(crate) fn same_context_keys(key: &str) -> Failure {
    invalid(format!("Duplicate context key: {key}."))
}

/// Values of a context key that are not of its type.
pub(crate) fn invalid_context_values(key: &str, kind: &str) -> Failure {
    invalid(format!(
        "Invalid values of context key {key} for type {kind}."
    ))
}

/// An identifier of a policy that identifies none, or in two ways.
pub(crate) fn invalid_exclusion() -> Failure {
    invalid("Each PolicyIdentifier must have exactly one valid member.")
}

/// More than one call may compute.
pub(crate) fn too_large() -> Failure {
    invalid("Too many resources for policies of this size.")
}
