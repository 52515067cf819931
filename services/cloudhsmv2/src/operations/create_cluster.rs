//! `cloudhsm:CreateCluster`: makes a cluster without HSMs, new or from a backup.

use std::collections::BTreeMap;

use base::{Region, Secret, Timestamp};
use cloudhsmv2_api::shapes::{
    BackupRetentionPolicy, BackupRetentionType, ClusterMode, ClusterState, CreateClusterRequest,
    CreateClusterResponse, NetworkType,
};
use cloudhsmv2_api::{operations, permission};
use pipeline::{Access, Failure, Lookup, Operation, Permitted};

use crate::cluster::Cluster;
use crate::{backup, errors, ids, shapes, tags};

pub(crate) struct CreateCluster;

/// Clusters of an account in a region.
/// Source: AWS CloudHSM User Guide, "AWS CloudHSM quotas".
const MOST_CLUSTERS: usize = 4;
const ZONES: [char; 6] = ['a', 'b', 'c', 'd', 'e', 'f'];
const USUAL_RETENTION_DAYS: u16 = 90;
const RETENTION_DAYS: std::ops::RangeInclusive<u16> = 7..=379;
/// The type that has one mode, which need not be named.
const FIPS_ALONE: &str = "hsm1.medium";
const OTHER_TYPES: [&str; 1] = ["hsm2m.medium"];

impl Operation for CreateCluster {
    type Api = operations::CreateCluster;
    type Target = Option<backup::Sought>;

    async fn access(
        input: &CreateClusterRequest,
        look: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        let source = match &input.source_backup_id {
            Some(name) => Some(backup::Sought::anywhere(look, name).await?),
            None => None,
        };
        let request_tags = tags::requested(&input.tag_list);
        let needs = permission::CreateCluster {
            backup: source.as_ref().map(backup::Sought::resource),
            request_tags: request_tags.clone(),
        };
        let access = Access::to(source, needs);
        Ok(match request_tags.is_empty() {
            true => access,
            false => access.and(permission::TagResource {
                backup: None,
                cluster: None,
                request_tags,
            }),
        })
    }

    async fn run(call: Permitted<'_, Self>) -> Result<CreateClusterResponse, Failure> {
        let input = call.input();
        let (account, region, now) = (
            call.call().account(),
            call.call().region(),
            call.call().now(),
        );
        if input.network_type == Some(NetworkType::Dualstack) {
            return Err(errors::not_built("NetworkType DUALSTACK"));
        }
        let mode = mode(input)?;
        if let Some(source) = call.target() {
            fits(source.existing()?, input, mode)?;
        }
        let prefix = Cluster::prefix(account, &region);
        let there = crate::paging::all::<Cluster>(call.look(), &prefix).await?;
        let alive = there.iter().filter(|it| it.state != ClusterState::Deleted);
        if alive.count() >= MOST_CLUSTERS {
            return Err(errors::too_many_clusters());
        }
        let id = ids::new("cluster");
        let source = call
            .target()
            .as_ref()
            .and_then(|source| source.found.clone());
        let cluster = Cluster {
            arn: Cluster::arn_of(account, &region, &id),
            id,
            account,
            region,
            created: now,
            hsm_type: input.hsm_type.clone(),
            mode,
            network_type: NetworkType::Ipv4,
            retention_days: retention_days(&input.backup_retention_policy)?,
            subnets: subnets(&input.subnet_ids, &region)?,
            certificate: source.as_ref().and_then(|it| it.certificate.clone()),
            source_backup: source.map(|backup| backup.id.clone()),
            state: ClusterState::CreateInProgress,
            since: now,
            hsms: Vec::new(),
            officer: Secret::new(ids::password::<26>()),
            request: None,
            last_backup: None::<Timestamp>,
            tags: tags::new(&input.tag_list)?,
        };
        let shown = shapes::cluster(&cluster, false);
        call.put(cluster);
        Ok(CreateClusterResponse {
            cluster: Some(shown),
        })
    }
}

fn mode(input: &CreateClusterRequest) -> Result<ClusterMode, Failure> {
    match (input.hsm_type.as_str(), input.mode) {
        (FIPS_ALONE, Some(ClusterMode::NonFips)) => Err(errors::mode_unsupported(FIPS_ALONE)),
        (FIPS_ALONE, _) => Ok(ClusterMode::Fips),
        (other, _) if !OTHER_TYPES.contains(&other) => Err(errors::unknown_hsm_type(other)),
        (_, Some(mode)) => Ok(mode),
        (other, None) => Err(errors::mode_missing(other)),
    }
}

/// A cluster of a backup is like the one that the backup is of.
fn fits(
    backup: &backup::Backup,
    input: &CreateClusterRequest,
    mode: ClusterMode,
) -> Result<(), Failure> {
    backup.in_state(cloudhsmv2_api::shapes::BackupState::Ready)?;
    if backup.hsm_type != input.hsm_type {
        return Err(errors::other_than_the_backup("HSM type"));
    }
    match backup.mode == mode {
        true => Ok(()),
        false => Err(errors::other_than_the_backup("mode")),
    }
}

/// How many days backups are kept.
pub(crate) fn retention_days(policy: &Option<BackupRetentionPolicy>) -> Result<u16, Failure> {
    let Some(policy) = policy else {
        return Ok(USUAL_RETENTION_DAYS);
    };
    let days = policy.value.as_deref().and_then(|days| days.parse().ok());
    let days = days.filter(|days| RETENTION_DAYS.contains(days));
    match (policy.type_, days) {
        (Some(BackupRetentionType::Days), Some(days)) => Ok(days),
        _ => Err(errors::retention_days()),
    }
}

fn subnets(given: &[String], region: &Region) -> Result<BTreeMap<String, String>, Failure> {
    if given.len() > ZONES.len() {
        return Err(errors::too_many_zones());
    }
    let mut distinct: Vec<&String> = given.iter().collect();
    distinct.sort();
    distinct.dedup();
    if distinct.len() < given.len() {
        return Err(errors::duplicate_subnet());
    }
    let zone = |letter: &char| format!("{}{letter}", region.as_str());
    Ok(ZONES.iter().map(zone).zip(given.iter().cloned()).collect())
}

#[cfg(test)]
mod tests {

    use serde_json::json;

    use crate::testing::{CloudHsm, alcazar, backup, guards, settle, text};

    const OPERATION: &str = "CreateCluster";

    #[tokio::test]
    async fn it_waits_for_its_first_hsm() {
        let alcazar = alcazar().await;
        let input = json!({
            "HsmType": "hsm2m.medium",
            "Mode": "NON_FIPS",
            "SubnetIds": ["subnet-00000001", "subnet-00000002"],
            "BackupRetentionPolicy": {"Type": "DAYS", "Value": "7"},
            "TagList": [{"Key": "team", "Value": "red"}],
        });
        let made = alcazar.root().does(OPERATION, input).await["Cluster"].clone();
        assert_eq!(made["State"], "CREATE_IN_PROGRESS");
        assert_eq!(made["PreCoPassword"], json!(null));
        settle(&alcazar).await;
        let found = alcazar.root().cluster(&text(&made["ClusterId"])).await;
        assert_eq!(found["State"], "UNINITIALIZED");
        assert_eq!(found["Mode"], "NON_FIPS");
        assert_eq!(found["Hsms"], json!([]));
        assert_eq!(found["BackupRetentionPolicy"]["Value"], "7");
        assert_eq!(found["SubnetMapping"]["us-east-1b"], "subnet-00000002");
        assert_eq!(found["TagList"], json!([{"Key": "team", "Value": "red"}]));
        let event = alcazar.event(OPERATION).await;
        assert_eq!(event["eventSource"], "cloudhsm.amazonaws.com");
        assert_eq!(event["requestParameters"]["hsmType"], "hsm2m.medium");
        let other = alcazar
            .other_root()
            .does("DescribeClusters", json!({}))
            .await;
        assert_eq!(other["Clusters"], json!([]), "it is the account's own");
    }

    #[tokio::test]
    async fn from_a_backup() {
        let alcazar = alcazar().await;
        let backup = backup(&alcazar).await;
        let arn = format!("arn:aws:cloudhsm:us-east-1:111122223333:backup/{backup}");
        for source in [backup.clone(), arn] {
            let input = json!({
                "HsmType": "hsm1.medium", "SubnetIds": ["subnet-00000001"], "SourceBackupId": source,
            });
            let made = alcazar.root().does(OPERATION, input).await["Cluster"].clone();
            assert_eq!(made["SourceBackupId"], backup.as_str());
            settle(&alcazar).await;
            let id = text(&made["ClusterId"]);
            crate::testing::hsm(&alcazar, &id, "us-east-1a").await;
            assert_eq!(alcazar.root().cluster(&id).await["State"], "ACTIVE");
        }
        let other = json!({
            "HsmType": "hsm2m.medium", "Mode": "FIPS", "SubnetIds": ["subnet-00000001"], "SourceBackupId": backup,
        });
        let root = alcazar.root();
        root.fails(OPERATION, other, "CloudHsmInvalidRequestException")
            .await;
    }

    #[tokio::test]
    async fn what_is_refused() {
        let alcazar = alcazar().await;
        let root = alcazar.root();
        let one = json!(["subnet-00000001"]);
        for (changes, code) in [
            (
                json!({"HsmType": "hsm9.medium"}),
                "CloudHsmInvalidRequestException",
            ),
            (
                json!({"HsmType": "hsm2m.medium"}),
                "CloudHsmInvalidRequestException",
            ),
            (
                json!({"Mode": "NON_FIPS"}),
                "CloudHsmInvalidRequestException",
            ),
            (
                json!({"SubnetIds": ["subnet-00000001", "subnet-00000001"]}),
                "CloudHsmInvalidRequestException",
            ),
            (
                json!({"BackupRetentionPolicy": {"Type": "DAYS", "Value": "6"}}),
                "CloudHsmInvalidRequestException",
            ),
            (
                json!({"BackupRetentionPolicy": {"Value": "30"}}),
                "CloudHsmInvalidRequestException",
            ),
            (
                json!({"SourceBackupId": "backup-abcdefgh234"}),
                "CloudHsmResourceNotFoundException",
            ),
            (
                json!({"SourceBackupId": "arn:aws:cloudhsm:us-east-1:444455556666:backup/backup-abcdefgh234"}),
                "AccessDeniedException",
            ),
            (
                json!({"SourceBackupId": "arn:aws:cloudhsm:eu-west-1:111122223333:backup/backup-abcdefgh234"}),
                "CloudHsmResourceNotFoundException",
            ),
            (json!({"NetworkType": "DUALSTACK"}), "NotImplemented"),
            (
                json!({"TagList": [{"Key": "aws:a", "Value": ""}]}),
                "CloudHsmTagException",
            ),
            (json!({"SubnetIds": []}), "ValidationException"),
        ] {
            let mut input = json!({"HsmType": "hsm1.medium", "SubnetIds": one});
            for (name, value) in changes.as_object().unwrap() {
                input[name] = value.clone();
            }
            root.fails(OPERATION, input, code).await;
        }
        let plain = json!({"HsmType": "hsm1.medium", "SubnetIds": one});
        for _ in 0..4 {
            root.does(OPERATION, plain.clone()).await;
        }
        root.fails(OPERATION, plain.clone(), "CloudHsmInvalidRequestException")
            .await;
        guards(&alcazar, OPERATION, plain).await;
    }
}
