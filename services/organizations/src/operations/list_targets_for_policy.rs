//! `organizations:ListTargetsForPolicy`: every root, unit and account that a policy is attached to.

use identity::organization::PolicyUse;
use organizations_api::shapes::{
    ListTargetsForPolicyRequest, ListTargetsForPolicyResponse, PolicyTargetSummary,
};
use organizations_api::{operations, permission};
use pipeline::{Access, Failure, Lookup, Operation, Permitted};

use crate::node::Node;
use crate::paging::{Asked, Listing};
use crate::policies::SoughtPolicy;

pub(crate) struct ListTargetsForPolicy;

impl Operation for ListTargetsForPolicy {
    type Api = operations::ListTargetsForPolicy;
    type Target = SoughtPolicy;

    async fn access(
        input: &ListTargetsForPolicyRequest,
        look: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        let sought = SoughtPolicy::find(look, &input.policy_id).await?;
        let needs = permission::ListTargetsForPolicy {
            policy: sought.resource(),
            policy_type: sought.policy_type(),
        };
        Ok(Access::to(sought, needs))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<ListTargetsForPolicyResponse, Failure> {
        let (input, look) = (call.input(), call.look());
        let organization = call.target().standing.reads()?;
        let policy = call.target().found()?;
        let prefix = PolicyUse::prefix(&organization.id, &policy.id);
        let listing = Listing {
            wanted: &|_: &PolicyUse| true,
            name: &|it: &PolicyUse| it.target.clone(),
            key: &|name: &str| prefix.clone().then(name),
        };
        let asked = Asked::read(&input.next_token, input.max_results)?;
        let page = asked.below(look, &prefix, &listing).await?;
        let mut targets = Vec::new();
        for row in &page.items {
            let node = Node::find(look, organization, &row.target).await?;
            targets.extend(node.map(|node| PolicyTargetSummary {
                target_id: Some(node.id().to_owned()),
                arn: Some(node.arn(organization).to_string()),
                name: Some(node.name().to_owned()),
                type_: Some(node.target_type()),
            }));
        }
        Ok(ListTargetsForPolicyResponse {
            targets: Some(targets),
            next_token: page.next_token,
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::{MANAGEMENT, Organizations, guards, organized};

    const OPERATION: &str = "ListTargetsForPolicy";

    #[tokio::test]
    async fn of_every_kind() {
        let (alcazar, top) = organized().await;
        let root = alcazar.root();
        root.enable("SERVICE_CONTROL_POLICY").await;
        let unit = root.unit(&top, "one").await;
        let policy = root.policy("deny").await;
        for target in [&top, &unit, MANAGEMENT] {
            root.does(
                "AttachPolicy",
                json!({"PolicyId": policy, "TargetId": target}),
            )
            .await;
        }
        let listed = root.does(OPERATION, json!({"PolicyId": policy})).await;
        let listed = listed["Targets"].as_array().unwrap();
        let found: Vec<_> = listed
            .iter()
            .map(|it| {
                (
                    it["TargetId"].as_str().unwrap(),
                    it["Type"].as_str().unwrap(),
                    it["Name"].as_str().unwrap(),
                )
            })
            .collect();
        let account = format!("account {MANAGEMENT}");
        assert_eq!(
            found,
            [
                (MANAGEMENT, "ACCOUNT", &*account),
                (&unit, "ORGANIZATIONAL_UNIT", "one"),
                (&top, "ROOT", "Root")
            ]
        );
        let missing = json!({"PolicyId": "p-12345678"});
        root.fails(OPERATION, missing, "PolicyNotFoundException")
            .await;
    }

    #[tokio::test]
    async fn guarded() {
        guards(OPERATION, json!({"PolicyId": "p-12345678"})).await;
    }
}
