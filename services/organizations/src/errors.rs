//! One constructor a situation, with AWS's message and, where the error has one, its reason.

use std::borrow::Cow;

use identity::organization::MalformedContent;
use organizations_api::errors;
use pipeline::Failure;
use wire::{ErrorFacts, Protocol};

fn says(facts: &'static ErrorFacts, message: impl Into<Cow<'static, str>>) -> Failure {
    facts.says(message).into()
}

fn constraint(reason: &'static str, message: impl Into<Cow<'static, str>>) -> Failure {
    let fault = errors::CONSTRAINT_VIOLATION_EXCEPTION.says(message);
    fault.because(reason).into()
}

fn input(reason: &'static str, message: &'static str) -> Failure {
    let fault = errors::INVALID_INPUT_EXCEPTION.says(message);
    fault.because(reason).into()
}

fn handshake_constraint(reason: &'static str, message: &'static str) -> Failure {
    let fault = errors::HANDSHAKE_CONSTRAINT_VIOLATION_EXCEPTION.says(message);
    fault.because(reason).into()
}

/// Part of AWS's Organizations, and not built.
pub(crate) fn not_built(what: impl std::fmt::Display) -> Failure {
    let message = format!("{what} is not implemented");
    wire::errors::NOT_IMPLEMENTED
        .says(Protocol::Json11, message)
        .into()
}

/// A member account asks for what only the management account may, or a delegated administrator.
pub(crate) fn access_denied() -> Failure {
    let message = "You don't have permissions to access this resource.";
    says(&errors::ACCESS_DENIED_EXCEPTION, message)
}

pub(crate) fn not_in_use() -> Failure {
    let message = "Your account is not a member of an organization.";
    says(&errors::AWS_ORGANIZATIONS_NOT_IN_USE_EXCEPTION, message)
}

pub(crate) fn already_in_organization() -> Failure {
    let message = "The provided account is already a member of an organization.";
    says(&errors::ALREADY_IN_ORGANIZATION_EXCEPTION, message)
}

pub(crate) fn organization_not_empty() -> Failure {
    let message =
        "To delete an organization you must first remove all member accounts (except the master).";
    says(&errors::ORGANIZATION_NOT_EMPTY_EXCEPTION, message)
}

pub(crate) fn no_such_root() -> Failure {
    let message = "You specified a root that doesn't exist.";
    says(&errors::ROOT_NOT_FOUND_EXCEPTION, message)
}

pub(crate) fn no_such_parent() -> Failure {
    let message = "You specified parent that doesn't exist.";
    says(&errors::PARENT_NOT_FOUND_EXCEPTION, message)
}

pub(crate) fn no_such_source() -> Failure {
    let message = "You specified a source parent that doesn't exist.";
    says(&errors::SOURCE_PARENT_NOT_FOUND_EXCEPTION, message)
}

pub(crate) fn no_such_destination() -> Failure {
    let message = "You specified a destination parent that doesn't exist.";
    says(&errors::DESTINATION_PARENT_NOT_FOUND_EXCEPTION, message)
}

pub(crate) fn no_such_child() -> Failure {
    let message = "You specified a child that doesn't exist.";
    says(&errors::CHILD_NOT_FOUND_EXCEPTION, message)
}

pub(crate) fn no_such_target() -> Failure {
    let message = "You specified a target that doesn't exist.";
    says(&errors::TARGET_NOT_FOUND_EXCEPTION, message)
}

pub(crate) fn no_such_unit() -> Failure {
    let message = "You specified an organizational unit that doesn't exist.";
    says(&errors::ORGANIZATIONAL_UNIT_NOT_FOUND_EXCEPTION, message)
}

pub(crate) fn unit_exists() -> Failure {
    let message = "An OU with the same name already exists.";
    says(&errors::DUPLICATE_ORGANIZATIONAL_UNIT_EXCEPTION, message)
}

pub(crate) fn unit_not_empty() -> Failure {
    let message = "The specified OU is not empty. Move all accounts to another root or to other OUs, \
                   remove all child OUs, and try the operation again.";
    says(&errors::ORGANIZATIONAL_UNIT_NOT_EMPTY_EXCEPTION, message)
}

pub(crate) fn units_too_deep() -> Failure {
    let message = "You have exceeded the allowed number of OU levels.";
    constraint("OU_DEPTH_LIMIT_EXCEEDED", message)
}

pub(crate) fn too_many_units() -> Failure {
    let message = "You have exceeded the allowed number of OUs.";
    constraint("OU_NUMBER_LIMIT_EXCEEDED", message)
}

pub(crate) fn no_such_account() -> Failure {
    let message = "You specified an account that doesn't exist.";
    says(&errors::ACCOUNT_NOT_FOUND_EXCEPTION, message)
}

pub(crate) fn account_is_there_already() -> Failure {
    let message = "The account is already present in the specified destination.";
    says(&errors::DUPLICATE_ACCOUNT_EXCEPTION, message)
}

pub(crate) fn account_closed() -> Failure {
    let message = "The provided account is already closed.";
    says(&errors::ACCOUNT_ALREADY_CLOSED_EXCEPTION, message)
}

pub(crate) fn cannot_close_management() -> Failure {
    let message = "You cannot close the management account.";
    constraint("CANNOT_CLOSE_MANAGEMENT_ACCOUNT", message)
}

pub(crate) fn invalid_role_name() -> Failure {
    input("INVALID_ROLE_NAME", "The role name is not valid.")
}

pub(crate) fn too_many_accounts() -> Failure {
    let message = "You have exceeded the allowed number of AWS Accounts.";
    constraint("ACCOUNT_NUMBER_LIMIT_EXCEEDED", message)
}

pub(crate) fn too_many_accounts_to_invite() -> Failure {
    let message = "You have exceeded the allowed number of AWS Accounts.";
    handshake_constraint("ACCOUNT_NUMBER_LIMIT_EXCEEDED", message)
}

pub(crate) fn too_many_invitations() -> Failure {
    let message = "You have exceeded the number of handshakes that you can send in one day.";
    handshake_constraint("HANDSHAKE_RATE_LIMIT_EXCEEDED", message)
}

pub(crate) fn too_many_closures() -> Failure {
    let message = "You have exceeded the number of accounts that you can close within 30 days.";
    constraint("CLOSE_ACCOUNT_QUOTA_EXCEEDED", message)
}

pub(crate) fn service_access_not_enabled() -> Failure {
    let message = "You must first enable service access for the service principal.";
    constraint("SERVICE_ACCESS_NOT_ENABLED", message)
}

pub(crate) fn service_is_set_up_by_policies() -> Failure {
    let message = "You must first disable the policy type for the service principal.";
    constraint("POLICY_TYPE_ENABLED_FOR_THIS_SERVICE", message)
}

pub(crate) fn not_all_features() -> Failure {
    let message = "You must enable all features in the organization first.";
    constraint("ORGANIZATION_NOT_IN_ALL_FEATURES_MODE", message)
}

pub(crate) fn no_such_request() -> Failure {
    let message = "You specified a create account request that doesn't exist.";
    says(&errors::CREATE_ACCOUNT_STATUS_NOT_FOUND_EXCEPTION, message)
}

pub(crate) fn management_cannot_leave() -> Failure {
    let message = "You can't remove the management account from an organization.";
    says(&errors::MASTER_CANNOT_LEAVE_ORGANIZATION_EXCEPTION, message)
}

pub(crate) fn delegated_administrator_cannot_leave() -> Failure {
    let message = "You can't remove an account that is a delegated administrator of a service.";
    constraint("CANNOT_REMOVE_DELEGATED_ADMINISTRATOR_FROM_ORG", message)
}

pub(crate) fn too_young_to_leave() -> Failure {
    let message =
        "You can't remove an account from an organization before four days after it was created.";
    constraint("WAIT_PERIOD_ACTIVE", message)
}

pub(crate) fn closed_account_stays() -> Failure {
    let message = "You can't remove a closed account from an organization.";
    constraint("ACCOUNT_CANNOT_LEAVE_ORGANIZATION", message)
}

pub(crate) fn no_such_policy() -> Failure {
    let message = "You specified a policy that doesn't exist.";
    says(&errors::POLICY_NOT_FOUND_EXCEPTION, message)
}

pub(crate) fn policy_exists() -> Failure {
    let message = "A policy with the same name already exists.";
    says(&errors::DUPLICATE_POLICY_EXCEPTION, message)
}

pub(crate) fn policy_in_use() -> Failure {
    let message = "The policy is attached to one or more entities. You must detach it from all \
                   entities before performing this operation.";
    says(&errors::POLICY_IN_USE_EXCEPTION, message)
}

pub(crate) fn malformed_policy(why: MalformedContent) -> Failure {
    let message = match why {
        MalformedContent::Grammar => {
            "The provided policy document does not meet the requirements of the specified policy type."
        }
        MalformedContent::Enforcement => {
            "The provided policy document cannot be taken: enforced_for is not implemented."
        }
    };
    says(&errors::MALFORMED_POLICY_DOCUMENT_EXCEPTION, message)
}

pub(crate) fn policy_too_long() -> Failure {
    let message = "You have exceeded the allowed length of a policy document.";
    constraint("POLICY_CONTENT_LIMIT_EXCEEDED", message)
}

pub(crate) fn aws_policy_cannot_change() -> Failure {
    let message = "You can't modify a policy that is managed by AWS.";
    input("IMMUTABLE_POLICY", message)
}

pub(crate) fn cannot_detach() -> Failure {
    let message = "You can't detach this policy.";
    input("NON_DETACHABLE_POLICY", message)
}

pub(crate) fn policy_attached() -> Failure {
    let message = "A policy is already attached to the specified target.";
    says(&errors::DUPLICATE_POLICY_ATTACHMENT_EXCEPTION, message)
}

pub(crate) fn policy_not_attached() -> Failure {
    let message = "The policy isn't attached to the specified target in the specified root.";
    says(&errors::POLICY_NOT_ATTACHED_EXCEPTION, message)
}

pub(crate) fn last_policy() -> Failure {
    let message = "You cannot remove the last policy attached to the specified target. You must \
                   have at least one attached at all times.";
    constraint("MIN_POLICY_TYPE_ATTACHMENT_LIMIT_EXCEEDED", message)
}

pub(crate) fn too_many_policies_attached() -> Failure {
    let message = "You have attached the maximum number of policies to the specified target.";
    constraint("MAX_POLICY_TYPE_ATTACHMENT_LIMIT_EXCEEDED", message)
}

pub(crate) fn too_many_policies() -> Failure {
    let message = "You have exceeded the number of policies that you can have in an organization.";
    constraint("POLICY_NUMBER_LIMIT_EXCEEDED", message)
}

pub(crate) fn policy_type_enabled() -> Failure {
    let message = "The specified policy type is already enabled.";
    says(&errors::POLICY_TYPE_ALREADY_ENABLED_EXCEPTION, message)
}

pub(crate) fn policy_type_not_enabled() -> Failure {
    let message = "This operation can be performed only for enabled policy types.";
    says(&errors::POLICY_TYPE_NOT_ENABLED_EXCEPTION, message)
}

pub(crate) fn policy_type_not_available() -> Failure {
    let message = "You can't use the specified policy type with the feature set currently enabled \
                   for this organization.";
    let facts = &errors::POLICY_TYPE_NOT_AVAILABLE_FOR_ORGANIZATION_EXCEPTION;
    says(facts, message)
}

pub(crate) fn no_effective_policy() -> Failure {
    let message = "If you ran this action on the management account, this policy type is not enabled. If \
                   you ran the action on a member account, the account doesn't have an effective policy \
                   of this type. Contact the administrator of your organization about attaching a \
                   policy of this type to the account.";
    says(&errors::EFFECTIVE_POLICY_NOT_FOUND_EXCEPTION, message)
}

pub(crate) fn target_not_supported() -> Failure {
    let message = "You can't perform the specified operation on that target entity.";
    input("TARGET_NOT_SUPPORTED", message)
}

pub(crate) fn invalid_next_token() -> Failure {
    input("INVALID_NEXT_TOKEN", "You provided an invalid NextToken.")
}

pub(crate) fn duplicate_tag_key() -> Failure {
    input("DUPLICATE_TAG_KEY", "Tag keys must be unique.")
}

pub(crate) fn reserved_tag_key() -> Failure {
    let message = "Tag keys beginning with aws: are reserved.";
    input("INVALID_SYSTEM_TAGS_PARAMETER", message)
}

pub(crate) fn too_many_tags() -> Failure {
    let message = "You have exceeded the number of tags allowed on this resource.";
    constraint("MAX_TAG_LIMIT_EXCEEDED", message)
}

pub(crate) fn not_registered() -> Failure {
    let message =
        "The provided account is not a registered delegated administrator for your organization.";
    says(&errors::ACCOUNT_NOT_REGISTERED_EXCEPTION, message)
}

pub(crate) fn registered() -> Failure {
    let message =
        "The provided account is already a delegated administrator for your organization.";
    says(&errors::ACCOUNT_ALREADY_REGISTERED_EXCEPTION, message)
}

pub(crate) fn cannot_register_management() -> Failure {
    let message = "You cannot register master account/yourself as delegated administrator for \
                   your organization.";
    constraint("CANNOT_REGISTER_MASTER_AS_DELEGATED_ADMINISTRATOR", message)
}

pub(crate) fn cannot_register_suspended() -> Failure {
    let message = "You cannot register a suspended account as delegated administrator.";
    let reason = "CANNOT_REGISTER_SUSPENDED_ACCOUNT_AS_DELEGATED_ADMINISTRATOR";
    constraint(reason, message)
}

pub(crate) fn unknown_service_principal() -> Failure {
    let message = "You specified an unrecognized service principal.";
    input("UNRECOGNIZED_SERVICE_PRINCIPAL", message)
}

pub(crate) fn not_an_account() -> Failure {
    let message = "You specified the wrong type of entity as target of the invitation.";
    input("INVALID_PARTY_TYPE_TARGET", message)
}

pub(crate) fn not_an_account_id() -> Failure {
    let message = "You provided a value that does not match the required pattern.";
    input("INVALID_PATTERN_TARGET_ID", message)
}

pub(crate) fn no_account_to_invite() -> Failure {
    let message = "The account to be invited does not exist.";
    handshake_constraint("TARGET_ACCOUNT_VALIDATION_FAILURE", message)
}

pub(crate) fn target_in_an_organization() -> Failure {
    let message = "The account is already a member of an organization.";
    handshake_constraint("ALREADY_IN_AN_ORGANIZATION", message)
}

pub(crate) fn handshake_exists() -> Failure {
    let message = "A handshake with the same action and target already exists.";
    says(&errors::DUPLICATE_HANDSHAKE_EXCEPTION, message)
}

pub(crate) fn no_such_handshake() -> Failure {
    let message = "You specified a handshake that doesn't exist.";
    says(&errors::HANDSHAKE_NOT_FOUND_EXCEPTION, message)
}

pub(crate) fn handshake_is_in_that_state() -> Failure {
    let message = "The specified handshake is already in the requested state.";
    says(&errors::HANDSHAKE_ALREADY_IN_STATE_EXCEPTION, message)
}

pub(crate) fn too_many_filters() -> Failure {
    let message = "You can specify only one filter parameter for the operation.";
    input("MAX_LIMIT_EXCEEDED_FILTER", message)
}

pub(crate) fn handshake_is_over() -> Failure {
    let message = "You can't perform the operation on the handshake in its current state.";
    says(&errors::INVALID_HANDSHAKE_TRANSITION_EXCEPTION, message)
}
