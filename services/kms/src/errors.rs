//! One constructor a situation, with AWS's message.

use std::borrow::Cow;

use base::Arn;
use kms_api::errors;
use kms_api::shapes::KeyUsageType;
use kms_api::shapes::OriginType;
use pipeline::Failure;
use wire::{ErrorFacts, Protocol};

/// Not in the public model; AWS answers with it for names that are its own.
static NOT_AUTHORIZED_EXCEPTION: ErrorFacts = ErrorFacts {
    code: "NotAuthorizedException",
    status: 400,
    sender: true,
};

fn says(facts: &'static ErrorFacts, message: impl Into<Cow<'static, str>>) -> Failure {
    facts.says(message).into()
}

/// Input that breaks a constraint which the model does not have.
pub(crate) fn validation(message: impl Into<Cow<'static, str>>) -> Failure {
    wire::errors::VALIDATION
        .says(Protocol::Json11, message)
        .into()
}

/// Part of AWS's KMS, and not built.
pub(crate) fn not_built(what: impl std::fmt::Display) -> Failure {
    let message = format!("{what} is not implemented");
    wire::errors::NOT_IMPLEMENTED
        .says(Protocol::Json11, message)
        .into()
}

pub(crate) fn no_such_key(arn: &Arn) -> Failure {
    says(
        &errors::NOT_FOUND_EXCEPTION,
        format!("Key '{arn}' does not exist"),
    )
}

pub(crate) fn invalid_key_id(text: &str) -> Failure {
    says(
        &errors::NOT_FOUND_EXCEPTION,
        format!("Invalid keyId '{text}'"),
    )
}

pub(crate) fn other_region(region: &str) -> Failure {
    says(
        &errors::NOT_FOUND_EXCEPTION,
        format!("Invalid arn {region}"),
    )
}

pub(crate) fn invalid_arn(text: &str) -> Failure {
    says(
        &errors::INVALID_ARN_EXCEPTION,
        format!("Invalid arn {text}"),
    )
}

pub(crate) fn takes_no_alias() -> Failure {
    let message = "Key Aliases are not supported for this operation.";
    says(&errors::INVALID_ARN_EXCEPTION, message)
}

pub(crate) fn no_such_alias(arn: &Arn) -> Failure {
    says(
        &errors::NOT_FOUND_EXCEPTION,
        format!("Alias {arn} is not found."),
    )
}

pub(crate) fn alias_exists(arn: &Arn) -> Failure {
    let message = format!("An alias with the name {arn} already exists");
    says(&errors::ALREADY_EXISTS_EXCEPTION, message)
}

pub(crate) fn alias_prefix() -> Failure {
    validation(
        "Alias must start with the prefix \"alias/\". Please see \
         https://docs.aws.amazon.com/kms/latest/developerguide/kms-alias.html",
    )
}

pub(crate) fn alias_characters(name: &str) -> Failure {
    validation(format!("{name} contains invalid characters for an alias"))
}

pub(crate) fn alias_without_name() -> Failure {
    says(
        &errors::INVALID_ALIAS_NAME_EXCEPTION,
        "alias/ is not a valid alias name",
    )
}

pub(crate) fn alias_reserved() -> Failure {
    says(&NOT_AUTHORIZED_EXCEPTION, "")
}

pub(crate) fn alias_of_alias() -> Failure {
    validation("Aliases must refer to keys. Not aliases")
}

pub(crate) fn too_many_keys(most: usize) -> Failure {
    let message = format!("The account has {most} keys in this region, as many as it may");
    says(&errors::LIMIT_EXCEEDED_EXCEPTION, message)
}

pub(crate) fn too_many_aliases(key: &Arn) -> Failure {
    let message = format!("{key} has the maximum number of aliases");
    says(&errors::LIMIT_EXCEEDED_EXCEPTION, message)
}

pub(crate) fn disabled(key: &Arn) -> Failure {
    says(&errors::DISABLED_EXCEPTION, format!("{key} is disabled."))
}

pub(crate) fn pending_deletion(key: &Arn) -> Failure {
    says(
        &errors::KMS_INVALID_STATE_EXCEPTION,
        format!("{key} is pending deletion."),
    )
}

pub(crate) fn pending_replica_deletion(key: &Arn) -> Failure {
    says(
        &errors::KMS_INVALID_STATE_EXCEPTION,
        format!("{key} is pending replica deletion."),
    )
}

pub(crate) fn pending_import(key: &Arn) -> Failure {
    says(
        &errors::KMS_INVALID_STATE_EXCEPTION,
        format!("{key} is pending import."),
    )
}

pub(crate) fn nothing_to_rotate_to(key: &Arn) -> Failure {
    says(
        &errors::KMS_INVALID_STATE_EXCEPTION,
        format!("No available key material pending rotation for the key: {key}."),
    )
}

pub(crate) fn pending_rotation(key: &Arn) -> Failure {
    says(
        &errors::KMS_INVALID_STATE_EXCEPTION,
        format!("{key} has key material pending rotation already."),
    )
}

pub(crate) fn unsupported(message: impl Into<Cow<'static, str>>) -> Failure {
    says(&errors::UNSUPPORTED_OPERATION_EXCEPTION, message)
}

pub(crate) fn unsupported_origin(key: &Arn, origin: OriginType) -> Failure {
    unsupported(format!(
        "{key} origin is {origin} which is not valid for this operation."
    ))
}

pub(crate) fn rotation_is_near(key: &Arn) -> Failure {
    says(
        &errors::CONFLICT_EXCEPTION,
        format!(
            "An automatic rotation of {key} is in progress or scheduled to begin within the next \
             20 minutes."
        ),
    )
}

pub(crate) fn too_many_rotations(key: &Arn) -> Failure {
    says(
        &errors::LIMIT_EXCEEDED_EXCEPTION,
        format!("{key} has been rotated on demand the maximum number of times."),
    )
}

pub(crate) fn expired_import_token() -> Failure {
    says(
        &errors::EXPIRED_IMPORT_TOKEN_EXCEPTION,
        "The import token has expired.",
    )
}

/// The same for every token that is not one of this key.
pub(crate) fn invalid_import_token() -> Failure {
    says(
        &errors::INVALID_IMPORT_TOKEN_EXCEPTION,
        "The import token is not valid for this key.",
    )
}

pub(crate) fn incorrect_key_material(message: impl Into<Cow<'static, str>>) -> Failure {
    says(&errors::INCORRECT_KEY_MATERIAL_EXCEPTION, message)
}

pub(crate) fn no_such_key_material(id: &str) -> Failure {
    says(
        &errors::NOT_FOUND_EXCEPTION,
        format!("Key material {id} does not exist."),
    )
}

pub(crate) fn replica_exists(replica: &Arn) -> Failure {
    says(
        &errors::ALREADY_EXISTS_EXCEPTION,
        format!("A related multi-Region key {replica} already exists"),
    )
}

pub(crate) fn no_replica_in(region: &str) -> Failure {
    says(
        &errors::NOT_FOUND_EXCEPTION,
        format!("There is no replica key in {region}"),
    )
}

pub(crate) fn not_pending_deletion(key: &Arn) -> Failure {
    says(
        &errors::KMS_INVALID_STATE_EXCEPTION,
        format!("{key} is not pending deletion."),
    )
}

pub(crate) fn malformed_policy(message: impl Into<Cow<'static, str>>) -> Failure {
    says(&errors::MALFORMED_POLICY_DOCUMENT_EXCEPTION, message)
}

pub(crate) fn invalid_principals() -> Failure {
    malformed_policy("Policy contains a statement with one or more invalid principals.")
}

pub(crate) fn locked_out() -> Failure {
    malformed_policy(
        "The new key policy will not allow you to update the key policy in the future.",
    )
}

pub(crate) fn policy_too_large() -> Failure {
    says(
        &errors::LIMIT_EXCEEDED_EXCEPTION,
        "The key policy exceeds 32768 bytes.",
    )
}

pub(crate) fn no_such_policy() -> Failure {
    says(&errors::NOT_FOUND_EXCEPTION, "No such policy exists")
}

pub(crate) fn only_default_policy() -> Failure {
    says(
        &errors::UNSUPPORTED_OPERATION_EXCEPTION,
        "Only default policy is supported",
    )
}

pub(crate) fn duplicate_tag_keys() -> Failure {
    says(&errors::TAG_EXCEPTION, "Duplicate tag keys")
}

pub(crate) fn reserved_tag_key() -> Failure {
    says(
        &errors::TAG_EXCEPTION,
        "Tags beginning with aws: are reserved",
    )
}

pub(crate) fn too_many_tags() -> Failure {
    says(&errors::TAG_EXCEPTION, "Too many tags")
}

pub(crate) fn limit_too_large(limit: usize, most: usize) -> Failure {
    validation(format!(
        "1 validation error detected: Value '{limit}' at 'limit' failed to satisfy constraint: \
         Member must have value less than or equal to {most}"
    ))
}

pub(crate) fn invalid_marker() -> Failure {
    says(
        &errors::INVALID_MARKER_EXCEPTION,
        "The marker is not valid.",
    )
}

pub(crate) fn invalid_grant_token() -> Failure {
    says(
        &errors::INVALID_GRANT_TOKEN_EXCEPTION,
        "The grant token is not valid.",
    )
}

pub(crate) fn invalid_grant_id() -> Failure {
    says(
        &errors::INVALID_GRANT_ID_EXCEPTION,
        "The grant id is not valid.",
    )
}

pub(crate) fn no_such_grant(id: impl std::fmt::Display) -> Failure {
    let message = format!("Grant ID {id} not found");
    says(&errors::NOT_FOUND_EXCEPTION, message)
}

pub(crate) fn too_many_grants(key: &Arn) -> Failure {
    let message = format!("{key} has the maximum number of grants");
    says(&errors::LIMIT_EXCEEDED_EXCEPTION, message)
}

pub(crate) fn invalid_principal(text: &str) -> Failure {
    says(
        &errors::INVALID_ARN_EXCEPTION,
        format!("ARN does not refer to a valid principal: {text}"),
    )
}

pub(crate) fn no_grant_operations() -> Failure {
    validation("Operations must name at least one operation.")
}

pub(crate) fn unsupported_grant_operation(operation: &str, key_spec: &str) -> Failure {
    validation(format!(
        "Operation {operation} is not supported by grants on keys of key spec {key_spec}."
    ))
}

pub(crate) fn one_grantee() -> Failure {
    validation("Specify either GranteePrincipal or GranteeServicePrincipal.")
}

pub(crate) fn one_retiring_principal() -> Failure {
    validation("Specify either RetiringPrincipal or RetiringServicePrincipal, not both.")
}

pub(crate) fn service_grant_without_source() -> Failure {
    validation("A grant with GranteeServicePrincipal requires the SourceArn grant constraint.")
}

pub(crate) fn service_grant_without_retiring() -> Failure {
    validation(
        "A grant with GranteeServicePrincipal requires RetiringPrincipal or \
         RetiringServicePrincipal.",
    )
}

pub(crate) fn two_context_constraints() -> Failure {
    validation("Specify either EncryptionContextEquals or EncryptionContextSubset, not both.")
}

pub(crate) fn too_many_constraint_pairs(most: usize) -> Failure {
    validation(format!(
        "A grant constraint can have at most {most} encryption context pairs."
    ))
}

pub(crate) fn long_constraint_value(longest: usize) -> Failure {
    validation(format!(
        "An encryption context value in a grant constraint can have at most {longest} characters."
    ))
}

pub(crate) fn constraint_without_context(key_spec: &str) -> Failure {
    validation(format!(
        "Encryption context grant constraints are not supported on keys of key spec {key_spec}."
    ))
}

pub(crate) fn token_or_id_of_grant() -> Failure {
    validation("Specify either a grant token, or both a key id and a grant id.")
}

pub(crate) fn incompatible_algorithm(algorithm: &str, key_spec: &str) -> Failure {
    let message = format!("Algorithm {algorithm} is incompatible with key spec {key_spec}.");
    says(&errors::INVALID_KEY_USAGE_EXCEPTION, message)
}

pub(crate) fn invalid_usage(key: &Arn, usage: KeyUsageType, operation: &str) -> Failure {
    let message = format!("{key} key usage is {usage} which is not valid for {operation}.");
    says(&errors::INVALID_KEY_USAGE_EXCEPTION, message)
}

pub(crate) fn incompatible_message_type(message_type: &str, blamed: &str) -> Failure {
    validation(format!(
        "Message type {message_type} is incompatible with {blamed}."
    ))
}

pub(crate) fn digest_length(algorithm: &str) -> Failure {
    validation(format!(
        "Digest is invalid length for algorithm {algorithm}."
    ))
}

pub(crate) fn plaintext_too_long(algorithm: &str, key_spec: &str, longest: usize) -> Failure {
    validation(format!(
        "Algorithm {algorithm} and key spec {key_spec} cannot encrypt data larger than {longest} \
         bytes."
    ))
}

pub(crate) fn context_of_key_pair(key_spec: &str) -> Failure {
    validation(format!(
        "An encryption context is not supported by key spec {key_spec}."
    ))
}

pub(crate) fn invalid_public_key() -> Failure {
    validation("The public key is not a DER-encoded public key on the curve of the KMS key.")
}

pub(crate) fn no_public_key(key: &Arn, key_spec: &str) -> Failure {
    let message = format!("{key} has key spec {key_spec} which is not valid for this operation.");
    says(&errors::UNSUPPORTED_OPERATION_EXCEPTION, message)
}

pub(crate) fn key_spec_of_china(key_spec: impl std::fmt::Display) -> Failure {
    says(
        &errors::UNSUPPORTED_OPERATION_EXCEPTION,
        format!("KeySpec {key_spec} is not supported"),
    )
}

/// AWS gives no reason.
pub(crate) fn invalid_signature() -> Failure {
    says(&errors::KMS_INVALID_SIGNATURE_EXCEPTION, "")
}

/// AWS gives no reason.
pub(crate) fn invalid_mac() -> Failure {
    says(&errors::KMS_INVALID_MAC_EXCEPTION, "")
}

/// AWS gives no reason, so that nobody learns from it what was wrong.
pub(crate) fn invalid_ciphertext() -> Failure {
    says(&errors::INVALID_CIPHERTEXT_EXCEPTION, "")
}

pub(crate) fn incorrect_key() -> Failure {
    says(
        &errors::INCORRECT_KEY_EXCEPTION,
        "The key ID in the request does not identify a CMK that can perform this operation.",
    )
}

pub(crate) fn unknown_key_of_ciphertext() -> Failure {
    let message = "The ciphertext refers to a customer master key that does not exist, does not \
                   exist in this region, or you are not allowed to access.";
    wire::errors::ACCESS_DENIED
        .says(Protocol::Json11, message)
        .into()
}

pub(crate) fn untrusted_attestation() -> Failure {
    validation("The attestation document in Recipient is not one of a source that is trusted.")
}

pub(crate) fn modifiers_without_dry_run() -> Failure {
    validation("DryRunModifiers can be specified only when DryRun is true.")
}

pub(crate) fn key_id_without_ciphertext(member: &str) -> Failure {
    validation(format!(
        "{member} is required when the ciphertext is ignored."
    ))
}

pub(crate) fn dry_run() -> Failure {
    let message = "The request would have succeeded, but the DryRun option is set.";
    says(&errors::DRY_RUN_OPERATION_EXCEPTION, message)
}
