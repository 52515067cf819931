//! `iam:ListGroupPolicies`: the names of inline policies.

use iam_api::shapes::{ListGroupPoliciesRequest, ListGroupPoliciesResponse};
use iam_api::{operations, permission};
use identity::Group;
use pipeline::{Access, Failure, Lookup, Operation, Permitted};

use crate::find::Named;
use crate::inline_policy;
use crate::paging::Paging;

pub(crate) struct ListGroupPolicies;

impl Operation for ListGroupPolicies {
    type Api = operations::ListGroupPolicies;
    type Target = (Named<Group>, Paging);

    async fn access(
        input: &ListGroupPoliciesRequest,
        look: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        let paging = Paging::new(&input.marker, input.max_items)?;
        let named = Named::<Group>::find(look, &input.group_name).await?;
        let group = named.resource();
        Ok(Access::to(
            (named, paging),
            permission::ListGroupPolicies { group },
        ))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<ListGroupPoliciesResponse, Failure> {
        let (named, paging) = call.target();
        let page = inline_policy::names(&**named.found()?, paging);
        Ok(ListGroupPoliciesResponse {
            is_truncated: page.is_truncated(),
            policy_names: page.items,
            marker: page.marker,
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::{denies, fails, group, policy, root, server};

    #[tokio::test]
    async fn pages_of_names() {
        let alcazar = server().await;
        group(&alcazar, "dev").await;
        for name in ["r", "p", "q"] {
            let put = json!({"GroupName": "dev", "PolicyName": name, "PolicyDocument": policy("kms:*", 1)});
            root(&alcazar, "PutGroupPolicy", put).await;
        }
        let first = root(
            &alcazar,
            "ListGroupPolicies",
            json!({"GroupName": "dev", "MaxItems": 2}),
        )
        .await;
        assert_eq!(first.fields("member"), ["p", "q"]);
        assert_eq!(first.field("IsTruncated"), "true");
        let input = json!({"GroupName": "dev", "Marker": first.field("Marker")});
        let rest = root(&alcazar, "ListGroupPolicies", input).await;
        assert_eq!(rest.fields("member"), ["r"]);
        assert_eq!(rest.field("IsTruncated"), "false");
    }

    #[tokio::test]
    async fn refuses() {
        let alcazar = server().await;
        let missing = ("NoSuchEntity", "The group with name dev cannot be found.");
        fails(
            &alcazar,
            "ListGroupPolicies",
            json!({"GroupName": "dev"}),
            missing,
        )
        .await;
        let error = ("ValidationError", "Invalid Marker.");
        fails(
            &alcazar,
            "ListGroupPolicies",
            json!({"GroupName": "dev", "Marker": "%"}),
            error,
        )
        .await;
    }

    #[tokio::test]
    async fn is_guarded_and_recorded() {
        let alcazar = server().await;
        group(&alcazar, "dev").await;
        denies(&alcazar, "ListGroupPolicies", json!({"GroupName": "dev"})).await;
        root(&alcazar, "ListGroupPolicies", json!({"GroupName": "dev"})).await;
        let event = alcazar.event("ListGroupPolicies").await;
        assert_eq!(event["requestParameters"]["groupName"], "dev");
    }
}
