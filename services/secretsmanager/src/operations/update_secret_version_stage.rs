//! `secretsmanager:UpdateSecretVersionStage`: moves a staging label between versions.

use std::borrow::Cow;

use pipeline::{Access, Failure, Lookup, Operation, Permitted};
use secretsmanager_api::shapes::{
    UpdateSecretVersionStageRequest, UpdateSecretVersionStageResponse,
};
use secretsmanager_api::{operations, permission};

use crate::keeping::Change;
use crate::policy_text;
use crate::secret::Secret;
use crate::sought::Sought;

pub(crate) struct UpdateSecretVersionStage;

impl Operation for UpdateSecretVersionStage {
    type Api = operations::UpdateSecretVersionStage;
    type Target = Sought;

    async fn access(
        input: &UpdateSecretVersionStageRequest,
        look: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        let sought = Sought::find(look, &input.secret_id).await?;
        let needs = permission::UpdateSecretVersionStage {
            secret: sought.resource(),
            version_stage: Some(Cow::Owned(input.version_stage.clone())),
        };
        Ok(Access::to(sought, needs))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<UpdateSecretVersionStageResponse, Failure> {
        let input = call.input();
        let secret = call.target().changeable()?;
        let mut changed = Secret::clone(secret);
        let from = input.remove_from_version_id.as_deref();
        let to = input.move_to_version_id.as_deref();
        changed.versions.restage(&input.version_stage, from, to)?;
        let kept = Change::of(changed).keep(&call).await?;
        let (arn, name) = policy_text::heading(&kept.arn, &kept.name);
        Ok(UpdateSecretVersionStageResponse { arn, name })
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{SecretsManager, alcazar, token};
    use serde_json::json;

    #[tokio::test]
    async fn a_label_moves() {
        let alcazar = alcazar().await;
        let root = alcazar.root();
        let arn = root.new_secret("s", "one").await;
        let first = root
            .secrets("GetSecretValue", json!({"SecretId": "s"}))
            .await
            .ok()
            .field("VersionId");
        let input = json!({"SecretId": "s", "SecretString": "two", "ClientRequestToken": token("2"), "VersionStages": ["AWSPENDING"]});
        root.secrets("PutSecretValue", input).await.ok();
        let input =
            json!({"SecretId": "s", "VersionStage": "AWSCURRENT", "MoveToVersionId": token("2")});
        let words = format!(
            "The parameter RemoveFromVersionId can't be empty. Staging label AWSCURRENT is currently \
                             attached to version {first}, so you must explicitly reference that version in RemoveFromVersionId."
        );
        root.secrets("UpdateSecretVersionStage", input)
            .await
            .fails("InvalidParameterException")
            .saying(&words);
        let input = json!({"SecretId": "s", "VersionStage": "AWSCURRENT", "MoveToVersionId": token("2"), "RemoveFromVersionId": first});
        let moved = root
            .secrets("UpdateSecretVersionStage", input.clone())
            .await
            .ok()
            .json()
            .unwrap();
        assert_eq!(moved, json!({"ARN": arn, "Name": "s"}));
        assert_eq!(root.value("s").await, "two");
        let told = root
            .secrets("DescribeSecret", json!({"SecretId": "s"}))
            .await
            .ok()
            .json()
            .unwrap();
        assert_eq!(
            told["VersionIdsToStages"],
            json!({first: ["AWSPREVIOUS"], token("2"): ["AWSCURRENT", "AWSPENDING"]})
        );
        let event = alcazar.event("UpdateSecretVersionStage").await;
        assert_eq!(event["requestParameters"]["moveToVersionId"], token("2"));
        // Whoever comes second with the same belief is refused.
        root.secrets("UpdateSecretVersionStage", input)
            .await
            .fails("InvalidParameterException");
    }

    #[tokio::test]
    async fn what_is_refused() {
        let alcazar = alcazar().await;
        let root = alcazar.root();
        root.new_secret("s", "one").await;
        let first = root
            .secrets("GetSecretValue", json!({"SecretId": "s"}))
            .await
            .ok()
            .field("VersionId");
        for (input, code) in [
            (
                json!({"SecretId": "t", "VersionStage": "a", "MoveToVersionId": first}),
                "ResourceNotFoundException",
            ),
            (
                json!({"SecretId": "s", "VersionStage": "a", "MoveToVersionId": token("9")}),
                "ResourceNotFoundException",
            ),
            (
                json!({"SecretId": "s", "VersionStage": "a"}),
                "InvalidParameterException",
            ),
            (
                json!({"SecretId": "s", "VersionStage": "AWSCURRENT", "RemoveFromVersionId": first}),
                "InvalidParameterException",
            ),
        ] {
            root.secrets("UpdateSecretVersionStage", input)
                .await
                .fails(code);
        }
        let policy = json!({"Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Action": "secretsmanager:UpdateSecretVersionStage", "Resource": "*",
                "Condition": {"StringEquals": {"secretsmanager:VersionStage": "blue"}}}]});
        let ann = alcazar.user("ann", &policy.to_string()).await;
        let stage =
            |stage: &str| json!({"SecretId": "s", "VersionStage": stage, "MoveToVersionId": first});
        ann.secrets("UpdateSecretVersionStage", stage("green"))
            .await
            .fails("AccessDeniedException");
        ann.secrets("UpdateSecretVersionStage", stage("blue"))
            .await
            .ok();
    }
}
