//! What the tests of this crate share.

use base::{AccountId, Region, Timestamp};
use harness::{Alcazar, Answer, Client};
use identity::Document;
use policy::Grammar;
use serde_json::{Value, json};

use crate::replication::{Replica, Replication};
use crate::secret::Secret;
use crate::version::Versions;

/// An identity policy that allows everything.
pub(crate) const EVERYTHING: &str =
    r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#;

/// A server of Secrets Manager and KMS.
pub(crate) async fn alcazar() -> Alcazar {
    Alcazar::new(&[&crate::SERVICE, &kms::SERVICE]).await
}

/// A secret as it might be kept.
pub(crate) fn some_secret() -> Secret {
    let account = AccountId::from_number(111_122_223_333);
    let policy = r#"{"Statement":{"Effect":"Deny","Principal":"*","Action":"*","Resource":"*"}}"#;
    let mut versions = Versions::default();
    let current = ["AWSCURRENT".to_owned()];
    let made = Timestamp::from_seconds(1);
    versions.add("v1", made, Some("alias/k"), &current).unwrap();
    Secret {
        name: "a/b".into(),
        arn: Secret::arn_of(account, &Region::US_EAST_1, "a/b-AbCdEf"),
        account,
        region: Region::US_EAST_1,
        created: made,
        changed: Timestamp::from_seconds(2),
        description: Some("d".into()),
        kms_key_id: Some("alias/k".into()),
        tags: Some([("team", "red")].into_iter().collect()),
        policy: Some(Document::parse(policy, Grammar::Resource).unwrap()),
        deletion: Some(Timestamp::from_seconds(3)),
        versions,
        replication: Replication::To(vec![Replica {
            region: "eu-west-1".parse().unwrap(),
            kms_key_id: Some("k2".into()),
            failure: None,
        }]),
        rotation: None,
    }
}

/// A token for a call, of the length that AWS asks for.
pub(crate) fn token(text: &str) -> String {
    format!("{text:0>32}")
}

/// Calls of Secrets Manager, in fewer words.
pub(crate) trait SecretsManager {
    /// Calls `operation`; changes have a token that is new.
    async fn secrets(&self, operation: &str, input: Value) -> Answer;
    /// The ARN of a new key of the caller.
    async fn new_key(&self) -> String;
    /// The ARN of a new secret of this value, under a new key.
    async fn new_secret(&self, name: &str, value: &str) -> String;
    /// The current value.
    async fn value(&self, secret: &str) -> String;
}

impl SecretsManager for Client {
    async fn secrets(&self, operation: &str, mut input: Value) -> Answer {
        let takes_token = [
            "CreateSecret",
            "PutSecretValue",
            "RotateSecret",
            "UpdateSecret",
        ]
        .contains(&operation);
        if takes_token && input.get("ClientRequestToken").is_none() {
            let random: [u8; 16] = crypto::random::bytes();
            input["ClientRequestToken"] = json!(hex::encode(random));
        }
        self.call("secretsmanager", operation, input).await
    }

    async fn new_key(&self) -> String {
        let made = self.call("kms", "CreateKey", json!({})).await.ok();
        made.field("/KeyMetadata/Arn")
    }

    async fn new_secret(&self, name: &str, value: &str) -> String {
        let key = self.new_key().await;
        let input = json!({"Name": name, "SecretString": value, "KmsKeyId": key});
        self.secrets("CreateSecret", input).await.ok().field("ARN")
    }

    async fn value(&self, secret: &str) -> String {
        let read = self
            .secrets("GetSecretValue", json!({"SecretId": secret}))
            .await;
        read.ok().field("SecretString")
    }
}

/// A valid call of every operation, with `secret` wherever a secret is named.
pub(crate) fn every_call(secret: &str) -> Vec<(&'static str, Value)> {
    let on_secret = json!({"SecretId": secret});
    let with = |more: Value| {
        let mut input = on_secret.clone();
        for (name, value) in more.as_object().into_iter().flatten() {
            input[name] = value.clone();
        }
        input
    };
    let policy = r#"{"Version":"2012-10-17","Statement":[]}"#;
    vec![
        ("BatchGetSecretValue", json!({"SecretIdList": [secret]})),
        ("CancelRotateSecret", on_secret.clone()),
        ("CreateSecret", json!({"Name": secret})),
        ("DeleteResourcePolicy", on_secret.clone()),
        ("DeleteSecret", on_secret.clone()),
        ("DescribeSecret", on_secret.clone()),
        ("GetRandomPassword", json!({})),
        ("GetResourcePolicy", on_secret.clone()),
        ("GetSecretValue", on_secret.clone()),
        ("ListSecretVersionIds", on_secret.clone()),
        ("ListSecrets", json!({})),
        ("PutResourcePolicy", with(json!({"ResourcePolicy": policy}))),
        ("PutSecretValue", with(json!({"SecretString": "x"}))),
        (
            "RemoveRegionsFromReplication",
            with(json!({"RemoveReplicaRegions": ["eu-west-1"]})),
        ),
        (
            "ReplicateSecretToRegions",
            with(json!({"AddReplicaRegions": [{"Region": "eu-west-1"}]})),
        ),
        ("RestoreSecret", on_secret.clone()),
        ("RotateSecret", on_secret.clone()),
        ("StopReplicationToReplica", on_secret.clone()),
        ("TagResource", with(json!({"Tags": [{"Key": "a"}]}))),
        ("UntagResource", with(json!({"TagKeys": ["a"]}))),
        ("UpdateSecret", with(json!({"Description": "x"}))),
        (
            "UpdateSecretVersionStage",
            with(json!({"VersionStage": "x"})),
        ),
        (
            "ValidateResourcePolicy",
            with(json!({"ResourcePolicy": policy})),
        ),
    ]
}
