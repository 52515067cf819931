//! Service control policies above the account of a simulation.

use std::sync::Arc;

use base::AccountId;
use iam_api::shapes::OrderedOrganizationPolicyType;
use identity::organization::{
    Member, Membership, Organization, OrganizationPolicy, PolicyKind, PolicyTarget,
};
use pipeline::{Failure, Lookup};
use policy::Grammar;

use super::source::{Origin, Source, given};

/// Policies of one level each, root first; see `Sources::organization`.
pub(crate) type Levels = Option<Vec<Vec<Source>>>;

/// The policies in force above `account`.
pub(crate) async fn above(look: &Lookup<'_>, account: AccountId) -> Result<Levels, Failure> {
    let Some(membership) = membership(look, account).await? else {
        return Ok(None);
    };
    let mut levels = Vec::new();
    if membership.is_limited_by(PolicyKind::ServiceControl) {
        for target in membership.targets() {
            levels.push(attached(look, &membership.organization().id, target).await?);
        }
    }
    Ok(Some(levels))
}

/// Where `account` is, if it is in an organization.
pub(crate) async fn membership(
    look: &Lookup<'_>,
    account: AccountId,
) -> Result<Option<Membership>, Failure> {
    let member = look.get::<Member>(&Member::key_of(account)).await?;
    let Some(member) = member else {
        return Ok(None);
    };
    let id = member.organization.clone();
    let organization = look.get::<Organization>(&Organization::key_of(&id)).await?;
    let membership = organization.and_then(|organization| Membership::new(member, organization));
    membership.ok_or_else(|| missing(&id)).map(Some)
}

/// The service control policies attached to a root, unit or account.
pub(crate) async fn attached(
    look: &Lookup<'_>,
    organization: &str,
    target: &str,
) -> Result<Vec<Source>, Failure> {
    let key = PolicyTarget::key_of(organization, target, PolicyKind::ServiceControl);
    let at = look.get::<PolicyTarget>(&key).await?;
    let at = at.ok_or_else(|| missing(target))?;
    let mut sources = Vec::new();
    for id in &at.policies {
        let policy = find(look, organization, id).await?;
        let document = policy.content.control().ok_or_else(|| missing(id))?;
        sources.push(Source {
            id: policy.name.clone(),
            origin: Origin::Managed(policy.arn.to_string()),
            document: document.clone(),
        });
    }
    Ok(sources)
}

async fn find(
    look: &Lookup<'_>,
    organization: &str,
    id: &str,
) -> Result<Arc<OrganizationPolicy>, Failure> {
    if let Some(policy) = OrganizationPolicy::aws_managed(id) {
        return Ok(policy);
    }
    let key = OrganizationPolicy::key_of(organization, id);
    let found = look.get::<OrganizationPolicy>(&key).await?;
    found.ok_or_else(|| missing(id))
}

fn missing(id: &str) -> Failure {
    Failure::internal(format!("{id} has no record"))
}

/// The policies that a call gives, a level after the other.
pub(crate) fn given_levels(levels: &[OrderedOrganizationPolicyType]) -> Result<Levels, Failure> {
    if levels.is_empty() {
        return Ok(None);
    }
    let levels = levels.iter().map(|level| {
        let documents = level.service_control_policy_input_list.as_deref();
        given(
            "ServiceControlPolicyInputList",
            documents.unwrap_or_default(),
            Grammar::ServiceControl,
        )
    });
    levels.collect::<Result<_, _>>().map(Some)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use base::{Tags, Timestamp};
    use harness::Alcazar;
    use identity::organization::{Content, FeatureSet, JoinedMethod, MemberStatus};
    use serde_json::json;

    use super::*;
    use crate::testing::simulating::{ANN, allow};
    use crate::testing::{policy, root, server, user};

    const ID: &str = "o-exampleorg";

    /// Puts the tests' account below a root and a unit. Every level has FullAWSAccess, the unit `document` too.
    async fn organize(alcazar: &Alcazar, management: &str, in_force: bool, document: &str) {
        let kind = PolicyKind::ServiceControl;
        let account: AccountId = harness::ACCOUNT.parse().unwrap();
        let created = Timestamp::from_seconds(0);
        let organization = Organization {
            id: ID.to_owned(),
            management: management.parse().unwrap(),
            root: "r-root".to_owned(),
            features: FeatureSet::All,
            enabled: BTreeSet::from_iter(in_force.then_some(kind)),
            root_tags: Tags::default(),
            created,
        };
        let own = OrganizationPolicy {
            id: "p-limiting".to_owned(),
            arn: organization.policy_arn(kind, "p-limiting"),
            organization: ID.to_owned(),
            kind,
            name: "limiting".to_owned(),
            description: String::new(),
            content: Content::parse(kind, document).unwrap(),
            changed: None,
            tags: Tags::default(),
        };
        alcazar.keep(organization).await;
        alcazar.keep(own).await;
        for (target, policies) in [
            ("r-root", vec!["p-FullAWSAccess"]),
            ("ou-unit", vec!["p-FullAWSAccess", "p-limiting"]),
            (account.as_str(), vec!["p-FullAWSAccess"]),
        ] {
            let policies = policies.into_iter().map(str::to_owned).collect();
            let (organization, target) = (ID.to_owned(), target.to_owned());
            alcazar
                .keep(PolicyTarget {
                    organization,
                    target,
                    kind,
                    policies,
                    changed: None,
                })
                .await;
        }
        alcazar
            .keep(Member {
                account,
                organization: ID.to_owned(),
                name: "tests".to_owned(),
                email: "tests@example.com".to_owned(),
                parents: vec!["r-root".to_owned(), "ou-unit".to_owned()],
                status: MemberStatus::Active,
                joined: JoinedMethod::Created,
                joined_at: created,
                closed: None,
                tags: Tags::default(),
            })
            .await;
    }

    #[tokio::test]
    async fn service_control_policies_are_told_apart() {
        let other = harness::OTHER_ACCOUNT;
        let denies = allow("kms:Encrypt").replace("Allow", "Deny");
        let excluded = json!([{"PolicyType": "scp"}]);
        for (management, in_force, document, excluding, decision, allowed) in [
            (other, true, &denies, json!([]), "explicitDeny", "false"),
            (other, true, &allow("s3:*"), json!([]), "allowed", "true"),
            (other, true, &denies, excluded, "allowed", "true"),
            (other, false, &denies, json!([]), "allowed", "true"),
            (
                harness::ACCOUNT,
                true,
                &denies,
                json!([]),
                "allowed",
                "true",
            ),
        ] {
            let alcazar = server().await;
            user(&alcazar, "ann").await;
            let own = json!({"UserName": "ann", "PolicyName": "own", "PolicyDocument": policy("kms:*", 0)});
            root(&alcazar, "PutUserPolicy", own).await;
            organize(&alcazar, management, in_force, document).await;
            let input = json!({
                "PolicySourceArn": ANN,
                "ActionNames": ["kms:Encrypt"],
                "PolicyExclusionList": excluding,
            });
            let answer = root(&alcazar, "SimulatePrincipalPolicy", input).await;
            assert_eq!(answer.field("EvalDecision"), decision, "{document}");
            assert_eq!(
                answer.field("AllowedByOrganizations"),
                allowed,
                "{document}"
            );
            let source = if decision == "allowed" {
                "user_ann_own"
            } else {
                ""
            };
            assert_eq!(answer.field("SourcePolicyId"), source);
        }
    }
}
