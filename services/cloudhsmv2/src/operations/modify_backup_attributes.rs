//! `cloudhsm:ModifyBackupAttributes`: says whether a backup is kept for ever.

use cloudhsmv2_api::shapes::{
    BackupState, ModifyBackupAttributesRequest, ModifyBackupAttributesResponse,
};
use cloudhsmv2_api::{operations, permission};
use pipeline::{Access, Failure, Lookup, Operation, Permitted};

use crate::backup::{Backup, Sought};
use crate::shapes;

pub(crate) struct ModifyBackupAttributes;

impl Operation for ModifyBackupAttributes {
    type Api = operations::ModifyBackupAttributes;
    type Target = Sought;

    async fn access(
        input: &ModifyBackupAttributesRequest,
        look: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        let target = Sought::find(look, &input.backup_id).await?;
        let backup = target.resource();
        Ok(Access::to(
            target,
            permission::ModifyBackupAttributes { backup },
        ))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<ModifyBackupAttributesResponse, Failure> {
        let backup = call.target().existing()?;
        backup.in_state(BackupState::Ready)?;
        let changed = Backup {
            never_expires: call.input().never_expires,
            ..backup.clone()
        };
        let shown = shapes::backup(&changed);
        call.put(changed);
        Ok(ModifyBackupAttributesResponse {
            backup: Some(shown),
        })
    }
}

#[cfg(test)]
mod tests {

    use serde_json::json;

    use crate::testing::{CloudHsm, alcazar, backup, guards, settle};

    const OPERATION: &str = "ModifyBackupAttributes";

    #[tokio::test]
    async fn for_ever() {
        let alcazar = alcazar().await;
        let root = alcazar.root();
        let backup = backup(&alcazar).await;
        let input = json!({"BackupId": backup, "NeverExpires": true});
        let answer = root.does(OPERATION, input.clone()).await;
        assert_eq!(answer["Backup"]["NeverExpires"], true);
        alcazar.clock.advance_seconds(400 * 24 * 3600);
        settle(&alcazar).await;
        assert!(alcazar.hsms.there().contains(&backup));
        let missing = json!({"BackupId": "backup-abcdefgh234", "NeverExpires": true});
        root.fails(OPERATION, missing, "CloudHsmResourceNotFoundException")
            .await;
        root.does("DeleteBackup", json!({"BackupId": backup})).await;
        root.fails(OPERATION, input.clone(), "CloudHsmInvalidRequestException")
            .await;
        alcazar.event(OPERATION).await;
        guards(&alcazar, OPERATION, input).await;
    }
}
