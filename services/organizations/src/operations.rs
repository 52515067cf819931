//! The operations of Organizations: one line each.

use pipeline::Entry;

mod accept_handshake;
mod attach_policy;
mod cancel_handshake;
mod close_account;
mod create_account;
mod create_organization;
mod create_organizational_unit;
mod create_policy;
mod decline_handshake;
mod delete_organization;
mod delete_organizational_unit;
mod delete_policy;
mod deregister_delegated_administrator;
mod describe_account;
mod describe_create_account_status;
mod describe_effective_policy;
mod describe_handshake;
mod describe_organization;
mod describe_organizational_unit;
mod describe_policy;
mod detach_policy;
mod disable_aws_service_access;
mod disable_policy_type;
mod enable_aws_service_access;
mod enable_policy_type;
mod invite_account_to_organization;
mod leave_organization;
mod list_accounts;
mod list_accounts_for_parent;
mod list_accounts_with_invalid_effective_policy;
mod list_aws_service_access_for_organization;
mod list_children;
mod list_create_account_status;
mod list_delegated_administrators;
mod list_delegated_services_for_account;
mod list_effective_policy_validation_errors;
mod list_handshakes_for_account;
mod list_handshakes_for_organization;
mod list_organizational_units_for_parent;
mod list_parents;
mod list_policies;
mod list_policies_for_target;
mod list_roots;
mod list_tags_for_resource;
mod list_targets_for_policy;
mod move_account;
mod register_delegated_administrator;
mod remove_account_from_organization;
mod tag_resource;
mod untag_resource;
mod update_organizational_unit;
mod update_policy;

/// Every operation that is built.
pub(crate) const OPERATIONS: &[Entry] = &[
    Entry::of::<accept_handshake::AcceptHandshake>(),
    Entry::of::<attach_policy::AttachPolicy>(),
    Entry::of::<cancel_handshake::CancelHandshake>(),
    Entry::of::<close_account::CloseAccount>(),
    Entry::of::<create_account::CreateAccount>(),
    Entry::of::<create_organization::CreateOrganization>(),
    Entry::of::<create_organizational_unit::CreateOrganizationalUnit>(),
    Entry::of::<create_policy::CreatePolicy>(),
    Entry::of::<decline_handshake::DeclineHandshake>(),
    Entry::of::<delete_organization::DeleteOrganization>(),
    Entry::of::<delete_organizational_unit::DeleteOrganizationalUnit>(),
    Entry::of::<delete_policy::DeletePolicy>(),
    Entry::of::<deregister_delegated_administrator::DeregisterDelegatedAdministrator>(),
    Entry::of::<describe_account::DescribeAccount>(),
    Entry::of::<describe_create_account_status::DescribeCreateAccountStatus>(),
    Entry::of::<describe_effective_policy::DescribeEffectivePolicy>(),
    Entry::of::<describe_handshake::DescribeHandshake>(),
    Entry::of::<describe_organization::DescribeOrganization>(),
    Entry::of::<describe_organizational_unit::DescribeOrganizationalUnit>(),
    Entry::of::<describe_policy::DescribePolicy>(),
    Entry::of::<detach_policy::DetachPolicy>(),
    Entry::of::<disable_aws_service_access::DisableAWSServiceAccess>(),
    Entry::of::<disable_policy_type::DisablePolicyType>(),
    Entry::of::<enable_aws_service_access::EnableAWSServiceAccess>(),
    Entry::of::<enable_policy_type::EnablePolicyType>(),
    Entry::of::<invite_account_to_organization::InviteAccountToOrganization>(),
    Entry::of::<leave_organization::LeaveOrganization>(),
    Entry::of::<list_accounts::ListAccounts>(),
    Entry::of::<list_accounts_for_parent::ListAccountsForParent>(),
    Entry::of::<list_accounts_with_invalid_effective_policy::ListAccountsWithInvalidEffectivePolicy>(
    ),
    Entry::of::<list_aws_service_access_for_organization::ListAWSServiceAccessForOrganization>(),
    Entry::of::<list_children::ListChildren>(),
    Entry::of::<list_create_account_status::ListCreateAccountStatus>(),
    Entry::of::<list_delegated_administrators::ListDelegatedAdministrators>(),
    Entry::of::<list_delegated_services_for_account::ListDelegatedServicesForAccount>(),
    Entry::of::<list_effective_policy_validation_errors::ListEffectivePolicyValidationErrors>(),
    Entry::of::<list_handshakes_for_account::ListHandshakesForAccount>(),
    Entry::of::<list_handshakes_for_organization::ListHandshakesForOrganization>(),
    Entry::of::<list_organizational_units_for_parent::ListOrganizationalUnitsForParent>(),
    Entry::of::<list_parents::ListParents>(),
    Entry::of::<list_policies::ListPolicies>(),
    Entry::of::<list_policies_for_target::ListPoliciesForTarget>(),
    Entry::of::<list_roots::ListRoots>(),
    Entry::of::<list_tags_for_resource::ListTagsForResource>(),
    Entry::of::<list_targets_for_policy::ListTargetsForPolicy>(),
    Entry::of::<move_account::MoveAccount>(),
    Entry::of::<register_delegated_administrator::RegisterDelegatedAdministrator>(),
    Entry::of::<remove_account_from_organization::RemoveAccountFromOrganization>(),
    Entry::of::<tag_resource::TagResource>(),
    Entry::of::<untag_resource::UntagResource>(),
    Entry::of::<update_organizational_unit::UpdateOrganizationalUnit>(),
    Entry::of::<update_policy::UpdatePolicy>(),
];
