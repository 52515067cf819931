//! `secretsmanager:ReplicateSecretToRegions`: copies a secret to other regions, and keeps the copies as it is.

use pipeline::{Access, Failure, Lookup, Operation, Permitted};
use secretsmanager_api::shapes::{
    ReplicateSecretToRegionsRequest, ReplicateSecretToRegionsResponse,
};
use secretsmanager_api::{operations, permission};

use crate::keeping::Change;
use crate::replication::Replication;
use crate::secret::Secret;
use crate::sought::Sought;
use crate::{errors, replication};

pub(crate) struct ReplicateSecretToRegions;

impl Operation for ReplicateSecretToRegions {
    type Api = operations::ReplicateSecretToRegions;
    type Target = Sought;

    async fn access(
        input: &ReplicateSecretToRegionsRequest,
        look: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        let sought = Sought::find(look, &input.secret_id).await?;
        let force = input.force_overwrite_replica_secret.unwrap_or(false);
        let needs = permission::ReplicateSecretToRegions {
            secret: sought.resource(),
            add_replica_regions: replication::region_names(&input.add_replica_regions),
            force_overwrite_replica_secret: Some(force),
        };
        Ok(Access::to(sought, needs))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<ReplicateSecretToRegionsResponse, Failure> {
        let input = call.input();
        let secret = call.target().changeable()?;
        let added = replication::requested(&input.add_replica_regions, secret.region)?;
        let mut replicas = secret.replication.replicas().to_vec();
        for new in &added {
            match replicas
                .iter_mut()
                .find(|replica| replica.region == new.region)
            {
                None => replicas.push(new.clone()),
                // What failed may be tried again.
                Some(replica) if replica.failure.is_some() => *replica = new.clone(),
                Some(_) => return Err(errors::replicated_already(new.region)),
            }
        }
        let force = input.force_overwrite_replica_secret == Some(true);
        let regions = added.iter().map(|replica| replica.region);
        let change = Change {
            overwrite: if force { regions.collect() } else { Vec::new() },
            ..Change::of(Secret {
                replication: Replication::to(replicas),
                ..Secret::clone(secret)
            })
        };
        let kept = change.keep(&call).await?;
        Ok(ReplicateSecretToRegionsResponse {
            arn: Some(kept.arn.to_string()),
            replication_status: replication::status(&kept),
        })
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{SecretsManager, alcazar, token};
    use serde_json::{Value, json};

    const WEST: &str = "eu-west-1";

    #[tokio::test]
    async fn a_copy_under_a_key_of_its_region() {
        let alcazar = alcazar().await;
        let (root, west) = (alcazar.root(), alcazar.root().region(WEST));
        let arn = root.new_secret("s", "one").await;
        let key = west.new_key().await;
        let regions = json!([{"Region": WEST, "KmsKeyId": key}]);
        let input = json!({"SecretId": "s", "AddReplicaRegions": regions});
        let told = root
            .secrets("ReplicateSecretToRegions", input.clone())
            .await
            .ok()
            .json()
            .unwrap();
        let status = json!([{"Region": WEST, "KmsKeyId": key, "Status": "InSync", "StatusMessage": "Replication succeeded"}]);
        assert_eq!(told, json!({"ARN": arn, "ReplicationStatus": status}));
        root.secrets("ReplicateSecretToRegions", input)
            .await
            .fails("InvalidParameterException");
        assert_eq!(west.value("s").await, "one");
        assert_eq!(west.value(&arn.replace("us-east-1", WEST)).await, "one");
        let copy = west
            .secrets("DescribeSecret", json!({"SecretId": "s"}))
            .await
            .ok()
            .json()
            .unwrap();
        assert_eq!(
            (&copy["PrimaryRegion"], &copy["KmsKeyId"]),
            (&json!("us-east-1"), &json!(key))
        );
        // It is under its own region's key.
        let made: Vec<Value> = alcazar
            .events()
            .await
            .into_iter()
            .filter(|event| event["eventName"] == "GenerateDataKey")
            .collect();
        assert!(
            made.iter()
                .any(|event| event["awsRegion"] == WEST && event["resources"][0]["ARN"] == key)
        );
    }

    #[tokio::test]
    async fn the_copy_follows_every_change() {
        let alcazar = alcazar().await;
        let (root, west) = (alcazar.root(), alcazar.root().region(WEST));
        root.new_secret("s", "one").await;
        let regions = json!([{"Region": WEST, "KmsKeyId": west.new_key().await}]);
        let input = json!({"SecretId": "s", "AddReplicaRegions": regions});
        root.secrets("ReplicateSecretToRegions", input).await.ok();
        root.secrets(
            "PutSecretValue",
            json!({"SecretId": "s", "SecretString": "two", "ClientRequestToken": token("2")}),
        )
        .await
        .ok();
        root.secrets(
            "TagResource",
            json!({"SecretId": "s", "Tags": [{"Key": "a", "Value": "b"}]}),
        )
        .await
        .ok();
        let policy = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"AWS": "444455556666"},
            "Action": "secretsmanager:GetSecretValue", "Resource": "*"}]}).to_string();
        root.secrets(
            "PutResourcePolicy",
            json!({"SecretId": "s", "ResourcePolicy": policy}),
        )
        .await
        .ok();
        assert_eq!(west.value("s").await, "two");
        let input = json!({"SecretId": "s", "VersionStage": "AWSPREVIOUS"});
        assert_eq!(
            west.secrets("GetSecretValue", input)
                .await
                .ok()
                .field("SecretString"),
            "one"
        );
        let copy = west
            .secrets("DescribeSecret", json!({"SecretId": "s"}))
            .await
            .ok()
            .json()
            .unwrap();
        assert_eq!(copy["Tags"], json!([{"Key": "a", "Value": "b"}]));
        assert_eq!(
            west.secrets("GetResourcePolicy", json!({"SecretId": "s"}))
                .await
                .ok()
                .field("ResourcePolicy"),
            policy
        );
        assert_eq!(
            alcazar.event("ReplicateSecretToRegions").await["requestParameters"]["secretId"],
            "s"
        );
    }

    #[tokio::test]
    async fn a_copy_is_read_only() {
        let alcazar = alcazar().await;
        let (root, west) = (alcazar.root(), alcazar.root().region(WEST));
        let arn = root.new_secret("s", "one").await;
        let regions = json!([{"Region": WEST, "KmsKeyId": west.new_key().await}]);
        root.secrets(
            "ReplicateSecretToRegions",
            json!({"SecretId": "s", "AddReplicaRegions": regions}),
        )
        .await
        .ok();
        let words = "Operation not permitted on a replica secret. Call must be made in primary secret's region.";
        for (operation, mut input) in [
            ("PutSecretValue", json!({"SecretString": "x"})),
            ("UpdateSecret", json!({"SecretString": "x"})),
            ("UpdateSecret", json!({"Description": "x"})),
            ("UpdateSecretVersionStage", json!({"VersionStage": "x"})),
            ("DeleteSecret", json!({})),
            ("DeleteSecret", json!({"ForceDeleteWithoutRecovery": true})),
            ("RestoreSecret", json!({})),
            ("TagResource", json!({"Tags": [{"Key": "a"}]})),
            ("UntagResource", json!({"TagKeys": ["a"]})),
            ("PutResourcePolicy", json!({"ResourcePolicy": "{}"})),
            ("DeleteResourcePolicy", json!({})),
            (
                "ReplicateSecretToRegions",
                json!({"AddReplicaRegions": [{"Region": "eu-west-2"}]}),
            ),
            (
                "RemoveRegionsFromReplication",
                json!({"RemoveReplicaRegions": ["eu-west-2"]}),
            ),
        ] {
            input["SecretId"] = json!("s");
            west.secrets(operation, input)
                .await
                .fails("InvalidParameterException")
                .saying(words);
        }
        let words =
            format!("You can't delete secret {arn} that still has replica regions [{WEST}].");
        root.secrets("DeleteSecret", json!({"SecretId": "s"}))
            .await
            .fails("InvalidParameterException")
            .saying(&words);
        // Its key is its own.
        let key = west.new_key().await;
        west.secrets("UpdateSecret", json!({"SecretId": "s", "KmsKeyId": key}))
            .await
            .ok();
        let told = root
            .secrets("DescribeSecret", json!({"SecretId": "s"}))
            .await
            .ok();
        assert_eq!(told.field("/ReplicationStatus/0/KmsKeyId"), key);
        assert_eq!(west.value("s").await, "one");
    }

    #[tokio::test]
    async fn what_fails_in_a_region_is_said() {
        let alcazar = alcazar().await;
        let (root, west) = (alcazar.root(), alcazar.root().region(WEST));
        root.new_secret("s", "one").await;
        let mine = west.new_secret("s", "mine").await;
        let key = west.new_key().await;
        let mut input =
            json!({"SecretId": "s", "AddReplicaRegions": [{"Region": WEST, "KmsKeyId": key}]});
        let told = root
            .secrets("ReplicateSecretToRegions", input.clone())
            .await
            .ok();
        assert_eq!(told.field("/ReplicationStatus/0/Status"), "Failed");
        let words = format!("Replication failed: Secret name s already exists in region {WEST}.");
        assert_eq!(told.field("/ReplicationStatus/0/StatusMessage"), words);
        assert_eq!(west.value("s").await, "mine");
        input["ForceOverwriteReplicaSecret"] = json!(true);
        let told = root.secrets("ReplicateSecretToRegions", input).await.ok();
        assert_eq!(told.field("/ReplicationStatus/0/Status"), "InSync");
        assert_eq!(west.value("s").await, "one");
        west.secrets("GetSecretValue", json!({"SecretId": mine}))
            .await
            .fails("ResourceNotFoundException");
        // A key that is disabled leaves the copy as it is, until it is enabled and something changes.
        west.call("kms", "DisableKey", json!({"KeyId": key}))
            .await
            .ok();
        root.secrets(
            "PutSecretValue",
            json!({"SecretId": "s", "SecretString": "two"}),
        )
        .await
        .ok();
        let told = root
            .secrets("DescribeSecret", json!({"SecretId": "s"}))
            .await
            .ok();
        assert_eq!(told.field("/ReplicationStatus/0/Status"), "Failed");
        west.call("kms", "EnableKey", json!({"KeyId": key}))
            .await
            .ok();
        assert_eq!(west.value("s").await, "one");
        root.secrets(
            "TagResource",
            json!({"SecretId": "s", "Tags": [{"Key": "a"}]}),
        )
        .await
        .ok();
        assert_eq!(west.value("s").await, "two");
    }

    #[tokio::test]
    async fn copies_go_or_stay() {
        let alcazar = alcazar().await;
        let (root, west, north) = (
            alcazar.root(),
            alcazar.root().region(WEST),
            alcazar.root().region("eu-north-1"),
        );
        let (west_key, north_key) = (west.new_key().await, north.new_key().await);
        let input = json!({"Name": "s", "SecretString": "one", "KmsKeyId": root.new_key().await,
            "AddReplicaRegions": [{"Region": WEST, "KmsKeyId": west_key}, {"Region": "eu-north-1", "KmsKeyId": north_key}]});
        let made = root.secrets("CreateSecret", input).await.ok();
        assert_eq!(made.field("/ReplicationStatus/1/Status"), "InSync");
        let arn = made.field("ARN");
        root.secrets("StopReplicationToReplica", json!({"SecretId": "s"}))
            .await
            .fails("InvalidRequestException");
        let stopped = west
            .secrets("StopReplicationToReplica", json!({"SecretId": "s"}))
            .await
            .ok();
        assert_eq!(stopped.field("ARN"), arn.replace("us-east-1", WEST));
        let removed = json!({"SecretId": "s", "RemoveReplicaRegions": ["eu-north-1"]});
        let told = root
            .secrets("RemoveRegionsFromReplication", removed.clone())
            .await
            .ok()
            .json()
            .unwrap();
        assert_eq!(told, json!({"ARN": arn, "ReplicationStatus": []}));
        root.secrets("RemoveRegionsFromReplication", removed)
            .await
            .fails("InvalidParameterException");
        north
            .secrets("DescribeSecret", json!({"SecretId": "s"}))
            .await
            .fails("ResourceNotFoundException");
        west.secrets(
            "PutSecretValue",
            json!({"SecretId": "s", "SecretString": "west"}),
        )
        .await
        .ok();
        root.secrets(
            "PutSecretValue",
            json!({"SecretId": "s", "SecretString": "east"}),
        )
        .await
        .ok();
        assert_eq!(
            (west.value("s").await, root.value("s").await),
            ("west".into(), "east".into())
        );
        root.secrets("DeleteSecret", json!({"SecretId": "s"}))
            .await
            .ok();
        assert_eq!(west.value("s").await, "west");
    }
}
