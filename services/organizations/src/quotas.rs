//! Request quotas, and how many of what an organization may have, with AWS's defaults.
//!
//! AWS document: AWS Organizations User Guide, "Quotas and service limits for AWS Organizations".

use identity::organization::{ManagementKind, PolicyKind};
use pipeline::{Operation, Permitted, Quota};

/// Accounts of an organization, open invitations included. An operator's quota file may change it, as AWS does on demand.
pub(crate) const ACCOUNTS: Quota = Quota {
    name: "organizations/accounts",
    operations: &[],
    per_second: |_| 10,
};

/// Units of an organization.
pub(crate) const UNITS: usize = 2_000;
/// How deep units may lie under the root.
pub(crate) const DEEPEST: usize = 5;
/// Days that an account stays that the organization has made.
pub(crate) const STAYS_DAYS: i64 = 4;
/// Days that an invitation waits.
pub(crate) const INVITATION_DAYS: i64 = 15;
/// Days that a handshake is kept once it is completed.
pub(crate) const COMPLETED_DAYS: i64 = 30;
/// Days until a closed account is closed for good.
/// AWS document: AWS Account Management Reference Guide, "Close an AWS account", post-closure period.
pub(crate) const POST_CLOSURE_DAYS: i64 = 90;
/// Seconds of a day.
pub(crate) const DAY: i64 = 24 * 3_600;

/// Policies of this kind that an organization may have.
pub(crate) fn policies(kind: PolicyKind) -> usize {
    match kind {
        PolicyKind::ServiceControl => 10_000,
        PolicyKind::ResourceControl => 2_000,
        PolicyKind::Management(_) => 1_000,
    }
}

/// Policies of this kind that may be attached to one root, unit or account.
pub(crate) fn attachments(kind: PolicyKind) -> usize {
    match kind {
        PolicyKind::ServiceControl => 10,
        PolicyKind::ResourceControl => 5,
        PolicyKind::Management(ManagementKind::AiServicesOptOut | ManagementKind::Chatbot) => 5,
        PolicyKind::Management(_) => 10,
    }
}

/// Characters of a document of this kind.
pub(crate) fn characters(kind: PolicyKind) -> usize {
    match kind {
        PolicyKind::ServiceControl => 10_240,
        PolicyKind::ResourceControl => 5_120,
        PolicyKind::Management(ManagementKind::AiServicesOptOut) => 2_500,
        PolicyKind::Management(ManagementKind::UpgradeRollout) => 5_120,
        PolicyKind::Management(_) => 10_000,
    }
}

/// Accounts that the caller's organization may have, if there is a limit.
pub(crate) fn accounts<O: Operation>(call: &Permitted<'_, O>) -> Option<usize> {
    let limit = call.call().limit(&ACCOUNTS);
    limit.and_then(|limit| usize::try_from(limit).ok())
}

/// Invitations that may be sent in a day and not accepted, if there is a limit.
pub(crate) fn invitations<O: Operation>(call: &Permitted<'_, O>) -> Option<usize> {
    accounts(call).map(|accounts| accounts.max(20))
}

/// Accounts of an organization of so many that may be closed within 30 days.
pub(crate) fn closures(members: usize) -> usize {
    (members / 5).clamp(250, 1_000)
}

/// AWS counts fractions of requests and gives bursts of their own: here it is whole requests a second.
pub(crate) const QUOTAS: &[Quota] = &[
    ACCOUNTS,
    Quota {
        name: "organizations/close-account",
        operations: &["CloseAccount"],
        per_second: |_| 1,
    },
    Quota {
        name: "organizations/create-account",
        operations: &["CreateAccount"],
        per_second: |_| 1,
    },
    Quota {
        name: "organizations/describe-account",
        operations: &["DescribeAccount"],
        per_second: |_| 20,
    },
    Quota {
        name: "organizations/describe-create-account-status",
        operations: &["DescribeCreateAccountStatus"],
        per_second: |_| 2,
    },
    Quota {
        name: "organizations/leave-organization",
        operations: &["LeaveOrganization"],
        per_second: |_| 1,
    },
    Quota {
        name: "organizations/list-create-account-status",
        operations: &["ListCreateAccountStatus"],
        per_second: |_| 5,
    },
    Quota {
        name: "organizations/accept-handshake",
        operations: &["AcceptHandshake"],
        per_second: |_| 1,
    },
    Quota {
        name: "organizations/describe-handshake",
        operations: &["DescribeHandshake"],
        per_second: |_| 1,
    },
    Quota {
        name: "organizations/cancel-handshake",
        operations: &["CancelHandshake"],
        per_second: |_| 2,
    },
    Quota {
        name: "organizations/decline-handshake",
        operations: &["DeclineHandshake"],
        per_second: |_| 1,
    },
    Quota {
        name: "organizations/invite-account-to-organization",
        operations: &["InviteAccountToOrganization"],
        per_second: |_| 3,
    },
    Quota {
        name: "organizations/list-handshakes",
        operations: &["ListHandshakesForAccount", "ListHandshakesForOrganization"],
        per_second: |_| 5,
    },
    Quota {
        name: "organizations/create-organization",
        operations: &["CreateOrganization", "DeleteOrganization"],
        per_second: |_| 1,
    },
    Quota {
        name: "organizations/create-organizational-unit",
        operations: &["CreateOrganizationalUnit", "DescribeOrganization"],
        per_second: |_| 1,
    },
    Quota {
        name: "organizations/move-account",
        operations: &[
            "DeleteOrganizationalUnit",
            "MoveAccount",
            "UpdateOrganizationalUnit",
        ],
        per_second: |_| 2,
    },
    Quota {
        name: "organizations/describe-organizational-unit",
        operations: &["DescribeOrganizationalUnit"],
        per_second: |_| 2,
    },
    Quota {
        name: "organizations/list-accounts",
        operations: &["ListAccounts"],
        per_second: |_| 8,
    },
    Quota {
        name: "organizations/list-children",
        operations: &["ListChildren"],
        per_second: |_| 6,
    },
    Quota {
        name: "organizations/list-parents",
        operations: &[
            "ListAccountsForParent",
            "ListOrganizationalUnitsForParent",
            "ListParents",
        ],
        per_second: |_| 5,
    },
    Quota {
        name: "organizations/list-roots",
        operations: &["ListRoots"],
        per_second: |_| 1,
    },
    Quota {
        name: "organizations/list-tags-for-resource",
        operations: &["ListTagsForResource"],
        per_second: |_| 10,
    },
    Quota {
        name: "organizations/remove-account-from-organization",
        operations: &["RemoveAccountFromOrganization"],
        per_second: |_| 2,
    },
    Quota {
        name: "organizations/tag-resource",
        operations: &["TagResource", "UntagResource"],
        per_second: |_| 4,
    },
    Quota {
        name: "organizations/create-policy",
        operations: &[
            "AttachPolicy",
            "CreatePolicy",
            "DeletePolicy",
            "DetachPolicy",
        ],
        per_second: |_| 2,
    },
    Quota {
        name: "organizations/describe-policy",
        operations: &["DescribeEffectivePolicy", "DescribePolicy"],
        per_second: |_| 2,
    },
    Quota {
        name: "organizations/enable-policy-type",
        operations: &["DisablePolicyType", "EnablePolicyType"],
        per_second: |_| 1,
    },
    Quota {
        name: "organizations/list-policies",
        operations: &[
            "ListAccountsWithInvalidEffectivePolicy",
            "ListEffectivePolicyValidationErrors",
            "ListPolicies",
            "ListPoliciesForTarget",
            "ListTargetsForPolicy",
        ],
        per_second: |_| 5,
    },
    Quota {
        name: "organizations/update-policy",
        operations: &["UpdatePolicy"],
        per_second: |_| 2,
    },
    Quota {
        name: "organizations/enable-aws-service-access",
        operations: &["DisableAWSServiceAccess", "EnableAWSServiceAccess"],
        per_second: |_| 1,
    },
    Quota {
        name: "organizations/list-aws-service-access",
        operations: &[
            "ListAWSServiceAccessForOrganization",
            "ListDelegatedServicesForAccount",
        ],
        per_second: |_| 1,
    },
    Quota {
        name: "organizations/list-delegated-administrators",
        operations: &["ListDelegatedAdministrators"],
        per_second: |_| 5,
    },
    Quota {
        name: "organizations/register-delegated-administrator",
        operations: &[
            "DeregisterDelegatedAdministrator",
            "RegisterDelegatedAdministrator",
        ],
        per_second: |_| 1,
    },
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::operations::OPERATIONS;
    use std::collections::BTreeSet;

    #[test]
    fn every_operation_has_one_quota() {
        let built: BTreeSet<&str> = OPERATIONS.iter().map(|entry| entry.facts.name).collect();
        let named = || QUOTAS.iter().flat_map(|quota| quota.operations).copied();
        assert_eq!(named().collect::<BTreeSet<_>>(), built);
        assert_eq!(named().count(), built.len());
        let names: BTreeSet<&str> = QUOTAS.iter().map(|quota| quota.name).collect();
        assert_eq!(names.len(), QUOTAS.len());
    }

    #[test]
    fn closures_grow_with_the_organization() {
        for (members, expected) in [(1, 250), (1_250, 250), (2_000, 400), (9_000, 1_000)] {
            assert_eq!(closures(members), expected);
        }
    }
}
