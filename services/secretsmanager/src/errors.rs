//! One constructor a situation, with AWS's message.

use std::borrow::Cow;

use base::Arn;
use pipeline::Failure;
use secretsmanager_api::errors;
use wire::{ErrorFacts, Protocol};

use crate::schedule::Nonsense;

fn says(facts: &'static ErrorFacts, message: impl Into<Cow<'static, str>>) -> Failure {
    facts.says(message).into()
}

fn invalid_parameter(message: impl Into<Cow<'static, str>>) -> Failure {
    says(&errors::INVALID_PARAMETER_EXCEPTION, message)
}

fn invalid_request(message: impl Into<Cow<'static, str>>) -> Failure {
    says(&errors::INVALID_REQUEST_EXCEPTION, message)
}

fn validation(message: impl Into<Cow<'static, str>>) -> Failure {
    wire::errors::VALIDATION
        .says(Protocol::Json11, message)
        .into()
}

/// Part of AWS's Secrets Manager, and not built.
pub(crate) fn not_built(what: impl std::fmt::Display) -> Failure {
    let message = format!("{what} is not implemented");
    wire::errors::NOT_IMPLEMENTED
        .says(Protocol::Json11, message)
        .into()
}

pub(crate) fn no_such_secret() -> Failure {
    let message = "Secrets Manager can't find the specified secret.";
    says(&errors::RESOURCE_NOT_FOUND_EXCEPTION, message)
}

pub(crate) fn no_such_version(id: &str) -> Failure {
    let message =
        format!("Secrets Manager can't find the specified secret value for VersionId: {id}");
    says(&errors::RESOURCE_NOT_FOUND_EXCEPTION, message)
}

pub(crate) fn no_such_label(label: &str) -> Failure {
    let message =
        format!("Secrets Manager can't find the specified secret value for staging label: {label}");
    says(&errors::RESOURCE_NOT_FOUND_EXCEPTION, message)
}

pub(crate) fn label_of_another_version() -> Failure {
    invalid_request("You provided a VersionStage that is not associated to the provided VersionId.")
}

pub(crate) fn marked_for_deletion() -> Failure {
    invalid_request(
        "You can't perform this operation on the secret because it was marked for deletion.",
    )
}

pub(crate) fn name_marked_for_deletion() -> Failure {
    invalid_request(
        "You can't create this secret because a secret with this name is already scheduled for deletion.",
    )
}

pub(crate) fn secret_exists(name: &str) -> Failure {
    let message = format!("The operation failed because the secret {name} already exists.");
    says(&errors::RESOURCE_EXISTS_EXCEPTION, message)
}

pub(crate) fn token_in_use(token: &str, secret: &Arn) -> Failure {
    let message = format!(
        "You can't use ClientRequestToken {token} because that value is already in use for a version of secret {secret}."
    );
    says(&errors::RESOURCE_EXISTS_EXCEPTION, message)
}

pub(crate) fn no_token() -> Failure {
    invalid_request("You must provide a ClientRequestToken value. We recommend a UUID-type value.")
}

pub(crate) fn invalid_name() -> Failure {
    validation(
        "Invalid name. Must be a valid name containing alphanumeric characters, or any of the following: -/_+=.@!",
    )
}

pub(crate) fn two_values() -> Failure {
    invalid_parameter(
        "You can't specify both a binary secret value and a string secret value in the same secret.",
    )
}

pub(crate) fn no_value() -> Failure {
    invalid_request("You must provide either SecretString or SecretBinary.")
}

pub(crate) fn value_too_large() -> Failure {
    validation(
        "1 validation error detected: Value at 'secretString' failed to satisfy constraint: \
         Member must have length less than or equal to 65536",
    )
}

pub(crate) fn too_many_labels() -> Failure {
    let message =
        "You can't have more than 20 staging labels attached across all versions of a secret.";
    says(&errors::LIMIT_EXCEEDED_EXCEPTION, message)
}

pub(crate) fn too_many_versions() -> Failure {
    let message = "You've reached the maximum number of versions of this secret.";
    says(&errors::LIMIT_EXCEEDED_EXCEPTION, message)
}

pub(crate) fn label_is_elsewhere(label: &str, version: &str) -> Failure {
    invalid_parameter(format!(
        "The parameter RemoveFromVersionId can't be empty. Staging label {label} is currently attached to version \
         {version}, so you must explicitly reference that version in RemoveFromVersionId."
    ))
}

pub(crate) fn label_is_not_there(label: &str, version: &str) -> Failure {
    invalid_parameter(format!(
        "The staging label {label} is not attached to version {version}."
    ))
}

pub(crate) fn label_stays() -> Failure {
    invalid_parameter(
        "You can only move staging label AWSCURRENT to a different secret version. It can't be completely removed.",
    )
}

pub(crate) fn label_moves_nowhere() -> Failure {
    invalid_parameter("You must specify MoveToVersionId, RemoveFromVersionId, or both.")
}

pub(crate) fn recovery_window() -> Failure {
    invalid_parameter("The RecoveryWindowInDays value must be between 7 and 30 days (inclusive).")
}

pub(crate) fn forced_with_window() -> Failure {
    invalid_parameter(
        "You can't use ForceDeleteWithoutRecovery in conjunction with RecoveryWindowInDays.",
    )
}

pub(crate) fn has_replicas(secret: &Arn, regions: &str) -> Failure {
    invalid_parameter(format!(
        "You can't delete secret {secret} that still has replica regions [{regions}]."
    ))
}

pub(crate) fn is_replica() -> Failure {
    invalid_parameter(
        "Operation not permitted on a replica secret. Call must be made in primary secret's region.",
    )
}

pub(crate) fn is_no_replica() -> Failure {
    invalid_request("Operation is only permitted on a replica secret.")
}

pub(crate) fn invalid_replica_region() -> Failure {
    invalid_parameter("Invalid replica region.")
}

pub(crate) fn replicated_already(region: impl std::fmt::Display) -> Failure {
    invalid_parameter(format!(
        "The secret is already replicated to region {region}."
    ))
}

pub(crate) fn not_replicated(region: impl std::fmt::Display) -> Failure {
    invalid_parameter(format!("The secret is not replicated to region {region}."))
}

pub(crate) fn encryption_failure() -> Failure {
    let message = "Secrets Manager can't encrypt the protected secret text using the provided KMS key. Check that the \
                   KMS key is available, enabled, and not in an invalid state.";
    says(&errors::ENCRYPTION_FAILURE, message)
}

pub(crate) fn decryption_failure() -> Failure {
    let message =
        "Secrets Manager can't decrypt the protected secret text using the provided KMS key.";
    says(&errors::DECRYPTION_FAILURE, message)
}

pub(crate) fn no_access_to_key() -> Failure {
    wire::errors::ACCESS_DENIED
        .says(Protocol::Json11, "Access to KMS is not allowed")
        .into()
}

pub(crate) fn managed_key_of_another_account() -> Failure {
    invalid_request(
        "You can't access a secret from a different AWS account if you encrypt the secret with the default KMS \
         service key.",
    )
}

pub(crate) fn key_not_allowed(action: &str, key: &str) -> Failure {
    let message = format!("Not authorized to perform: {action} with the KMS key {key}");
    wire::errors::ACCESS_DENIED
        .says(Protocol::Json11, message)
        .into()
}

pub(crate) fn no_function() -> Failure {
    invalid_request("No Lambda rotation function ARN is associated with this secret.")
}

pub(crate) fn rotation_not_complete() -> Failure {
    invalid_request("A previous rotation isn't complete. That rotation will be reattempted.")
}

pub(crate) fn function_not_invocable() -> Failure {
    wire::errors::ACCESS_DENIED
        .says(
            Protocol::Json11,
            "Secrets Manager cannot invoke the specified Lambda function. Ensure that the function policy grants access \
             to the principal secretsmanager.amazonaws.com.",
        )
        .into()
}

pub(crate) fn no_arn_of_a_function() -> Failure {
    invalid_parameter("The RotationLambdaARN is not the ARN of a Lambda function.")
}

pub(crate) fn token_of_another_version(token: &str, secret: &Arn) -> Failure {
    invalid_request(format!(
        "You can't use ClientRequestToken {token} because that value is already in use for a version of secret {secret}."
    ))
}

pub(crate) fn rotation_rules(nonsense: Nonsense) -> Failure {
    invalid_parameter(match nonsense {
        Nonsense::Both => {
            "You cannot specify both rotation frequency and schedule expression together."
        }
        Nonsense::Neither => {
            "You must specify either AutomaticallyAfterDays or ScheduleExpression."
        }
        Nonsense::Expression => {
            "The ScheduleExpression is not a rate or cron expression for rotation."
        }
        Nonsense::Apart => {
            "The ScheduleExpression must leave at least 4 hours and at most 999 days between rotations."
        }
        Nonsense::Window => {
            "The Duration must be at least 1h, and must not reach into the next rotation window or the next UTC day."
        }
    })
}

pub(crate) fn another_rotation_token() -> Failure {
    invalid_request("The RotationToken is not that of a rotation in progress of this version.")
}

pub(crate) fn malformed_policy(message: impl Into<Cow<'static, str>>) -> Failure {
    says(&errors::MALFORMED_POLICY_DOCUMENT_EXCEPTION, message)
}

pub(crate) fn public_policy() -> Failure {
    let message = "The BlockPublicPolicy parameter is set to true, and the resource policy did not prevent broad \
                   access to the secret.";
    says(&errors::PUBLIC_POLICY_EXCEPTION, message)
}

pub(crate) fn invalid_next_token() -> Failure {
    says(
        &errors::INVALID_NEXT_TOKEN_EXCEPTION,
        "The NextToken value is invalid.",
    )
}

pub(crate) fn filter_without_key() -> Failure {
    invalid_parameter("Invalid filter key")
}

pub(crate) fn filter_without_values(key: &str) -> Failure {
    invalid_parameter(format!("Invalid filter values for key: {key}"))
}

pub(crate) fn ids_or_filters() -> Failure {
    invalid_parameter("Either 'SecretIdList' or 'Filters' must be provided, but not both.")
}

pub(crate) fn pages_need_filters() -> Failure {
    invalid_parameter(
        "'Filters' not specified. 'Filters' must also be specified when 'MaxResults' is provided.",
    )
}

pub(crate) fn duplicate_tag_keys() -> Failure {
    invalid_parameter("Duplicate tag keys found.")
}

pub(crate) fn reserved_tag_key() -> Failure {
    invalid_parameter("Tag keys that begin with aws: are reserved for AWS use.")
}

pub(crate) fn tag_without_key() -> Failure {
    invalid_parameter("A tag must have a key.")
}

pub(crate) fn too_many_tags() -> Failure {
    invalid_parameter("A secret can't have more than 50 tags.")
}

pub(crate) fn password_too_short() -> Failure {
    invalid_parameter("Password length is too short based on the required types.")
}

pub(crate) fn nothing_to_choose_from() -> Failure {
    invalid_parameter("The exclusions leave no character of a required type.")
}
