//! `ssm:PutResourcePolicy`: sets the policy by which other accounts may read a parameter.

use crypto::random;
use pipeline::{Access, Failure, Lookup, Operation, Permitted};
use pipeline::{Unbound, bound_policy};
use policy::Grammar;
use ssm_api::shapes::{ParameterTier, PutResourcePolicyRequest, PutResourcePolicyResponse};
use ssm_api::{operations, permission};

use crate::parameter::{Parameter, Sharing};
use crate::shared::Shared;
use crate::sought::Sought;
use crate::{errors, limits, sharing};

pub(crate) struct PutResourcePolicy;

impl Operation for PutResourcePolicy {
    type Api = operations::PutResourcePolicy;
    type Target = Sought;

    async fn access(
        input: &PutResourcePolicyRequest,
        look: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        let reference = sharing::reference(&input.resource_arn)?;
        let sought = Sought::of_reference(look, reference).await?;
        let needs = permission::PutResourcePolicy {
            parameter: sought.resource(),
        };
        Ok(Access::to(sought, needs))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<PutResourcePolicyResponse, Failure> {
        let input = call.input();
        let parameter = call.target().existing();
        let parameter = parameter.map_err(|_| errors::no_such_resource())?;
        if parameter.current.tier == ParameterTier::Standard {
            return Err(errors::standard_not_shared());
        }
        if input.policy.len() > limits::POLICY_BYTES {
            return Err(errors::policy_too_large());
        }
        let id = match (&input.policy_id, &input.policy_hash) {
            (Some(id), Some(hash)) => sharing::current(parameter, id, hash)?.id.clone(),
            (None, None) if parameter.policy.is_some() => return Err(errors::too_many_policies()),
            (None, None) => hex::encode(random::bytes::<16>()),
            _ => return Err(errors::half_a_policy_id()),
        };
        let document = bound_policy(call.look(), &input.policy, Grammar::Resource).await?;
        let document = document.map_err(|unbound| match unbound {
            Unbound::Malformed(malformed) => errors::malformed_policy(malformed.message),
            Unbound::Principal => {
                errors::malformed_policy("The policy contains an unsupported principal.")
            }
        })?;
        let sharing = Sharing { id, document };
        let reply = PutResourcePolicyResponse {
            policy_id: Some(sharing.id.clone()),
            policy_hash: Some(sharing::hash(&sharing)),
        };
        call.put(Shared::of(parameter));
        call.put(Parameter {
            policy: Some(sharing),
            ..Parameter::clone(parameter)
        });
        Ok(reply)
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::*;
    use serde_json::json;

    #[tokio::test]
    async fn another_account_reads_what_is_shared() {
        let alcazar = alcazar().await;
        let (root, other) = (alcazar.root(), alcazar.other_root());
        let arn = "arn:aws:ssm:us-east-1:111122223333:parameter/a";
        let input = json!({"Name": "/a", "Value": "1", "Type": "String", "Tier": "Advanced"});
        root.ssm("PutParameter", input).await.ok();
        other
            .ssm("GetParameter", json!({"Name": arn}))
            .await
            .fails("AccessDeniedException");
        let account = other
            .call("kms", "CreateKey", json!({}))
            .await
            .ok()
            .field("/KeyMetadata/AWSAccountId");
        let policy = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"AWS": account},
            "Action": ["ssm:GetParameter", "ssm:GetParameters"], "Resource": arn}]}).to_string();
        let put = json!({"ResourceArn": arn, "Policy": policy});
        let made = root.ssm("PutResourcePolicy", put.clone()).await.ok();
        assert_eq!(
            other
                .ssm("GetParameter", json!({"Name": arn}))
                .await
                .ok()
                .field("/Parameter/Value"),
            "1"
        );
        other
            .ssm("GetParameterHistory", json!({"Name": arn}))
            .await
            .fails("AccessDeniedException");
        root.ssm("PutResourcePolicy", put)
            .await
            .fails("ResourcePolicyLimitExceededException");
        let known = json!({"ResourceArn": arn, "PolicyId": made.field("PolicyId"), "PolicyHash": made.field("PolicyHash")});
        let listed = root
            .ssm("GetResourcePolicies", json!({"ResourceArn": arn}))
            .await
            .ok();
        assert_eq!(listed.field("/Policies/0/Policy"), policy);
        let mut wrong = known.clone();
        wrong["PolicyHash"] = json!("x");
        root.ssm("DeleteResourcePolicy", wrong)
            .await
            .fails("ResourcePolicyConflictException");
        root.ssm("DeleteResourcePolicy", known.clone()).await.ok();
        root.ssm("DeleteResourcePolicy", known)
            .await
            .fails("ResourcePolicyNotFoundException");
        other
            .ssm("GetParameter", json!({"Name": arn}))
            .await
            .fails("AccessDeniedException");
        root.put("/standard", "1").await;
        let standard = json!({"ResourceArn": "arn:aws:ssm:us-east-1:111122223333:parameter/standard", "Policy": policy});
        root.ssm("PutResourcePolicy", standard)
            .await
            .fails("ResourcePolicyInvalidParameterException");
        let broken = json!({"ResourceArn": arn, "Policy": "{}"});
        root.ssm("PutResourcePolicy", broken)
            .await
            .fails("MalformedResourcePolicyDocumentException");
        let none = json!({"ResourceArn": format!("{arn}x"), "Policy": policy});
        root.ssm("PutResourcePolicy", none)
            .await
            .fails("ResourceNotFoundException");
    }
}
