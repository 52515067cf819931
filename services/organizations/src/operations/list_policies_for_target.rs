//! `organizations:ListPoliciesForTarget`: the policies attached to a root, unit or account itself.

use organizations_api::shapes::{ListPoliciesForTargetRequest, ListPoliciesForTargetResponse};
use organizations_api::{operations, permission};
use pipeline::{Access, Failure, Lookup, Operation, Permitted};

use crate::node::Sought;
use crate::paging::Asked;
use crate::{errors, policies, shapes};

pub(crate) struct ListPoliciesForTarget;

impl Operation for ListPoliciesForTarget {
    type Api = operations::ListPoliciesForTarget;
    type Target = Sought;

    async fn access(
        input: &ListPoliciesForTargetRequest,
        look: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        let target = Sought::find(look, &input.target_id).await?;
        let needs = permission::ListPoliciesForTarget {
            account: target.account(),
            organizationalunit: target.unit(),
            root: target.root(),
            policy_type: policies::named(input.filter),
        };
        Ok(Access::to(target, needs))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<ListPoliciesForTargetResponse, Failure> {
        let (input, look) = (call.input(), call.look());
        let id = &call.target().standing.reads()?.id;
        let target = call
            .target()
            .node
            .as_ref()
            .ok_or_else(errors::no_such_target)?;
        let kind = policies::kind(input.filter)?;
        let mut attached = policies::attached(look, id, (target.id(), kind)).await?;
        attached.sort();
        let asked = Asked::read(&input.next_token, input.max_results)?;
        let page = asked.of_all(attached, |policy| policy.clone());
        let mut summaries = Vec::new();
        for policy in &page.items {
            let policy = policies::find(look, id, policy).await?;
            summaries.extend(policy.map(|policy| shapes::summary(&policy)));
        }
        Ok(ListPoliciesForTargetResponse {
            policies: Some(summaries),
            next_token: page.next_token,
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::{MANAGEMENT, Organizations, guards, ids, organized};

    const OPERATION: &str = "ListPoliciesForTarget";

    #[tokio::test]
    async fn its_own_in_pages() {
        let (alcazar, top) = organized().await;
        let root = alcazar.root();
        root.enable("SERVICE_CONTROL_POLICY").await;
        let unit = root.unit(&top, "one").await;
        let policy = root.policy("deny").await;
        root.does(
            "AttachPolicy",
            json!({"PolicyId": policy, "TargetId": unit}),
        )
        .await;
        root.does("AttachPolicy", json!({"PolicyId": policy, "TargetId": top}))
            .await;
        let mut input =
            json!({"TargetId": unit, "Filter": "SERVICE_CONTROL_POLICY", "MaxResults": 1});
        let first = root.does(OPERATION, input.clone()).await;
        input["NextToken"] = first["NextToken"].clone();
        let second = root.does(OPERATION, input).await;
        let mut found = [
            ids(&first["Policies"], "Id"),
            ids(&second["Policies"], "Id"),
        ]
        .concat();
        let mut made = ["p-FullAWSAccess".to_owned(), policy];
        found.sort();
        made.sort();
        assert_eq!(found, made);
        assert!(second["NextToken"].is_null());
    }

    #[tokio::test]
    async fn what_is_refused() {
        let root = organized().await.0.root();
        for (target, kind, code) in [
            (
                "ou-abcd-12345678",
                "SERVICE_CONTROL_POLICY",
                "TargetNotFoundException",
            ),
            (MANAGEMENT, "DANCE_POLICY", "ValidationException"),
        ] {
            let input = json!({"TargetId": target, "Filter": kind});
            root.fails(OPERATION, input, code).await;
        }
    }

    #[tokio::test]
    async fn guarded() {
        guards(
            OPERATION,
            json!({"TargetId": MANAGEMENT, "Filter": "SERVICE_CONTROL_POLICY"}),
        )
        .await;
    }
}
