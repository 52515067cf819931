//! `organizations:AttachPolicy`: a policy limits a root, a unit or an account, and everything below.

use identity::organization::PolicyUse;
use organizations_api::shapes::AttachPolicyRequest;
use organizations_api::{operations, permission};
use pipeline::{Access, Failure, Lookup, Operation, Permitted};
use wire::Empty;

use crate::node::Sought;
use crate::policies::{self, SoughtPolicy};
use crate::{errors, quotas};

pub(crate) struct AttachPolicy;

impl Operation for AttachPolicy {
    type Api = operations::AttachPolicy;
    type Target = (SoughtPolicy, Sought);

    async fn access(
        input: &AttachPolicyRequest,
        look: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        let policy = SoughtPolicy::find(look, &input.policy_id).await?;
        let target = Sought::within(look, policy.standing.clone(), &input.target_id).await?;
        let needs = permission::AttachPolicy {
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
        if !organization.enabled.contains(&policy.kind) {
            return Err(errors::policy_type_not_enabled());
        }
        let (id, place) = (&organization.id, (target.id(), policy.kind));
        let mut attached = policies::attached(call.look(), id, place).await?;
        if attached.contains(&policy.id) {
            return Err(errors::policy_attached());
        }
        if attached.len() >= quotas::attachments(policy.kind) {
            return Err(errors::too_many_policies_attached());
        }
        attached.push(policy.id.clone());
        policies::put_attached(&call, id, place, attached);
        call.put(PolicyUse {
            organization: id.clone(),
            policy: policy.id.clone(),
            target: target.id().to_owned(),
        });
        Ok(Empty)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::testing::{ANYTHING, MANAGEMENT, Organizations, guards, join, organized};

    const OPERATION: &str = "AttachPolicy";
    const KIND: &str = "SERVICE_CONTROL_POLICY";
    const DENY: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"organizations:Describe*","Resource":"*"}]}"#;

    fn input(policy: &str, target: &str) -> Value {
        json!({"PolicyId": policy, "TargetId": target})
    }

    #[tokio::test]
    async fn what_it_denies_is_denied_at_once() {
        let (alcazar, top) = organized().await;
        join(&alcazar, &top).await;
        let root = alcazar.root();
        root.enable(KIND).await;
        let bob = alcazar.other_user("bob", ANYTHING).await;
        bob.does("DescribeOrganization", json!({})).await;
        let policy = root.policy("deny").await;
        let content = json!({"PolicyId": policy, "Content": DENY});
        root.does("UpdatePolicy", content).await;
        for target in [&*top, harness::OTHER_ACCOUNT] {
            root.does(OPERATION, input(&policy, target)).await;
            let denied = bob.fails("DescribeOrganization", json!({}), "AccessDeniedException");
            let message = denied.await.message();
            assert!(
                message.contains("with an explicit deny in a service control policy"),
                "{message}"
            );
            root.does("DescribeOrganization", json!({})).await;
            root.does("DetachPolicy", input(&policy, target)).await;
            bob.does("DescribeOrganization", json!({})).await;
        }
        let event = alcazar.event(OPERATION).await;
        assert_eq!(event["requestParameters"]["policyId"], policy);
    }

    #[tokio::test]
    async fn what_is_refused() {
        let (alcazar, top) = organized().await;
        let root = alcazar.root();
        let policy = root.policy("p").await;
        let early = root.fails(
            OPERATION,
            input(&policy, &top),
            "PolicyTypeNotEnabledException",
        );
        early
            .await
            .saying("This operation can be performed only for enabled policy types.");
        root.enable(KIND).await;
        for (policy, target, code) in [
            ("p-12345678", &*top, "PolicyNotFoundException"),
            (&policy, "ou-abcd-12345678", "TargetNotFoundException"),
            (&policy, harness::OTHER_ACCOUNT, "TargetNotFoundException"),
            (
                "p-FullAWSAccess",
                &top,
                "DuplicatePolicyAttachmentException",
            ),
        ] {
            root.fails(OPERATION, input(policy, target), code).await;
        }
        for number in 0..9 {
            let policy = root.policy(&number.to_string()).await;
            root.does(OPERATION, input(&policy, MANAGEMENT)).await;
        }
        let reason = root.reason(
            OPERATION,
            input(&policy, MANAGEMENT),
            "ConstraintViolationException",
        );
        assert_eq!(reason.await, "MAX_POLICY_TYPE_ATTACHMENT_LIMIT_EXCEEDED");
    }

    #[tokio::test]
    async fn guarded() {
        guards(OPERATION, input("p-12345678", MANAGEMENT)).await;
    }
}
