//! `iam:ListRoles`: the roles of the account, by path prefix.

use iam_api::shapes::{ListRolesRequest, ListRolesResponse};
use iam_api::{operations, permission};
use identity::Role;
use pipeline::{Access, Failure, Lookup, Operation, Permitted};

use crate::paging::{Paging, below};
use crate::shapes;

pub(crate) struct ListRoles;

impl Operation for ListRoles {
    type Api = operations::ListRoles;
    type Target = Paging;

    async fn access(input: &ListRolesRequest, _: &Lookup<'_>) -> Result<Access<Self>, Failure> {
        let paging = Paging::new(&input.marker, input.max_items)?;
        Ok(Access::to(paging, permission::ListRoles {}))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<ListRolesResponse, Failure> {
        let prefix = Role::prefix(call.call().account());
        let wanted = |role: &Role| below(&call.input().path_prefix, &role.path);
        let page = call
            .target()
            .records(call.look(), &prefix, |role: &Role| &role.name, wanted);
        let page = page.await?;
        Ok(ListRolesResponse {
            roles: page.map(|role| shapes::listed_role(role)),
            is_truncated: page.is_truncated(),
            marker: page.marker,
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::{TRUST, denies, fails, root, server};

    #[tokio::test]
    async fn pages_by_path_prefix() {
        let alcazar = server().await;
        for (name, path) in [("c", "/x/"), ("a", "/x/"), ("b", "/")] {
            let input = json!({
                "RoleName": name, "Path": path, "AssumeRolePolicyDocument": TRUST,
                "Description": name, "Tags": [{"Key": "team", "Value": "x"}],
            });
            root(&alcazar, "CreateRole", input).await;
        }
        let all = root(&alcazar, "ListRoles", json!({})).await;
        assert_eq!(all.fields("RoleName"), ["a", "b", "c"]);
        assert_eq!(all.fields("Description"), ["a", "b", "c"]);
        assert_eq!(all.field("MaxSessionDuration"), "3600");
        assert!(!all.text.contains("Tags"));
        let first = root(
            &alcazar,
            "ListRoles",
            json!({"PathPrefix": "/x/", "MaxItems": 1}),
        )
        .await;
        assert_eq!(first.fields("RoleName"), ["a"]);
        let input = json!({"PathPrefix": "/x/", "Marker": first.field("Marker")});
        let rest = root(&alcazar, "ListRoles", input).await;
        assert_eq!(rest.fields("RoleName"), ["c"]);
        assert_eq!(rest.field("IsTruncated"), "false");
        let error = ("ValidationError", "Invalid Marker.");
        fails(&alcazar, "ListRoles", json!({"Marker": "%"}), error).await;
    }

    #[tokio::test]
    async fn is_guarded_and_recorded() {
        let alcazar = server().await;
        denies(&alcazar, "ListRoles", json!({})).await;
        root(&alcazar, "ListRoles", json!({"PathPrefix": "/x/"})).await;
        let event = alcazar.event("ListRoles").await;
        assert_eq!(event["requestParameters"]["pathPrefix"], "/x/");
    }
}
