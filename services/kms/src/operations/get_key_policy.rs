//! `kms:GetKeyPolicy`: the policy of a key.

use kms_api::shapes::{GetKeyPolicyRequest, GetKeyPolicyResponse};
use kms_api::{operations, permission};
use pipeline::{Access, Failure, Lookup, Operation, Permitted};

use crate::sought::Sought;
use crate::{errors, key_policy};

pub(crate) struct GetKeyPolicy;

impl Operation for GetKeyPolicy {
    type Api = operations::GetKeyPolicy;
    type Target = Sought;

    async fn access(
        input: &GetKeyPolicyRequest,
        look: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        let sought = Sought::own(look, &input.key_id).await?;
        let needs = permission::GetKeyPolicy {
            key: sought.resource(),
        };
        Ok(Access::to(sought, needs))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<GetKeyPolicyResponse, Failure> {
        let key = call.target().key()?;
        match call.input().policy_name.as_deref() {
            None | Some(key_policy::NAME) => Ok(GetKeyPolicyResponse {
                policy: Some(key.policy.text().to_owned()),
                policy_name: Some(key_policy::NAME.to_owned()),
            }),
            Some(_) => Err(errors::no_such_policy()),
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{Kms, alcazar};
    use serde_json::{Value, json};

    #[tokio::test]
    async fn the_default_policy_lets_the_account_decide() {
        let alcazar = alcazar().await;
        let root = alcazar.root();
        let key = root.new_key().await;
        let found = root
            .kms(
                "GetKeyPolicy",
                json!({"KeyId": key, "PolicyName": "default"}),
            )
            .await
            .ok();
        assert_eq!(found.field("PolicyName"), "default");
        let policy: Value = serde_json::from_str(&found.field("Policy")).unwrap();
        assert_eq!(
            policy,
            json!({
                "Version": "2012-10-17",
                "Id": "key-default-1",
                "Statement": [{
                    "Sid": "Enable IAM User Permissions",
                    "Effect": "Allow",
                    "Principal": {"AWS": "arn:aws:iam::111122223333:root"},
                    "Action": "kms:*",
                    "Resource": "*",
                }],
            })
        );
        let event = alcazar.event("GetKeyPolicy").await;
        assert_eq!(event["requestParameters"]["policyName"], "default");
        assert_eq!(event["responseElements"], Value::Null);
    }

    #[tokio::test]
    async fn there_is_no_other() {
        let root = alcazar().await.root();
        let input = json!({"KeyId": root.new_key().await, "PolicyName": "other"});
        let refused = root.kms("GetKeyPolicy", input).await;
        refused
            .fails("NotFoundException")
            .saying("No such policy exists");
    }
}
