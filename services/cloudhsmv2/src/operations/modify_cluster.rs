//! `cloudhsm:ModifyCluster`: changes how long backups of a cluster are kept.

use cloudhsmv2_api::shapes::{ModifyClusterRequest, ModifyClusterResponse};
use cloudhsmv2_api::{operations, permission};
use pipeline::{Access, Failure, Lookup, Operation, Permitted};

use super::create_cluster::retention_days;
use crate::cluster::{Cluster, Sought};
use crate::{errors, shapes};

pub(crate) struct ModifyCluster;

impl Operation for ModifyCluster {
    type Api = operations::ModifyCluster;
    type Target = Sought;

    async fn access(
        input: &ModifyClusterRequest,
        look: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        let target = Sought::find(look, &input.cluster_id).await?;
        let cluster = target.resource();
        Ok(Access::to(target, permission::ModifyCluster { cluster }))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<ModifyClusterResponse, Failure> {
        let input = call.input();
        let cluster = call.target().existing()?;
        if input
            .hsm_type
            .as_ref()
            .is_some_and(|wanted| *wanted != cluster.hsm_type)
        {
            return Err(errors::not_built("Changing the HSM type"));
        }
        let changed = match &input.backup_retention_policy {
            None => cluster.clone(),
            policy => Cluster {
                retention_days: retention_days(policy)?,
                ..cluster.clone()
            },
        };
        let shown = shapes::cluster(&changed, false);
        call.put(changed);
        Ok(ModifyClusterResponse {
            cluster: Some(shown),
        })
    }
}

#[cfg(test)]
mod tests {

    use serde_json::{Value, json};

    use crate::testing::{CloudHsm, alcazar, cluster, guards};

    const OPERATION: &str = "ModifyCluster";

    fn input(cluster: &str, days: &str) -> Value {
        json!({"ClusterId": cluster, "BackupRetentionPolicy": {"Type": "DAYS", "Value": days}})
    }

    #[tokio::test]
    async fn new_backups_are_kept_as_long() {
        let alcazar = alcazar().await;
        let root = alcazar.root();
        let cluster = cluster(&alcazar).await;
        let answer = root.does(OPERATION, input(&cluster, "30")).await;
        assert_eq!(answer["Cluster"]["BackupRetentionPolicy"]["Value"], "30");
        assert_eq!(
            root.cluster(&cluster).await["BackupRetentionPolicy"]["Value"],
            "30"
        );
        root.does(
            OPERATION,
            json!({"ClusterId": cluster, "HsmType": "hsm1.medium"}),
        )
        .await;
        root.fails(
            OPERATION,
            input(&cluster, "380"),
            "CloudHsmInvalidRequestException",
        )
        .await;
        let other_type = json!({"ClusterId": cluster, "HsmType": "hsm2m.medium"});
        root.fails(OPERATION, other_type, "NotImplemented").await;
        let missing = input("cluster-abcdefgh234", "30");
        root.fails(OPERATION, missing, "CloudHsmResourceNotFoundException")
            .await;
        let event = alcazar.event(OPERATION).await;
        assert_eq!(
            event["requestParameters"]["clusterId"]
                .as_str()
                .map(|it| it.len()),
            Some(19)
        );
        guards(&alcazar, OPERATION, input(&cluster, "30")).await;
    }
}
