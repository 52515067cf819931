//! Policies of an organization: which one an id names, and what is attached where.

use std::borrow::Cow;
use std::sync::Arc;

use identity::organization::{
    Content, FeatureSet, ManagementKind, Organization, OrganizationPolicy, PolicyKind,
    PolicyTarget, PolicyUse,
};
use organizations_api::shapes::PolicyType;
use pipeline::{Failure, Lookup, Operation, Permitted};
use policy::Resource;

use crate::standing::Standing;
use crate::{errors, quotas};

/// The kind that a caller names.
pub(crate) fn kind(named: PolicyType) -> Result<PolicyKind, Failure> {
    let kind = PolicyKind::parse(named.as_str());
    kind.ok_or_else(|| errors::not_built(format_args!("Policy type {named}")))
}

/// `organizations:PolicyType`, as decisions see it.
pub(crate) fn named(kind: PolicyType) -> Option<Cow<'static, str>> {
    Some(Cow::Borrowed(kind.as_str()))
}

/// The same kind in the API's words.
pub(crate) fn shape(kind: PolicyKind) -> PolicyType {
    match kind {
        PolicyKind::ServiceControl => PolicyType::ServiceControlPolicy,
        PolicyKind::ResourceControl => PolicyType::ResourceControlPolicy,
        PolicyKind::Management(kind) => management_shape(kind),
    }
}

fn management_shape(kind: ManagementKind) -> PolicyType {
    match kind {
        ManagementKind::Tag => PolicyType::TagPolicy,
        ManagementKind::Backup => PolicyType::BackupPolicy,
        ManagementKind::AiServicesOptOut => PolicyType::AiservicesOptOutPolicy,
        ManagementKind::Chatbot => PolicyType::ChatbotPolicy,
        ManagementKind::DeclarativeEc2 => PolicyType::DeclarativePolicyEc2,
        ManagementKind::SecurityHub => PolicyType::SecurityhubPolicy,
        ManagementKind::SecurityHubCspm => PolicyType::SecurityhubCspmPolicy,
        ManagementKind::Inspector => PolicyType::InspectorPolicy,
        ManagementKind::UpgradeRollout => PolicyType::UpgradeRolloutPolicy,
        ManagementKind::Bedrock => PolicyType::BedrockPolicy,
        ManagementKind::S3 => PolicyType::S3Policy,
        ManagementKind::NetworkSecurityDirector => PolicyType::NetworkSecurityDirectorPolicy,
        ManagementKind::GuardDuty => PolicyType::GuarddutyPolicy,
    }
}

/// Fails unless the organization has policies.
pub(crate) fn check_available(organization: &Organization) -> Result<(), Failure> {
    match organization.features {
        FeatureSet::All => Ok(()),
        FeatureSet::ConsolidatedBilling => Err(errors::policy_type_not_available()),
    }
}

/// The document of a policy of this kind.
pub(crate) fn content(kind: PolicyKind, content: &str) -> Result<Content, Failure> {
    if content.chars().count() > quotas::characters(kind) {
        return Err(errors::policy_too_long());
    }
    Content::parse(kind, content).map_err(errors::malformed_policy)
}

/// Fails if another policy than `id` of this kind has this name, or if there may be no new one.
pub(crate) async fn check_name(
    look: &Lookup<'_>,
    organization: &str,
    (kind, name): (PolicyKind, &str),
    id: Option<&str>,
) -> Result<(), Failure> {
    let prefix = OrganizationPolicy::prefix(organization);
    let policies = crate::node::all::<OrganizationPolicy>(look, &prefix).await?;
    let other = |policy: &Arc<OrganizationPolicy>| Some(policy.id.as_str()) != id;
    let taken = |policy: &Arc<OrganizationPolicy>| policy.kind == kind && policy.name == name;
    let same = policies.iter().filter(|policy| policy.kind == kind);
    if id.is_none() && same.count() >= quotas::policies(kind) {
        return Err(errors::too_many_policies());
    }
    let aws = kind.full_access().and_then(OrganizationPolicy::aws_managed);
    let mut aws = aws.into_iter();
    match policies.iter().filter(|policy| other(policy)).any(taken) || aws.any(|it| taken(&it)) {
        true => Err(errors::policy_exists()),
        false => Ok(()),
    }
}

/// A policy that a caller names, and what the caller's account is to it.
pub(crate) struct SoughtPolicy {
    /// Of the caller.
    pub(crate) standing: Standing,
    /// What is there.
    pub(crate) policy: Option<Arc<OrganizationPolicy>>,
    resource: Arc<dyn Resource>,
}

impl SoughtPolicy {
    /// The policy of this id, AWS's or of the caller's organization.
    pub(crate) async fn find(look: &Lookup<'_>, id: &str) -> Result<Self, Failure> {
        let standing = Standing::of_caller(look).await?;
        let policy = match standing.known() {
            Some(organization) => find(look, &organization.id, id).await?,
            None => None,
        };
        let (arn, tags) = match &policy {
            Some(policy) => (policy.arn.clone(), policy.tags.clone()),
            None => (
                standing.named().policy_arn(PolicyKind::ServiceControl, id),
                base::Tags::default(),
            ),
        };
        let resource = standing.resource(arn, tags);
        Ok(Self {
            standing,
            policy,
            resource,
        })
    }
    /// For a decision.
    pub(crate) fn resource(&self) -> Arc<dyn Resource> {
        self.resource.clone()
    }
    /// `organizations:PolicyType`, of a policy that is there.
    pub(crate) fn policy_type(&self) -> Option<Cow<'static, str>> {
        let policy = self.policy.as_ref();
        policy.map(|policy| Cow::Borrowed(policy.kind.name()))
    }
    /// The policy, or that there is none.
    pub(crate) fn found(&self) -> Result<&Arc<OrganizationPolicy>, Failure> {
        self.policy.as_ref().ok_or_else(errors::no_such_policy)
    }
    /// The same, if it is not AWS's.
    pub(crate) fn own(&self) -> Result<&Arc<OrganizationPolicy>, Failure> {
        let policy = self.found()?;
        match policy.is_aws_managed() {
            true => Err(errors::aws_policy_cannot_change()),
            false => Ok(policy),
        }
    }
}

/// The policy of this id, AWS's or the organization's own.
pub(crate) async fn find(
    look: &Lookup<'_>,
    organization: &str,
    id: &str,
) -> Result<Option<Arc<OrganizationPolicy>>, Failure> {
    match OrganizationPolicy::aws_managed(id) {
        Some(policy) => Ok(Some(policy)),
        None => {
            look.get(&OrganizationPolicy::key_of(organization, id))
                .await
        }
    }
}

/// Ids of the policies of `kind` at `target`.
pub(crate) async fn attached(
    look: &Lookup<'_>,
    organization: &str,
    (target, kind): (&str, PolicyKind),
) -> Result<Vec<String>, Failure> {
    let key = PolicyTarget::key_of(organization, target, kind);
    let row = look.get::<PolicyTarget>(&key).await?;
    Ok(row.map(|row| row.policies.clone()).unwrap_or_default())
}

/// Keeps `policies` as those of `kind` at `target`.
pub(crate) fn put_attached<O: Operation>(
    call: &Permitted<'_, O>,
    organization: &str,
    (target, kind): (&str, PolicyKind),
    policies: Vec<String>,
) {
    call.put(PolicyTarget {
        organization: organization.to_owned(),
        target: target.to_owned(),
        kind,
        policies,
        changed: Some(call.call().now()),
    });
}

/// Attaches AWS's policy of `kind` alone to `target`, where AWS has one.
pub(crate) fn attach_default<O: Operation>(
    call: &Permitted<'_, O>,
    organization: &str,
    (target, kind): (&str, PolicyKind),
) {
    let Some(policy) = kind.full_access().map(str::to_owned) else {
        return;
    };
    put_attached(call, organization, (target, kind), vec![policy.clone()]);
    call.put(PolicyUse {
        organization: organization.to_owned(),
        policy,
        target: target.to_owned(),
    });
}

/// Attaches what everything new has. AWS: FullAWSAccess is there even before service control policies are enabled.
pub(crate) fn attach_defaults<O: Operation>(
    call: &Permitted<'_, O>,
    organization: &Organization,
    target: &str,
) {
    let always = |kind: PolicyKind| {
        kind == PolicyKind::ServiceControl && organization.features == FeatureSet::All
    };
    for kind in PolicyKind::CONTROL {
        if always(kind) || organization.enabled.contains(&kind) {
            attach_default(call, &organization.id, (target, kind));
        }
    }
}

/// Detaches everything from `target`.
pub(crate) async fn detach_all<O: Operation>(
    call: &Permitted<'_, O>,
    organization: &str,
    target: &str,
) -> Result<(), Failure> {
    for kind in PolicyKind::all() {
        let attached = attached(call.look(), organization, (target, kind)).await?;
        detach(call, organization, (target, kind), &attached);
    }
    Ok(())
}

/// Removes the row of a target and those of its uses of these policies.
pub(crate) fn detach<O: Operation>(
    call: &Permitted<'_, O>,
    organization: &str,
    (target, kind): (&str, PolicyKind),
    policies: &[String],
) {
    call.delete::<PolicyTarget>(&PolicyTarget::key_of(organization, target, kind));
    for policy in policies {
        call.delete::<PolicyUse>(&PolicyUse::key_of(organization, policy, target));
    }
}
