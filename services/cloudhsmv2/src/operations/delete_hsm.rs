//! `cloudhsm:DeleteHsm`: destroys an HSM. A backup is made of one that is somebody's.

use cloudhsmv2_api::shapes::{ClusterState, DeleteHsmRequest, DeleteHsmResponse, HsmState};
use cloudhsmv2_api::{operations, permission};
use pipeline::{Access, Failure, Lookup, Operation, Permitted};

use crate::backup::Backup;
use crate::cluster::Sought;
use crate::errors;

pub(crate) struct DeleteHsm;

impl Operation for DeleteHsm {
    type Api = operations::DeleteHsm;
    type Target = Sought;

    async fn access(input: &DeleteHsmRequest, look: &Lookup<'_>) -> Result<Access<Self>, Failure> {
        let target = Sought::find(look, &input.cluster_id).await?;
        Ok(Access::to(target, permission::DeleteHsm {}))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<DeleteHsmResponse, Failure> {
        let (input, now) = (call.input(), call.call().now());
        let cluster = call.target().existing()?;
        let id = match (&input.hsm_id, &input.eni_id, &input.eni_ip) {
            (Some(id), None, None) => id,
            // No HSM has an interface or an address.
            (None, Some(_), None) | (None, None, Some(_)) => {
                return Err(errors::no_hsm(&cluster.id));
            }
            _ => return Err(errors::one_way_to_name_an_hsm()),
        };
        let mut changed = cluster.clone();
        let hsms = changed.hsms.iter_mut();
        let mut there = hsms.filter(|hsm| hsm.state != HsmState::DeleteInProgress);
        let hsm = there.find(|hsm| hsm.id == *id);
        let hsm = hsm.ok_or_else(|| errors::no_hsm(&cluster.id))?;
        if cluster.state == ClusterState::Active && hsm.state == HsmState::Active {
            let backup = Backup::of(cluster, &hsm.id, now);
            hsm.last_backup = Some(backup.id.clone());
            call.put(backup);
        }
        hsm.state = HsmState::DeleteInProgress;
        call.put(changed);
        Ok(DeleteHsmResponse {
            hsm_id: Some(id.clone()),
        })
    }
}

#[cfg(test)]
mod tests {

    use serde_json::json;

    use crate::testing::{CloudHsm, active, alcazar, cluster, guards, hsm, settle};

    const OPERATION: &str = "DeleteHsm";

    #[tokio::test]
    async fn what_is_somebodys_is_kept() {
        let alcazar = alcazar().await;
        let root = alcazar.root();
        let (cluster, hsm) = active(&alcazar).await;
        let before = root.does("DescribeBackups", json!({})).await["Backups"]
            .as_array()
            .unwrap()
            .len();
        let input = json!({"ClusterId": cluster, "HsmId": hsm});
        assert_eq!(
            root.does(OPERATION, input.clone()).await["HsmId"],
            hsm.as_str()
        );
        let found = root.cluster(&cluster).await;
        assert_eq!(found["Hsms"][0]["State"], "DELETE_IN_PROGRESS");
        settle(&alcazar).await;
        assert_eq!(root.cluster(&cluster).await["Hsms"], json!([]));
        assert!(!alcazar.hsms.there().contains(&format!("{cluster}/{hsm}")));
        let backups = root.does("DescribeBackups", json!({})).await["Backups"].clone();
        assert_eq!(backups.as_array().unwrap().len(), before + 1);
        assert_eq!(backups[0]["BackupState"], "READY");
        root.fails(
            OPERATION,
            input.clone(),
            "CloudHsmResourceNotFoundException",
        )
        .await;
        alcazar.event(OPERATION).await;
        guards(&alcazar, OPERATION, input).await;
    }

    #[tokio::test]
    async fn nobodys_goes_without_a_backup() {
        let alcazar = alcazar().await;
        let root = alcazar.root();
        let cluster = cluster(&alcazar).await;
        let hsm = hsm(&alcazar, &cluster, "us-east-1a").await;
        root.does(OPERATION, json!({"ClusterId": cluster, "HsmId": hsm}))
            .await;
        settle(&alcazar).await;
        assert_eq!(alcazar.hsms.there(), Vec::<String>::new());
    }

    #[tokio::test]
    async fn one_way_to_name_it() {
        let alcazar = alcazar().await;
        let root = alcazar.root();
        let cluster = cluster(&alcazar).await;
        for (input, code) in [
            (
                json!({"ClusterId": cluster}),
                "CloudHsmInvalidRequestException",
            ),
            (
                json!({"ClusterId": cluster, "HsmId": "hsm-abcdefgh234", "EniIp": "10.0.0.1"}),
                "CloudHsmInvalidRequestException",
            ),
            (
                json!({"ClusterId": cluster, "HsmId": "hsm-abcdefgh234"}),
                "CloudHsmResourceNotFoundException",
            ),
            (
                json!({"ClusterId": cluster, "EniId": "eni-12345678"}),
                "CloudHsmResourceNotFoundException",
            ),
            (
                json!({"ClusterId": "cluster-abcdefgh234", "HsmId": "hsm-abcdefgh234"}),
                "CloudHsmResourceNotFoundException",
            ),
        ] {
            root.fails(OPERATION, input, code).await;
        }
    }
}
