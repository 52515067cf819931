//! `iam:ListInstanceProfilesForRole`: the instance profiles that hold a role.

use iam_api::shapes::{ListInstanceProfilesForRoleRequest, ListInstanceProfilesForRoleResponse};
use iam_api::{operations, permission};
use identity::Role;
use pipeline::{Access, Failure, Lookup, Operation, Permitted};

use crate::find::Named;
use crate::instance_profile;
use crate::paging::Paging;

pub(crate) struct ListInstanceProfilesForRole;

impl Operation for ListInstanceProfilesForRole {
    type Api = operations::ListInstanceProfilesForRole;
    type Target = Named<Role>;

    async fn access(
        input: &ListInstanceProfilesForRoleRequest,
        look: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        let role = Named::<Role>::find(look, &input.role_name).await?;
        let needs = permission::ListInstanceProfilesForRole {
            role: role.resource(),
        };
        Ok(Access::to(role, needs))
    }

    async fn run(
        call: Permitted<'_, Self>,
    ) -> Result<ListInstanceProfilesForRoleResponse, Failure> {
        let input = call.input();
        let paging = Paging::new(&input.marker, input.max_items)?;
        let role = call.target().found()?;
        let page = instance_profile::page(call.look(), &paging, |profile| {
            profile.role.as_deref() == Some(&role.name)
        });
        let page = page.await?;
        Ok(ListInstanceProfilesForRoleResponse {
            is_truncated: page.is_truncated(),
            marker: page.marker,
            instance_profiles: page.items,
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::{denies, fails, profile_with_role, root, server};

    #[tokio::test]
    async fn in_pages() {
        let alcazar = server().await;
        for (profile, role) in [("A", "Ops"), ("B", "Dev"), ("C", "Ops")] {
            profile_with_role(&alcazar, profile, role).await;
        }
        let input = json!({"RoleName": "ops"});
        let all = root(&alcazar, "ListInstanceProfilesForRole", input).await;
        assert_eq!(all.fields("InstanceProfileName"), ["A", "C"]);
        assert_eq!(all.field("IsTruncated"), "false");
        let input = json!({"RoleName": "Ops", "MaxItems": 1});
        let first = root(&alcazar, "ListInstanceProfilesForRole", input).await;
        assert_eq!(first.fields("InstanceProfileName"), ["A"]);
        let input = json!({"RoleName": "Ops", "Marker": first.field("Marker")});
        let second = root(&alcazar, "ListInstanceProfilesForRole", input).await;
        assert_eq!(second.fields("InstanceProfileName"), ["C"]);
        let event = alcazar.event("ListInstanceProfilesForRole").await;
        assert_eq!(
            event["requestParameters"]["roleName"]
                .as_str()
                .map(str::len),
            Some(3)
        );
    }

    #[tokio::test]
    async fn none() {
        let alcazar = server().await;
        let error = ("NoSuchEntity", "The role with name none cannot be found.");
        let input = json!({"RoleName": "none"});
        fails(&alcazar, "ListInstanceProfilesForRole", input, error).await;
    }

    #[tokio::test]
    async fn denied() {
        let alcazar = server().await;
        denies(
            &alcazar,
            "ListInstanceProfilesForRole",
            json!({"RoleName": "none"}),
        )
        .await;
    }
}
