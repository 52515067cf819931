//! `cloudhsm:CopyBackupToRegion`: copies a backup to another region.

use base::Region;
use cloudhsmv2_api::shapes::{
    BackupState, CopyBackupToRegionRequest, CopyBackupToRegionResponse, DestinationBackup,
};
use cloudhsmv2_api::{operations, permission};
use pipeline::{Access, Failure, Lookup, Operation, Permitted};

use crate::backup::{Backup, Origin, Sought};
use crate::{errors, ids, tags};

pub(crate) struct CopyBackupToRegion;

impl Operation for CopyBackupToRegion {
    type Api = operations::CopyBackupToRegion;
    type Target = Sought;

    async fn access(
        input: &CopyBackupToRegionRequest,
        look: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        let target = Sought::find(look, &input.backup_id).await?;
        let request_tags = tags::requested(&input.tag_list);
        let needs = permission::CopyBackupToRegion {
            backup: target.resource(),
            request_tags: request_tags.clone(),
        };
        let access = Access::to(target, needs);
        Ok(match request_tags.is_empty() {
            true => access,
            false => access.and(permission::TagResource {
                backup: None,
                cluster: None,
                request_tags,
            }),
        })
    }

    async fn run(call: Permitted<'_, Self>) -> Result<CopyBackupToRegionResponse, Failure> {
        let (input, now) = (call.input(), call.call().now());
        let backup = call.target().existing()?;
        backup.in_state(BackupState::Ready)?;
        let name = &input.destination_region;
        let region: Region = name.parse().map_err(|_| errors::no_region(name))?;
        if region == backup.region {
            return Err(errors::same_region());
        }
        let id = ids::new("backup");
        let copy = Backup {
            arn: Backup::arn_of(backup.account, &region, &id),
            id,
            region,
            state: BackupState::CreateInProgress,
            from: Origin::Backup(backup.id.clone()),
            copied: Some((now, backup.region)),
            tags: tags::new(&input.tag_list)?,
            policy: None,
            ..backup.clone()
        };
        let destination = DestinationBackup {
            create_timestamp: Some(copy.created),
            source_region: Some(backup.region.as_str().to_owned()),
            source_backup: Some(backup.id.clone()),
            source_cluster: Some(backup.cluster.clone()),
        };
        call.put(copy);
        Ok(CopyBackupToRegionResponse {
            destination_backup: Some(destination),
        })
    }
}

#[cfg(test)]
mod tests {

    use serde_json::{Value, json};

    use crate::testing::{CloudHsm, alcazar, backup, guards, settle};

    const OPERATION: &str = "CopyBackupToRegion";

    fn input(backup: &str, region: &str) -> Value {
        json!({"BackupId": backup, "DestinationRegion": region})
    }

    #[tokio::test]
    async fn the_copy_lives_by_itself() {
        let alcazar = alcazar().await;
        let root = alcazar.root();
        let backup = backup(&alcazar).await;
        let answer = root.does(OPERATION, input(&backup, "eu-west-1")).await;
        assert_eq!(answer["DestinationBackup"]["SourceBackup"], backup.as_str());
        settle(&alcazar).await;
        let there = root.region("eu-west-1");
        let copies = there.does("DescribeBackups", json!({})).await["Backups"].clone();
        assert_eq!(copies.as_array().unwrap().len(), 1);
        assert_eq!(copies[0]["BackupState"], "READY");
        assert_eq!(copies[0]["SourceRegion"], "us-east-1");
        let copy = copies[0]["BackupId"].as_str().unwrap().to_owned();
        assert!(alcazar.hsms.there().contains(&copy));
        alcazar.event(OPERATION).await;
        for (backup, region, code) in [
            (
                backup.as_str(),
                "us-east-1",
                "CloudHsmInvalidRequestException",
            ),
            (
                "backup-abcdefgh234",
                "eu-west-1",
                "CloudHsmResourceNotFoundException",
            ),
        ] {
            root.fails(OPERATION, input(backup, region), code).await;
        }
        guards(&alcazar, OPERATION, input(&backup, "eu-west-1")).await;
    }
}
