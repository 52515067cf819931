//! `secretsmanager:UpdateSecret`: changes a secret's description, key or value.

use std::borrow::Cow;

use pipeline::{Access, Failure, Lookup, Operation, Permitted};
use secretsmanager_api::shapes::{UpdateSecretRequest, UpdateSecretResponse};
use secretsmanager_api::{operations, permission};

use crate::keeping::{Change, is_copy, same_name};
use crate::replication::Replication;
use crate::secret::Secret;
use crate::sought::Sought;
use crate::value::Value;
use crate::version::{CURRENT, PENDING, PREVIOUS};
use crate::{encryption, errors, fresh, policy_text};

pub(crate) struct UpdateSecret;

/// The secret, and what its change needs.
pub(crate) struct Target {
    sought: Sought,
    needs: permission::UpdateSecret,
}

impl Operation for UpdateSecret {
    type Api = operations::UpdateSecret;
    type Target = Target;

    async fn access(
        input: &UpdateSecretRequest,
        look: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        let sought = Sought::find(look, &input.secret_id).await?;
        let kms_key_id = input.kms_key_id.as_deref();
        let account = sought.resource().account();
        let key_arn = encryption::stated_arn(kms_key_id, account, look.call().region());
        let needs = permission::UpdateSecret {
            secret: sought.resource(),
            description: input.description.clone().map(Cow::Owned),
            kms_key_arn: key_arn.map(Cow::Owned),
            kms_key_id: input.kms_key_id.clone().map(Cow::Owned),
            type_: input.type_.clone().map(Cow::Owned),
        };
        let target = Target {
            sought,
            needs: needs.clone(),
        };
        Ok(Access::to(target, needs))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<UpdateSecretResponse, Failure> {
        let input = call.input();
        let token = input
            .client_request_token
            .as_deref()
            .ok_or_else(errors::no_token)?;
        if input.type_.is_some() {
            return Err(errors::not_built("Type"));
        }
        let secret = call.target().sought.usable()?;
        let value = Value::read(&input.secret_string, &input.secret_binary)?;
        let (arn, name) = policy_text::heading(&secret.arn, &secret.name);
        let version_id = match (&secret.replication, value) {
            (Replication::ReplicaOf(_), None) if input.description.is_none() => {
                change_key_of_replica(&call, secret).await?;
                None
            }
            (Replication::ReplicaOf(_), _) => return Err(errors::is_replica()),
            (_, value) => change(&call, secret, token, value).await?,
        };
        Ok(UpdateSecretResponse {
            arn,
            name,
            version_id,
        })
    }
}

/// Changes the secret; answers the id of a new version.
async fn change(
    call: &Permitted<'_, UpdateSecret>,
    secret: &Secret,
    token: &str,
    value: Option<Value>,
) -> Result<Option<String>, Failure> {
    if let Some(value) = &value
        && fresh::is_replay(call, secret, token, value).await?
    {
        return Ok(Some(token.to_owned()));
    }
    let mut changed = secret.clone();
    change_key(call, &mut changed).await?;
    if let Some(description) = &call.input().description {
        changed.description = Some(description.clone()).filter(|words| !words.is_empty());
    }
    match value {
        Some(value) => {
            let current = [CURRENT.to_owned()];
            fresh::add(call, changed, token, &value, &current).await?;
            Ok(Some(token.to_owned()))
        }
        None => {
            Change::of(changed).keep(call).await?;
            Ok(None)
        }
    }
}

/// AWS: the versions in use open under the new key too, as far as the caller may open them.
async fn change_key(
    call: &Permitted<'_, UpdateSecret>,
    secret: &mut Secret,
) -> Result<(), Failure> {
    let Some(asked) = &call.input().kms_key_id else {
        return Ok(());
    };
    let key = encryption::named(Some(asked)).map(str::to_owned);
    if key == secret.kms_key_id {
        return Ok(());
    }
    secret.kms_key_id = key.clone();
    let arn = encryption::try_key(call, secret).await?;
    check_key(call, key.is_some(), arn).await?;
    for label in [CURRENT, PENDING, PREVIOUS] {
        let version = secret.versions.labelled(label);
        let version = version.filter(|version| version.has_own_value());
        let version = version.filter(|version| version.kms_key_ids.last() != Some(&key));
        let Some(id) = version.map(|version| version.id.clone()) else {
            continue;
        };
        match encryption::reseal(call, secret, &id).await {
            Ok(sealed) => {
                call.put(sealed);
                if let Some(version) = secret.versions.get_mut(&id) {
                    version.kms_key_ids.retain(|known| *known != key);
                    version.kms_key_ids.push(key.clone());
                }
            }
            Err(failure @ (Failure::Conflict | Failure::Internal(_))) => return Err(failure),
            Err(Failure::Fault(_) | Failure::Denied { .. }) => {}
        }
    }
    Ok(())
}

/// A key of the caller's choice is one that his policies let secrets have.
async fn check_key(
    call: &Permitted<'_, UpdateSecret>,
    chosen: bool,
    arn: String,
) -> Result<(), Failure> {
    let needs = &call.target().needs;
    if !chosen || needs.kms_key_arn.as_deref() == Some(&*arn) {
        return Ok(());
    }
    let again = permission::UpdateSecret {
        kms_key_arn: Some(Cow::Owned(arn.clone())),
        ..needs.clone()
    };
    match call.would_grant(again).await? {
        true => Ok(()),
        false => Err(errors::key_not_allowed("secretsmanager:UpdateSecret", &arn)),
    }
}

/// AWS: the key is all that a replica has of its own.
async fn change_key_of_replica(
    call: &Permitted<'_, UpdateSecret>,
    secret: &Secret,
) -> Result<(), Failure> {
    let mut changed = secret.clone();
    change_key(call, &mut changed).await?;
    let primary = same_name(call, secret, secret.primary_region()).await?;
    if let Some(primary) = primary.filter(|primary| is_copy(secret, primary)) {
        let mut replicas = primary.replication.replicas().to_vec();
        let mine = |region| region == secret.region;
        for replica in replicas.iter_mut().filter(|replica| mine(replica.region)) {
            replica.kms_key_id = changed.kms_key_id.clone();
        }
        call.put(Secret {
            replication: Replication::to(replicas),
            ..Secret::clone(&primary)
        });
    }
    changed.changed = call.call().now();
    call.put(changed);
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::testing::{SecretsManager, alcazar, token};
    use serde_json::{Value, json};

    #[tokio::test]
    async fn description_and_value() {
        let alcazar = alcazar().await;
        let root = alcazar.root();
        root.new_secret("s", "one").await;
        let told = root
            .secrets("UpdateSecret", json!({"SecretId": "s", "Description": "d"}))
            .await
            .ok();
        assert_eq!(told.field("VersionId"), "");
        alcazar.clock.advance_seconds(5);
        let input =
            json!({"SecretId": "s", "SecretString": "two", "ClientRequestToken": token("2")});
        let told = root.secrets("UpdateSecret", input.clone()).await.ok();
        assert_eq!(told.field("VersionId"), token("2"));
        assert_eq!(
            root.secrets("UpdateSecret", input).await.ok().text,
            told.text
        );
        let told = root
            .secrets("DescribeSecret", json!({"SecretId": "s"}))
            .await
            .ok()
            .json()
            .unwrap();
        assert_eq!(told["Description"], "d");
        assert!(told["LastChangedDate"].as_f64() > told["CreatedDate"].as_f64());
        assert_eq!(root.value("s").await, "two");
        let event = alcazar.event("UpdateSecret").await;
        assert_eq!(event["requestParameters"]["secretString"], Value::Null);
        let input =
            json!({"SecretId": "s", "SecretString": "three", "ClientRequestToken": token("2")});
        root.secrets("UpdateSecret", input)
            .await
            .fails("ResourceExistsException");
    }

    #[tokio::test]
    async fn another_key() {
        let alcazar = alcazar().await;
        let root = alcazar.root();
        root.new_secret("s", "one").await;
        root.secrets(
            "PutSecretValue",
            json!({"SecretId": "s", "SecretString": "two"}),
        )
        .await
        .ok();
        root.secrets(
            "PutSecretValue",
            json!({"SecretId": "s", "SecretString": "three"}),
        )
        .await
        .ok();
        let old = root
            .secrets("DescribeSecret", json!({"SecretId": "s"}))
            .await
            .ok()
            .field("KmsKeyId");
        let new = root.new_key().await;
        root.secrets("UpdateSecret", json!({"SecretId": "s", "KmsKeyId": new}))
            .await
            .ok();
        let input = json!({"SecretId": "s", "IncludeDeprecated": true});
        let listed = root
            .secrets("ListSecretVersionIds", input)
            .await
            .ok()
            .json()
            .unwrap();
        let keys: Vec<&Value> = listed["Versions"]
            .as_array()
            .unwrap()
            .iter()
            .map(|it| &it["KmsKeyIds"])
            .collect();
        assert_eq!(
            keys,
            [&json!([old]), &json!([old, new]), &json!([old, new])]
        );
        // Both keys open the versions in use; only the old one opens the first.
        let first = listed["Versions"][0]["VersionId"].clone();
        for (disabled, deprecated) in [(&old, "DecryptionFailure"), (&new, "")] {
            root.call("kms", "DisableKey", json!({"KeyId": disabled}))
                .await
                .ok();
            assert_eq!(root.value("s").await, "three");
            let read = root
                .secrets(
                    "GetSecretValue",
                    json!({"SecretId": "s", "VersionId": first}),
                )
                .await;
            match deprecated {
                "" => assert_eq!(read.ok().field("SecretString"), "one"),
                code => drop(read.fails(code)),
            }
            root.call("kms", "EnableKey", json!({"KeyId": disabled}))
                .await
                .ok();
        }
    }

    #[tokio::test]
    async fn what_is_refused() {
        let alcazar = alcazar().await;
        let root = alcazar.root();
        root.new_secret("s", "one").await;
        for (input, code) in [
            (json!({"SecretId": "t"}), "ResourceNotFoundException"),
            (
                json!({"SecretId": "s", "ClientRequestToken": null}),
                "InvalidRequestException",
            ),
            (
                json!({"SecretId": "s", "SecretString": "x", "SecretBinary": "YQ=="}),
                "InvalidParameterException",
            ),
            (
                json!({"SecretId": "s", "KmsKeyId": "alias/none"}),
                "EncryptionFailure",
            ),
            (
                json!({"SecretId": "s", "Type": "partner"}),
                "NotImplemented",
            ),
            (
                json!({"SecretId": "s", "Description": "x".repeat(2049)}),
                "ValidationException",
            ),
        ] {
            root.secrets("UpdateSecret", input).await.fails(code);
        }
        let (good, bad) = (root.new_key().await, root.new_key().await);
        let alias = json!({"AliasName": "alias/bad", "TargetKeyId": bad.rsplit('/').next()});
        root.call("kms", "CreateAlias", alias).await.ok();
        let policy = json!({"Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Action": "*", "Resource": "*"},
            {"Effect": "Deny", "Action": "secretsmanager:UpdateSecret", "Resource": "*",
                "Condition": {"ArnEquals": {"secretsmanager:KmsKeyArn": bad}}}]});
        let ann = alcazar.user("ann", &policy.to_string()).await;
        for key in [bad.as_str(), "alias/bad"] {
            let input = json!({"SecretId": "s", "KmsKeyId": key});
            ann.secrets("UpdateSecret", input)
                .await
                .fails("AccessDeniedException");
        }
        ann.secrets("UpdateSecret", json!({"SecretId": "s", "KmsKeyId": good}))
            .await
            .ok();
        root.secrets("DeleteSecret", json!({"SecretId": "s"}))
            .await
            .ok();
        root.secrets("UpdateSecret", json!({"SecretId": "s"}))
            .await
            .fails("InvalidRequestException");
    }
}
