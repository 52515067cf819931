//! `secretsmanager:ValidateResourcePolicy`: what would be wrong with a policy.

use std::sync::Arc;

use identity::Document;
use pipeline::{Access, Failure, Lookup, Operation, Permitted};
use secretsmanager_api::shapes::{
    ValidateResourcePolicyRequest, ValidateResourcePolicyResponse, ValidationErrorsEntry,
};
use secretsmanager_api::{operations, permission};

use crate::policy_text;
use crate::secret::Secret;
use crate::sought::Sought;

pub(crate) struct ValidateResourcePolicy;

impl Operation for ValidateResourcePolicy {
    type Api = operations::ValidateResourcePolicy;
    type Target = Option<Sought>;

    async fn access(
        input: &ValidateResourcePolicyRequest,
        look: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        let sought = match &input.secret_id {
            Some(id) => Some(Sought::find(look, id).await?),
            None => None,
        };
        let needs = permission::ValidateResourcePolicy {
            secret: sought.as_ref().map(Sought::resource),
        };
        Ok(Access::to(sought, needs))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<ValidateResourcePolicyResponse, Failure> {
        let secret = call.target().as_ref().map(Sought::usable).transpose()?;
        let policy = policy_text::read(call.look(), &call.input().resource_policy).await?;
        let mut found = Vec::new();
        match policy {
            Err(message) => found.push(finding("SYNTAX", message)),
            Ok(policy) => {
                if policy.policy().allows_everyone() {
                    let message = "The resource policy allows broad access to the secret.";
                    found.push(finding("PUBLIC_ACCESS", message.to_owned()));
                }
                if locks_out(&call, secret, policy).await? {
                    let message = "The resource policy would lock you out of the secret.";
                    found.push(finding("LOCKOUT", message.to_owned()));
                }
            }
        }
        Ok(ValidateResourcePolicyResponse {
            policy_validation_passed: Some(found.is_empty()),
            validation_errors: Some(found),
        })
    }
}

fn finding(check: &str, message: String) -> ValidationErrorsEntry {
    ValidationErrorsEntry {
        check_name: Some(check.to_owned()),
        error_message: Some(message),
    }
}

/// Whether the caller could not replace the policy once it is in force.
async fn locks_out(
    call: &Permitted<'_, ValidateResourcePolicy>,
    secret: Option<&Arc<Secret>>,
    policy: Document,
) -> Result<bool, Failure> {
    let Some(secret) = secret else {
        return Ok(false);
    };
    let again = |policy| permission::PutResourcePolicy {
        secret: Sought::of(Secret {
            policy,
            ..Secret::clone(secret)
        })
        .resource(),
        block_public_policy: Some(false),
    };
    Ok(call.would_grant(again(secret.policy.clone())).await?
        && !call.would_grant(again(Some(policy))).await?)
}

#[cfg(test)]
mod tests {
    use crate::testing::{EVERYTHING, SecretsManager, alcazar};
    use serde_json::{Value, json};

    #[tokio::test]
    async fn checks() {
        let alcazar = alcazar().await;
        let ann = alcazar.user("ann", EVERYTHING).await;
        ann.new_secret("s", "one").await;
        let statement = |effect: &str, principal: Value, action: &str| {
            json!({"Version": "2012-10-17", "Statement": [
            {"Effect": effect, "Principal": principal, "Action": action, "Resource": "*"}]})
            .to_string()
        };
        let mine = json!({"AWS": "111122223333"});
        for (policy, secret, found) in [
            (
                statement("Allow", mine.clone(), "secretsmanager:*"),
                json!("s"),
                &[][..],
            ),
            (
                statement("Allow", json!("*"), "secretsmanager:GetSecretValue"),
                json!(null),
                &["PUBLIC_ACCESS"],
            ),
            (
                statement("Deny", json!("*"), "secretsmanager:PutResourcePolicy"),
                json!("s"),
                &["LOCKOUT"],
            ),
            (
                statement("Deny", json!("*"), "secretsmanager:PutResourcePolicy"),
                json!(null),
                &[],
            ),
            ("nonsense".to_owned(), json!("s"), &["SYNTAX"]),
            (
                statement(
                    "Allow",
                    json!({"AWS": "arn:aws:iam::111122223333:role/none"}),
                    "*",
                ),
                json!("s"),
                &["SYNTAX"],
            ),
        ] {
            let input = json!({"SecretId": secret, "ResourcePolicy": policy});
            let told = ann
                .secrets("ValidateResourcePolicy", input)
                .await
                .ok()
                .json()
                .unwrap();
            assert_eq!(told["PolicyValidationPassed"], found.is_empty(), "{policy}");
            let checks: Vec<_> = told["ValidationErrors"]
                .as_array()
                .unwrap()
                .iter()
                .map(|it| it["CheckName"].clone())
                .collect();
            assert_eq!(checks, found, "{policy}");
        }
        let input = json!({"SecretId": "t", "ResourcePolicy": "{}"});
        ann.secrets("ValidateResourcePolicy", input)
            .await
            .fails("ResourceNotFoundException");
        alcazar.event("ValidateResourcePolicy").await;
        let got = ann
            .secrets("GetResourcePolicy", json!({"SecretId": "s"}))
            .await
            .ok();
        assert_eq!(got.field("ResourcePolicy"), "");
    }
}
