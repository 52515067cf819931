//! One constructor a situation, with AWS's message.

mod outbound;
mod saml;

use iam_api::errors;
use pipeline::Failure;
use wire::Protocol;

pub(crate) use outbound::*;
pub(crate) use saml::*;

/// What the caller sent does not fit, in a way that the model does not tell.
pub(crate) fn validation(message: impl Into<String>) -> Failure {
    let error = &wire::errors::VALIDATION;
    error.says(Protocol::Query, message.into()).into()
}

/// A path that an ARN cannot hold.
pub(crate) fn invalid_path() -> Failure {
    validation(
        "The specified value for path is invalid. It must begin and end with / and contain only \
         alphanumeric characters and/or / characters.",
    )
}

/// A role at a path that only AWS's own roles have.
pub(crate) fn reserved_path(prefix: &str) -> Failure {
    let message = format!("Path prefix '{prefix}' can only be used for AWS Service linked Roles");
    errors::INVALID_INPUT_EXCEPTION.says(message).into()
}

/// A service that no role can be linked to.
pub(crate) fn no_linked_service(service: &str) -> Failure {
    let message = format!("AWS service name {service} is not one that a role can be linked to.");
    errors::INVALID_INPUT_EXCEPTION.says(message).into()
}

/// A suffix for the only role that can be linked to a service.
pub(crate) fn no_custom_suffix(service: &str) -> Failure {
    let message = format!("Custom suffix is not allowed for {service}");
    errors::INVALID_INPUT_EXCEPTION.says(message).into()
}

/// A suffix that makes the role's name longer than one can be.
pub(crate) fn linked_role_name_too_long(longest: usize) -> Failure {
    validation(format!(
        "1 validation error detected: Value at 'roleName' failed to satisfy constraint: \
         Member must have length less than or equal to {longest}"
    ))
}

/// The account has a role of this name, which a service would have.
pub(crate) fn linked_role_taken(name: &str) -> Failure {
    let message = format!(
        "Service role name {name} has been taken in this account, please try a different suffix."
    );
    errors::INVALID_INPUT_EXCEPTION.says(message).into()
}

/// A role that only the service it is linked to may change.
pub(crate) fn protected_role(name: &str) -> Failure {
    let message = format!(
        "Cannot perform the operation on the protected role '{name}' - this role is only modifiable by AWS"
    );
    errors::UNMODIFIABLE_ENTITY_EXCEPTION.says(message).into()
}

/// A policy that only roles have that are linked to services.
pub(crate) fn service_role_policy() -> Failure {
    let message = "Cannot attach a Service Role Policy to a Customer Role.";
    errors::POLICY_NOT_ATTACHABLE_EXCEPTION.says(message).into()
}

/// No deletion of a role that was linked to a service has this id.
pub(crate) fn no_such_deletion(task: &str) -> Failure {
    let message = format!("The deletion task with id {task} cannot be found.");
    errors::NO_SUCH_ENTITY_EXCEPTION.says(message).into()
}

/// A text that is the id of no deletion task.
pub(crate) fn invalid_deletion_task() -> Failure {
    let message = "DeletionTaskId has an invalid format.";
    errors::INVALID_INPUT_EXCEPTION.says(message).into()
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
    errors::MALFORMED_POLICY_DOCUMENT_EXCEPTION
        .says(malformed.message)
        .into()
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

/// No access key of this id among those the call is about.
pub(crate) fn no_such_access_key(id: &str) -> Failure {
    let message = format!("The Access Key with id {id} cannot be found.");
    errors::NO_SUCH_ENTITY_EXCEPTION.says(message).into()
}

/// AWS: asking for the last use of an access key that is not there, or of another account, is denied even to
/// those who may ask.
pub(crate) fn foreign_access_key(caller: &base::Arn, id: &str) -> Failure {
    let message = format!(
        "User: {caller} is not authorized to perform iam:GetAccessKeyLastUsed on resource: access key {id}"
    );
    let error = &wire::errors::ACCESS_DENIED;
    error.says(Protocol::Query, message).into()
}

/// A status that no caller may set.
pub(crate) fn status_not_allowed(status: &str) -> Failure {
    let message = format!("Access keys cannot be given the status {status}.");
    errors::INVALID_INPUT_EXCEPTION.says(message).into()
}

/// The inline policies of one entity are too long together.
pub(crate) fn policies_too_long(kind: &str, name: &str, limit: usize) -> Failure {
    let message = format!("Maximum policy size of {limit} bytes exceeded for {kind} {name}");
    errors::LIMIT_EXCEEDED_EXCEPTION.says(message).into()
}

/// A trust policy names a principal that is not there.
pub(crate) fn invalid_principal(arn: &str) -> Failure {
    let message = format!("Invalid principal in policy: \"AWS\":\"{arn}\"");
    errors::MALFORMED_POLICY_DOCUMENT_EXCEPTION
        .says(message)
        .into()
}

/// A text that should be an ARN.
pub(crate) fn invalid_arn(arn: &str) -> Failure {
    validation(format!("ARN {arn} is not valid."))
}

/// A URL that no OpenID Connect provider can have.
pub(crate) fn invalid_oidc_url() -> Failure {
    validation("Invalid Open ID Connect Provider URL")
}

/// The account has a provider of this URL.
pub(crate) fn oidc_provider_exists(url: &str) -> Failure {
    let message = format!("Provider with url {url} already exists.");
    errors::ENTITY_ALREADY_EXISTS_EXCEPTION.says(message).into()
}

/// Nobody answers at the URL of an OpenID Connect provider, or nobody may be asked there.
pub(crate) fn no_oidc_communication() -> Failure {
    errors::OPEN_ID_IDP_COMMUNICATION_ERROR_EXCEPTION
        .says("The identity provider could not be reached. Give its thumbprints in ThumbprintList.")
        .into()
}

/// There is no OpenID Connect provider of this ARN.
pub(crate) fn no_such_oidc_provider(arn: &str) -> Failure {
    let message = format!("OpenIDConnect Provider not found for arn {arn}");
    errors::NO_SUCH_ENTITY_EXCEPTION.says(message).into()
}

/// More thumbprints than a provider may have.
pub(crate) fn too_many_thumbprints() -> Failure {
    errors::INVALID_INPUT_EXCEPTION
        .says("Thumbprint list must contain fewer than 5 entries.")
        .into()
}

/// A thumbprint that is no SHA-1 in hexadecimal.
pub(crate) fn invalid_thumbprint() -> Failure {
    errors::INVALID_INPUT_EXCEPTION
        .says("Invalid Thumbprint")
        .into()
}

/// A permissions boundary that is no policy the account may use.
pub(crate) fn no_such_boundary(arn: &str) -> Failure {
    let message = format!("Scope ARN: {arn} does not exist or is not attachable.");
    errors::NO_SUCH_ENTITY_EXCEPTION.says(message).into()
}

/// The user is not in the group.
pub(crate) fn not_a_member(user: &str, group: &str) -> Failure {
    let message = format!("User {user} is not in group {group}.");
    errors::NO_SUCH_ENTITY_EXCEPTION.says(message).into()
}

/// An account, this one or another, has the alias.
pub(crate) fn alias_taken(alias: &str) -> Failure {
    let message = format!("The account alias {alias} already exists.");
    errors::ENTITY_ALREADY_EXISTS_EXCEPTION.says(message).into()
}

/// The account does not have the alias.
pub(crate) fn no_such_alias(alias: &str) -> Failure {
    let message = format!("The account alias {alias} cannot be found.");
    errors::NO_SUCH_ENTITY_EXCEPTION.says(message).into()
}

/// A managed policy that is not there, where one is read, changed or detached.
pub(crate) fn policy_not_found(arn: &str) -> Failure {
    let message = format!("Policy {arn} was not found.");
    errors::NO_SUCH_ENTITY_EXCEPTION.says(message).into()
}

/// A managed policy, or a version of it, that is not there.
pub(crate) fn no_such_policy_version(arn: &str, version: &str) -> Failure {
    let message = format!("Policy {arn} version {version} does not exist or is not attachable.");
    errors::NO_SUCH_ENTITY_EXCEPTION.says(message).into()
}

/// Another policy of the account has the name.
pub(crate) fn policy_exists(name: &str) -> Failure {
    let message =
        format!("A policy called {name} already exists. Duplicate names are not allowed.");
    errors::ENTITY_ALREADY_EXISTS_EXCEPTION.says(message).into()
}

/// A policy has all the versions it may have.
pub(crate) fn too_many_versions(limit: usize) -> Failure {
    let message = format!(
        "A managed policy can have up to {limit} versions. Before you create a new version, \
         you must delete an existing version."
    );
    errors::LIMIT_EXCEEDED_EXCEPTION.says(message).into()
}

/// The version in force cannot go.
pub(crate) fn default_version() -> Failure {
    let message = "Cannot delete the default version of a policy.";
    errors::DELETE_CONFLICT_EXCEPTION.says(message).into()
}

/// A policy that entities have cannot go.
pub(crate) fn policy_attached() -> Failure {
    let message = "Cannot delete a policy attached to entities.";
    errors::DELETE_CONFLICT_EXCEPTION.says(message).into()
}

/// A policy goes only with its last version.
pub(crate) fn policy_has_versions() -> Failure {
    let message = "This policy has more than one version. Before you delete a policy, you must \
                   delete the policy's versions. The default version is deleted with the policy.";
    errors::DELETE_CONFLICT_EXCEPTION.says(message).into()
}

/// A text that should be the ARN of a permissions boundary.
pub(crate) fn invalid_boundary(arn: &str) -> Failure {
    let message = format!("ARN {arn} is not valid.");
    errors::INVALID_INPUT_EXCEPTION.says(message).into()
}

/// An instance profile of this name is there already.
pub(crate) fn instance_profile_exists(name: &str) -> Failure {
    let message = format!("Instance Profile {name} already exists.");
    errors::ENTITY_ALREADY_EXISTS_EXCEPTION.says(message).into()
}

/// The instance profile does not hold the role.
pub(crate) fn role_not_in_instance_profile(role: &str, profile: &str) -> Failure {
    let message = format!("Role {role} in Instance Profile {profile} cannot be found.");
    errors::NO_SUCH_ENTITY_EXCEPTION.says(message).into()
}

/// Two tags of one key, where keys are compared with their case.
pub(crate) fn same_tag_keys() -> Failure {
    errors::INVALID_INPUT_EXCEPTION
        .says("Duplicate tag keys found.")
        .into()
}

/// The account has set no password policy.
pub(crate) fn no_password_policy(account: base::AccountId) -> Failure {
    let message = format!("The Password Policy with domain name {account} cannot be found.");
    errors::NO_SUCH_ENTITY_EXCEPTION.says(message).into()
}

/// The user has no password.
pub(crate) fn no_login_profile(user: &str) -> Failure {
    let message = format!("Login Profile for User {user} cannot be found.");
    errors::NO_SUCH_ENTITY_EXCEPTION.says(message).into()
}

/// The user has a password already.
pub(crate) fn login_profile_exists(user: &str) -> Failure {
    let message = format!("Login Profile for user {user} already exists.");
    errors::ENTITY_ALREADY_EXISTS_EXCEPTION.says(message).into()
}

/// The password is not what the account demands: `lacks` says what.
pub(crate) fn weak_password(lacks: String) -> Failure {
    errors::PASSWORD_POLICY_VIOLATION_EXCEPTION
        .says(lacks)
        .into()
}

/// The password was used before.
pub(crate) fn reused_password() -> Failure {
    weak_password(
        "Password does not conform to the account password policy: it was used before.".to_owned(),
    )
}

/// Only users have passwords of their own to change.
pub(crate) fn only_users_change_passwords() -> Failure {
    errors::INVALID_USER_TYPE_EXCEPTION
        .says("Only IAM Users can change their own password")
        .into()
}

/// The password that was to be changed is another.
pub(crate) fn wrong_old_password() -> Failure {
    let error = &wire::errors::ACCESS_DENIED;
    error
        .says(Protocol::Query, "The old password was incorrect.")
        .into()
}

/// Too many wrong guesses; for a while not even the right one is heard.
pub(crate) fn too_many_guesses() -> Failure {
    errors::ENTITY_TEMPORARILY_UNMODIFIABLE_EXCEPTION
        .says("Too many wrong attempts. Please wait and try again.")
        .into()
}

/// A user gets a password without one.
pub(crate) fn password_missing() -> Failure {
    validation("A password must be specified.")
}

/// No MFA device of this serial number, or not one of the user.
pub(crate) fn no_such_mfa_device(serial_number: &str) -> Failure {
    let message = format!("MFA Device with serial number {serial_number} does not exist.");
    errors::NO_SUCH_ENTITY_EXCEPTION.says(message).into()
}

/// A virtual MFA device of this name is there already.
pub(crate) fn mfa_device_exists() -> Failure {
    errors::ENTITY_ALREADY_EXISTS_EXCEPTION
        .says("MFADevice entity at the same path and name already exists.")
        .into()
}

/// The device is somebody's already.
pub(crate) fn mfa_device_in_use(serial_number: &str) -> Failure {
    let message = format!("MFA Device {serial_number} is already in use.");
    errors::ENTITY_ALREADY_EXISTS_EXCEPTION.says(message).into()
}

/// Codes that the device does not show one after the other, or that were used.
pub(crate) fn wrong_authentication_code() -> Failure {
    errors::INVALID_AUTHENTICATION_CODE_EXCEPTION
        .says("Authentication code for device is not valid.")
        .into()
}

/// A device that is somebody's cannot go.
pub(crate) fn mfa_device_assigned() -> Failure {
    errors::DELETE_CONFLICT_EXCEPTION
        .says("MFA VirtualDevice in use. Must deactivate first.")
        .into()
}

/// No key for SSH of this id.
pub(crate) fn no_such_ssh_key(id: &str) -> Failure {
    let message = format!("The Public Key with id {id} cannot be found.");
    errors::NO_SUCH_ENTITY_EXCEPTION.says(message).into()
}

/// No signing certificate of this id.
pub(crate) fn no_such_certificate(id: &str) -> Failure {
    let message = format!("The Certificate with id {id} cannot be found.");
    errors::NO_SUCH_ENTITY_EXCEPTION.says(message).into()
}

/// No password for a service of this id.
pub(crate) fn no_such_service_credential(id: &str) -> Failure {
    let message = format!("The service specific credential {id} cannot be found.");
    errors::NO_SUCH_ENTITY_EXCEPTION.says(message).into()
}

/// A status that only time gives.
pub(crate) fn credential_status_not_allowed() -> Failure {
    errors::INVALID_INPUT_EXCEPTION
        .says("Credentials cannot be given the status Expired.")
        .into()
}

/// A service that takes no passwords of users' own.
pub(crate) fn service_not_supported(service: &str) -> Failure {
    let message = format!("{service} does not support service specific credentials.");
    errors::SERVICE_NOT_SUPPORTED_EXCEPTION.says(message).into()
}

/// Neither a line of SSH nor PEM.
pub(crate) fn unrecognized_key_encoding() -> Failure {
    errors::UNRECOGNIZED_PUBLIC_KEY_ENCODING_EXCEPTION
        .says("The public key must be encoded in ssh-rsa format or PEM format.")
        .into()
}

/// No RSA key, or too short a one.
pub(crate) fn invalid_public_key() -> Failure {
    errors::INVALID_PUBLIC_KEY_EXCEPTION
        .says("The public key is malformed or has fewer than 2048 bits.")
        .into()
}

/// The user has the key already.
pub(crate) fn duplicate_ssh_key() -> Failure {
    errors::DUPLICATE_SSH_PUBLIC_KEY_EXCEPTION
        .says("The SSH public key is already associated with the specified IAM user.")
        .into()
}

/// No certificate, or several.
pub(crate) fn malformed_certificate() -> Failure {
    errors::MALFORMED_CERTIFICATE_EXCEPTION
        .says("Unable to parse certificate. Please ensure the certificate is in PEM format.")
        .into()
}

/// A certificate that does not hold now.
pub(crate) fn invalid_certificate() -> Failure {
    errors::INVALID_CERTIFICATE_EXCEPTION
        .says("The certificate is not valid at this time.")
        .into()
}

/// The user has the certificate already.
pub(crate) fn duplicate_certificate() -> Failure {
    errors::DUPLICATE_CERTIFICATE_EXCEPTION
        .says("The certificate is already associated with the specified IAM user.")
        .into()
}

/// No credential report was made.
pub(crate) fn no_credential_report() -> Failure {
    errors::CREDENTIAL_REPORT_NOT_PRESENT_EXCEPTION
        .says("No report exists; use GenerateCredentialReport to generate one.")
        .into()
}

/// The credential report is older than four hours.
pub(crate) fn old_credential_report() -> Failure {
    errors::CREDENTIAL_REPORT_EXPIRED_EXCEPTION
        .says("The report has expired; use GenerateCredentialReport to generate a new one.")
        .into()
}

/// A private key that is none, or is encrypted.
pub(crate) fn malformed_private_key() -> Failure {
    errors::MALFORMED_CERTIFICATE_EXCEPTION
        .says("Unable to parse key; the private key must be in PEM format and not encrypted.")
        .into()
}

/// The private key of another certificate.
pub(crate) fn key_pair_mismatch() -> Failure {
    errors::KEY_PAIR_MISMATCH_EXCEPTION
        .says("The public key in the certificate and the private key do not match.")
        .into()
}

/// No report of this id that the caller asked for.
pub(crate) fn no_such_job(id: &str) -> Failure {
    let message = format!("The job with id {id} cannot be found.");
    errors::NO_SUCH_ENTITY_EXCEPTION.says(message).into()
}

/// A service that the report does not tell of.
pub(crate) fn service_not_reported(namespace: &str) -> Failure {
    let message = format!("The report has no service with namespace {namespace}.");
    errors::NO_SUCH_ENTITY_EXCEPTION.says(message).into()
}

/// The caller's account is in no organization.
pub(crate) fn no_organization() -> Failure {
    errors::ORGANIZATION_NOT_FOUND_EXCEPTION
        .says("The account is not a member of an organization.")
        .into()
}

/// The organization has bills and nothing else.
pub(crate) fn organization_without_all_features() -> Failure {
    errors::ORGANIZATION_NOT_IN_ALL_FEATURES_MODE_EXCEPTION
        .says("The organization does not have all features enabled.")
        .into()
}

/// The caller's account neither manages the organization nor administers IAM for it.
pub(crate) fn not_governing() -> Failure {
    errors::ACCOUNT_NOT_MANAGEMENT_OR_DELEGATED_ADMINISTRATOR_EXCEPTION
        .says(
            "The account is neither the management account nor a delegated administrator for IAM.",
        )
        .into()
}

/// The caller's account administers IAM, but does not manage the organization.
pub(crate) fn not_management() -> Failure {
    errors::CALLER_IS_NOT_MANAGEMENT_ACCOUNT_EXCEPTION
        .says("The account is not the management account of the organization.")
        .into()
}

/// The organization does not trust IAM.
pub(crate) fn iam_not_trusted() -> Failure {
    errors::SERVICE_ACCESS_NOT_ENABLED_EXCEPTION
        .says("The organization has not enabled trusted access for iam.amazonaws.com.")
        .into()
}

/// As many reports on an organization are being made as one account may ask for.
pub(crate) fn too_many_reports() -> Failure {
    errors::REPORT_GENERATION_LIMIT_EXCEEDED_EXCEPTION
        .says("The maximum number of concurrent report requests for this account are already running.")
        .into()
}

/// No part of the caller's organization.
pub(crate) fn no_such_entity_path(path: &str) -> Failure {
    let message = format!("The entity path {path} is not in the organization.");
    errors::INVALID_INPUT_EXCEPTION.says(message).into()
}

/// No service control policy of the caller's organization.
pub(crate) fn no_such_control_policy(id: &str) -> Failure {
    let message = format!("The organization has no service control policy {id}.");
    errors::INVALID_INPUT_EXCEPTION.says(message).into()
}

/// Only the management account sees how its organization uses services.
pub(crate) fn management_only() -> Failure {
    let error = &wire::errors::ACCESS_DENIED;
    let message = "You must be signed in to the management account of an organization.";
    error.says(Protocol::Query, message).into()
}
