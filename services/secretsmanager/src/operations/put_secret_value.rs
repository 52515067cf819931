//! `secretsmanager:PutSecretValue`: a new version of a secret.

use pipeline::{Access, Failure, Lookup, Operation, Permitted};
use secretsmanager_api::shapes::{PutSecretValueRequest, PutSecretValueResponse};
use secretsmanager_api::{operations, permission};

use crate::secret::Secret;
use crate::sought::Sought;
use crate::value::Value;
use crate::version::{self, CURRENT};
use crate::{errors, fresh, policy_text};

pub(crate) struct PutSecretValue;

impl Operation for PutSecretValue {
    type Api = operations::PutSecretValue;
    type Target = Sought;

    async fn access(
        input: &PutSecretValueRequest,
        look: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        let sought = Sought::find(look, &input.secret_id).await?;
        let needs = permission::PutSecretValue {
            secret: sought.resource(),
        };
        Ok(Access::to(sought, needs))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<PutSecretValueResponse, Failure> {
        let input = call.input();
        let token = input
            .client_request_token
            .as_deref()
            .ok_or_else(errors::no_token)?;
        let secret = call.target().changeable()?;
        if let Some(given) = &input.rotation_token {
            check_rotation_token(secret, token, given)?;
        }
        let value = Value::read(&input.secret_string, &input.secret_binary)?;
        let value = value.ok_or_else(errors::no_value)?;
        let (arn, name) = policy_text::heading(&secret.arn, &secret.name);
        let labels = match &input.version_stages {
            Some(labels) => labels.clone(),
            None => vec![CURRENT.to_owned()],
        };
        let stages = match fresh::is_replay(&call, secret, token, &value).await? {
            true => stages(secret, token),
            false => {
                let kept = fresh::add(&call, Secret::clone(secret), token, &value, &labels).await?;
                stages(&kept, token)
            }
        };
        Ok(PutSecretValueResponse {
            arn,
            name,
            version_id: Some(token.to_owned()),
            version_stages: stages,
        })
    }
}

/// AWS: who acts for a rotation with a role of another's proves by this that he was called for it.
fn check_rotation_token(
    secret: &Secret,
    version: &str,
    given: &base::Secret<String>,
) -> Result<(), Failure> {
    let attempt = secret.rotation.as_ref().and_then(|it| it.attempt.as_ref());
    let own = attempt.filter(|attempt| attempt.token == version);
    match own.is_some_and(|attempt| attempt.rotation_token == *given) {
        true => Ok(()),
        false => Err(errors::another_rotation_token()),
    }
}

fn stages(secret: &Secret, id: &str) -> Option<Vec<String>> {
    let version = secret.versions.get(id);
    version
        .map(version::labels)
        .filter(|labels| !labels.is_empty())
}

#[cfg(test)]
mod tests {
    use crate::testing::{SecretsManager, alcazar, token};
    use serde_json::{Value, json};

    #[tokio::test]
    async fn a_new_value() {
        let alcazar = alcazar().await;
        let root = alcazar.root();
        let arn = root.new_secret("s", "one").await;
        let input =
            json!({"SecretId": "s", "SecretString": "two", "ClientRequestToken": token("2")});
        let put = root
            .secrets("PutSecretValue", input)
            .await
            .ok()
            .json()
            .unwrap();
        assert_eq!(
            put,
            json!({"ARN": arn, "Name": "s", "VersionId": token("2"), "VersionStages": ["AWSCURRENT"]})
        );
        assert_eq!(root.value("s").await, "two");
        let before = json!({"SecretId": "s", "VersionStage": "AWSPREVIOUS"});
        assert_eq!(
            root.secrets("GetSecretValue", before)
                .await
                .ok()
                .field("SecretString"),
            "one"
        );
        let event = alcazar.event("PutSecretValue").await;
        assert_eq!(event["requestParameters"]["secretId"], "s");
        assert_eq!(event["requestParameters"]["secretString"], Value::Null);
        assert_eq!(event["responseElements"]["versionId"], token("2"));
    }

    #[tokio::test]
    async fn the_same_call_once_more() {
        let root = alcazar().await.root();
        root.new_secret("s", "one").await;
        let mut input =
            json!({"SecretId": "s", "SecretString": "two", "ClientRequestToken": token("2")});
        let first = root.secrets("PutSecretValue", input.clone()).await.ok();
        assert_eq!(
            root.secrets("PutSecretValue", input.clone())
                .await
                .ok()
                .text,
            first.text
        );
        input["SecretString"] = json!("three");
        root.secrets("PutSecretValue", input.clone())
            .await
            .fails("ResourceExistsException");
        input["SecretString"] = Value::Null;
        input["SecretBinary"] = json!("dHdv");
        root.secrets("PutSecretValue", input)
            .await
            .fails("ResourceExistsException");
        let listed = root
            .secrets("ListSecretVersionIds", json!({"SecretId": "s"}))
            .await
            .ok()
            .json()
            .unwrap();
        assert_eq!(listed["Versions"].as_array().unwrap().len(), 2);
    }

    #[tokio::test]
    async fn what_is_refused() {
        let root = alcazar().await.root();
        root.new_secret("s", "one").await;
        let many: Vec<String> = (0..21).map(|number| number.to_string()).collect();
        for (input, code) in [
            (
                json!({"SecretId": "t", "SecretString": "x"}),
                "ResourceNotFoundException",
            ),
            (json!({"SecretId": "s"}), "InvalidRequestException"),
            (
                json!({"SecretId": "s", "SecretString": "x", "SecretBinary": "YQ=="}),
                "InvalidParameterException",
            ),
            (
                json!({"SecretId": "s", "SecretString": "x", "ClientRequestToken": null}),
                "InvalidRequestException",
            ),
            (
                json!({"SecretId": "s", "SecretString": "x", "VersionStages": []}),
                "ValidationException",
            ),
            (
                json!({"SecretId": "s", "SecretString": "x", "VersionStages": many}),
                "ValidationException",
            ),
            (
                json!({"SecretId": "s", "SecretString": "x", "VersionStages": &many[..20]}),
                "LimitExceededException",
            ),
            (
                json!({"SecretId": "s", "SecretString": "x", "RotationToken": token("1") + "11112222"}),
                "InvalidRequestException",
            ),
        ] {
            root.secrets("PutSecretValue", input).await.fails(code);
        }
        assert_eq!(root.value("s").await, "one");
        root.secrets("DeleteSecret", json!({"SecretId": "s"}))
            .await
            .ok();
        root.secrets(
            "PutSecretValue",
            json!({"SecretId": "s", "SecretString": "x"}),
        )
        .await
        .fails("InvalidRequestException");
    }
}
