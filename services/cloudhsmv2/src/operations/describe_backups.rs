//! `cloudhsm:DescribeBackups`: the backups of the caller's account.

use std::cmp::Reverse;
use std::sync::Arc;

use cloudhsmv2_api::shapes::{DescribeBackupsRequest, DescribeBackupsResponse};
use cloudhsmv2_api::{operations, permission};
use pipeline::{Access, Failure, Lookup, Operation, Permitted};

use crate::backup::{Backup, Origin};
use crate::{errors, paging, shapes};

pub(crate) struct DescribeBackups;

/// Backups of a page.
const MOST: usize = 50;

impl Operation for DescribeBackups {
    type Api = operations::DescribeBackups;
    type Target = ();

    async fn access(_: &DescribeBackupsRequest, _: &Lookup<'_>) -> Result<Access<Self>, Failure> {
        Ok(Access::to((), permission::DescribeBackups {}))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<DescribeBackupsResponse, Failure> {
        let input = call.input();
        let prefix = Backup::prefix(call.call().account(), &call.call().region());
        let mut backups = paging::all::<Backup>(call.look(), &prefix).await?;
        for (name, values) in input.filters.iter().flatten() {
            filter(&mut backups, name, values)?;
        }
        // AWS: a backup that a resource policy shares is listed once the sharing is promoted to one of AWS RAM.
        if input.shared == Some(true) {
            backups.clear();
        }
        match input.sort_ascending {
            Some(true) => backups.sort_by_key(|backup| backup.created),
            _ => backups.sort_by_key(|backup| Reverse(backup.created)),
        }
        let id = |backup: &Arc<Backup>| backup.id.clone();
        let (page, next_token) =
            paging::page(backups, &input.next_token, input.max_results, MOST, id)?;
        Ok(DescribeBackupsResponse {
            backups: Some(page.iter().map(|backup| shapes::backup(backup)).collect()),
            next_token,
        })
    }
}

fn filter(backups: &mut Vec<Arc<Backup>>, name: &str, values: &[String]) -> Result<(), Failure> {
    let wanted = |value: &str| values.iter().any(|wanted| wanted == value);
    match name {
        "backupIds" => backups.retain(|backup| wanted(&backup.id)),
        "clusterIds" => backups.retain(|backup| wanted(&backup.cluster)),
        "states" => backups.retain(|backup| wanted(backup.state.as_str())),
        "sourceBackupIds" => backups.retain(|backup| match &backup.from {
            Origin::Backup(id) => wanted(id),
            Origin::Hsm(_) => false,
        }),
        "neverExpires" => backups.retain(|backup| match backup.never_expires {
            true => wanted("true"),
            false => wanted("false"),
        }),
        unknown => return Err(errors::unknown_filter(unknown)),
    }
    Ok(())
}

#[cfg(test)]
mod tests {

    use serde_json::json;

    use crate::testing::{CloudHsm, alcazar, backup, guards, settle};

    const OPERATION: &str = "DescribeBackups";

    #[tokio::test]
    async fn filters_pages_and_order() {
        let alcazar = alcazar().await;
        let root = alcazar.root();
        let first = backup(&alcazar).await;
        alcazar.clock.advance_seconds(24 * 3600);
        settle(&alcazar).await;
        let all = root.does(OPERATION, json!({})).await["Backups"].clone();
        assert_eq!(all.as_array().unwrap().len(), 2, "one a day");
        assert_eq!(all[1]["BackupId"], first.as_str(), "the newest comes first");
        let page = root
            .does(OPERATION, json!({"MaxResults": 1, "SortAscending": true}))
            .await;
        assert_eq!(page["Backups"][0]["BackupId"], first.as_str());
        let input = json!({"MaxResults": 1, "SortAscending": true, "NextToken": page["NextToken"]});
        let rest = root.does(OPERATION, input).await;
        assert_eq!(rest["Backups"][0], all[0]);
        let cluster = &all[0]["ClusterId"];
        for (input, found) in [
            (json!({"Filters": {"backupIds": [first]}}), 1),
            (json!({"Filters": {"clusterIds": [cluster]}}), 2),
            (json!({"Filters": {"states": ["READY"]}}), 2),
            (json!({"Filters": {"states": ["PENDING_DELETION"]}}), 0),
            (json!({"Filters": {"sourceBackupIds": [first]}}), 0),
            (json!({"Filters": {"neverExpires": ["false"]}}), 2),
            (json!({"Shared": true}), 0),
        ] {
            let answer = root.does(OPERATION, input.clone()).await;
            assert_eq!(
                answer["Backups"].as_array().unwrap().len(),
                found,
                "{input}"
            );
        }
        let unknown = json!({"Filters": {"colour": ["red"]}});
        root.fails(OPERATION, unknown, "CloudHsmInvalidRequestException")
            .await;
        assert_eq!(alcazar.event(OPERATION).await["readOnly"], true);
        guards(&alcazar, OPERATION, json!({})).await;
    }

    #[tokio::test]
    async fn what_is_too_old_goes() {
        let alcazar = alcazar().await;
        let root = alcazar.root();
        let first = backup(&alcazar).await;
        alcazar.clock.advance_seconds(90 * 24 * 3600);
        settle(&alcazar).await;
        let only = json!({"Filters": {"backupIds": [first]}});
        assert_eq!(root.does(OPERATION, only).await["Backups"], json!([]));
        assert!(!alcazar.hsms.there().contains(&first));
        alcazar.event("BackupDeleted").await;
    }
}
