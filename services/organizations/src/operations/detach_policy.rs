//! `organizations:DetachPolicy`: a policy limits a root, a unit or an account no longer.

use identity::organization::{PolicyKind, PolicyUse};
use organizations_api::shapes::DetachPolicyRequest;
use organizations_api::{operations, permission};
use pipeline::{Access, Failure, Lookup, Operation, Permitted};
use wire::Empty;

use crate::errors;
use crate::node::Sought;
use crate::policies::{self, SoughtPolicy};

pub(crate) struct DetachPolicy;

impl Operation for DetachPolicy {
    type Api = operations::DetachPolicy;
    type Target = (SoughtPolicy, Sought);

    async fn access(
        input: &DetachPolicyRequest,
        look: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        let policy = SoughtPolicy::find(look, &input.policy_id).await?;
        let target = Sought::within(look, policy.standing.clone(), &input.target_id).await?;
        let needs = permission::DetachPolicy {
            account: target.account(),
            organizationalunit: target.unit(),
            policy: policy.resource(),
            root: target.root(),
            policy_type: policy.policy_type(),
        };
        Ok(Access::to((policy, target), needs))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<Empty, Failure> {
        let (policy, target) = call.target();
        let organization = policy.standing.manages()?;
        let policy = policy.found()?;
        let target = target.node.as_ref().ok_or_else(errors::no_such_target)?;
        if Some(policy.id.as_str()) == PolicyKind::ResourceControl.full_access() {
            return Err(errors::cannot_detach());
        }
        let (id, place) = (&organization.id, (target.id(), policy.kind));
        let mut attached = policies::attached(call.look(), id, place).await?;
        if !attached.contains(&policy.id) {
            return Err(errors::policy_not_attached());
        }
        // AWS: what sets up services may be attached nowhere.
        if attached.len() == 1 && policy.kind.full_access().is_some() {
            return Err(errors::last_policy());
        }
        attached.retain(|attached| *attached != policy.id);
        policies::put_attached(&call, id, place, attached);
        call.delete::<PolicyUse>(&PolicyUse::key_of(id, &policy.id, target.id()));
        Ok(Empty)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::testing::{MANAGEMENT, Organizations, guards, organized};

    const OPERATION: &str = "DetachPolicy";
    const KIND: &str = "SERVICE_CONTROL_POLICY";

    fn input(policy: &str, target: &str) -> Value {
        json!({"PolicyId": policy, "TargetId": target})
    }

    #[tokio::test]
    async fn full_access_too_when_there_is_another() {
        let (alcazar, top) = organized().await;
        let root = alcazar.root();
        root.enable(KIND).await;
        let policy = root.policy("deny").await;
        root.does("AttachPolicy", input(&policy, &top)).await;
        root.does(OPERATION, input("p-FullAWSAccess", &top)).await;
        assert_eq!(root.attached(&top, KIND).await, [&*policy]);
        let used = root
            .does(
                "ListTargetsForPolicy",
                json!({"PolicyId": "p-FullAWSAccess"}),
            )
            .await;
        assert!(!used.to_string().contains(&top));
        let last = root
            .fails(
                OPERATION,
                input(&policy, &top),
                "ConstraintViolationException",
            )
            .await;
        assert_eq!(
            last.field("Reason"),
            "MIN_POLICY_TYPE_ATTACHMENT_LIMIT_EXCEEDED"
        );
        last.saying("You cannot remove the last policy attached to the specified target. You must have at least one attached at all times.");
        let event = alcazar.event(OPERATION).await;
        assert_eq!(event["requestParameters"]["targetId"], top);
    }

    #[tokio::test]
    async fn what_is_refused() {
        let (alcazar, top) = organized().await;
        let root = alcazar.root();
        root.enable(KIND).await;
        root.enable("RESOURCE_CONTROL_POLICY").await;
        let policy = root.policy("deny").await;
        for (policy, target, code) in [
            ("p-12345678", &*top, "PolicyNotFoundException"),
            (&policy, "ou-abcd-12345678", "TargetNotFoundException"),
            (&policy, &top, "PolicyNotAttachedException"),
        ] {
            root.fails(OPERATION, input(policy, target), code).await;
        }
        let input = input("p-RCPFullAWSAccess", &top);
        let reason = root.reason(OPERATION, input, "InvalidInputException").await;
        assert_eq!(reason, "NON_DETACHABLE_POLICY");
    }

    #[tokio::test]
    async fn guarded() {
        guards(OPERATION, input("p-12345678", MANAGEMENT)).await;
    }
}
