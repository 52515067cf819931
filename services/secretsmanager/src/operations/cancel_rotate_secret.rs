//! `secretsmanager:CancelRotateSecret`: a secret is not rotated any more, be it under way or planned.

use pipeline::{Access, Failure, Lookup, Operation, Permitted};
use secretsmanager_api::shapes::{CancelRotateSecretRequest, CancelRotateSecretResponse};
use secretsmanager_api::{operations, permission};

use crate::keeping::Change;
use crate::secret::Secret;
use crate::sought::Sought;
use crate::{errors, policy_text};

pub(crate) struct CancelRotateSecret;

impl Operation for CancelRotateSecret {
    type Api = operations::CancelRotateSecret;
    type Target = Sought;

    async fn access(
        input: &CancelRotateSecretRequest,
        look: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        let sought = Sought::find(look, &input.secret_id).await?;
        let needs = permission::CancelRotateSecret {
            secret: sought.resource(),
        };
        Ok(Access::to(sought, needs))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<CancelRotateSecretResponse, Failure> {
        let mut secret = Secret::clone(call.target().changeable()?);
        secret.stop_rotation();
        let rotation = secret.rotation.as_mut();
        rotation.ok_or_else(errors::no_function)?.enabled = false;
        let kept = Change::of(secret).keep(&call).await?;
        let (arn, name) = policy_text::heading(&kept.arn, &kept.name);
        Ok(CancelRotateSecretResponse {
            arn,
            name,
            version_id: kept.versions.pending().map(|version| version.id.clone()),
        })
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{SecretsManager, alcazar};
    use serde_json::{Value, json};

    #[tokio::test]
    async fn what_is_refused() {
        let alcazar = alcazar().await;
        let root = alcazar.root();
        root.new_secret("s", "one").await;
        let input = json!({"SecretId": "s"});
        let refused = root.secrets("CancelRotateSecret", input.clone()).await;
        refused
            .fails("InvalidRequestException")
            .saying("No Lambda rotation function ARN is associated with this secret.");
        let missing = json!({"SecretId": "t"});
        let missing = root.secrets("CancelRotateSecret", missing).await;
        missing.fails("ResourceNotFoundException");
        root.secrets("DeleteSecret", input.clone()).await.ok();
        let deleted = root.secrets("CancelRotateSecret", input).await;
        deleted.fails("InvalidRequestException");
    }

    #[tokio::test]
    async fn nothing_is_planned_any_more() {
        let alcazar = alcazar().await;
        let root = alcazar.root();
        let function = "arn:aws:lambda:us-east-1:111122223333:function:f";
        alcazar
            .functions
            .set(function, |_| async { Ok(Value::Null) });
        let arn = root.new_secret("s", "one").await;
        let input = json!({"SecretId": "s", "RotationLambdaARN": function, "RotateImmediately": false,
            "RotationRules": {"AutomaticallyAfterDays": 1}});
        root.secrets("RotateSecret", input).await.ok();
        let cancelled = root.secrets("CancelRotateSecret", json!({"SecretId": "s"}));
        let cancelled = cancelled.await.ok().json().unwrap();
        // What a trial has put there is gone.
        assert_eq!(cancelled, json!({"ARN": arn, "Name": "s"}));
        let told = root.secrets("DescribeSecret", json!({"SecretId": "s"}));
        let told = told.await.ok().json().unwrap();
        assert_eq!(told["RotationEnabled"], false);
        assert_eq!(told["NextRotationDate"], Value::Null);
        assert_eq!(told["VersionIdsToStages"].as_object().unwrap().len(), 1);
        let event = alcazar.event("CancelRotateSecret").await;
        assert_eq!(event["requestParameters"], json!({"secretId": "s"}));
        assert_eq!(event["readOnly"], false);
    }
}
