//! `iam:ListUserPolicies`: the names of inline policies.

use iam_api::shapes::{ListUserPoliciesRequest, ListUserPoliciesResponse};
use iam_api::{operations, permission};
use identity::User;
use pipeline::{Access, Failure, Lookup, Operation, Permitted};

use crate::find::Named;
use crate::inline_policy;
use crate::paging::Paging;

pub(crate) struct ListUserPolicies;

impl Operation for ListUserPolicies {
    type Api = operations::ListUserPolicies;
    type Target = (Named<User>, Paging);

    async fn access(
        input: &ListUserPoliciesRequest,
        look: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        let paging = Paging::new(&input.marker, input.max_items)?;
        let named = Named::<User>::find(look, &input.user_name).await?;
        let user = named.resource();
        Ok(Access::to(
            (named, paging),
            permission::ListUserPolicies { user },
        ))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<ListUserPoliciesResponse, Failure> {
        let (named, paging) = call.target();
        let page = inline_policy::names(&**named.found()?, paging);
        Ok(ListUserPoliciesResponse {
            is_truncated: page.is_truncated(),
            policy_names: page.items,
            marker: page.marker,
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::{denies, fails, policy, root, server, user};

    #[tokio::test]
    async fn pages_of_names() {
        let alcazar = server().await;
        user(&alcazar, "ann").await;
        for name in ["r", "p", "q"] {
            let put = json!({"UserName": "ann", "PolicyName": name, "PolicyDocument": policy("kms:*", 1)});
            root(&alcazar, "PutUserPolicy", put).await;
        }
        let first = root(
            &alcazar,
            "ListUserPolicies",
            json!({"UserName": "ann", "MaxItems": 2}),
        )
        .await;
        assert_eq!(first.fields("member"), ["p", "q"]);
        assert_eq!(first.field("IsTruncated"), "true");
        let input = json!({"UserName": "ann", "Marker": first.field("Marker")});
        let rest = root(&alcazar, "ListUserPolicies", input).await;
        assert_eq!(rest.fields("member"), ["r"]);
        assert_eq!(rest.field("IsTruncated"), "false");
    }

    #[tokio::test]
    async fn refuses() {
        let alcazar = server().await;
        let missing = ("NoSuchEntity", "The user with name ann cannot be found.");
        fails(
            &alcazar,
            "ListUserPolicies",
            json!({"UserName": "ann"}),
            missing,
        )
        .await;
        let error = ("ValidationError", "Invalid Marker.");
        fails(
            &alcazar,
            "ListUserPolicies",
            json!({"UserName": "ann", "Marker": "%"}),
            error,
        )
        .await;
    }

    #[tokio::test]
    async fn is_guarded_and_recorded() {
        let alcazar = server().await;
        user(&alcazar, "ann").await;
        denies(&alcazar, "ListUserPolicies", json!({"UserName": "ann"})).await;
        root(&alcazar, "ListUserPolicies", json!({"UserName": "ann"})).await;
        let event = alcazar.event("ListUserPolicies").await;
        assert_eq!(event["requestParameters"]["userName"], "ann");
    }
}
