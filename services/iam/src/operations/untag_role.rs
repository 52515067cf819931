//! `iam:UntagRole`: a role without the tags of these keys.

use iam_api::shapes::UntagRoleRequest;
use iam_api::{operations, permission};
use identity::Role;
use pipeline::{Access, Failure, Lookup, Operation, Permitted};
use wire::Empty;

use crate::find::Named;
use crate::tagging;

pub(crate) struct UntagRole;

impl Operation for UntagRole {
    type Api = operations::UntagRole;
    type Target = Named<Role>;

    async fn access(input: &UntagRoleRequest, look: &Lookup<'_>) -> Result<Access<Self>, Failure> {
        let role = Named::<Role>::find(look, &input.role_name).await?;
        let needs = permission::UntagRole {
            role: role.resource(),
            tag_keys: input.tag_keys.clone(),
        };
        Ok(Access::to(role, needs))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<Empty, Failure> {
        let role = call.target().found()?;
        let keys = call.input().tag_keys.iter().map(String::as_str);
        call.put(Role {
            tags: tagging::without(&role.tags, keys),
            ..Role::clone(role)
        });
        Ok(Empty {})
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::{denies, fails, role, root, server};

    #[tokio::test]
    async fn removes_without_case() {
        let alcazar = server().await;
        role(&alcazar, "Ops").await;
        let tags = json!([{"Key": "Team", "Value": "x"}, {"Key": "stage", "Value": "y"}]);
        root(
            &alcazar,
            "TagRole",
            json!({"RoleName": "Ops", "Tags": tags}),
        )
        .await;
        root(
            &alcazar,
            "UntagRole",
            json!({"RoleName": "Ops", "TagKeys": ["team", "none"]}),
        )
        .await;
        let listed = root(&alcazar, "ListRoleTags", json!({"RoleName": "Ops"})).await;
        assert_eq!(listed.fields("Key"), ["stage"]);
        let missing = ("NoSuchEntity", "The role with name none cannot be found.");
        fails(
            &alcazar,
            "UntagRole",
            json!({"RoleName": "none", "TagKeys": ["a"]}),
            missing,
        )
        .await;
    }

    #[tokio::test]
    async fn is_guarded_and_recorded() {
        let alcazar = server().await;
        role(&alcazar, "Ops").await;
        let input = json!({"RoleName": "Ops", "TagKeys": ["a"]});
        denies(&alcazar, "UntagRole", input.clone()).await;
        root(&alcazar, "UntagRole", input).await;
        let event = alcazar.event("UntagRole").await;
        assert_eq!(event["requestParameters"]["tagKeys"], json!(["a"]));
    }
}
