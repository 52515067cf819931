//! `organizations:DisablePolicyType`: policies of a type are in force no longer, and are detached from everything.

use identity::organization::{Organization, PolicyTarget};
use organizations_api::shapes::{DisablePolicyTypeRequest, DisablePolicyTypeResponse};
use organizations_api::{operations, permission};
use pipeline::{Access, Failure, Lookup, Operation, Permitted};
use storage::Key;

use crate::node::Sought;
use crate::{errors, node, policies, shapes};

pub(crate) struct DisablePolicyType;

impl Operation for DisablePolicyType {
    type Api = operations::DisablePolicyType;
    type Target = Sought;

    async fn access(
        input: &DisablePolicyTypeRequest,
        look: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        let sought = Sought::find(look, &input.root_id).await?;
        let needs = permission::DisablePolicyType {
            root: sought.resource(),
            policy_type: policies::named(input.policy_type),
        };
        Ok(Access::to(sought, needs))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<DisablePolicyTypeResponse, Failure> {
        let organization = call.target().standing.manages()?;
        call.target()
            .node
            .as_ref()
            .ok_or_else(errors::no_such_root)?;
        let kind = policies::kind(call.input().policy_type)?;
        let mut changed = Organization::clone(organization);
        if !changed.enabled.remove(&kind) {
            return Err(errors::policy_type_not_enabled());
        }
        let id = &organization.id;
        let targets = node::all::<PolicyTarget>(call.look(), &Key::root().then(id)).await?;
        for row in targets.iter().filter(|row| row.kind == kind) {
            policies::detach(&call, id, (&row.target, kind), &row.policies);
        }
        let answer = shapes::root(&changed);
        call.put(changed);
        Ok(DisablePolicyTypeResponse { root: Some(answer) })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::testing::{MANAGEMENT, Organizations, guards, organized};

    const OPERATION: &str = "DisablePolicyType";
    const KIND: &str = "SERVICE_CONTROL_POLICY";

    fn input(root: &str, kind: &str) -> Value {
        json!({"RootId": root, "PolicyType": kind})
    }

    #[tokio::test]
    async fn detaches_everything() {
        let (alcazar, top) = organized().await;
        let root = alcazar.root();
        root.enable(KIND).await;
        let policy = root.policy("deny").await;
        root.does("AttachPolicy", json!({"PolicyId": policy, "TargetId": top}))
            .await;
        let disabled = root.does(OPERATION, input(&top, KIND)).await;
        assert_eq!(disabled["Root"]["PolicyTypes"], json!([]));
        for target in [&top, MANAGEMENT] {
            assert!(root.attached(target, KIND).await.is_empty());
        }
        let used = root
            .does("ListTargetsForPolicy", json!({"PolicyId": policy}))
            .await;
        assert_eq!(used["Targets"], json!([]));
        root.enable(KIND).await;
        assert_eq!(root.attached(&top, KIND).await, ["p-FullAWSAccess"]);
        let event = alcazar.event(OPERATION).await;
        assert_eq!(event["requestParameters"]["policyType"], KIND);
    }

    #[tokio::test]
    async fn what_is_refused() {
        let (alcazar, top) = organized().await;
        let root = alcazar.root();
        for (id, kind, code) in [
            ("r-zzzzz", KIND, "RootNotFoundException"),
            (&top, KIND, "PolicyTypeNotEnabledException"),
            (&top, "TAG_POLICY", "PolicyTypeNotEnabledException"),
        ] {
            root.fails(OPERATION, input(id, kind), code).await;
        }
    }

    #[tokio::test]
    async fn guarded() {
        guards(OPERATION, input("r-abcd", KIND)).await;
    }
}
