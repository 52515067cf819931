//! `iam:ListEntitiesForPolicy`: the users, groups and roles that have a managed policy.

use std::collections::BTreeMap;
use std::sync::Arc;

use iam_api::shapes::{
    EntityType, ListEntitiesForPolicyRequest, ListEntitiesForPolicyResponse, PolicyGroup,
    PolicyRole, PolicyUsageType, PolicyUser,
};
use iam_api::{operations, permission};
use identity::{Attachment, EntityKind, Group, Role, User};
use pipeline::{Access, Failure, Lookup, Operation, Permitted};

use crate::attachment::{self, Holder};
use crate::managed_policy::Named;
use crate::paging::{Paging, below};

pub(crate) struct ListEntitiesForPolicy;

impl Operation for ListEntitiesForPolicy {
    type Api = operations::ListEntitiesForPolicy;
    type Target = Named;

    async fn access(
        input: &ListEntitiesForPolicyRequest,
        look: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        let policy = Named::find(look, &input.policy_arn).await?;
        let needs = permission::ListEntitiesForPolicy {
            policy: policy.readable(look),
        };
        Ok(Access::to(policy, needs))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<ListEntitiesForPolicyResponse, Failure> {
        let input = call.input();
        let paging = Paging::new(&input.marker, input.max_items)?;
        let policy = call.target().found()?;
        let rows = attachment::rows(call.look(), policy.arn.as_str()).await?;
        let wanted = rows.into_iter().filter(|row| is_wanted(input, row));
        // An entity can have a policy and be bounded by it too.
        let entities: BTreeMap<String, Attachment> = wanted.map(|row| (place(&row), row)).collect();
        let page = paging.list(entities.into_values(), place);
        let mut found = Found::default();
        for row in &page.items {
            found.add(call.look(), row, &input.path_prefix).await?;
        }
        Ok(ListEntitiesForPolicyResponse {
            policy_groups: Some(found.groups),
            policy_users: Some(found.users),
            policy_roles: Some(found.roles),
            is_truncated: page.is_truncated(),
            marker: page.marker,
        })
    }
}

fn is_wanted(input: &ListEntitiesForPolicyRequest, row: &Attachment) -> bool {
    let kind = match input.entity_filter {
        None => true,
        Some(EntityType::User) => row.kind == EntityKind::User,
        Some(EntityType::Group) => row.kind == EntityKind::Group,
        Some(EntityType::Role) => row.kind == EntityKind::Role,
        Some(EntityType::LocalManagedPolicy | EntityType::AwsManagedPolicy) => false,
    };
    kind && match input.policy_usage_filter {
        None => true,
        Some(PolicyUsageType::PermissionsPolicy) => !row.boundary,
        Some(PolicyUsageType::PermissionsBoundary) => row.boundary,
    }
}

fn place(row: &Attachment) -> String {
    let kind = match row.kind {
        EntityKind::Group => "group",
        EntityKind::Role => "role",
        EntityKind::User => "user",
    };
    format!("{kind} {}", row.name.to_ascii_lowercase())
}

/// The entities of a page.
#[derive(Default)]
struct Found {
    groups: Vec<PolicyGroup>,
    users: Vec<PolicyUser>,
    roles: Vec<PolicyRole>,
}

impl Found {
    /// Adds the entity of a row if its path is wanted. AWS: a page may hold fewer than were asked for.
    async fn add(
        &mut self,
        look: &Lookup<'_>,
        row: &Attachment,
        path_prefix: &Option<String>,
    ) -> Result<(), Failure> {
        match row.kind {
            EntityKind::User => {
                let user = entity::<User>(look, row).await?;
                let user = user.filter(|user| below(path_prefix, &user.path));
                self.users.extend(user.map(|user| PolicyUser {
                    user_name: Some(user.name.clone()),
                    user_id: Some(user.id.clone()),
                }));
            }
            EntityKind::Group => {
                let group = entity::<Group>(look, row).await?;
                let group = group.filter(|group| below(path_prefix, &group.path));
                self.groups.extend(group.map(|group| PolicyGroup {
                    group_name: Some(group.name.clone()),
                    group_id: Some(group.id.clone()),
                }));
            }
            EntityKind::Role => {
                let role = entity::<Role>(look, row).await?;
                let role = role.filter(|role| below(path_prefix, &role.path));
                self.roles.extend(role.map(|role| PolicyRole {
                    role_name: Some(role.name.clone()),
                    role_id: Some(role.id.clone()),
                }));
            }
        }
        Ok(())
    }
}

async fn entity<H: Holder>(look: &Lookup<'_>, row: &Attachment) -> Result<Option<Arc<H>>, Failure> {
    look.get(&H::key_of(row.account, &row.name)).await
}

#[cfg(test)]
mod tests {
    use harness::Alcazar;
    use serde_json::{Value, json};

    use crate::testing::{denies, fails, group, role, root, server, user};

    const READ_ONLY: &str = "arn:aws:iam::aws:policy/ReadOnlyAccess";

    /// Each kind of entity `x` has the policy; the user `y` below `/a/` and the role are bounded by it.
    async fn attached() -> Alcazar {
        let alcazar = server().await;
        user(&alcazar, "x").await;
        group(&alcazar, "x").await;
        role(&alcazar, "x").await;
        root(
            &alcazar,
            "CreateUser",
            json!({"UserName": "y", "Path": "/a/"}),
        )
        .await;
        for kind in ["User", "Group", "Role"] {
            let input = json!({format!("{kind}Name"): "x", "PolicyArn": READ_ONLY});
            root(&alcazar, &format!("Attach{kind}Policy"), input).await;
        }
        for (kind, name) in [("User", "y"), ("Role", "x")] {
            let input = json!({format!("{kind}Name"): name, "PermissionsBoundary": READ_ONLY});
            root(&alcazar, &format!("Put{kind}PermissionsBoundary"), input).await;
        }
        alcazar
    }

    /// Names of users, groups and roles.
    async fn listed(alcazar: &Alcazar, more: Value) -> [Vec<String>; 3] {
        let mut input = more;
        input["PolicyArn"] = json!(READ_ONLY);
        let answer = root(alcazar, "ListEntitiesForPolicy", input).await;
        ["UserName", "GroupName", "RoleName"].map(|field| answer.fields(field))
    }

    #[tokio::test]
    async fn by_kind_use_and_path() {
        let alcazar = attached().await;
        for (input, users, groups, roles) in [
            (json!({}), vec!["x", "y"], vec!["x"], vec!["x"]),
            (
                json!({"EntityFilter": "User"}),
                vec!["x", "y"],
                vec![],
                vec![],
            ),
            (json!({"EntityFilter": "Group"}), vec![], vec!["x"], vec![]),
            (json!({"EntityFilter": "Role"}), vec![], vec![], vec!["x"]),
            (
                json!({"EntityFilter": "AWSManagedPolicy"}),
                vec![],
                vec![],
                vec![],
            ),
            (json!({"PathPrefix": "/a/"}), vec!["y"], vec![], vec![]),
            (
                json!({"PolicyUsageFilter": "PermissionsPolicy"}),
                vec!["x"],
                vec!["x"],
                vec!["x"],
            ),
            (
                json!({"PolicyUsageFilter": "PermissionsBoundary"}),
                vec!["y"],
                vec![],
                vec!["x"],
            ),
        ] {
            let found = listed(&alcazar, input.clone()).await;
            assert_eq!(found, [users, groups, roles], "{input}");
        }
        let input = json!({"PolicyArn": READ_ONLY});
        let answer = root(&alcazar, "ListEntitiesForPolicy", input).await;
        assert!(
            answer.field("UserId").starts_with("AIDA"),
            "{}",
            answer.text
        );
        assert!(
            answer.field("GroupId").starts_with("AGPA"),
            "{}",
            answer.text
        );
        assert!(
            answer.field("RoleId").starts_with("AROA"),
            "{}",
            answer.text
        );
    }

    #[tokio::test]
    async fn in_pages() {
        let alcazar = attached().await;
        let input = json!({"PolicyArn": READ_ONLY, "MaxItems": 3});
        let first = root(&alcazar, "ListEntitiesForPolicy", input).await;
        assert_eq!(first.field("IsTruncated"), "true");
        assert_eq!(
            (first.fields("UserName"), first.fields("GroupName")),
            (vec!["x".to_owned()], vec!["x".to_owned()])
        );
        let second = listed(&alcazar, json!({"Marker": first.field("Marker")})).await;
        assert_eq!(second, [vec!["y"], vec![], vec![]]);
        let event = alcazar.event("ListEntitiesForPolicy").await;
        assert_eq!(event["requestParameters"]["policyArn"], READ_ONLY);
    }

    #[tokio::test]
    async fn errors() {
        let alcazar = server().await;
        let none = "arn:aws:iam::111122223333:policy/None";
        let message = format!("Policy {none} was not found.");
        let error = ("NoSuchEntity", message.as_str());
        fails(
            &alcazar,
            "ListEntitiesForPolicy",
            json!({"PolicyArn": none}),
            error,
        )
        .await;
        let input = json!({"PolicyArn": "longpolicynamebutnoarn"});
        let error = (
            "ValidationError",
            "ARN longpolicynamebutnoarn is not valid.",
        );
        fails(&alcazar, "ListEntitiesForPolicy", input, error).await;
    }

    #[tokio::test]
    async fn denied() {
        let alcazar = server().await;
        denies(
            &alcazar,
            "ListEntitiesForPolicy",
            json!({"PolicyArn": READ_ONLY}),
        )
        .await;
    }
}
