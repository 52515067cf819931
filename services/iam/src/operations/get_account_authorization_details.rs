//! `iam:GetAccountAuthorizationDetails`: users, groups, roles and policies with all that they may do, in pages.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use iam_api::shapes::{
    AttachedPolicy, EntityType, GetAccountAuthorizationDetailsRequest,
    GetAccountAuthorizationDetailsResponse, GroupDetail, ManagedPolicyDetail, PolicyDetail,
    RoleDetail, UserDetail,
};
use iam_api::{operations, permission};
use identity::{Document, Group, InstanceProfile, ManagedPolicy, Role, User, aws_managed};
use pipeline::{Access, Failure, Lookup, Operation, Permitted};

use crate::attachment::Usage;
use crate::paging::Paging;
use crate::shapes::{boundary, document};
use crate::{instance_profile, managed_policy, tagging};

/// In the order of their pages.
const KINDS: [EntityType; 5] = [
    EntityType::User,
    EntityType::Group,
    EntityType::Role,
    EntityType::LocalManagedPolicy,
    EntityType::AwsManagedPolicy,
];

pub(crate) struct GetAccountAuthorizationDetails;

impl Operation for GetAccountAuthorizationDetails {
    type Api = operations::GetAccountAuthorizationDetails;
    type Target = Paging;

    async fn access(
        input: &GetAccountAuthorizationDetailsRequest,
        _: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        let paging = Paging::new(&input.marker, input.max_items)?;
        Ok(Access::to(
            paging,
            permission::GetAccountAuthorizationDetails {},
        ))
    }

    async fn run(
        call: Permitted<'_, Self>,
    ) -> Result<GetAccountAuthorizationDetailsResponse, Failure> {
        let wanted = call.input().filter.as_deref().unwrap_or(&KINDS);
        let mut details = Details::default();
        let mut paging = call.target().clone();
        let start = paging.take_kind()?;
        for (at, kind) in KINDS.into_iter().enumerate().skip(start) {
            if !wanted.contains(&kind) {
                continue;
            }
            if paging.is_full() {
                return Ok(details.until(Some(Paging::mark_kind(at, ""))));
            }
            let next = details.gather(call.look(), kind, &mut paging).await?;
            if let Some(name) = next {
                return Ok(details.until(Some(Paging::mark_kind(at, &name))));
            }
        }
        Ok(details.until(None))
    }
}

#[derive(Default)]
struct Details {
    users: Vec<UserDetail>,
    groups: Vec<GroupDetail>,
    roles: Vec<RoleDetail>,
    policies: Vec<ManagedPolicyDetail>,
}

impl Details {
    /// Adds the entities of a kind that fit; answers the name of the last where there are more.
    async fn gather(
        &mut self,
        look: &Lookup<'_>,
        kind: EntityType,
        paging: &mut Paging,
    ) -> Result<Option<String>, Failure> {
        let account = look.call().account();
        match kind {
            EntityType::User => {
                let prefix = User::prefix(account);
                let page = paging
                    .section(look, &prefix, |user: &User| &user.name)
                    .await?;
                self.users
                    .extend(page.items.iter().map(|user| user_detail(user)));
                paging.after_section(page.items.len(), page.marker)
            }
            EntityType::Group => {
                let prefix = Group::prefix(account);
                let page = paging
                    .section(look, &prefix, |group: &Group| &group.name)
                    .await?;
                self.groups
                    .extend(page.items.iter().map(|group| group_detail(group)));
                paging.after_section(page.items.len(), page.marker)
            }
            EntityType::Role => {
                let prefix = Role::prefix(account);
                let page = paging
                    .section(look, &prefix, |role: &Role| &role.name)
                    .await?;
                let holders = holders(look).await?;
                for role in &page.items {
                    self.roles.push(role_detail(look, role, &holders).await?);
                }
                paging.after_section(page.items.len(), page.marker)
            }
            EntityType::LocalManagedPolicy => {
                let prefix = ManagedPolicy::prefix(account);
                let name = |policy: &ManagedPolicy| -> String { policy.name.to_ascii_lowercase() };
                let own = look
                    .scan::<ManagedPolicy>(&prefix, None, usize::MAX)
                    .await?;
                let own = own.into_iter().map(|held| held.arc());
                self.policies(look, paging, own.collect(), name).await
            }
            EntityType::AwsManagedPolicy => {
                let name = |policy: &ManagedPolicy| -> String { policy.name.to_ascii_lowercase() };
                let usage = Usage::of_all(look).await?;
                // AWS: of its own policies those that are in use.
                let mut all = aws_managed::all();
                all.retain(|policy| usage.contains_key(policy.arn.as_str()));
                self.policies(look, paging, all, name).await
            }
        }
    }

    async fn policies(
        &mut self,
        look: &Lookup<'_>,
        paging: &mut Paging,
        all: Vec<Arc<ManagedPolicy>>,
        name: impl Fn(&ManagedPolicy) -> String,
    ) -> Result<Option<String>, Failure> {
        let page = paging.list(all, |policy| name(policy));
        let usage = Usage::of_all(look).await?;
        for policy in &page.items {
            let used = usage.get(policy.arn.as_str()).copied();
            self.policies
                .push(policy_detail(policy, used.unwrap_or_default()));
        }
        paging.after_section(page.items.len(), page.marker)
    }

    fn until(self, marker: Option<String>) -> GetAccountAuthorizationDetailsResponse {
        GetAccountAuthorizationDetailsResponse {
            user_detail_list: Some(self.users),
            group_detail_list: Some(self.groups),
            role_detail_list: Some(self.roles),
            policies: Some(self.policies),
            is_truncated: Some(marker.is_some()),
            marker,
        }
    }
}

/// Every instance profile of the account, by the lower-cased name of the role that it holds.
async fn holders(look: &Lookup<'_>) -> Result<HashMap<String, Vec<Arc<InstanceProfile>>>, Failure> {
    let prefix = InstanceProfile::prefix(look.call().account());
    let all = look
        .scan::<InstanceProfile>(&prefix, None, usize::MAX)
        .await?;
    let mut holders: HashMap<String, Vec<Arc<InstanceProfile>>> = HashMap::new();
    for profile in all {
        if let Some(role) = &profile.role {
            let of_role = holders.entry(role.to_ascii_lowercase()).or_default();
            of_role.push(profile.arc());
        }
    }
    Ok(holders)
}

fn inline(policies: &BTreeMap<String, Document>) -> Option<Vec<PolicyDetail>> {
    let details = policies.iter().map(|(name, policy)| PolicyDetail {
        policy_name: Some(name.clone()),
        policy_document: Some(document(policy.text())),
    });
    Some(details.collect())
}

fn attached(arns: &[String]) -> Option<Vec<AttachedPolicy>> {
    let policies = arns.iter().map(|arn| AttachedPolicy {
        policy_name: Some(managed_policy::name(arn).to_owned()),
        policy_arn: Some(arn.clone()),
    });
    Some(policies.collect())
}

fn user_detail(user: &User) -> UserDetail {
    UserDetail {
        path: Some(user.path.clone()),
        user_name: Some(user.name.clone()),
        user_id: Some(user.id.clone()),
        arn: Some(user.arn.to_string()),
        create_date: Some(user.created),
        user_policy_list: inline(&user.inline),
        group_list: Some(user.groups.clone()),
        attached_managed_policies: attached(&user.attached),
        permissions_boundary: boundary(&user.boundary),
        tags: tagging::shape(&user.tags),
    }
}

fn group_detail(group: &Group) -> GroupDetail {
    GroupDetail {
        path: Some(group.path.clone()),
        group_name: Some(group.name.clone()),
        group_id: Some(group.id.clone()),
        arn: Some(group.arn.to_string()),
        create_date: Some(group.created),
        group_policy_list: inline(&group.inline),
        attached_managed_policies: attached(&group.attached),
    }
}

async fn role_detail(
    look: &Lookup<'_>,
    role: &Role,
    holders: &HashMap<String, Vec<Arc<InstanceProfile>>>,
) -> Result<RoleDetail, Failure> {
    let mut profiles = Vec::new();
    let of_role = holders.get(&role.name.to_ascii_lowercase());
    for profile in of_role.into_iter().flatten() {
        profiles.push(instance_profile::listed(look, profile).await?);
    }
    Ok(RoleDetail {
        path: Some(role.path.clone()),
        role_name: Some(role.name.clone()),
        role_id: Some(role.id.clone()),
        arn: Some(role.arn.to_string()),
        create_date: Some(role.created),
        assume_role_policy_document: Some(document(role.trust.text())),
        instance_profile_list: Some(profiles),
        role_policy_list: inline(&role.inline),
        attached_managed_policies: attached(&role.attached),
        permissions_boundary: boundary(&role.boundary),
        tags: tagging::shape(&role.tags),
        role_last_used: None,
    })
}

fn policy_detail(policy: &ManagedPolicy, usage: Usage) -> ManagedPolicyDetail {
    let shown = managed_policy::listed(policy, usage);
    let versions = policy.versions.iter().map(|version| {
        let mut shown = managed_policy::listed_version(policy, version);
        shown.document = Some(document(version.document.text()));
        shown
    });
    ManagedPolicyDetail {
        policy_name: shown.policy_name,
        policy_id: shown.policy_id,
        arn: shown.arn,
        path: shown.path,
        default_version_id: shown.default_version_id,
        attachment_count: shown.attachment_count,
        permissions_boundary_usage_count: shown.permissions_boundary_usage_count,
        is_attachable: shown.is_attachable,
        description: policy.description.clone(),
        create_date: shown.create_date,
        update_date: shown.update_date,
        policy_version_list: Some(versions.collect()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::{
        denies, fails, group, managed_policy, policy, profile_with_role, root, server, user,
    };

    #[tokio::test]
    async fn all_of_it_in_pages() {
        let alcazar = server().await;
        for name in ["ann", "bob"] {
            user(&alcazar, name).await;
        }
        group(&alcazar, "dev").await;
        profile_with_role(&alcazar, "Web", "Ops").await;
        let own = managed_policy(&alcazar, "Own", "kms:Encrypt").await;
        let billing = "arn:aws:iam::aws:policy/job-function/Billing";
        for arn in [own.as_str(), billing] {
            let input = json!({"UserName": "ann", "PolicyArn": arn});
            root(&alcazar, "AttachUserPolicy", input).await;
        }
        let input =
            json!({"RoleName": "Ops", "PolicyName": "p", "PolicyDocument": policy("iam:*", 1)});
        root(&alcazar, "PutRolePolicy", input).await;
        let operation = "GetAccountAuthorizationDetails";
        let whole = root(&alcazar, operation, json!({})).await;
        assert_eq!(whole.field("IsTruncated"), "false");
        assert_eq!(whole.fields("UserName"), ["ann", "bob"]);
        assert_eq!(whole.field("InstanceProfileName"), "Web");
        let (mut pages, mut marker) = (vec![], json!(null));
        for _ in 0..20 {
            let mut input = json!({"MaxItems": 1});
            if !marker.is_null() {
                input["Marker"] = marker;
            }
            let page = root(&alcazar, operation, input).await;
            pages.push(page.text.clone());
            marker = json!(page.field("Marker"));
            if page.field("IsTruncated") == "false" {
                break;
            }
        }
        assert_eq!(pages.len(), 6);
        for (page, name) in pages
            .iter()
            .zip(["ann", "bob", "dev", "Ops", "Own", "Billing"])
        {
            assert!(page.contains(&format!(">{name}<")), "{name}: {page}");
        }
        let roles = root(&alcazar, operation, json!({"Filter": ["Role"]})).await;
        assert_eq!(roles.field("RoleName"), "Ops");
        assert!(roles.fields("UserName").is_empty());
        let aws = root(&alcazar, operation, json!({"Filter": ["AWSManagedPolicy"]})).await;
        assert_eq!(aws.fields("PolicyName"), ["Billing"]);
    }

    #[tokio::test]
    async fn is_guarded_and_recorded() {
        let alcazar = server().await;
        let operation = "GetAccountAuthorizationDetails";
        denies(&alcazar, operation, json!({})).await;
        root(&alcazar, operation, json!({})).await;
        assert_eq!(alcazar.event(operation).await["readOnly"], true);
        let error = ("ValidationError", "Invalid Marker.");
        for marker in ["%", "YQ==", "OTphbm4="] {
            fails(&alcazar, operation, json!({"Marker": marker}), error).await;
        }
    }
}
