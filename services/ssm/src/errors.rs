//! One constructor a situation, with AWS's message.

use std::borrow::Cow;

use pipeline::Failure;
use ssm_api::errors;
use wire::{ErrorFacts, Protocol};

use crate::limits;

const NAME: &str = "Parameter name: can't be prefixed with \"ssm\" (case-insensitive). If formed as a path, it can \
                    consist of sub-paths divided by slash symbol; each sub-path can be formed as a mix of letters, \
                    numbers and the following 3 symbols .-_";
const PATH: &str = "The parameter doesn't meet the parameter name requirements. The parameter name must begin with a \
                    forward slash \"/\". It can't be prefixed with \"aws\" or \"ssm\" (case-insensitive). It must use \
                    only letters, numbers, or the following symbols: . (period), - (hyphen), _ (underscore). Special \
                    characters are not allowed. All sub-paths, if specified, must use the forward slash symbol \"/\". \
                    Valid example: /get/parameters2-/by1./path0_.";

fn says(facts: &'static ErrorFacts, message: impl Into<Cow<'static, str>>) -> Failure {
    facts.says(message).into()
}

fn validation(message: impl Into<Cow<'static, str>>) -> Failure {
    wire::errors::VALIDATION
        .says(Protocol::Json11, message)
        .into()
}

/// More filters than a call may have.
pub(crate) fn too_many_filters(member: &str, most: usize) -> Failure {
    validation(format!(
        "1 validation error detected: Value at '{member}' failed to satisfy constraint: \
         Member must have length less than or equal to {most}"
    ))
}

/// Part of AWS's Systems Manager, and not built.
pub(crate) fn not_built(what: impl std::fmt::Display) -> Failure {
    let message = format!("{what} is not implemented");
    wire::errors::NOT_IMPLEMENTED
        .says(Protocol::Json11, message)
        .into()
}

/// AWS says nothing more.
pub(crate) fn no_such_parameter() -> Failure {
    says(&errors::PARAMETER_NOT_FOUND, "")
}

pub(crate) fn no_such_version(version: u64, name: &str) -> Failure {
    let message = format!(
        "Systems Manager could not find version {version} of {name}. Verify the version and try again."
    );
    says(&errors::PARAMETER_VERSION_NOT_FOUND, message)
}

pub(crate) fn no_such_label(label: &str, name: &str) -> Failure {
    let message = format!(
        "Systems Manager could not find label {label} for parameter {name}. Verify the label and try again."
    );
    says(&errors::PARAMETER_VERSION_NOT_FOUND, message)
}

pub(crate) fn invalid_name() -> Failure {
    validation(NAME)
}

pub(crate) fn invalid_path() -> Failure {
    validation(PATH)
}

pub(crate) fn invalid_reference() -> Failure {
    validation(
        "Invalid parameter name. Please use correct syntax for referencing a version/label  <name>:<version/label>",
    )
}

pub(crate) fn not_fully_qualified() -> Failure {
    validation("Parameter name must be a fully qualified name.")
}

pub(crate) fn reserved_prefix() -> Failure {
    validation("Parameter name: can't be prefixed with \"aws\" or \"ssm\" (case-insensitive).")
}

pub(crate) fn reserved_name(name: &str) -> Failure {
    let message = format!("No access to reserved parameter name: {name}.");
    wire::errors::ACCESS_DENIED
        .says(Protocol::Json11, message)
        .into()
}

pub(crate) fn name_too_long() -> Failure {
    validation(format!(
        "Parameter name must not be longer than {} characters, those of the ARN before it included.",
        limits::ARN_LENGTH
    ))
}

pub(crate) fn too_many_levels() -> Failure {
    says(
        &errors::HIERARCHY_LEVEL_LIMIT_EXCEEDED_EXCEPTION,
        "A parameter name can have a maximum of 15 levels.",
    )
}

pub(crate) fn other_type() -> Failure {
    says(
        &errors::HIERARCHY_TYPE_MISMATCH_EXCEPTION,
        "Parameter Store does not support changing a parameter type in a hierarchy. For example, you can't change a \
         parameter from a String type to a SecureString type. You must create a new, unique parameter.",
    )
}

pub(crate) fn exists() -> Failure {
    says(
        &errors::PARAMETER_ALREADY_EXISTS,
        "The parameter already exists. To overwrite this value, set the overwrite option in the request to true.",
    )
}

pub(crate) fn tags_with_overwrite() -> Failure {
    validation(
        "Invalid request: tags and overwrite can't be used together. To create a parameter with tags, please remove \
         overwrite flag. To update tags for an existing parameter, please use AddTagsToResource or \
         RemoveTagsFromResource.",
    )
}

pub(crate) fn no_value() -> Failure {
    validation(
        "1 validation error detected: Value '' at 'value' failed to satisfy constraint: Member must have length \
         greater than or equal to 1.",
    )
}

pub(crate) fn no_type() -> Failure {
    validation("A parameter type is required when you create a parameter.")
}

pub(crate) fn key_without_secret() -> Failure {
    validation("KeyId is required for SecureString type parameter only.")
}

pub(crate) fn nested() -> Failure {
    validation("Parameter value can't nest another parameter. Do not use \"{{}}\" in the value.")
}

pub(crate) fn standard_value_too_large() -> Failure {
    validation(
        "Standard tier parameters support a maximum parameter value of 4096 characters. To create a larger parameter \
         value, upgrade the parameter to use the advanced-parameter tier. For more information, see \
         https://docs.aws.amazon.com/systems-manager/latest/userguide/parameter-store-advanced-parameters.html",
    )
}

pub(crate) fn advanced_value_too_large() -> Failure {
    validation("Advanced tier parameters support a maximum parameter value of 8192 characters.")
}

pub(crate) fn no_way_back() -> Failure {
    validation(
        "This parameter uses the advanced-parameter tier. You can't downgrade a parameter from the advanced-parameter \
         tier to the standard-parameter tier. If necessary, you can delete the advanced parameter and recreate it as \
         a standard parameter.",
    )
}

pub(crate) fn too_many_parameters() -> Failure {
    says(
        &errors::PARAMETER_LIMIT_EXCEEDED,
        "You have exceeded the number of parameters for this Amazon Web Services account. Delete one or more \
         parameters and try again.",
    )
}

pub(crate) fn too_many_versions(name: &str, oldest: u64) -> Failure {
    let message = format!(
        "You attempted to create a new version of {name} by calling the PutParameter API with the overwrite flag. \
         Version {oldest}, the oldest version, can't be deleted because it has a label associated with it. Move the \
         label to another version of the parameter, and try again."
    );
    says(&errors::PARAMETER_MAX_VERSION_LIMIT_EXCEEDED, message)
}

pub(crate) fn invalid_pattern() -> Failure {
    says(
        &errors::INVALID_ALLOWED_PATTERN_EXCEPTION,
        "The request does not meet the regular expression requirement.",
    )
}

pub(crate) fn pattern_mismatch(pattern: &str) -> Failure {
    let message = format!("Parameter value, cannot be validated against allowedPattern: {pattern}");
    says(&errors::PARAMETER_PATTERN_MISMATCH_EXCEPTION, message)
}

pub(crate) fn no_such_data_type(name: &str) -> Failure {
    validation(format!(
        "The following data type is not supported: {name} (Data type names are all lowercase.)"
    ))
}

pub(crate) fn not_of_data_type(name: &str) -> Failure {
    validation(format!(
        "The parameter does not meet the requirements of the data type {name}."
    ))
}

pub(crate) fn policies_no_list() -> Failure {
    says(
        &errors::INVALID_POLICY_ATTRIBUTE_EXCEPTION,
        "Policies must be a JSON array of parameter policies.",
    )
}

pub(crate) fn invalid_policy(kind: &str) -> Failure {
    let message = format!("An attribute or its value is invalid in the policy of type {kind}.");
    says(&errors::INVALID_POLICY_ATTRIBUTE_EXCEPTION, message)
}

pub(crate) fn expiration_in_the_past() -> Failure {
    says(
        &errors::INVALID_POLICY_ATTRIBUTE_EXCEPTION,
        "The Timestamp of an Expiration policy must lie in the future.",
    )
}

pub(crate) fn no_such_policy_type(kind: &str) -> Failure {
    let message = format!(
        "The policy type {kind} isn't supported. Parameter Store supports the following policy types: Expiration, \
         ExpirationNotification, and NoChangeNotification."
    );
    says(&errors::INVALID_POLICY_TYPE_EXCEPTION, message)
}

pub(crate) fn two_expirations() -> Failure {
    says(
        &errors::INCOMPATIBLE_POLICY_EXCEPTION,
        "A parameter can't have two Expiration policies.",
    )
}

pub(crate) fn notification_without_expiration() -> Failure {
    says(
        &errors::INCOMPATIBLE_POLICY_EXCEPTION,
        "An ExpirationNotification policy needs an Expiration policy.",
    )
}

pub(crate) fn too_many_parameter_policies() -> Failure {
    says(
        &errors::POLICIES_LIMIT_EXCEEDED_EXCEPTION,
        "You specified more than the maximum number of allowed policies for the parameter. The maximum is 10.",
    )
}

pub(crate) fn policies_of_standard() -> Failure {
    validation(
        "Parameter policies are supported for parameters of the advanced-parameter tier only.",
    )
}

pub(crate) fn no_such_setting(id: &str) -> Failure {
    let message = format!(
        "The specified service setting {id} was not found. Either the service name or the setting has not been \
         provisioned by the AWS service team."
    );
    says(&errors::SERVICE_SETTING_NOT_FOUND, message)
}

pub(crate) fn setting_value(value: &str, valid: &str) -> Failure {
    validation(format!(
        "The following setting value is not valid: {value}. Valid values include: [{valid}]."
    ))
}

pub(crate) fn too_many_labels() -> Failure {
    says(
        &errors::PARAMETER_VERSION_LABEL_LIMIT_EXCEEDED,
        "A parameter version can have maximum 10 labels.Move one or more labels to another version and try again.",
    )
}

/// What KMS says of a key, as Parameter Store passes it on.
pub(crate) fn of_key(fault: &wire::Fault) -> Failure {
    says(&errors::INVALID_KEY_ID, of_kms(fault))
}

pub(crate) fn no_access_to_key(fault: &wire::Fault) -> Failure {
    wire::errors::ACCESS_DENIED
        .says(Protocol::Json11, of_kms(fault))
        .into()
}

fn of_kms(fault: &wire::Fault) -> String {
    format!(
        "{} (Service: AWSKMS; Status Code: {}; Error Code: {})",
        fault.message, fault.facts.status, fault.facts.code
    )
}

pub(crate) fn secret_without_decryption() -> Failure {
    validation("WithDecryption flag must be True for retrieving a Secret Manager secret.")
}

pub(crate) fn no_text_in_secret() -> Failure {
    validation("The secret has no SecretString.")
}

pub(crate) fn no_access_to_secret(fault: &wire::Fault) -> Failure {
    wire::errors::ACCESS_DENIED
        .says(Protocol::Json11, of_secrets(fault))
        .into()
}

/// What Secrets Manager says of a secret that exists.
pub(crate) fn of_secret(fault: &wire::Fault) -> Failure {
    validation(of_secrets(fault))
}

fn of_secrets(fault: &wire::Fault) -> String {
    format!(
        "{} (Service: AWSSecretsManager; Status Code: {}; Error Code: {})",
        fault.message, fault.facts.status, fault.facts.code
    )
}

pub(crate) fn invalid_next_token() -> Failure {
    says(
        &errors::INVALID_NEXT_TOKEN,
        "The specified token isn't valid.",
    )
}

pub(crate) fn filters_of_two_kinds() -> Failure {
    validation("You can use either Filters or ParameterFilters in a single request.")
}

pub(crate) fn filter_key(key: &str, valid: &str) -> Failure {
    let message = format!(
        "The following filter key is not valid: {key}. Valid filter keys include: [{valid}]."
    );
    says(&errors::INVALID_FILTER_KEY, message)
}

pub(crate) fn filter_twice(key: &str) -> Failure {
    let message = format!(
        "The following filter is duplicated in the request: {key}. A request can contain only one occurrence of a \
         specific filter."
    );
    says(&errors::INVALID_FILTER_KEY, message)
}

pub(crate) fn filter_option(option: &str, valid: &str) -> Failure {
    let message = format!(
        "The following filter option is not valid: {option}. Valid options include: [{valid}]."
    );
    says(&errors::INVALID_FILTER_OPTION, message)
}

pub(crate) fn filter_value(value: &str, valid: &str) -> Failure {
    let message = format!(
        "The following filter value is not valid: {value}. Valid values include: [{valid}]."
    );
    says(&errors::INVALID_FILTER_VALUE, message)
}

pub(crate) fn filter_without_values(key: &str) -> Failure {
    let message = format!("The following filter values are missing : null for filter key {key}");
    says(&errors::INVALID_FILTER_VALUE, message)
}

pub(crate) fn invalid_resource_id() -> Failure {
    says(&errors::INVALID_RESOURCE_ID, "Invalid Resource Id")
}

pub(crate) fn too_many_tags() -> Failure {
    says(
        &errors::TOO_MANY_TAGS_ERROR,
        "A parameter can't have more than 50 tags.",
    )
}

pub(crate) fn duplicate_tag_keys() -> Failure {
    validation("Duplicate tag keys found.")
}

pub(crate) fn reserved_tag_key() -> Failure {
    validation("Tag keys that begin with aws: are reserved for AWS use.")
}

pub(crate) fn no_such_resource() -> Failure {
    says(
        &errors::RESOURCE_NOT_FOUND_EXCEPTION,
        "The specified parameter to be shared could not be found.",
    )
}

pub(crate) fn resource_arn() -> Failure {
    says(
        &errors::RESOURCE_POLICY_INVALID_PARAMETER_EXCEPTION,
        "ResourceArn must be the ARN of a parameter.",
    )
}

pub(crate) fn standard_not_shared() -> Failure {
    says(
        &errors::RESOURCE_POLICY_INVALID_PARAMETER_EXCEPTION,
        "Only parameters of the advanced tier can be shared.",
    )
}

pub(crate) fn half_a_policy_id() -> Failure {
    says(
        &errors::RESOURCE_POLICY_INVALID_PARAMETER_EXCEPTION,
        "PolicyId and PolicyHash must be specified together.",
    )
}

pub(crate) fn malformed_policy(message: impl Into<Cow<'static, str>>) -> Failure {
    says(
        &errors::MALFORMED_RESOURCE_POLICY_DOCUMENT_EXCEPTION,
        message,
    )
}

pub(crate) fn no_such_policy() -> Failure {
    says(
        &errors::RESOURCE_POLICY_NOT_FOUND_EXCEPTION,
        "No policies with the specified policy ID and hash could be found.",
    )
}

pub(crate) fn policy_conflict() -> Failure {
    says(
        &errors::RESOURCE_POLICY_CONFLICT_EXCEPTION,
        "The hash provided in the call doesn't match the stored hash. This exception is thrown when trying to update \
         an obsolete policy version or when multiple requests to update a policy are sent.",
    )
}

pub(crate) fn policy_too_large() -> Failure {
    let message = format!(
        "A resource policy must not be longer than {} bytes.",
        limits::POLICY_BYTES
    );
    says(&errors::RESOURCE_POLICY_LIMIT_EXCEEDED_EXCEPTION, message)
}

pub(crate) fn too_many_policies() -> Failure {
    says(
        &errors::RESOURCE_POLICY_LIMIT_EXCEEDED_EXCEPTION,
        "A parameter can have one resource policy.",
    )
}
