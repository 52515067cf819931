//! `cloudhsm:RestoreBackup`: takes back the deletion of a backup.

use cloudhsmv2_api::shapes::{BackupState, RestoreBackupRequest, RestoreBackupResponse};
use cloudhsmv2_api::{operations, permission};
use pipeline::{Access, Failure, Lookup, Operation, Permitted};

use crate::backup::{Backup, Sought};
use crate::shapes;

pub(crate) struct RestoreBackup;

impl Operation for RestoreBackup {
    type Api = operations::RestoreBackup;
    type Target = Sought;

    async fn access(
        input: &RestoreBackupRequest,
        look: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        let target = Sought::find(look, &input.backup_id).await?;
        let backup = target.resource();
        Ok(Access::to(target, permission::RestoreBackup { backup }))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<RestoreBackupResponse, Failure> {
        let backup = call.target().existing()?;
        backup.in_state(BackupState::PendingDeletion)?;
        let changed = Backup {
            state: BackupState::Ready,
            deleted_at: None,
            ..backup.clone()
        };
        let shown = shapes::backup(&changed);
        call.put(changed);
        Ok(RestoreBackupResponse {
            backup: Some(shown),
        })
    }
}

#[cfg(test)]
mod tests {

    use serde_json::json;

    use crate::testing::{CloudHsm, alcazar, backup, guards, settle};

    const OPERATION: &str = "RestoreBackup";

    #[tokio::test]
    async fn not_once_its_files_go() {
        let alcazar = alcazar().await;
        let root = alcazar.root();
        let backup = backup(&alcazar).await;
        let input = json!({"BackupId": backup});
        root.does("DeleteBackup", input.clone()).await;
        alcazar.clock.advance_seconds(8 * 24 * 3600);
        let step = alcazar.core.run_worker(crate::workers::UPKEEP).await;
        assert!(step.unwrap());
        let shown = json!({"Filters": {"backupIds": [backup]}});
        let shown = root.does("DescribeBackups", shown).await;
        assert_eq!(shown["Backups"][0]["BackupState"], "DELETED");
        root.fails(OPERATION, input, "CloudHsmInvalidRequestException")
            .await;
    }

    #[tokio::test]
    async fn within_seven_days() {
        let alcazar = alcazar().await;
        let root = alcazar.root();
        let backup = backup(&alcazar).await;
        let input = json!({"BackupId": backup});
        root.fails(OPERATION, input.clone(), "CloudHsmInvalidRequestException")
            .await;
        root.does("DeleteBackup", input.clone()).await;
        let answer = root.does(OPERATION, input.clone()).await["Backup"].clone();
        assert_eq!(
            (&answer["BackupState"], &answer["DeleteTimestamp"]),
            (&json!("READY"), &json!(null))
        );
        alcazar.clock.advance_seconds(8 * 24 * 3600);
        settle(&alcazar).await;
        assert!(alcazar.hsms.there().contains(&backup));
        let missing = json!({"BackupId": "backup-abcdefgh234"});
        root.fails(OPERATION, missing, "CloudHsmResourceNotFoundException")
            .await;
        alcazar.event(OPERATION).await;
        guards(&alcazar, OPERATION, input).await;
    }
}
