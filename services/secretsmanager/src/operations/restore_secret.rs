//! `secretsmanager:RestoreSecret`: a secret is not going to be deleted after all.

use pipeline::{Access, Failure, Lookup, Operation, Permitted};
use secretsmanager_api::shapes::{RestoreSecretRequest, RestoreSecretResponse};
use secretsmanager_api::{operations, permission};
use storage::Record;

use crate::deletion::Deletion;
use crate::keeping::Change;
use crate::policy_text;
use crate::secret::Secret;
use crate::sought::Sought;

pub(crate) struct RestoreSecret;

impl Operation for RestoreSecret {
    type Api = operations::RestoreSecret;
    type Target = Sought;

    async fn access(
        input: &RestoreSecretRequest,
        look: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        let sought = Sought::find(look, &input.secret_id).await?;
        let needs = permission::RestoreSecret {
            secret: sought.resource(),
        };
        Ok(Access::to(sought, needs))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<RestoreSecretResponse, Failure> {
        let secret = call.target().existing()?;
        secret.is_primary()?;
        if let Some(at) = secret.deletion {
            call.delete::<Deletion>(&Deletion::of(secret, at).key());
            let mut restored = Secret {
                deletion: None,
                ..Secret::clone(secret)
            };
            if let Some(rotation) = &mut restored.rotation {
                rotation.plan_at_once(call.call().now());
            }
            Change::of(restored).keep(&call).await?;
        }
        let (arn, name) = policy_text::heading(&secret.arn, &secret.name);
        Ok(RestoreSecretResponse { arn, name })
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{SecretsManager, alcazar};
    use serde_json::json;

    #[tokio::test]
    async fn a_secret_comes_back() {
        let alcazar = alcazar().await;
        let root = alcazar.root();
        let arn = root.new_secret("s", "one").await;
        root.secrets("DeleteSecret", json!({"SecretId": "s"}))
            .await
            .ok();
        let restored = root
            .secrets("RestoreSecret", json!({"SecretId": arn}))
            .await
            .ok()
            .json()
            .unwrap();
        assert_eq!(restored, json!({"ARN": arn, "Name": "s"}));
        assert_eq!(root.value("s").await, "one");
        root.secrets("RestoreSecret", json!({"SecretId": "s"}))
            .await
            .ok();
        root.secrets("RestoreSecret", json!({"SecretId": "t"}))
            .await
            .fails("ResourceNotFoundException");
        assert_eq!(alcazar.event("RestoreSecret").await["readOnly"], false);
    }
}
