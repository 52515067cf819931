//! AWS Identity and Access Management: users, groups, roles and the policies that let them do things.
//!
//! # Differs from AWS
//! - A trust policy comes back as it was given, also where a user or role that it names by ARN is gone, in whose place
//!   AWS shows the unique id. Whoever is made later under that ARN is not trusted. Federated users have no unique id:
//!   their ARN names whoever has it.
//! - Trust policies may name principals of accounts that this server does not have, and any unique id.
//! - Temporary credentials of a renamed user are refused.
//! - How many users an account has is not limited: counting them would slow every CreateUser. GetAccountSummary
//!   leaves quotas out that are not kept.
//! - GetRole never knows when a role was last used.
//! - The words of errors for reserved tag keys, unknown markers and account aliases, for a status that cannot be
//!   set and for the removal of a user from a group it is not in are not AWS's own: those are not documented.
//! - The secret of a root access key comes with an empty `UserName`.
//! - EnableMFADevice and its kin know virtual devices of users: hardware devices, whose seeds only AWS has, security keys,
//!   which only AWS's console registers, and devices of the root user are devices that do not exist. Of wrong codes, and
//!   of wrong old passwords, five are heard in a row; then one after five minutes, after ten, and so on up to an hour. A
//!   right code is used up even by a call that is denied.
//! - How many virtual MFA devices an account has is not limited.
//! - The words for a weak, a used or a wrong old password and for an MFA device in use are ours.
//! - Service-specific credentials are those of CodeCommit and Keyspaces; of other services AWS's have another form, and
//!   are refused as not supported. The root user has no signing certificates.
//! - No server of ours presents a server certificate, so none is in use when it is deleted.
//! - The credential report is made while GenerateCredentialReport runs, so that GetCredentialReport never answers that it
//!   is in progress; it has AWS's 22 columns for passwords, devices, keys and certificates. Nobody signs in by password
//!   yet, so no password was ever used. The words of its errors are ours.
//! - Of AWS's managed policies only the version in force is kept, and no description.
//! - Roles are linked to the services that most accounts use; of other services CreateServiceLinkedRole refuses the name,
//!   in words that are ours, as those for an unknown deletion task are. Such a role has no description unless one is
//!   given. No service here needs its role: none makes it by itself, and DeleteServiceLinkedRole deletes it at once. Of
//!   several deletions of one name GetServiceLinkedRoleDeletionStatus knows the last. A role that is linked to no service
//!   is to DeleteServiceLinkedRole a role that does not exist.
//! - How many policies and instance profiles an account has is not limited.
//! - Simulations decide as real calls do: a trust policy that is given counts, a KMS key's policy has the last word, and
//!   a resource of another account needs a policy once `ResourcePolicy` or `ResourceOwner` is given. Which condition
//!   keys and resources an action has plays no part. The result for several resources is named `*`.
//! - Of what a simulated call's context would be only the time and the caller's account, ARN, name and, for the user
//!   whose policies are simulated, unique id are known without `ContextEntries`.
//! - `MissingContextValues` counts keys of the permissions boundary in. `PolicyEvaluation` does not occur: a policy that
//!   cannot be evaluated is refused as `InvalidInput`. A simulation of more than 16 MiB of policies, all resources
//!   counted, is refused, and so are context values of more than 2,048 bytes.
//! - `ResourceHandlingOption` demands the resources that AWS documents for it.
//! - Reports on access tell of the services of this server alone: others are granted by no policy. They look back 400 days,
//!   as far as audit records were kept when this version first read them (90 days), and tell of every call, also those of
//!   services on a principal's behalf. A service is one that a statement allows something of, whatever its resources
//!   and conditions and whatever is denied. All actions that an operation of the same service shows are tracked. Reports
//!   never fail; they are kept for a week, for whoever asked, in whichever session of a role. Words of errors are ours.
//! - A report on an organization tells of a path's accounts as they are when it is asked for; five may be under way. An
//!   unknown path or policy is refused at once as `InvalidInput`.
//! - Centralized root access is enabled by the management account; a delegated administrator of IAM reads and disables it.
//!   Words of its errors are ours.
//! - Which tokens the global endpoint of STS gives makes no difference: here all regions are enabled by default, where both
//!   forms count. Where nobody has chosen it is version 2.
//! - An OpenID Connect provider whose keys the operator put down is not asked for anything: CreateOpenIDConnectProvider
//!   finds no thumbprint for it. Of others it finds that of the server of the issuer and that of the server of its keys,
//!   where these differ; `OpenIdIdpCommunicationError` never says what is wrong. A URL has a host with a dot, no port, no
//!   query and nothing that means something in an ARN. The words for an invalid thumbprint are ours.
//! - A SAML provider's metadata document describes one entity, has one signing certificate at least, and fits into a request
//!   of 1 MiB. Without `validUntil` it holds for a hundred years; after it, assertions are refused. RSA keys of fewer than
//!   2,048 bits are refused, as certificates and as private keys. Which form ids of providers and private keys have is ours.
//! - Taking off a permissions boundary that is not there succeeds; AWS's answer is not documented.

mod access_keys;
mod access_report;
mod attachment;
mod credential_report;
mod credentials;
mod errors;
mod find;
mod held;
mod inline_policy;
mod instance_profile;
mod managed_policy;
mod mfa_devices;
mod names;
mod open_id_connect_provider;
mod operations;
mod paging;
mod passwords;
mod policy_size;
mod qr_code;
mod renaming;
mod resource;
mod root_access;
mod saml_provider;
mod server_certificate;
mod service_linked_role;
mod shapes;
mod simulation;
mod tagging;
#[cfg(test)]
mod testing;
mod trust;

use std::time::Duration;

use pipeline::{Service, Worker};

/// Makes the reports on access that were asked for.
static WORKERS: &[Worker] = &[
    Worker {
        name: "access reports",
        every: Duration::from_secs(1),
        run: |duty| Box::pin(access_report::make(duty)),
    },
    Worker {
        name: "old access reports",
        every: Duration::from_secs(3600),
        run: |duty| Box::pin(access_report::forget(duty)),
    },
];

/// The service, for the catalogue.
pub static SERVICE: Service = Service {
    workers: WORKERS,
    resource: Some(|records, arn, _| Box::pin(resource::resource(records, arn))),
    ..Service::of(
        &iam_api::operations::SERVICE,
        operations::OPERATIONS,
        include_str!("../model.json"),
    )
};
