//! `secretsmanager:CreateSecret`: a new secret, with or without a first value.

use std::borrow::Cow;
use std::sync::Arc;

use base::{Arn, Tags};
use pipeline::{Access, Failure, Lookup, Operation, Permitted};
use secretsmanager_api::shapes::{CreateSecretRequest, CreateSecretResponse};
use secretsmanager_api::{operations, permission};

use crate::keeping::Change;
use crate::replication::Replication;
use crate::secret::{SUFFIX_LENGTH, Secret, is_name};
use crate::sought::Sought;
use crate::value::Value;
use crate::version::{CURRENT, Versions};
use crate::{encryption, errors, fresh, password, replication, tags};

pub(crate) struct CreateSecret;

/// The secret to be made.
pub(crate) struct Wanted {
    arn: Arn,
    tags: Tags,
    needs: permission::CreateSecret,
}

impl Operation for CreateSecret {
    type Api = operations::CreateSecret;
    type Target = Wanted;

    async fn access(
        input: &CreateSecretRequest,
        look: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        if !is_name(&input.name) {
            return Err(errors::invalid_name());
        }
        let (account, region) = (look.call().account(), look.call().region());
        let suffix = password::arn_suffix(SUFFIX_LENGTH);
        let arn = Secret::arn_of(account, &region, &format!("{}-{suffix}", input.name));
        let request_tags = tags::requested(input.tags.as_deref().unwrap_or_default())?;
        let sought = Sought::new(
            &input.name,
            arn.clone(),
            account,
            region,
            request_tags.clone(),
        );
        let needs = needs(input, &sought, &request_tags, look);
        let (secret, regions) = (needs.secret.clone(), needs.add_replica_regions.clone());
        let force = needs.force_overwrite_replica_secret;
        let wanted = Wanted {
            arn,
            tags: request_tags.clone(),
            needs: needs.clone(),
        };
        let mut access = Access::to(wanted, needs);
        if !request_tags.is_empty() {
            let secret = secret.clone();
            access = access.and(permission::TagResource {
                secret,
                request_tags,
            });
        }
        if regions.is_some() {
            access = access.and(permission::ReplicateSecretToRegions {
                secret,
                add_replica_regions: regions,
                force_overwrite_replica_secret: force,
            });
        }
        Ok(access)
    }

    async fn run(call: Permitted<'_, Self>) -> Result<CreateSecretResponse, Failure> {
        let input = call.input();
        let token = input
            .client_request_token
            .as_deref()
            .ok_or_else(errors::no_token)?;
        check_built(input)?;
        let value = Value::read(&input.secret_string, &input.secret_binary)?;
        let wanted = new_secret(&call)?;
        let place = Secret::key_of(wanted.account, &wanted.region, &wanted.name);
        if let Some(existing) = call.look().get::<Secret>(&place).await? {
            return replay(&call, &existing, token, value).await;
        }
        check_key(&call, &wanted).await?;
        let kept = keep(&call, wanted, token, value.as_ref()).await?;
        Ok(reply(&kept, value.is_some().then_some(token)))
    }
}

fn needs(
    input: &CreateSecretRequest,
    sought: &Sought,
    request_tags: &Tags,
    look: &Lookup<'_>,
) -> permission::CreateSecret {
    let kms_key_id = input.kms_key_id.as_deref();
    let (account, region) = (look.call().account(), look.call().region());
    let regions = input.add_replica_regions.as_deref().unwrap_or_default();
    permission::CreateSecret {
        secret: sought.resource(),
        add_replica_regions: replication::region_names(regions),
        description: input.description.clone().map(Cow::Owned),
        force_overwrite_replica_secret: Some(input.force_overwrite_replica_secret.unwrap_or(false)),
        kms_key_arn: encryption::stated_arn(kms_key_id, account, region).map(Cow::Owned),
        kms_key_id: input.kms_key_id.clone().map(Cow::Owned),
        name: Some(Cow::Owned(input.name.clone())),
        request_tags: request_tags.clone(),
        type_: input.type_.clone().map(Cow::Owned),
    }
}

fn check_built(input: &CreateSecretRequest) -> Result<(), Failure> {
    match (&input.type_, &input.cross_account_primary_arn) {
        (Some(_), _) => Err(errors::not_built("Type")),
        (_, Some(_)) => Err(errors::not_built("CrossAccountPrimaryARN")),
        (None, None) => Ok(()),
    }
}

fn new_secret(call: &Permitted<'_, CreateSecret>) -> Result<Secret, Failure> {
    let (input, wanted) = (call.input(), call.target());
    let (region, now) = (call.call().region(), call.call().now());
    let replicas = input.add_replica_regions.as_deref().unwrap_or_default();
    let tags = tags::added(&Tags::default(), &wanted.tags)?;
    let kms_key_id = encryption::named(input.kms_key_id.as_deref());
    Ok(Secret {
        name: input.name.clone(),
        arn: wanted.arn.clone(),
        account: call.call().account(),
        region,
        created: now,
        changed: now,
        description: input.description.clone().filter(|words| !words.is_empty()),
        kms_key_id: kms_key_id.map(str::to_owned),
        tags: input.tags.as_ref().map(|_| tags),
        policy: None,
        deletion: None,
        versions: Versions::default(),
        replication: Replication::to(replication::requested(replicas, region)?),
        rotation: None,
    })
}

/// The secret is there: the same call once more, or another one.
async fn replay(
    call: &Permitted<'_, CreateSecret>,
    existing: &Arc<Secret>,
    token: &str,
    value: Option<Value>,
) -> Result<CreateSecretResponse, Failure> {
    if existing.deletion.is_some() {
        return Err(errors::name_marked_for_deletion());
    }
    match value {
        Some(value) if fresh::is_replay(call, existing, token, &value).await? => {
            Ok(reply(existing, Some(token)))
        }
        _ => Err(errors::secret_exists(&existing.name)),
    }
}

/// A key of the caller's choice is one that he may use, and that his policies let secrets have.
async fn check_key(call: &Permitted<'_, CreateSecret>, wanted: &Secret) -> Result<(), Failure> {
    if wanted.kms_key_id.is_none() {
        return Ok(());
    }
    let (key, needs) = (
        encryption::try_key(call, wanted).await?,
        &call.target().needs,
    );
    if needs.kms_key_arn.as_deref() == Some(&*key) {
        return Ok(());
    }
    let again = permission::CreateSecret {
        kms_key_arn: Some(Cow::Owned(key.clone())),
        ..needs.clone()
    };
    match call.would_grant(again).await? {
        true => Ok(()),
        false => Err(errors::key_not_allowed("secretsmanager:CreateSecret", &key)),
    }
}

async fn keep(
    call: &Permitted<'_, CreateSecret>,
    wanted: Secret,
    token: &str,
    value: Option<&Value>,
) -> Result<Secret, Failure> {
    let force = call.input().force_overwrite_replica_secret == Some(true);
    let replicas = wanted.replication.replicas().iter();
    let regions = replicas.map(|replica| replica.region);
    let overwrite = if force { regions.collect() } else { Vec::new() };
    let mut change = Change {
        overwrite,
        ..Change::of(wanted)
    };
    if let Some(value) = value {
        let (now, key) = (call.call().now(), change.secret.kms_key_id.clone());
        let current = [CURRENT.to_owned()];
        change
            .secret
            .versions
            .add(token, now, key.as_deref(), &current)?;
        change.fresh = Some((token, value));
    }
    change.keep(call).await
}

fn reply(secret: &Secret, version: Option<&str>) -> CreateSecretResponse {
    CreateSecretResponse {
        arn: Some(secret.arn.to_string()),
        name: Some(secret.name.clone()),
        version_id: version.map(str::to_owned),
        replication_status: replication::status(secret),
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{EVERYTHING, SecretsManager, alcazar, token};
    use serde_json::{Value, json};

    #[tokio::test]
    async fn a_secret_with_all_it_can_have() {
        let alcazar = alcazar().await;
        let root = alcazar.root();
        let key = root.new_key().await;
        let input = json!({"Name": "prod/db", "Description": "d", "KmsKeyId": key, "SecretString": "hunter2",
            "ClientRequestToken": token("1"), "Tags": [{"Key": "team", "Value": "red"}]});
        let made = root.secrets("CreateSecret", input).await.ok();
        let arn = made.field("ARN");
        let suffix =
            arn.strip_prefix("arn:aws:secretsmanager:us-east-1:111122223333:secret:prod/db-");
        assert!(
            suffix.is_some_and(|it| it.len() == 6 && it.bytes().all(|b| b.is_ascii_alphabetic())),
            "{arn}"
        );
        assert_eq!(
            made.json().unwrap(),
            json!({"ARN": arn, "Name": "prod/db", "VersionId": token("1")})
        );
        let told = root
            .secrets("DescribeSecret", json!({"SecretId": "prod/db"}))
            .await
            .ok()
            .json()
            .unwrap();
        assert_eq!(told["Description"], "d");
        assert_eq!(told["KmsKeyId"], key);
        assert_eq!(told["Tags"], json!([{"Key": "team", "Value": "red"}]));
        assert_eq!(
            told["VersionIdsToStages"],
            json!({token("1"): ["AWSCURRENT"]})
        );
        assert_eq!(root.value(&arn).await, "hunter2");
        let event = alcazar.event("CreateSecret").await;
        assert_eq!(event["requestParameters"]["name"], "prod/db");
        assert_eq!(event["responseElements"]["aRN"], arn);
        assert_eq!(event["requestParameters"]["secretString"], Value::Null);
    }

    #[tokio::test]
    async fn a_secret_without_a_value() {
        let alcazar = alcazar().await;
        let root = alcazar.root();
        let made = root
            .secrets("CreateSecret", json!({"Name": "empty"}))
            .await
            .ok();
        assert_eq!(made.field("VersionId"), "");
        let told = root
            .secrets("DescribeSecret", json!({"SecretId": "empty"}))
            .await
            .ok();
        assert_eq!(told.field("VersionIdsToStages"), "");
        let words =
            "Secrets Manager can't find the specified secret value for staging label: AWSCURRENT";
        let read = root
            .secrets("GetSecretValue", json!({"SecretId": "empty"}))
            .await;
        read.fails("ResourceNotFoundException").saying(words);
    }

    #[tokio::test]
    async fn the_same_call_once_more() {
        let alcazar = alcazar().await;
        let root = alcazar.root();
        let key = root.new_key().await;
        let mut input = json!({"Name": "s", "KmsKeyId": key, "SecretString": "a", "ClientRequestToken": token("1")});
        let first = root.secrets("CreateSecret", input.clone()).await.ok();
        let second = root.secrets("CreateSecret", input.clone()).await.ok();
        assert_eq!(first.text, second.text);
        input["SecretString"] = json!("b");
        let words = format!(
            "You can't use ClientRequestToken {} because that value is already in use for a version \
                             of secret {}.",
            token("1"),
            first.field("ARN")
        );
        root.secrets("CreateSecret", input.clone())
            .await
            .fails("ResourceExistsException")
            .saying(&words);
        input["ClientRequestToken"] = json!(token("2"));
        let words = "The operation failed because the secret s already exists.";
        root.secrets("CreateSecret", input.clone())
            .await
            .fails("ResourceExistsException")
            .saying(words);
        root.secrets("DeleteSecret", json!({"SecretId": "s"}))
            .await
            .ok();
        input["ClientRequestToken"] = json!(token("1"));
        let words = "You can't create this secret because a secret with this name is already scheduled for deletion.";
        root.secrets("CreateSecret", input)
            .await
            .fails("InvalidRequestException")
            .saying(words);
    }

    #[tokio::test]
    async fn what_is_refused() {
        let root = alcazar().await.root();
        let name = "Invalid name. Must be a valid name containing alphanumeric characters, or any of the following: -/_+=.@!";
        let no_token =
            "You must provide a ClientRequestToken value. We recommend a UUID-type value.";
        for (input, code, words) in [
            (json!({"Name": "a b"}), "ValidationException", name),
            (
                json!({"Name": "a", "ClientRequestToken": null}),
                "InvalidRequestException",
                no_token,
            ),
            (
                json!({"Name": "a", "ClientRequestToken": "short"}),
                "ValidationException",
                "",
            ),
            (
                json!({"Name": "a", "SecretString": "b", "SecretBinary": "YQ=="}),
                "InvalidParameterException",
                "",
            ),
            (
                json!({"Name": "a", "SecretString": ""}),
                "ValidationException",
                "",
            ),
            (
                json!({"Name": "a", "SecretString": "x".repeat(65_537)}),
                "ValidationException",
                "",
            ),
            (
                json!({"Name": "a", "SecretString": "é".repeat(40_000)}),
                "ValidationException",
                "",
            ),
        ] {
            let refused = root
                .secrets("CreateSecret", input.clone())
                .await
                .fails(code);
            assert!(
                words.is_empty() || refused.message() == words,
                "{input}: {}",
                refused.text
            );
        }
    }

    #[tokio::test]
    async fn what_is_refused_beside_values() {
        let root = alcazar().await.root();
        let regions = |regions: &[&str]| {
            let regions = regions.iter().map(|it| json!({"Region": it}));
            json!(regions.collect::<Vec<_>>())
        };
        for (input, code, words) in [
            (
                json!({"Name": "a", "Tags": [{"Key": "a"}, {"Key": "a"}]}),
                "InvalidParameterException",
                "",
            ),
            (
                json!({"Name": "a", "Tags": [{"Key": "aws:a"}]}),
                "InvalidParameterException",
                "",
            ),
            (
                json!({"Name": "a", "AddReplicaRegions": regions(&["us-east-1"])}),
                "InvalidParameterException",
                "Invalid replica region.",
            ),
            (
                json!({"Name": "a", "AddReplicaRegions": regions(&["eu-west-1", "eu-west-1"])}),
                "InvalidParameterException",
                "",
            ),
            (
                json!({"Name": "a", "Type": "partner"}),
                "NotImplemented",
                "",
            ),
            (
                json!({"Name": "a", "CrossAccountPrimaryARN": "a".repeat(30)}),
                "NotImplemented",
                "",
            ),
            (
                json!({"Name": "a", "KmsKeyId": "alias/none"}),
                "EncryptionFailure",
                "",
            ),
        ] {
            let refused = root
                .secrets("CreateSecret", input.clone())
                .await
                .fails(code);
            assert!(
                words.is_empty() || refused.message() == words,
                "{input}: {}",
                refused.text
            );
        }
        let listed = root
            .secrets("ListSecrets", json!({}))
            .await
            .ok()
            .json()
            .unwrap();
        assert_eq!(listed["SecretList"], json!([]));
    }

    #[tokio::test]
    async fn largest_values() {
        let root = alcazar().await.root();
        root.new_secret("s", &"x".repeat(65_536)).await;
        assert_eq!(root.value("s").await.len(), 65_536);
    }

    #[tokio::test]
    async fn conditions_of_the_request() {
        let alcazar = alcazar().await;
        let root = alcazar.root();
        let (good, other) = (root.new_key().await, root.new_key().await);
        for (alias, key) in [("alias/good", &good), ("alias/other", &other)] {
            root.call(
                "kms",
                "CreateAlias",
                json!({"AliasName": alias, "TargetKeyId": key.rsplit('/').next()}),
            )
            .await
            .ok();
        }
        let policy = json!({"Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Action": "kms:*", "Resource": "*"},
            {"Effect": "Allow", "Action": ["secretsmanager:*"], "Resource": "*"},
            {"Effect": "Deny", "Action": "secretsmanager:CreateSecret", "Resource": "*",
                "Condition": {"StringNotEqualsIfExists": {"secretsmanager:Name": ["a", "b", "c"]}}},
            {"Effect": "Deny", "Action": "secretsmanager:CreateSecret", "Resource": "*",
                "Condition": {"ArnEquals": {"secretsmanager:KmsKeyArn": other}}},
            {"Effect": "Deny", "Action": "secretsmanager:CreateSecret", "Resource": "*",
                "Condition": {"StringLike": {"secretsmanager:Description": "bad*"}}},
            {"Effect": "Deny", "Action": "secretsmanager:CreateSecret", "Resource": "*",
                "Condition": {"ForAnyValue:StringEquals": {"secretsmanager:AddReplicaRegions": "eu-west-1"}}},
            {"Effect": "Deny", "Action": "secretsmanager:CreateSecret", "Resource": "*",
                "Condition": {"Bool": {"secretsmanager:ForceOverwriteReplicaSecret": "true"}}},
            {"Effect": "Deny", "Action": "secretsmanager:TagResource", "Resource": "*",
                "Condition": {"StringEquals": {"aws:RequestTag/team": "blue"}}},
            {"Effect": "Deny", "Action": "secretsmanager:ReplicateSecretToRegions", "Resource": "*",
                "Condition": {"ForAnyValue:StringEquals": {"secretsmanager:AddReplicaRegions": "eu-west-2"}}},
        ]});
        let ann = alcazar.user("ann", &policy.to_string()).await;
        for input in [
            json!({"Name": "d"}),
            json!({"Name": "a", "KmsKeyId": other}),
            json!({"Name": "a", "KmsKeyId": "alias/other"}),
            json!({"Name": "a", "KmsKeyId": other.rsplit('/').next()}),
            json!({"Name": "a", "Description": "bad one"}),
            json!({"Name": "a", "AddReplicaRegions": [{"Region": "eu-west-1"}]}),
            json!({"Name": "a", "AddReplicaRegions": [{"Region": "eu-west-2"}]}),
            json!({"Name": "a", "ForceOverwriteReplicaSecret": true}),
            json!({"Name": "a", "Tags": [{"Key": "team", "Value": "blue"}]}),
        ] {
            ann.secrets("CreateSecret", input)
                .await
                .fails("AccessDeniedException");
        }
        ann.secrets("CreateSecret", json!({"Name": "a", "KmsKeyId": good}))
            .await
            .ok();
        ann.secrets(
            "CreateSecret",
            json!({"Name": "b", "KmsKeyId": "alias/good"}),
        )
        .await
        .ok();
        ann.secrets(
            "CreateSecret",
            json!({"Name": "c", "Tags": [{"Key": "team", "Value": "red"}]}),
        )
        .await
        .ok();
    }

    #[tokio::test]
    async fn a_key_that_the_caller_may_not_use() {
        let alcazar = alcazar().await;
        let key = alcazar.root().new_key().await;
        for missing in ["kms:GenerateDataKey", "kms:Decrypt"] {
            let policy = json!({"Version": "2012-10-17", "Statement": [
                {"Effect": "Allow", "Action": "*", "Resource": "*"},
                {"Effect": "Deny", "Action": missing, "Resource": "*"}]});
            let ann = alcazar.user("ann", &policy.to_string()).await;
            let input = json!({"Name": "a", "KmsKeyId": key, "SecretString": "x"});
            let refused = ann.secrets("CreateSecret", input).await;
            refused
                .fails("AccessDeniedException")
                .saying("Access to KMS is not allowed");
        }
        let ann = alcazar.user("bob", EVERYTHING).await;
        ann.secrets("DescribeSecret", json!({"SecretId": "a"}))
            .await
            .fails("ResourceNotFoundException");
    }
}
