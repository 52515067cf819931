//! `cloudhsm:DeleteCluster`: deletes a cluster that has no HSMs any more. Its backups stay.

use cloudhsmv2_api::shapes::{ClusterState, DeleteClusterRequest, DeleteClusterResponse};
use cloudhsmv2_api::{operations, permission};
use pipeline::{Access, Failure, Lookup, Operation, Permitted};

use crate::cluster::Sought;
use crate::{errors, shapes};

pub(crate) struct DeleteCluster;

impl Operation for DeleteCluster {
    type Api = operations::DeleteCluster;
    type Target = Sought;

    async fn access(
        input: &DeleteClusterRequest,
        look: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        let target = Sought::find(look, &input.cluster_id).await?;
        let cluster = target.resource();
        Ok(Access::to(target, permission::DeleteCluster { cluster }))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<DeleteClusterResponse, Failure> {
        let cluster = call.target().existing()?;
        if cluster.state == ClusterState::DeleteInProgress {
            cluster.in_state(&[ClusterState::Active])?;
        }
        if !cluster.hsms.is_empty() {
            return Err(errors::still_has_hsms(&cluster.id));
        }
        let state = ClusterState::DeleteInProgress;
        let deleted = cluster.clone().into_state(state, call.call().now());
        let shown = shapes::cluster(&deleted, false);
        call.put(deleted);
        Ok(DeleteClusterResponse {
            cluster: Some(shown),
        })
    }
}

#[cfg(test)]
mod tests {

    use serde_json::json;

    use crate::testing::{CloudHsm, active, alcazar, cluster, guards, settle};

    const OPERATION: &str = "DeleteCluster";

    #[tokio::test]
    async fn it_is_told_of_for_a_day() {
        let alcazar = alcazar().await;
        let root = alcazar.root();
        let cluster = cluster(&alcazar).await;
        let input = json!({"ClusterId": cluster});
        let answer = root.does(OPERATION, input.clone()).await;
        assert_eq!(answer["Cluster"]["State"], "DELETE_IN_PROGRESS");
        root.fails(OPERATION, input.clone(), "CloudHsmInvalidRequestException")
            .await;
        settle(&alcazar).await;
        assert_eq!(root.cluster(&cluster).await["State"], "DELETED");
        root.fails(
            OPERATION,
            input.clone(),
            "CloudHsmResourceNotFoundException",
        )
        .await;
        alcazar.clock.advance_seconds(24 * 3600);
        settle(&alcazar).await;
        assert_eq!(root.cluster(&cluster).await, json!(null));
        alcazar.event(OPERATION).await;
        guards(&alcazar, OPERATION, input).await;
    }

    #[tokio::test]
    async fn hsms_go_first() {
        let alcazar = alcazar().await;
        let (cluster, _) = active(&alcazar).await;
        let input = json!({"ClusterId": cluster});
        alcazar
            .root()
            .fails(OPERATION, input, "CloudHsmInvalidRequestException")
            .await;
    }
}
