//! `iam:ListRolePolicies`: the names of inline policies.

use iam_api::shapes::{ListRolePoliciesRequest, ListRolePoliciesResponse};
use iam_api::{operations, permission};
use identity::Role;
use pipeline::{Access, Failure, Lookup, Operation, Permitted};

use crate::find::Named;
use crate::inline_policy;
use crate::paging::Paging;

pub(crate) struct ListRolePolicies;

impl Operation for ListRolePolicies {
    type Api = operations::ListRolePolicies;
    type Target = (Named<Role>, Paging);

    async fn access(
        input: &ListRolePoliciesRequest,
        look: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        let paging = Paging::new(&input.marker, input.max_items)?;
        let named = Named::<Role>::find(look, &input.role_name).await?;
        let role = named.resource();
        Ok(Access::to(
            (named, paging),
            permission::ListRolePolicies { role },
        ))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<ListRolePoliciesResponse, Failure> {
        let (named, paging) = call.target();
        let page = inline_policy::names(&**named.found()?, paging);
        Ok(ListRolePoliciesResponse {
            is_truncated: page.is_truncated(),
            policy_names: page.items,
            marker: page.marker,
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::{denies, fails, policy, role, root, server};

    #[tokio::test]
    async fn pages_of_names() {
        let alcazar = server().await;
        role(&alcazar, "Ops").await;
        for name in ["r", "p", "q"] {
            let put = json!({"RoleName": "Ops", "PolicyName": name, "PolicyDocument": policy("kms:*", 1)});
            root(&alcazar, "PutRolePolicy", put).await;
        }
        let first = root(
            &alcazar,
            "ListRolePolicies",
            json!({"RoleName": "Ops", "MaxItems": 2}),
        )
        .await;
        assert_eq!(first.fields("member"), ["p", "q"]);
        assert_eq!(first.field("IsTruncated"), "true");
        let input = json!({"RoleName": "Ops", "Marker": first.field("Marker")});
        let rest = root(&alcazar, "ListRolePolicies", input).await;
        assert_eq!(rest.fields("member"), ["r"]);
        assert_eq!(rest.field("IsTruncated"), "false");
    }

    #[tokio::test]
    async fn refuses() {
        let alcazar = server().await;
        let missing = ("NoSuchEntity", "The role with name Ops cannot be found.");
        fails(
            &alcazar,
            "ListRolePolicies",
            json!({"RoleName": "Ops"}),
            missing,
        )
        .await;
        let error = ("ValidationError", "Invalid Marker.");
        fails(
            &alcazar,
            "ListRolePolicies",
            json!({"RoleName": "Ops", "Marker": "%"}),
            error,
        )
        .await;
    }

    #[tokio::test]
    async fn is_guarded_and_recorded() {
        let alcazar = server().await;
        role(&alcazar, "Ops").await;
        denies(&alcazar, "ListRolePolicies", json!({"RoleName": "Ops"})).await;
        root(&alcazar, "ListRolePolicies", json!({"RoleName": "Ops"})).await;
        let event = alcazar.event("ListRolePolicies").await;
        assert_eq!(event["requestParameters"]["roleName"], "Ops");
    }
}
