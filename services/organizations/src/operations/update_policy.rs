//! `organizations:UpdatePolicy`: another name, description or document, in force wherever the policy is attached.

use identity::organization::OrganizationPolicy;
use organizations_api::shapes::{UpdatePolicyRequest, UpdatePolicyResponse};
use organizations_api::{operations, permission};
use pipeline::{Access, Failure, Lookup, Operation, Permitted};

use crate::policies::{self, SoughtPolicy};
use crate::shapes;

pub(crate) struct UpdatePolicy;

impl Operation for UpdatePolicy {
    type Api = operations::UpdatePolicy;
    type Target = SoughtPolicy;

    async fn access(
        input: &UpdatePolicyRequest,
        look: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        let sought = SoughtPolicy::find(look, &input.policy_id).await?;
        let needs = permission::UpdatePolicy {
            policy: sought.resource(),
            policy_type: sought.policy_type(),
        };
        Ok(Access::to(sought, needs))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<UpdatePolicyResponse, Failure> {
        let input = call.input();
        let organization = call.target().standing.manages()?;
        let mut policy = OrganizationPolicy::clone(call.target().own()?);
        if let Some(content) = &input.content {
            policy.content = policies::content(policy.kind, content)?;
        }
        if let Some(name) = &input.name {
            let named = (policy.kind, name.as_str());
            policies::check_name(call.look(), &organization.id, named, Some(&policy.id)).await?;
            policy.name.clone_from(name);
        }
        if let Some(description) = &input.description {
            policy.description.clone_from(description);
        }
        policy.changed = Some(call.call().now());
        let answer = shapes::policy(&policy);
        call.put(policy);
        Ok(UpdatePolicyResponse {
            policy: Some(answer),
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::{ANYTHING, DENY, Organizations, guards, organized};

    const OPERATION: &str = "UpdatePolicy";

    #[tokio::test]
    async fn part_by_part() {
        let (alcazar, _) = organized().await;
        let root = alcazar.root();
        let id = root.policy("deny").await;
        for (member, value) in [
            ("Name", "x"),
            ("Name", "x"),
            ("Description", "y"),
            ("Content", ANYTHING),
        ] {
            let made = root
                .does(OPERATION, json!({"PolicyId": id, member: value}))
                .await;
            let policy = &made["Policy"];
            let now = if member == "Content" {
                policy
            } else {
                &policy["PolicySummary"]
            };
            assert_eq!(now[member], value);
        }
        let told = root.does("DescribePolicy", json!({"PolicyId": id})).await;
        assert_eq!(told["Policy"]["Content"], ANYTHING);
        assert_eq!(told["Policy"]["PolicySummary"]["Name"], "x");
        let event = alcazar.event(OPERATION).await;
        assert_eq!(event["requestParameters"]["policyId"], id);
    }

    #[tokio::test]
    async fn what_is_refused() {
        let (alcazar, _) = organized().await;
        let root = alcazar.root();
        let id = root.policy("deny").await;
        root.policy("taken").await;
        for (input, code) in [
            (
                json!({"PolicyId": id, "Name": "taken"}),
                "DuplicatePolicyException",
            ),
            (
                json!({"PolicyId": id, "Content": "{}"}),
                "MalformedPolicyDocumentException",
            ),
            (
                json!({"PolicyId": "p-12345678", "Name": "x"}),
                "PolicyNotFoundException",
            ),
        ] {
            root.fails(OPERATION, input, code).await;
        }
        let long = DENY.replace("kms:*", &format!("kms:{}", "a".repeat(10_240)));
        let long = json!({"PolicyId": id, "Content": long});
        let reason = root
            .reason(OPERATION, long, "ConstraintViolationException")
            .await;
        assert_eq!(reason, "POLICY_CONTENT_LIMIT_EXCEEDED");
        let aws = json!({"PolicyId": "p-FullAWSAccess", "Name": "x"});
        let reason = root.reason(OPERATION, aws, "InvalidInputException").await;
        assert_eq!(reason, "IMMUTABLE_POLICY");
    }

    #[tokio::test]
    async fn guarded() {
        guards(OPERATION, json!({"PolicyId": "p-12345678"})).await;
    }
}
