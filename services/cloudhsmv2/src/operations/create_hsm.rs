//! `cloudhsm:CreateHsm`: adds an HSM to a cluster.

use cloudhsmv2_api::shapes::{ClusterState, CreateHsmRequest, CreateHsmResponse, HsmState};
use cloudhsmv2_api::{operations, permission};
use pipeline::{Access, Failure, Lookup, Operation, Permitted};

use crate::cluster::{Cluster, Hsm, Sought};
use crate::{errors, ids, shapes};

pub(crate) struct CreateHsm;

/// HSMs of a cluster.
/// Source: AWS CloudHSM User Guide, "AWS CloudHSM quotas".
const MOST_HSMS: usize = 28;

impl Operation for CreateHsm {
    type Api = operations::CreateHsm;
    type Target = Sought;

    async fn access(input: &CreateHsmRequest, look: &Lookup<'_>) -> Result<Access<Self>, Failure> {
        let target = Sought::find(look, &input.cluster_id).await?;
        let cluster = target.resource();
        Ok(Access::to(target, permission::CreateHsm { cluster }))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<CreateHsmResponse, Failure> {
        let input = call.input();
        let cluster = call.target().existing()?;
        if input.ip_address.is_some() {
            return Err(errors::not_built("The address of an HSM"));
        }
        takes_another(cluster)?;
        if !cluster.subnets.contains_key(&input.availability_zone) {
            return Err(errors::no_subnet_in(&input.availability_zone));
        }
        let hsm = Hsm {
            id: ids::new("hsm"),
            zone: input.availability_zone.clone(),
            state: HsmState::CreateInProgress,
            last_backup: None,
        };
        let shown = shapes::hsm(cluster, &hsm);
        let mut changed = cluster.clone();
        changed.hsms.push(hsm);
        call.put(changed);
        Ok(CreateHsmResponse { hsm: Some(shown) })
    }
}

/// A cluster takes its first HSM before it is initialized, and others once it is active.
fn takes_another(cluster: &Cluster) -> Result<(), Failure> {
    if cluster.hsms.len() >= MOST_HSMS {
        return Err(errors::too_many_hsms());
    }
    match cluster.state {
        ClusterState::Active => Ok(()),
        ClusterState::Uninitialized if cluster.hsms.is_empty() => Ok(()),
        ClusterState::Uninitialized
        | ClusterState::InitializeInProgress
        | ClusterState::Initialized => Err(errors::not_yet_active(&cluster.id)),
        _ => cluster.in_state(&[ClusterState::Active]),
    }
}

#[cfg(test)]
mod tests {

    use serde_json::json;

    use crate::testing::{CloudHsm, active, alcazar, backup, cluster, guards, hsm, settle, text};

    const OPERATION: &str = "CreateHsm";

    #[tokio::test]
    async fn the_first_brings_a_certificate_signing_request() {
        let alcazar = alcazar().await;
        let cluster = cluster(&alcazar).await;
        let input = json!({"ClusterId": cluster, "AvailabilityZone": "us-east-1b"});
        let made = alcazar.root().does(OPERATION, input).await["Hsm"].clone();
        assert_eq!(made["State"], "CREATE_IN_PROGRESS");
        assert_eq!(made["SubnetId"], "subnet-00000002");
        let before = alcazar.root().cluster(&cluster).await;
        assert_eq!(before["Certificates"], json!({}));
        settle(&alcazar).await;
        let after = alcazar.root().cluster(&cluster).await;
        assert_eq!(after["Hsms"][0]["State"], "ACTIVE");
        assert_eq!(after["State"], "UNINITIALIZED");
        assert_eq!(after["PreCoPassword"].as_str().unwrap().len(), 26);
        let request = after["Certificates"]["ClusterCsr"].as_str().unwrap();
        assert!(request.starts_with("-----BEGIN CERTIFICATE REQUEST-----"));
        let event = alcazar.event(OPERATION).await;
        assert_eq!(event["responseElements"]["hsm"]["hsmId"], made["HsmId"]);
        alcazar.event("HsmCreated").await;
    }

    #[tokio::test]
    async fn others_join_an_active_cluster_in_its_zones() {
        let alcazar = alcazar().await;
        let (cluster, first) = active(&alcazar).await;
        let second = hsm(&alcazar, &cluster, "us-east-1b").await;
        for hsm in [&first, &second] {
            assert!(alcazar.hsms.there().contains(&format!("{cluster}/{hsm}")));
        }
        let found = alcazar.root().cluster(&cluster).await;
        assert_eq!(found["Hsms"][1]["State"], "ACTIVE");
        assert_eq!(found["PreCoPassword"], json!(null), "it is owned");
    }

    #[tokio::test]
    async fn the_first_after_the_last_is_made_of_the_newest_backup() {
        let alcazar = alcazar().await;
        let root = alcazar.root();
        let (cluster, first) = active(&alcazar).await;
        let input = json!({"ClusterId": cluster, "HsmId": first});
        root.does("DeleteHsm", input).await;
        settle(&alcazar).await;
        let there = alcazar.hsms.there();
        assert!(!there.iter().any(|token| token.starts_with(&cluster)));
        let again = hsm(&alcazar, &cluster, "us-east-1b").await;
        assert!(alcazar.hsms.there().contains(&format!("{cluster}/{again}")));
        let found = root.cluster(&cluster).await;
        assert_eq!(found["Hsms"][0]["State"], "ACTIVE");
        assert_eq!(found["State"], "ACTIVE");
        assert!(alcazar.hsms.is_owned(&again), "it holds what was kept");
    }

    #[tokio::test]
    async fn the_last_backup_outlives_its_retention() {
        let alcazar = alcazar().await;
        let root = alcazar.root();
        let (cluster, first) = active(&alcazar).await;
        alcazar.clock.advance_seconds(3600);
        let input = json!({"ClusterId": cluster, "HsmId": first});
        root.does("DeleteHsm", input).await;
        settle(&alcazar).await;
        let backups = || root.does("DescribeBackups", json!({}));
        let newest = backups().await["Backups"][0]["BackupId"].clone();
        assert_eq!(backups().await["Backups"].as_array().unwrap().len(), 2);
        let there = root.does(
            "CopyBackupToRegion",
            json!({"BackupId": newest, "DestinationRegion": "eu-west-1"}),
        );
        there.await;
        settle(&alcazar).await;
        alcazar.clock.advance_seconds(400 * 24 * 3600);
        settle(&alcazar).await;
        let left = backups().await["Backups"].clone();
        assert_eq!(left.as_array().unwrap().len(), 1, "all but the last go");
        assert_eq!(left[0]["BackupId"], newest);
        let copies = root.region("eu-west-1");
        let copies = copies.does("DescribeBackups", json!({})).await;
        assert_eq!(copies["Backups"][0]["BackupState"], "READY");
        let again = hsm(&alcazar, &cluster, "us-east-1b").await;
        assert_eq!(root.cluster(&cluster).await["Hsms"][0]["State"], "ACTIVE");
        assert!(alcazar.hsms.is_owned(&again), "it holds what was kept");
    }

    #[tokio::test]
    async fn what_a_cluster_began_with_does_not_take_the_place_of_what_it_had() {
        let alcazar = alcazar().await;
        let root = alcazar.root();
        let source = backup(&alcazar).await;
        let input = json!({
            "HsmType": "hsm1.medium",
            "SubnetIds": ["subnet-00000001", "subnet-00000002"],
            "SourceBackupId": source,
        });
        let made = root.does("CreateCluster", input).await;
        let cluster = text(&made["Cluster"]["ClusterId"]);
        settle(&alcazar).await;
        let first = hsm(&alcazar, &cluster, "us-east-1a").await;
        assert_eq!(root.cluster(&cluster).await["State"], "ACTIVE");
        let input = json!({"ClusterId": cluster, "HsmId": first});
        root.does("DeleteHsm", input).await;
        settle(&alcazar).await;
        let own = json!({"Filters": {"clusterIds": [cluster]}});
        let own = root.does("DescribeBackups", own).await["Backups"].clone();
        let own: Vec<_> = own.as_array().unwrap().iter().collect();
        assert!(!own.is_empty());
        for backup in &own {
            let input = json!({"BackupId": backup["BackupId"]});
            root.does("DeleteBackup", input).await;
        }
        hsm(&alcazar, &cluster, "us-east-1b").await;
        let state = || async { root.cluster(&cluster).await["Hsms"][0]["State"].clone() };
        assert_eq!(state().await, "CREATE_IN_PROGRESS");
        let input = json!({"BackupId": own[0]["BackupId"]});
        root.does("RestoreBackup", input).await;
        settle(&alcazar).await;
        assert_eq!(state().await, "ACTIVE");
    }

    #[tokio::test]
    async fn a_token_that_fails_is_tried_again() {
        let alcazar = alcazar().await;
        let cluster = cluster(&alcazar).await;
        alcazar.hsms.fail(true);
        let input = json!({"ClusterId": cluster, "AvailabilityZone": "us-east-1a"});
        alcazar.root().does(OPERATION, input).await;
        assert!(
            alcazar
                .core
                .run_worker(crate::workers::UPKEEP)
                .await
                .is_err()
        );
        let found = alcazar.root().cluster(&cluster).await;
        assert_eq!(found["Hsms"][0]["State"], "CREATE_IN_PROGRESS");
        alcazar.hsms.fail(false);
        settle(&alcazar).await;
        let found = alcazar.root().cluster(&cluster).await;
        assert_eq!(found["Hsms"][0]["State"], "ACTIVE");
    }

    #[tokio::test]
    async fn what_is_refused() {
        let alcazar = alcazar().await;
        let root = alcazar.root();
        let cluster = cluster(&alcazar).await;
        let invalid = "CloudHsmInvalidRequestException";
        let input =
            |cluster: &str, zone: &str| json!({"ClusterId": cluster, "AvailabilityZone": zone});
        let missing = root.fails(
            OPERATION,
            input("cluster-abcdefgh234", "us-east-1a"),
            "CloudHsmResourceNotFoundException",
        );
        missing
            .await
            .saying("Cluster 'cluster-abcdefgh234' not found.");
        root.fails(OPERATION, input(&cluster, "us-east-1c"), invalid)
            .await;
        let mut address = input(&cluster, "us-east-1a");
        address["IpAddress"] = json!("10.0.0.1");
        root.fails(OPERATION, address, "NotImplemented").await;
        hsm(&alcazar, &cluster, "us-east-1a").await;
        let early = root
            .fails(OPERATION, input(&cluster, "us-east-1b"), invalid)
            .await;
        early.saying(&format!(
            "Cluster '{cluster}' already contains an HSM but has not yet been fully activated"
        ));
        guards(&alcazar, OPERATION, input(&cluster, "us-east-1b")).await;
    }
}
