//! `secretsmanager:DescribeSecret`: all about a secret but its value.

use pipeline::{Access, Failure, Lookup, Operation, Permitted};
use secretsmanager_api::shapes::{DescribeSecretRequest, DescribeSecretResponse};
use secretsmanager_api::{operations, permission};

use crate::last_access::last_accessed;
use crate::rotation::Rotation;
use crate::sought::Sought;
use crate::{replication, tags};

pub(crate) struct DescribeSecret;

impl Operation for DescribeSecret {
    type Api = operations::DescribeSecret;
    type Target = Sought;

    async fn access(
        input: &DescribeSecretRequest,
        look: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        let sought = Sought::find(look, &input.secret_id).await?;
        let needs = permission::DescribeSecret {
            secret: sought.resource(),
        };
        Ok(Access::to(sought, needs))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<DescribeSecretResponse, Failure> {
        let secret = call.target().existing()?;
        let rotation = secret.rotation.as_ref();
        let last_accessed_date = last_accessed(call.look(), &secret.arn).await?;
        let mut replication_status = replication::status(secret);
        for told in replication_status.iter_mut().flatten() {
            let copy = replication::arn_in(secret, told.region.as_deref());
            told.last_accessed_date = last_accessed(call.look(), &copy).await?;
        }
        Ok(DescribeSecretResponse {
            rotation_enabled: rotation.map(|rotation| rotation.enabled),
            rotation_lambda_arn: rotation.map(|rotation| rotation.function.to_string()),
            rotation_rules: rotation.and_then(Rotation::told_rules),
            last_rotated_date: rotation.and_then(|rotation| rotation.last),
            next_rotation_date: rotation.and_then(Rotation::told_next),
            last_accessed_date,
            arn: Some(secret.arn.to_string()),
            name: Some(secret.name.clone()),
            description: secret.description.clone(),
            kms_key_id: secret.kms_key_id.clone(),
            last_changed_date: Some(secret.changed),
            deleted_date: secret.deletion,
            tags: tags::told(&secret.tags),
            version_ids_to_stages: secret.versions.stages(),
            created_date: Some(secret.created),
            primary_region: replication::primary_region(secret),
            replication_status,
            ..DescribeSecretResponse::default()
        })
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{SecretsManager, alcazar};
    use serde_json::{Value, json};

    #[tokio::test]
    async fn nothing_that_is_not_there() {
        let alcazar = alcazar().await;
        let root = alcazar.root();
        let made = root
            .secrets("CreateSecret", json!({"Name": "s"}))
            .await
            .ok();
        let told = root
            .secrets("DescribeSecret", json!({"SecretId": "s"}))
            .await
            .ok()
            .json()
            .unwrap();
        let at = told["CreatedDate"].clone();
        assert_eq!(
            told,
            json!({"ARN": made.field("ARN"), "Name": "s", "CreatedDate": at, "LastChangedDate": at})
        );
        root.secrets("DescribeSecret", json!({"SecretId": "t"}))
            .await
            .fails("ResourceNotFoundException");
        let event = alcazar.event("DescribeSecret").await;
        assert_eq!(event["readOnly"], true);
        assert_eq!(event["responseElements"], Value::Null);
    }
}
