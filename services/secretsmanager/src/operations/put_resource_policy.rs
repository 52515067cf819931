//! `secretsmanager:PutResourcePolicy`: sets the policy on a secret.

use pipeline::{Access, Failure, Lookup, Operation, Permitted};
use secretsmanager_api::shapes::{PutResourcePolicyRequest, PutResourcePolicyResponse};
use secretsmanager_api::{operations, permission};

use crate::keeping::Change;
use crate::secret::Secret;
use crate::sought::Sought;
use crate::{errors, policy_text};

pub(crate) struct PutResourcePolicy;

impl Operation for PutResourcePolicy {
    type Api = operations::PutResourcePolicy;
    type Target = Sought;

    async fn access(
        input: &PutResourcePolicyRequest,
        look: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        let sought = Sought::find(look, &input.secret_id).await?;
        let needs = permission::PutResourcePolicy {
            secret: sought.resource(),
            block_public_policy: Some(input.block_public_policy.unwrap_or(false)),
        };
        Ok(Access::to(sought, needs))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<PutResourcePolicyResponse, Failure> {
        let input = call.input();
        policy_text::check_name(&input.policy_name)?;
        let secret = call.target().changeable()?;
        let policy = policy_text::read(call.look(), &input.resource_policy).await?;
        let policy = policy.map_err(errors::malformed_policy)?;
        if input.block_public_policy == Some(true) && policy.policy().allows_everyone() {
            return Err(errors::public_policy());
        }
        let (arn, name) = policy_text::heading(&secret.arn, &secret.name);
        let changed = Secret {
            policy: Some(policy),
            ..Secret::clone(secret)
        };
        Change::of(changed).keep(&call).await?;
        Ok(PutResourcePolicyResponse {
            arn,
            name,
            policy_name: None,
        })
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{EVERYTHING, SecretsManager, alcazar};
    use serde_json::{Value, json};

    fn policy(principal: &Value, condition: &Value) -> String {
        let mut statement = json!({"Effect": "Allow", "Principal": principal, "Action": "secretsmanager:GetSecretValue", "Resource": "*"});
        if !condition.is_null() {
            statement["Condition"] = condition.clone();
        }
        json!({"Version": "2012-10-17", "Statement": [statement]}).to_string()
    }

    #[tokio::test]
    async fn a_policy_is_in_force_until_it_is_deleted() {
        let alcazar = alcazar().await;
        let root = alcazar.root();
        let arn = root.new_secret("s", "one").await;
        let kms_only = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"kms:*","Resource":"*"}]}"#;
        let ann = alcazar.user("ann", kms_only).await;
        ann.secrets("GetSecretValue", json!({"SecretId": "s"}))
            .await
            .fails("AccessDeniedException");
        let text = policy(
            &json!({"AWS": "arn:aws:iam::111122223333:user/ann"}),
            &Value::Null,
        );
        let put = root
            .secrets(
                "PutResourcePolicy",
                json!({"SecretId": "s", "ResourcePolicy": text, "BlockPublicPolicy": true}),
            )
            .await;
        assert_eq!(put.ok().json().unwrap(), json!({"ARN": arn, "Name": "s"}));
        assert_eq!(ann.value("s").await, "one");
        let got = root
            .secrets("GetResourcePolicy", json!({"SecretId": "s"}))
            .await
            .ok();
        assert_eq!(got.field("ResourcePolicy"), text);
        // A later user of that name is someone else.
        let ann = alcazar.user("ann", kms_only).await;
        ann.secrets("GetSecretValue", json!({"SecretId": "s"}))
            .await
            .fails("AccessDeniedException");
        let deleted = root
            .secrets("DeleteResourcePolicy", json!({"SecretId": "s"}))
            .await
            .ok()
            .json()
            .unwrap();
        assert_eq!(deleted, json!({"ARN": arn, "Name": "s"}));
        let got = root
            .secrets("GetResourcePolicy", json!({"SecretId": "s"}))
            .await
            .ok()
            .json()
            .unwrap();
        assert_eq!(got, json!({"ARN": arn, "Name": "s"}));
        assert_eq!(
            alcazar.event("PutResourcePolicy").await["requestParameters"]["resourcePolicy"],
            text
        );
        assert_eq!(
            alcazar.event("DeleteResourcePolicy").await["readOnly"],
            false
        );
        assert_eq!(alcazar.event("GetResourcePolicy").await["readOnly"], true);
    }

    #[tokio::test]
    async fn what_is_refused() {
        let alcazar = alcazar().await;
        let root = alcazar.root();
        root.new_secret("s", "one").await;
        let everyone = policy(&json!("*"), &Value::Null);
        let nobody = policy(
            &json!({"AWS": "arn:aws:iam::111122223333:user/nobody"}),
            &Value::Null,
        );
        let unsupported = "This resource policy contains an unsupported principal.";
        for (input, code, words) in [
            (
                json!({"SecretId": "s", "ResourcePolicy": "nonsense"}),
                "MalformedPolicyDocumentException",
                "",
            ),
            (
                json!({"SecretId": "s", "ResourcePolicy": nobody}),
                "MalformedPolicyDocumentException",
                unsupported,
            ),
            (
                json!({"SecretId": "s", "ResourcePolicy": everyone, "BlockPublicPolicy": true}),
                "PublicPolicyException",
                "",
            ),
            (
                json!({"SecretId": "s", "ResourcePolicy": "x".repeat(20_481)}),
                "ValidationException",
                "",
            ),
            (
                json!({"SecretId": "t", "ResourcePolicy": everyone}),
                "ResourceNotFoundException",
                "",
            ),
            (
                json!({"SecretId": "s", "ResourcePolicy": everyone, "PolicyName": "p"}),
                "NotImplemented",
                "",
            ),
        ] {
            let refused = root
                .secrets("PutResourcePolicy", input.clone())
                .await
                .fails(code);
            assert!(
                words.is_empty() || refused.message() == words,
                "{input}: {}",
                refused.text
            );
        }
        for operation in ["GetResourcePolicy", "DeleteResourcePolicy"] {
            root.secrets(operation, json!({"SecretId": "s", "PolicyName": "p"}))
                .await
                .fails("NotImplemented");
            root.secrets(operation, json!({"SecretId": "t"}))
                .await
                .fails("ResourceNotFoundException");
        }
    }

    #[tokio::test]
    async fn everyone_is_blocked_where_asked() {
        let alcazar = alcazar().await;
        let root = alcazar.root();
        root.new_secret("s", "one").await;
        let everyone = policy(&json!("*"), &Value::Null);
        let narrow = policy(
            &json!("*"),
            &json!({"StringEquals": {"aws:PrincipalAccount": "111122223333"}}),
        );
        root.secrets(
            "PutResourcePolicy",
            json!({"SecretId": "s", "ResourcePolicy": narrow, "BlockPublicPolicy": true}),
        )
        .await
        .ok();
        root.secrets(
            "PutResourcePolicy",
            json!({"SecretId": "s", "ResourcePolicy": everyone}),
        )
        .await
        .ok();
        let guarded = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "secretsmanager:PutResourcePolicy",
            "Resource": "*", "Condition": {"Bool": {"secretsmanager:BlockPublicPolicy": "true"}}}]});
        let ann = alcazar.user("ann", &guarded.to_string()).await;
        ann.secrets(
            "PutResourcePolicy",
            json!({"SecretId": "s", "ResourcePolicy": narrow}),
        )
        .await
        .fails("AccessDeniedException");
        ann.secrets(
            "PutResourcePolicy",
            json!({"SecretId": "s", "ResourcePolicy": narrow, "BlockPublicPolicy": true}),
        )
        .await
        .ok();
    }

    #[tokio::test]
    async fn across_accounts() {
        let alcazar = alcazar().await;
        let root = alcazar.root();
        let arn = root.new_secret("s", "one").await;
        let key = root
            .secrets("DescribeSecret", json!({"SecretId": "s"}))
            .await
            .ok()
            .field("KmsKeyId");
        let stranger = alcazar.other_user("stranger", EVERYTHING).await;
        let read = || stranger.secrets("GetSecretValue", json!({"SecretId": arn}));
        read().await.fails("AccessDeniedException");
        let other = json!({"AWS": "arn:aws:iam::444455556666:root"});
        let text = policy(&other, &Value::Null);
        root.secrets(
            "PutResourcePolicy",
            json!({"SecretId": "s", "ResourcePolicy": text}),
        )
        .await
        .ok();
        read()
            .await
            .fails("AccessDeniedException")
            .saying("Access to KMS is not allowed");
        let key_policy = json!({"Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:root"}, "Action": "kms:*", "Resource": "*"},
            {"Effect": "Allow", "Principal": other, "Action": "kms:Decrypt", "Resource": "*"}]});
        let input = json!({"KeyId": key.rsplit('/').next(), "Policy": key_policy.to_string()});
        root.call("kms", "PutKeyPolicy", input).await.ok();
        assert_eq!(read().await.ok().field("SecretString"), "one");
        // A name alone is of the caller's own account.
        stranger
            .secrets("GetSecretValue", json!({"SecretId": "s"}))
            .await
            .fails("ResourceNotFoundException");
        // And only what the policy says.
        stranger
            .secrets("DescribeSecret", json!({"SecretId": arn}))
            .await
            .fails("AccessDeniedException");
        let powerless = alcazar.other_user("idle", r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"kms:*","Resource":"*"}]}"#).await;
        powerless
            .secrets("GetSecretValue", json!({"SecretId": arn}))
            .await
            .fails("AccessDeniedException");
    }
}
