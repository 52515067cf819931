//! What key stores of KMS are told of a cluster. Services do not depend on one another: the server asks here, and hands it on.

use base::{AccountId, Region};
use cloudhsmv2_api::shapes::{ClusterState, HsmState};
use pipeline::{Failure, HsmCluster};
use storage::Records;

use crate::cluster::Cluster;

/// The cluster of this id in an account and region; none if it is deleted.
///
/// # Errors
/// If records cannot be read.
pub async fn for_key_stores(
    records: &Records,
    account: AccountId,
    region: Region,
    id: &str,
) -> Result<Option<HsmCluster>, Failure> {
    let place = Cluster::key_of(account, &region, id);
    let Some(cluster) = records.get::<Cluster>(&place).await? else {
        return Ok(None);
    };
    if matches!(
        cluster.state,
        ClusterState::DeleteInProgress | ClusterState::Deleted
    ) {
        return Ok(None);
    }
    let there = cluster
        .hsms
        .iter()
        .filter(|hsm| hsm.state == HsmState::Active);
    Ok(Some(HsmCluster {
        active: cluster.state == ClusterState::Active,
        zones: there.map(|hsm| hsm.zone.clone()).collect(),
        certificate: cluster.certificate.clone(),
    }))
}

#[cfg(test)]
mod tests {

    use base::Region;
    use harness::Alcazar;
    use pipeline::HsmCluster;
    use serde_json::json;

    use super::for_key_stores;
    use crate::testing::{CloudHsm, active, alcazar, cluster, hsm, settle};

    async fn told(alcazar: &Alcazar, id: &str) -> Option<HsmCluster> {
        let account = "111122223333".parse().unwrap();
        let records = &alcazar.core.records;
        let told = for_key_stores(records, account, Region::US_EAST_1, id).await;
        told.unwrap()
    }

    #[tokio::test]
    async fn of_a_cluster_and_the_hsms_that_are_there() {
        let alcazar = alcazar().await;
        let root = alcazar.root();
        assert_eq!(told(&alcazar, "cluster-abcdefgh234").await, None);
        let young = cluster(&alcazar).await;
        assert_eq!(told(&alcazar, &young).await, Some(HsmCluster::default()));
        let (id, first) = active(&alcazar).await;
        let second = hsm(&alcazar, &id, "us-east-1b").await;
        let all = told(&alcazar, &id).await.unwrap();
        assert!(all.active && all.certificate.is_some());
        assert_eq!(all.zones, ["us-east-1a", "us-east-1b"]);
        for hsm in [second, first] {
            let input = json!({"ClusterId": id, "HsmId": hsm});
            root.does("DeleteHsm", input).await;
            let left = told(&alcazar, &id).await.unwrap();
            assert!(left.zones.len() < 2, "{:?}", left.zones);
            settle(&alcazar).await;
        }
        assert_eq!(told(&alcazar, &id).await.unwrap().zones, [""; 0]);
        root.does("DeleteCluster", json!({"ClusterId": id})).await;
        assert_eq!(told(&alcazar, &id).await, None);
    }
}
