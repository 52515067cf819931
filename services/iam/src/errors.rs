//! One constructor a situation, with AWS's message.

use iam_api::errors;
use pipeline::Failure;
use wire::Protocol;

/// What the caller sent does not fit, in a way that the model does not tell.
pub(crate) fn validation(message: impl Into<String>) -> Failure {
    let error = &wire::errors::VALIDATION;
    error.says(Protocol::Query, message.into()).into()
}

/// A marker that no earlier answer held.
pub(crate) fn invalid_marker() -> Failure {
    validation("Invalid Marker.")
}

/// A call about "my user" by one that is no user.
pub(crate) fn not_a_user() -> Failure {
    validation("Must specify userName when calling with non-User credentials")
}

/// No entity of this kind (`user`, `role` …) and name.
pub(crate) fn no_such(kind: &str, name: &str) -> Failure {
    let message = format!("The {kind} with name {name} cannot be found.");
    errors::NO_SUCH_ENTITY_EXCEPTION.says(message).into()
}

/// An entity of this kind (`User`, `Role` …) has the name already.
pub(crate) fn already_exists(kind: &str, name: &str) -> Failure {
    let message = format!("{kind} with name {name} already exists.");
    errors::ENTITY_ALREADY_EXISTS_EXCEPTION.says(message).into()
}

/// A quota is used up: `quota` is AWS's name for it.
pub(crate) fn quota_exceeded(quota: &str, limit: usize) -> Failure {
    let message = format!("Cannot exceed quota for {quota}: {limit}");
    errors::LIMIT_EXCEEDED_EXCEPTION.says(message).into()
}

/// The entity has something that must go first: `first` says what to do.
pub(crate) fn must_first(first: &str) -> Failure {
    let message = format!("Cannot delete entity, must {first} first.");
    errors::DELETE_CONFLICT_EXCEPTION.says(message).into()
}

/// Two tags of one key.
pub(crate) fn duplicate_tag_keys() -> Failure {
    let message = "Duplicate tag keys found. Please note that Tag keys are case insensitive.";
    errors::INVALID_INPUT_EXCEPTION.says(message).into()
}

/// A tag key that only AWS may set.
pub(crate) fn reserved_tag_key() -> Failure {
    let message = "Tag keys beginning with 'aws:' are reserved for system use.";
    errors::INVALID_INPUT_EXCEPTION.says(message).into()
}

/// More tags than an entity may have.
pub(crate) fn too_many_tags() -> Failure {
    let message = "The number of tags has reached the maximum limit.";
    errors::LIMIT_EXCEEDED_EXCEPTION.says(message).into()
}

/// A policy document that does not parse.
pub(crate) fn malformed_policy(malformed: policy::Malformed) -> Failure {
    errors::MALFORMED_POLICY_DOCUMENT_EXCEPTION.says(malformed.message).into()
}

/// A managed policy that is not there.
pub(crate) fn no_such_policy(arn: &str) -> Failure {
    let message = format!("Policy {arn} does not exist or is not attachable.");
    errors::NO_SUCH_ENTITY_EXCEPTION.says(message).into()
}

/// No instance profile of this name.
pub(crate) fn no_such_instance_profile(name: &str) -> Failure {
    let message = format!("Instance Profile {name} cannot be found.");
    errors::NO_SUCH_ENTITY_EXCEPTION.says(message).into()
}
