//! `secretsmanager:GetSecretValue`: the value of a version.

use std::borrow::Cow;

use pipeline::{Access, Failure, Lookup, Operation, Permitted};
use secretsmanager_api::shapes::{GetSecretValueRequest, GetSecretValueResponse};
use secretsmanager_api::{operations, permission};

use crate::secret::Secret;
use crate::sought::Sought;
use crate::version::{self, CURRENT, Valued, Version};
use crate::{encryption, errors};

pub(crate) struct GetSecretValue;

impl Operation for GetSecretValue {
    type Api = operations::GetSecretValue;
    type Target = Sought;
    const TRACKS_USE: bool = true;

    async fn access(
        input: &GetSecretValueRequest,
        look: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        let sought = Sought::find(look, &input.secret_id).await?;
        let needs = permission::GetSecretValue {
            secret: sought.resource(),
            version_id: input.version_id.clone().map(Cow::Owned),
            version_stage: asked_stage(input).map(|stage| Cow::Owned(stage.to_owned())),
        };
        Ok(Access::to(sought, needs))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<GetSecretValueResponse, Failure> {
        let input = call.input();
        let secret = call.target().usable()?;
        let version = version_of(secret, input)?;
        let value = encryption::open(&call, secret, &version.id).await?;
        if version.has_own_value() {
            call.used_part(&secret.arn, &version.id);
        }
        let (secret_string, secret_binary) = value.into_members();
        Ok(GetSecretValueResponse {
            arn: Some(secret.arn.to_string()),
            name: Some(secret.name.clone()),
            version_id: Some(version.id.clone()),
            secret_binary,
            secret_string,
            version_stages: Some(version::labels(version)).filter(|labels| !labels.is_empty()),
            created_date: Some(version.created),
        })
    }
}

/// The label by which the version is found: none where the caller names the version itself.
fn asked_stage(input: &GetSecretValueRequest) -> Option<&str> {
    match (&input.version_stage, &input.version_id) {
        (Some(stage), _) => Some(stage),
        (None, Some(_)) => None,
        (None, None) => Some(CURRENT),
    }
}

fn version_of<'s>(
    secret: &'s Secret,
    input: &GetSecretValueRequest,
) -> Result<&'s Version, Failure> {
    let Some(id) = &input.version_id else {
        let stage = asked_stage(input).unwrap_or(CURRENT);
        let version = secret.versions.labelled(stage);
        let version = version.filter(|version| version.value != Valued::Not);
        return version.ok_or_else(|| errors::no_such_label(stage));
    };
    let version = secret.versions.get(id);
    let version = version.ok_or_else(|| errors::no_such_version(id))?;
    match &input.version_stage {
        Some(stage) if !version.labels.contains(stage) => Err(errors::label_of_another_version()),
        _ => Ok(version),
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{EVERYTHING, SecretsManager, alcazar, token};
    use serde_json::{Value, json};

    #[tokio::test]
    async fn by_name_and_arn() {
        let alcazar = alcazar().await;
        let root = alcazar.root();
        let arn = root.new_secret("prod/db", "hunter2").await;
        let partial = arn.rsplit_once('-').unwrap().0;
        for id in [arn.as_str(), partial, "prod/db"] {
            assert_eq!(root.value(id).await, "hunter2", "{id}");
        }
        let other = format!("{partial}-AAAAAA");
        let abroad = arn.replace("us-east-1", "eu-west-1");
        let mut short = arn.clone();
        short.pop();
        for id in ["prod", "prod/db-", &other, &abroad, &short] {
            let words = "Secrets Manager can't find the specified secret.";
            let read = root
                .secrets("GetSecretValue", json!({"SecretId": id}))
                .await;
            read.fails("ResourceNotFoundException").saying(words);
        }
        let event = alcazar.event("GetSecretValue").await;
        assert_eq!(event["readOnly"], true);
        assert_eq!(event["responseElements"], Value::Null);
    }

    /// AWS: what ends as an ARN does is taken for a whole one.
    #[tokio::test]
    async fn a_name_that_looks_like_the_end_of_an_arn() {
        let root = alcazar().await.root();
        let long = root.new_secret("db-a1b2c3", "long").await;
        let partial = long.rsplit_once('-').unwrap().0.to_owned();
        root.secrets("GetSecretValue", json!({"SecretId": partial}))
            .await
            .fails("ResourceNotFoundException");
        assert_eq!(root.value(&long).await, "long");
        assert_eq!(root.value("db-a1b2c3").await, "long");
        root.new_secret("db", "short").await;
        root.secrets("GetSecretValue", json!({"SecretId": partial}))
            .await
            .fails("ResourceNotFoundException");
    }

    #[tokio::test]
    async fn bytes() {
        let root = alcazar().await.root();
        let input = json!({"Name": "b", "SecretBinary": "AAH/", "KmsKeyId": root.new_key().await});
        root.secrets("CreateSecret", input).await.ok();
        let read = root
            .secrets("GetSecretValue", json!({"SecretId": "b"}))
            .await
            .ok();
        assert_eq!(read.field("SecretBinary"), "AAH/");
        assert_eq!(read.field("SecretString"), "");
    }

    #[tokio::test]
    async fn versions_and_labels() {
        let root = alcazar().await.root();
        root.new_secret("s", "one").await;
        let input = json!({"SecretId": "s", "SecretString": "two", "ClientRequestToken": token("2"), "VersionStages": ["blue"]});
        root.secrets("PutSecretValue", input).await.ok();
        let read = |input: Value| root.secrets("GetSecretValue", input);
        let stage = json!({"SecretId": "s", "VersionStage": "blue"});
        assert_eq!(read(stage).await.ok().field("SecretString"), "two");
        let both = json!({"SecretId": "s", "VersionStage": "blue", "VersionId": token("2")});
        assert_eq!(read(both).await.ok().field("/VersionStages/0"), "blue");
        let words = "You provided a VersionStage that is not associated to the provided VersionId.";
        let both = json!({"SecretId": "s", "VersionStage": "AWSCURRENT", "VersionId": token("2")});
        read(both)
            .await
            .fails("InvalidRequestException")
            .saying(words);
        let words = format!(
            "Secrets Manager can't find the specified secret value for VersionId: {}",
            token("3")
        );
        let id = json!({"SecretId": "s", "VersionId": token("3")});
        read(id)
            .await
            .fails("ResourceNotFoundException")
            .saying(&words);
        let words =
            "Secrets Manager can't find the specified secret value for staging label: AWSPENDING";
        let stage = json!({"SecretId": "s", "VersionStage": "AWSPENDING"});
        read(stage)
            .await
            .fails("ResourceNotFoundException")
            .saying(words);
    }

    #[tokio::test]
    async fn the_key_has_a_say() {
        let alcazar = alcazar().await;
        let root = alcazar.root();
        let arn = root.new_secret("s", "one").await;
        let told = root
            .secrets("DescribeSecret", json!({"SecretId": "s"}))
            .await
            .ok();
        let key = told.field("KmsKeyId");
        let policy = json!({"Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Action": ["secretsmanager:*", "kms:*"], "Resource": "*"},
            {"Effect": "Deny", "Action": "kms:Decrypt", "Resource": "*",
                "Condition": {"StringNotEquals": {"kms:EncryptionContext:SecretARN": "x"}}}]});
        let ann = alcazar.user("ann", &policy.to_string()).await;
        let read = ann
            .secrets("GetSecretValue", json!({"SecretId": "s"}))
            .await;
        read.fails("AccessDeniedException")
            .saying("Access to KMS is not allowed");
        let policy = json!({"Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Action": "secretsmanager:*", "Resource": "*"},
            {"Effect": "Allow", "Action": "kms:Decrypt", "Resource": "*", "Condition": {"StringEquals": {
                "kms:EncryptionContext:SecretARN": arn, "kms:ViaService": "secretsmanager.us-east-1.amazonaws.com"}}}]});
        let bob = alcazar.user("bob", &policy.to_string()).await;
        assert_eq!(bob.value("s").await, "one");
        let event = alcazar.event("Decrypt").await;
        assert_eq!(
            event["userIdentity"]["invokedBy"],
            "secretsmanager.amazonaws.com"
        );
        assert_eq!(
            event["requestParameters"]["encryptionContext"]["SecretARN"],
            arn
        );
        root.call("kms", "DisableKey", json!({"KeyId": key}))
            .await
            .ok();
        let words =
            "Secrets Manager can't decrypt the protected secret text using the provided KMS key.";
        bob.secrets("GetSecretValue", json!({"SecretId": "s"}))
            .await
            .fails("DecryptionFailure")
            .saying(words);
        root.call("kms", "EnableKey", json!({"KeyId": key}))
            .await
            .ok();
        assert_eq!(bob.value("s").await, "one");
    }

    #[tokio::test]
    async fn conditions() {
        let alcazar = alcazar().await;
        let root = alcazar.root();
        let arn = root.new_secret("s", "one").await;
        root.secrets(
            "TagResource",
            json!({"SecretId": "s", "Tags": [{"Key": "team", "Value": "red"}]}),
        )
        .await
        .ok();
        let version = root
            .secrets("GetSecretValue", json!({"SecretId": "s"}))
            .await
            .ok()
            .field("VersionId");
        let (like, null) = ("StringLike", "Null");
        for (operator, key, value, allowed) in [
            (like, "SecretId", &*arn, true),
            (
                like,
                "SecretId",
                "arn:aws:secretsmanager:us-east-1:111122223333:secret:t-*",
                false,
            ),
            (like, "ResourceTag/team", "red", true),
            (like, "ResourceTag/team", "blue", false),
            (like, "SecretPrimaryRegion", "us-east-1", true),
            (like, "SecretPrimaryRegion", "eu-west-1", false),
            (like, "VersionStage", "AWSCURRENT", true),
            (like, "VersionStage", "AWSPENDING", false),
            (null, "VersionId", "true", true),
            (like, "VersionId", &*version, false),
            (null, "resource/AllowRotationLambdaArn", "true", true),
            (null, "resource/Type", "true", true),
        ] {
            let condition = json!({operator: {format!("secretsmanager:{key}"): value}});
            let policy = json!({"Version": "2012-10-17", "Statement": [
                {"Effect": "Allow", "Action": "kms:Decrypt", "Resource": "*"},
                {"Effect": "Allow", "Action": "secretsmanager:GetSecretValue", "Resource": "*", "Condition": condition}]});
            let ann = alcazar.user("ann", &policy.to_string()).await;
            let read = ann
                .secrets("GetSecretValue", json!({"SecretId": "s"}))
                .await;
            assert_eq!(read.status == 200, allowed, "{condition}: {}", read.text);
        }
    }

    #[tokio::test]
    async fn a_denial_does_not_tell_what_exists() {
        let alcazar = alcazar().await;
        alcazar.root().new_secret("s", "one").await;
        let powerless = alcazar.powerless().await;
        for id in ["s", "t"] {
            let read = powerless
                .secrets("GetSecretValue", json!({"SecretId": id}))
                .await;
            read.fails("AccessDeniedException").saying(&format!(
                "User: arn:aws:iam::111122223333:user/powerless is not authorized to perform: \
                 secretsmanager:GetSecretValue on resource: {id} because no identity-based policy allows the \
                 secretsmanager:GetSecretValue action"));
        }
        let stranger = alcazar.other_user("stranger", EVERYTHING).await;
        let arn = |name| format!("arn:aws:secretsmanager:us-east-1:111122223333:secret:{name}");
        let mut words = Vec::new();
        for name in ["s", "t"] {
            let read = stranger
                .secrets("GetSecretValue", json!({"SecretId": arn(name)}))
                .await;
            words.push(
                read.fails("AccessDeniedException")
                    .message()
                    .replace(&arn(name), "…"),
            );
        }
        assert_eq!(words[0], words[1]);
    }

    #[tokio::test]
    async fn a_secret_marked_for_deletion_is_not_read() {
        let root = alcazar().await.root();
        root.new_secret("s", "one").await;
        root.secrets("DeleteSecret", json!({"SecretId": "s"}))
            .await
            .ok();
        let words =
            "You can't perform this operation on the secret because it was marked for deletion.";
        root.secrets("GetSecretValue", json!({"SecretId": "s"}))
            .await
            .fails("InvalidRequestException")
            .saying(words);
    }
}
