//! Records in the API's words.

use base::Secret;
use identity::organization::{
    FeatureSet, JoinedMethod, Member, MemberStatus, Organization, OrganizationPolicy,
    OrganizationalUnit,
};
use organizations_api::shapes::{
    self as api, AccountJoinedMethod, AccountState, AccountStatus, CreateAccountFailureReason,
    CreateAccountState, CreateAccountStatus, OrganizationFeatureSet, PolicySummary,
    PolicyTypeStatus, PolicyTypeSummary, Tag,
};

use crate::policies;
use crate::request::{CreateAccountRequest, Ended};

/// An organization, whose management account has this address.
pub(crate) fn organization(it: &Organization, email: Option<String>) -> api::Organization {
    let features = match it.features {
        FeatureSet::All => OrganizationFeatureSet::All,
        FeatureSet::ConsolidatedBilling => OrganizationFeatureSet::ConsolidatedBilling,
    };
    api::Organization {
        id: Some(it.id.clone()),
        arn: Some(it.arn().to_string()),
        feature_set: Some(features),
        master_account_arn: Some(it.account_arn(it.management).to_string()),
        master_account_id: Some(it.management.to_string()),
        master_account_email: email.filter(|email| !email.is_empty()).map(Secret::new),
        available_policy_types: Some(policy_types(it)),
    }
}

/// Its root.
pub(crate) fn root(it: &Organization) -> api::Root {
    api::Root {
        id: Some(it.root.clone()),
        arn: Some(it.root_arn().to_string()),
        name: Some("Root".to_owned()),
        policy_types: Some(policy_types(it)),
    }
}

fn policy_types(it: &Organization) -> Vec<PolicyTypeSummary> {
    let enabled = it.enabled.iter().map(|kind| PolicyTypeSummary {
        type_: Some(policies::shape(*kind)),
        status: Some(PolicyTypeStatus::Enabled),
    });
    enabled.collect()
}

/// A unit of the organization.
pub(crate) fn unit(
    organization: &Organization,
    it: &OrganizationalUnit,
) -> api::OrganizationalUnit {
    api::OrganizationalUnit {
        id: Some(it.id.clone()),
        arn: Some(organization.unit_arn(&it.id).to_string()),
        name: Some(it.name.clone()),
        path: Some(path(&organization.id, &it.parents, &it.id)),
    }
}

/// An account of the organization.
pub(crate) fn account(organization: &Organization, it: &Member) -> api::Account {
    api::Account {
        id: Some(it.account.to_string()),
        arn: Some(organization.account_arn(it.account).to_string()),
        email: email(it),
        name: Some(Secret::new(it.name.clone())),
        status: Some(status(it)),
        state: Some(state(it)),
        paths: Some(vec![path(
            &organization.id,
            &it.parents,
            it.account.as_str(),
        )]),
        joined_method: Some(joined(it)),
        joined_timestamp: Some(it.joined_at),
    }
}

/// The address of an account's owner, which accounts that nobody made through an organization do not have.
pub(crate) fn email(it: &Member) -> Option<Secret<String>> {
    (!it.email.is_empty()).then(|| Secret::new(it.email.clone()))
}
pub(crate) fn status(it: &Member) -> AccountStatus {
    match it.status {
        MemberStatus::Active => AccountStatus::Active,
        MemberStatus::Suspended | MemberStatus::Closed => AccountStatus::Suspended,
        MemberStatus::PendingClosure => AccountStatus::PendingClosure,
    }
}
pub(crate) fn state(it: &Member) -> AccountState {
    match it.status {
        MemberStatus::Active => AccountState::Active,
        // Closing is the only way there.
        MemberStatus::Suspended | MemberStatus::Closed => AccountState::Closed,
        MemberStatus::PendingClosure => AccountState::PendingClosure,
    }
}
pub(crate) fn joined(it: &Member) -> AccountJoinedMethod {
    match it.joined {
        JoinedMethod::Created => AccountJoinedMethod::Created,
        JoinedMethod::Invited => AccountJoinedMethod::Invited,
    }
}

/// `o-…/r-…/ou-…/`, with the thing's own id last.
fn path(organization: &str, parents: &[String], id: &str) -> String {
    format!("{organization}/{}/{id}/", parents.join("/"))
}

/// A policy without its document.
pub(crate) fn summary(it: &OrganizationPolicy) -> PolicySummary {
    PolicySummary {
        id: Some(it.id.clone()),
        arn: Some(it.arn.to_string()),
        name: Some(it.name.clone()),
        description: Some(it.description.clone()),
        type_: Some(policies::shape(it.kind)),
        aws_managed: Some(it.is_aws_managed()),
    }
}

/// A policy.
pub(crate) fn policy(it: &OrganizationPolicy) -> api::Policy {
    api::Policy {
        policy_summary: Some(summary(it)),
        content: Some(it.content.text().to_owned()),
    }
}

/// What became of a CreateAccount request.
pub(crate) fn request(it: &CreateAccountRequest) -> CreateAccountStatus {
    let (state, account_id, failure_reason) = match it.ended {
        Ended::Made(account) => (
            CreateAccountState::Succeeded,
            Some(account.to_string()),
            None,
        ),
        Ended::EmailExists => (
            CreateAccountState::Failed,
            None,
            Some(CreateAccountFailureReason::EmailAlreadyExists),
        ),
    };
    CreateAccountStatus {
        id: Some(it.id.clone()),
        account_name: Some(Secret::new(it.name.clone())),
        state: Some(state),
        requested_timestamp: Some(it.at),
        completed_timestamp: Some(it.at),
        account_id,
        gov_cloud_account_id: None,
        failure_reason,
    }
}

/// Tags, sorted as they are kept.
pub(crate) fn tags(it: &base::Tags) -> Vec<Tag> {
    let tags = it.iter().map(|tag| Tag {
        key: tag.key.clone(),
        value: tag.value.clone(),
    });
    tags.collect()
}
