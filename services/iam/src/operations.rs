//! The operations of IAM: one line each.

use pipeline::Entry;

mod add_client_id_to_open_id_connect_provider;
mod add_role_to_instance_profile;
mod add_user_to_group;
mod attach_group_policy;
mod attach_role_policy;
mod attach_user_policy;
mod change_password;
mod create_access_key;
mod create_account_alias;
mod create_group;
mod create_instance_profile;
mod create_login_profile;
mod create_open_id_connect_provider;
mod create_policy;
mod create_policy_version;
mod create_role;
mod create_saml_provider;
mod create_service_linked_role;
mod create_service_specific_credential;
mod create_user;
mod create_virtual_mfa_device;
mod deactivate_mfa_device;
mod delete_access_key;
mod delete_account_alias;
mod delete_account_password_policy;
mod delete_group;
mod delete_group_policy;
mod delete_instance_profile;
mod delete_login_profile;
mod delete_open_id_connect_provider;
mod delete_policy;
mod delete_policy_version;
mod delete_role;
mod delete_role_permissions_boundary;
mod delete_role_policy;
mod delete_saml_provider;
mod delete_server_certificate;
mod delete_service_linked_role;
mod delete_service_specific_credential;
mod delete_signing_certificate;
mod delete_ssh_public_key;
mod delete_user;
mod delete_user_permissions_boundary;
mod delete_user_policy;
mod delete_virtual_mfa_device;
mod detach_group_policy;
mod detach_role_policy;
mod detach_user_policy;
mod disable_organizations_root_credentials_management;
mod disable_organizations_root_sessions;
mod disable_outbound_web_identity_federation;
mod enable_mfa_device;
mod enable_organizations_root_credentials_management;
mod enable_organizations_root_sessions;
mod enable_outbound_web_identity_federation;
mod generate_credential_report;
mod generate_organizations_access_report;
mod generate_service_last_accessed_details;
mod get_access_key_last_used;
mod get_account_authorization_details;
mod get_account_password_policy;
mod get_account_summary;
mod get_context_keys_for_custom_policy;
mod get_context_keys_for_principal_policy;
mod get_credential_report;
mod get_group;
mod get_group_policy;
mod get_instance_profile;
mod get_login_profile;
mod get_mfa_device;
mod get_open_id_connect_provider;
mod get_organizations_access_report;
mod get_outbound_web_identity_federation_info;
mod get_policy;
mod get_policy_version;
mod get_role;
mod get_role_policy;
mod get_saml_provider;
mod get_server_certificate;
mod get_service_last_accessed_details;
mod get_service_last_accessed_details_with_entities;
mod get_service_linked_role_deletion_status;
mod get_ssh_public_key;
mod get_user;
mod get_user_policy;
mod list_access_keys;
mod list_account_aliases;
mod list_attached_group_policies;
mod list_attached_role_policies;
mod list_attached_user_policies;
mod list_entities_for_policy;
mod list_group_policies;
mod list_groups;
mod list_groups_for_user;
mod list_instance_profile_tags;
mod list_instance_profiles;
mod list_instance_profiles_for_role;
mod list_mfa_device_tags;
mod list_mfa_devices;
mod list_open_id_connect_provider_tags;
mod list_open_id_connect_providers;
mod list_organizations_features;
mod list_policies;
mod list_policies_granting_service_access;
mod list_policy_tags;
mod list_policy_versions;
mod list_role_policies;
mod list_role_tags;
mod list_roles;
mod list_saml_provider_tags;
mod list_saml_providers;
mod list_server_certificate_tags;
mod list_server_certificates;
mod list_service_specific_credentials;
mod list_signing_certificates;
mod list_ssh_public_keys;
mod list_user_policies;
mod list_user_tags;
mod list_users;
mod list_virtual_mfa_devices;
mod put_group_policy;
mod put_role_permissions_boundary;
mod put_role_policy;
mod put_user_permissions_boundary;
mod put_user_policy;
mod remove_client_id_from_open_id_connect_provider;
mod remove_role_from_instance_profile;
mod remove_user_from_group;
mod reset_service_specific_credential;
mod resync_mfa_device;
mod set_default_policy_version;
mod set_security_token_service_preferences;
mod simulate_custom_policy;
mod simulate_principal_policy;
mod tag_instance_profile;
mod tag_mfa_device;
mod tag_open_id_connect_provider;
mod tag_policy;
mod tag_role;
mod tag_saml_provider;
mod tag_server_certificate;
mod tag_user;
mod untag_instance_profile;
mod untag_mfa_device;
mod untag_open_id_connect_provider;
mod untag_policy;
mod untag_role;
mod untag_saml_provider;
mod untag_server_certificate;
mod untag_user;
mod update_access_key;
mod update_account_password_policy;
mod update_assume_role_policy;
mod update_group;
mod update_login_profile;
mod update_open_id_connect_provider_thumbprint;
mod update_role;
mod update_role_description;
mod update_saml_provider;
mod update_server_certificate;
mod update_service_specific_credential;
mod update_signing_certificate;
mod update_ssh_public_key;
mod update_user;
mod upload_server_certificate;
mod upload_signing_certificate;
mod upload_ssh_public_key;

/// What is built.
pub(crate) const OPERATIONS: &[Entry] = &[
    Entry::of::<add_client_id_to_open_id_connect_provider::AddClientIDToOpenIDConnectProvider>(),
    Entry::of::<add_role_to_instance_profile::AddRoleToInstanceProfile>(),
    Entry::of::<add_user_to_group::AddUserToGroup>(),
    Entry::of::<attach_group_policy::AttachGroupPolicy>(),
    Entry::of::<attach_role_policy::AttachRolePolicy>(),
    Entry::of::<attach_user_policy::AttachUserPolicy>(),
    Entry::of::<change_password::ChangePassword>(),
    Entry::of::<create_access_key::CreateAccessKey>(),
    Entry::of::<create_account_alias::CreateAccountAlias>(),
    Entry::of::<create_group::CreateGroup>(),
    Entry::of::<create_instance_profile::CreateInstanceProfile>(),
    Entry::of::<create_login_profile::CreateLoginProfile>(),
    Entry::of::<create_open_id_connect_provider::CreateOpenIDConnectProvider>(),
    Entry::of::<create_policy::CreatePolicy>(),
    Entry::of::<create_policy_version::CreatePolicyVersion>(),
    Entry::of::<create_role::CreateRole>(),
    Entry::of::<create_saml_provider::CreateSAMLProvider>(),
    Entry::of::<create_service_linked_role::CreateServiceLinkedRole>(),
    Entry::of::<create_service_specific_credential::CreateServiceSpecificCredential>(),
    Entry::of::<create_user::CreateUser>(),
    Entry::of::<create_virtual_mfa_device::CreateVirtualMFADevice>(),
    Entry::of::<deactivate_mfa_device::DeactivateMFADevice>(),
    Entry::of::<delete_access_key::DeleteAccessKey>(),
    Entry::of::<delete_account_alias::DeleteAccountAlias>(),
    Entry::of::<delete_account_password_policy::DeleteAccountPasswordPolicy>(),
    Entry::of::<delete_group::DeleteGroup>(),
    Entry::of::<delete_group_policy::DeleteGroupPolicy>(),
    Entry::of::<delete_instance_profile::DeleteInstanceProfile>(),
    Entry::of::<delete_login_profile::DeleteLoginProfile>(),
    Entry::of::<delete_open_id_connect_provider::DeleteOpenIDConnectProvider>(),
    Entry::of::<delete_policy::DeletePolicy>(),
    Entry::of::<delete_policy_version::DeletePolicyVersion>(),
    Entry::of::<delete_role::DeleteRole>(),
    Entry::of::<delete_role_permissions_boundary::DeleteRolePermissionsBoundary>(),
    Entry::of::<delete_role_policy::DeleteRolePolicy>(),
    Entry::of::<delete_saml_provider::DeleteSAMLProvider>(),
    Entry::of::<delete_server_certificate::DeleteServerCertificate>(),
    Entry::of::<delete_service_linked_role::DeleteServiceLinkedRole>(),
    Entry::of::<delete_service_specific_credential::DeleteServiceSpecificCredential>(),
    Entry::of::<delete_signing_certificate::DeleteSigningCertificate>(),
    Entry::of::<delete_ssh_public_key::DeleteSSHPublicKey>(),
    Entry::of::<delete_user::DeleteUser>(),
    Entry::of::<delete_user_permissions_boundary::DeleteUserPermissionsBoundary>(),
    Entry::of::<delete_user_policy::DeleteUserPolicy>(),
    Entry::of::<delete_virtual_mfa_device::DeleteVirtualMFADevice>(),
    Entry::of::<detach_group_policy::DetachGroupPolicy>(),
    Entry::of::<detach_role_policy::DetachRolePolicy>(),
    Entry::of::<detach_user_policy::DetachUserPolicy>(),
    Entry::of::<disable_organizations_root_credentials_management::DisableOrganizationsRootCredentialsManagement>(),
    Entry::of::<disable_organizations_root_sessions::DisableOrganizationsRootSessions>(),
    Entry::of::<disable_outbound_web_identity_federation::DisableOutboundWebIdentityFederation>(),
    Entry::of::<enable_mfa_device::EnableMFADevice>(),
    Entry::of::<enable_organizations_root_credentials_management::EnableOrganizationsRootCredentialsManagement>(),
    Entry::of::<enable_organizations_root_sessions::EnableOrganizationsRootSessions>(),
    Entry::of::<enable_outbound_web_identity_federation::EnableOutboundWebIdentityFederation>(),
    Entry::of::<generate_credential_report::GenerateCredentialReport>(),
    Entry::of::<generate_organizations_access_report::GenerateOrganizationsAccessReport>(),
    Entry::of::<generate_service_last_accessed_details::GenerateServiceLastAccessedDetails>(),
    Entry::of::<get_access_key_last_used::GetAccessKeyLastUsed>(),
    Entry::of::<get_account_authorization_details::GetAccountAuthorizationDetails>(),
    Entry::of::<get_account_password_policy::GetAccountPasswordPolicy>(),
    Entry::of::<get_account_summary::GetAccountSummary>(),
    Entry::of::<get_context_keys_for_custom_policy::GetContextKeysForCustomPolicy>(),
    Entry::of::<get_context_keys_for_principal_policy::GetContextKeysForPrincipalPolicy>(),
    Entry::of::<get_credential_report::GetCredentialReport>(),
    Entry::of::<get_group::GetGroup>(),
    Entry::of::<get_group_policy::GetGroupPolicy>(),
    Entry::of::<get_instance_profile::GetInstanceProfile>(),
    Entry::of::<get_login_profile::GetLoginProfile>(),
    Entry::of::<get_mfa_device::GetMFADevice>(),
    Entry::of::<get_organizations_access_report::GetOrganizationsAccessReport>(),
    Entry::of::<get_outbound_web_identity_federation_info::GetOutboundWebIdentityFederationInfo>(),
    Entry::of::<get_open_id_connect_provider::GetOpenIDConnectProvider>(),
    Entry::of::<get_policy::GetPolicy>(),
    Entry::of::<get_policy_version::GetPolicyVersion>(),
    Entry::of::<get_role::GetRole>(),
    Entry::of::<get_role_policy::GetRolePolicy>(),
    Entry::of::<get_saml_provider::GetSAMLProvider>(),
    Entry::of::<get_server_certificate::GetServerCertificate>(),
    Entry::of::<get_service_last_accessed_details::GetServiceLastAccessedDetails>(),
    Entry::of::<
        get_service_last_accessed_details_with_entities::GetServiceLastAccessedDetailsWithEntities,
    >(),
    Entry::of::<get_service_linked_role_deletion_status::GetServiceLinkedRoleDeletionStatus>(),
    Entry::of::<get_ssh_public_key::GetSSHPublicKey>(),
    Entry::of::<get_user::GetUser>(),
    Entry::of::<get_user_policy::GetUserPolicy>(),
    Entry::of::<list_access_keys::ListAccessKeys>(),
    Entry::of::<list_account_aliases::ListAccountAliases>(),
    Entry::of::<list_attached_group_policies::ListAttachedGroupPolicies>(),
    Entry::of::<list_attached_role_policies::ListAttachedRolePolicies>(),
    Entry::of::<list_attached_user_policies::ListAttachedUserPolicies>(),
    Entry::of::<list_entities_for_policy::ListEntitiesForPolicy>(),
    Entry::of::<list_group_policies::ListGroupPolicies>(),
    Entry::of::<list_groups::ListGroups>(),
    Entry::of::<list_groups_for_user::ListGroupsForUser>(),
    Entry::of::<list_instance_profile_tags::ListInstanceProfileTags>(),
    Entry::of::<list_instance_profiles::ListInstanceProfiles>(),
    Entry::of::<list_instance_profiles_for_role::ListInstanceProfilesForRole>(),
    Entry::of::<list_mfa_device_tags::ListMFADeviceTags>(),
    Entry::of::<list_mfa_devices::ListMFADevices>(),
    Entry::of::<list_organizations_features::ListOrganizationsFeatures>(),
    Entry::of::<list_open_id_connect_provider_tags::ListOpenIDConnectProviderTags>(),
    Entry::of::<list_open_id_connect_providers::ListOpenIDConnectProviders>(),
    Entry::of::<list_policies::ListPolicies>(),
    Entry::of::<list_policies_granting_service_access::ListPoliciesGrantingServiceAccess>(),
    Entry::of::<list_policy_tags::ListPolicyTags>(),
    Entry::of::<list_policy_versions::ListPolicyVersions>(),
    Entry::of::<list_role_policies::ListRolePolicies>(),
    Entry::of::<list_role_tags::ListRoleTags>(),
    Entry::of::<list_roles::ListRoles>(),
    Entry::of::<list_saml_provider_tags::ListSAMLProviderTags>(),
    Entry::of::<list_saml_providers::ListSAMLProviders>(),
    Entry::of::<list_server_certificate_tags::ListServerCertificateTags>(),
    Entry::of::<list_server_certificates::ListServerCertificates>(),
    Entry::of::<list_service_specific_credentials::ListServiceSpecificCredentials>(),
    Entry::of::<list_signing_certificates::ListSigningCertificates>(),
    Entry::of::<list_ssh_public_keys::ListSSHPublicKeys>(),
    Entry::of::<list_user_policies::ListUserPolicies>(),
    Entry::of::<list_user_tags::ListUserTags>(),
    Entry::of::<list_users::ListUsers>(),
    Entry::of::<list_virtual_mfa_devices::ListVirtualMFADevices>(),
    Entry::of::<put_group_policy::PutGroupPolicy>(),
    Entry::of::<put_role_permissions_boundary::PutRolePermissionsBoundary>(),
    Entry::of::<put_role_policy::PutRolePolicy>(),
    Entry::of::<put_user_permissions_boundary::PutUserPermissionsBoundary>(),
    Entry::of::<put_user_policy::PutUserPolicy>(),
    Entry::of::<
        remove_client_id_from_open_id_connect_provider::RemoveClientIDFromOpenIDConnectProvider,
    >(),
    Entry::of::<remove_role_from_instance_profile::RemoveRoleFromInstanceProfile>(),
    Entry::of::<remove_user_from_group::RemoveUserFromGroup>(),
    Entry::of::<reset_service_specific_credential::ResetServiceSpecificCredential>(),
    Entry::of::<resync_mfa_device::ResyncMFADevice>(),
    Entry::of::<set_default_policy_version::SetDefaultPolicyVersion>(),
    Entry::of::<set_security_token_service_preferences::SetSecurityTokenServicePreferences>(),
    Entry::of::<simulate_custom_policy::SimulateCustomPolicy>(),
    Entry::of::<simulate_principal_policy::SimulatePrincipalPolicy>(),
    Entry::of::<tag_instance_profile::TagInstanceProfile>(),
    Entry::of::<tag_mfa_device::TagMFADevice>(),
    Entry::of::<tag_open_id_connect_provider::TagOpenIDConnectProvider>(),
    Entry::of::<tag_policy::TagPolicy>(),
    Entry::of::<tag_role::TagRole>(),
    Entry::of::<tag_saml_provider::TagSAMLProvider>(),
    Entry::of::<tag_server_certificate::TagServerCertificate>(),
    Entry::of::<tag_user::TagUser>(),
    Entry::of::<untag_instance_profile::UntagInstanceProfile>(),
    Entry::of::<untag_mfa_device::UntagMFADevice>(),
    Entry::of::<untag_open_id_connect_provider::UntagOpenIDConnectProvider>(),
    Entry::of::<untag_policy::UntagPolicy>(),
    Entry::of::<untag_role::UntagRole>(),
    Entry::of::<untag_saml_provider::UntagSAMLProvider>(),
    Entry::of::<untag_server_certificate::UntagServerCertificate>(),
    Entry::of::<untag_user::UntagUser>(),
    Entry::of::<update_access_key::UpdateAccessKey>(),
    Entry::of::<update_account_password_policy::UpdateAccountPasswordPolicy>(),
    Entry::of::<update_assume_role_policy::UpdateAssumeRolePolicy>(),
    Entry::of::<update_group::UpdateGroup>(),
    Entry::of::<update_login_profile::UpdateLoginProfile>(),
    Entry::of::<update_open_id_connect_provider_thumbprint::UpdateOpenIDConnectProviderThumbprint>(
    ),
    Entry::of::<update_role::UpdateRole>(),
    Entry::of::<update_role_description::UpdateRoleDescription>(),
    Entry::of::<update_saml_provider::UpdateSAMLProvider>(),
    Entry::of::<update_server_certificate::UpdateServerCertificate>(),
    Entry::of::<update_service_specific_credential::UpdateServiceSpecificCredential>(),
    Entry::of::<update_signing_certificate::UpdateSigningCertificate>(),
    Entry::of::<update_ssh_public_key::UpdateSSHPublicKey>(),
    Entry::of::<update_user::UpdateUser>(),
    Entry::of::<upload_server_certificate::UploadServerCertificate>(),
    Entry::of::<upload_signing_certificate::UploadSigningCertificate>(),
    Entry::of::<upload_ssh_public_key::UploadSSHPublicKey>(),
];
