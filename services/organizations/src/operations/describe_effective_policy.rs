//! `organizations:DescribeEffectivePolicy`: what the policies of one type come to for an account.

use organizations_api::shapes::{
    DescribeEffectivePolicyRequest, DescribeEffectivePolicyResponse, EffectivePolicy,
};
use organizations_api::{operations, permission};
use pipeline::{Access, Failure, Lookup, Operation, Permitted};

use crate::errors;
use crate::inheritance::{self, Inheritance};
use crate::node::{Node, Sought};

pub(crate) struct DescribeEffectivePolicy;

impl Operation for DescribeEffectivePolicy {
    type Api = operations::DescribeEffectivePolicy;
    type Target = Sought;

    async fn access(
        input: &DescribeEffectivePolicyRequest,
        look: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        let own = look.call().account();
        let id = input.target_id.as_deref().unwrap_or(own.as_str());
        let target = Sought::find(look, id).await?;
        let needs = permission::DescribeEffectivePolicy {
            account: target.resource(),
            policy_type: Some(input.policy_type.as_str().into()),
        };
        Ok(Access::to(target, needs))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<DescribeEffectivePolicyResponse, Failure> {
        let target = call.target();
        // AWS: any account may ask for its own.
        let organization = match target.member() {
            Some(member) if member.account == call.call().account() => target.standing.joined()?,
            _ => target.standing.reads()?,
        };
        let member = match &target.node {
            Some(Node::Account(member)) => member,
            Some(Node::Root(_) | Node::Unit(_)) => return Err(errors::target_not_supported()),
            None => return Err(errors::no_such_target()),
        };
        let kind = inheritance::kind(organization, call.input().policy_type)?;
        let above = Inheritance::above(call.look(), organization, (member, kind)).await?;
        let above = above.ok_or_else(errors::no_effective_policy)?;
        Ok(DescribeEffectivePolicyResponse {
            effective_policy: Some(EffectivePolicy {
                policy_content: Some(above.text()),
                last_updated_timestamp: Some(above.changed),
                target_id: Some(member.account.to_string()),
                policy_type: Some(call.input().policy_type),
            }),
        })
    }
}

#[cfg(test)]
mod tests {
    use base::Clock;
    use harness::OTHER_ACCOUNT;
    use serde_json::{Value, json};

    use crate::testing::{
        MANAGEMENT, MANAGEMENT_POLICIES, Organizations, TAGS, denies, join, organized,
    };

    const OPERATION: &str = "DescribeEffectivePolicy";
    const NONE: &str = "EffectivePolicyNotFoundException";

    fn of(target: &str) -> Value {
        json!({"TargetId": target, "PolicyType": "TAG_POLICY"})
    }

    fn content(answer: &Value) -> Value {
        serde_json::from_str(answer["EffectivePolicy"]["PolicyContent"].as_str().unwrap()).unwrap()
    }

    #[tokio::test]
    async fn what_levels_come_to() {
        let (alcazar, top) = organized().await;
        join(&alcazar, &top).await;
        let root = alcazar.root();
        root.fails(OPERATION, of(OTHER_ACCOUNT), NONE).await;
        root.enable("TAG_POLICY").await;
        root.fails(OPERATION, of(OTHER_ACCOUNT), NONE).await;
        let tags = root.policy_of("tags", "TAG_POLICY", TAGS).await;
        let more = r#"{"tags":{"CostCenter":{"tag_value":{"@@append":["300"]}}}}"#;
        let more = root.policy_of("more", "TAG_POLICY", more).await;
        root.attach(&tags, &top).await;
        alcazar.clock.advance_seconds(60);
        root.attach(&more, OTHER_ACCOUNT).await;
        let key = |values: &[&str]| json!({"tags": {"costcenter": {"tag_key": "CostCenter", "tag_value": values}}});
        let told = root.does(OPERATION, of(OTHER_ACCOUNT)).await;
        assert_eq!(content(&told), key(&["100", "200", "300"]));
        let policy = &told["EffectivePolicy"];
        assert_eq!(policy["TargetId"], OTHER_ACCOUNT);
        assert_eq!(policy["PolicyType"], "TAG_POLICY");
        let changed = policy["LastUpdatedTimestamp"].as_f64().unwrap();
        assert_eq!(changed, alcazar.clock.now().seconds() as f64);
        // The management account is set up as any other.
        let told = root.does(OPERATION, of(MANAGEMENT)).await;
        assert_eq!(content(&told), key(&["100", "200"]));
        assert!(
            told["EffectivePolicy"]["LastUpdatedTimestamp"]
                .as_f64()
                .unwrap()
                < changed
        );
        let own = json!({"PolicyType": "TAG_POLICY"});
        let told = alcazar.other_root().does(OPERATION, own).await;
        assert_eq!(content(&told), key(&["100", "200", "300"]));
        let event = alcazar.event(OPERATION).await;
        assert_eq!(event["requestParameters"]["policyType"], "TAG_POLICY");
        let update = json!({"PolicyId": more, "Content": r#"{"tags":{"x":{}}}"#});
        root.does("UpdatePolicy", update).await;
        let told = root.does(OPERATION, of(OTHER_ACCOUNT)).await;
        assert_eq!(content(&told), key(&["100", "200"]));
        for (policy, target) in [(&tags, top.as_str()), (&more, OTHER_ACCOUNT)] {
            let attached = json!({"PolicyId": policy, "TargetId": target});
            root.does("DetachPolicy", attached).await;
        }
        root.fails(OPERATION, of(OTHER_ACCOUNT), NONE).await;
    }

    #[tokio::test]
    async fn of_every_type() {
        let (alcazar, _) = organized().await;
        let root = alcazar.root();
        for service in ["securityhub", "inspector2"] {
            let input = json!({"ServicePrincipal": format!("{service}.amazonaws.com")});
            root.does("EnableAWSServiceAccess", input).await;
        }
        for (kind, _, document) in MANAGEMENT_POLICIES {
            root.enable(kind).await;
            let policy = root.policy_of("p", kind, document).await;
            assert!(root.attached(MANAGEMENT, kind).await.is_empty());
            root.attach(&policy, MANAGEMENT).await;
            let told = root.does(OPERATION, json!({"PolicyType": kind})).await;
            let document: Value = serde_json::from_str(document).unwrap();
            let top = document.as_object().unwrap().keys().next().unwrap();
            assert!(content(&told)[top].is_object(), "{told}");
        }
    }

    #[tokio::test]
    async fn of_whom_one_may_ask() {
        let (alcazar, top) = organized().await;
        join(&alcazar, &top).await;
        let root = alcazar.root();
        root.enable("TAG_POLICY").await;
        let reason = root
            .reason(OPERATION, of(&top), "InvalidInputException")
            .await;
        assert_eq!(reason, "TARGET_NOT_SUPPORTED");
        root.fails(OPERATION, of("999999999999"), "TargetNotFoundException")
            .await;
        let other = alcazar.other_root();
        for target in [MANAGEMENT, top.as_str(), "999999999999"] {
            other
                .fails(OPERATION, of(target), "AccessDeniedException")
                .await;
        }
        let scp = json!({"PolicyType": "SERVICE_CONTROL_POLICY"});
        root.fails(OPERATION, scp, "ValidationException").await;
        denies(&alcazar, OPERATION, of(MANAGEMENT)).await;
    }
}
