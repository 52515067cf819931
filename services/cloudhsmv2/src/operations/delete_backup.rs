//! `cloudhsm:DeleteBackup`: lets a backup go in seven days, in which it can be restored.

use cloudhsmv2_api::shapes::{BackupState, DeleteBackupRequest, DeleteBackupResponse};
use cloudhsmv2_api::{operations, permission};
use pipeline::{Access, Failure, Lookup, Operation, Permitted};

use crate::backup::{Backup, Sought};
use crate::shapes;
use crate::workers::days_after;

pub(crate) struct DeleteBackup;

/// AWS document: AWS CloudHSM API Reference, DeleteBackup.
const DAYS_TO_RESTORE: u16 = 7;

impl Operation for DeleteBackup {
    type Api = operations::DeleteBackup;
    type Target = Sought;

    async fn access(
        input: &DeleteBackupRequest,
        look: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        let target = Sought::find(look, &input.backup_id).await?;
        let backup = target.resource();
        Ok(Access::to(target, permission::DeleteBackup { backup }))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<DeleteBackupResponse, Failure> {
        let backup = call.target().existing()?;
        backup.in_state(BackupState::Ready)?;
        let changed = Backup {
            state: BackupState::PendingDeletion,
            deleted_at: Some(days_after(call.call().now(), DAYS_TO_RESTORE)),
            ..backup.clone()
        };
        let shown = shapes::backup(&changed);
        call.put(changed);
        Ok(DeleteBackupResponse {
            backup: Some(shown),
        })
    }
}

#[cfg(test)]
mod tests {

    use serde_json::json;

    use crate::testing::{CloudHsm, alcazar, backup, guards, settle};

    const OPERATION: &str = "DeleteBackup";

    #[tokio::test]
    async fn it_goes_after_seven_days() {
        let alcazar = alcazar().await;
        let root = alcazar.root();
        let backup = backup(&alcazar).await;
        let input = json!({"BackupId": backup});
        let answer = root.does(OPERATION, input.clone()).await["Backup"].clone();
        assert_eq!(answer["BackupState"], "PENDING_DELETION");
        let created = answer["CreateTimestamp"].as_i64().unwrap();
        assert_eq!(answer["DeleteTimestamp"], created + 7 * 24 * 3600);
        root.fails(OPERATION, input.clone(), "CloudHsmInvalidRequestException")
            .await;
        settle(&alcazar).await;
        assert!(alcazar.hsms.there().contains(&backup));
        alcazar.clock.advance_seconds(7 * 24 * 3600);
        settle(&alcazar).await;
        assert!(!alcazar.hsms.there().contains(&backup));
        let missing = root.fails(
            OPERATION,
            input.clone(),
            "CloudHsmResourceNotFoundException",
        );
        missing
            .await
            .saying(&format!("Backup '{backup}' not found."));
        alcazar.event(OPERATION).await;
        guards(&alcazar, OPERATION, input).await;
    }
}
