//! `secretsmanager:ListSecretVersionIds`: the versions of a secret.

use base::Timestamp;
use pipeline::{Access, Failure, Lookup, Operation, Permitted};
use secretsmanager_api::shapes::{
    ListSecretVersionIdsRequest, ListSecretVersionIdsResponse, SecretVersionsListEntry,
};
use secretsmanager_api::{operations, permission};

use crate::encryption::MANAGED_NAME;
use crate::last_access::version_last_accessed;
use crate::paging::Pages;
use crate::sought::Sought;
use crate::version::{self, Version};

pub(crate) struct ListSecretVersionIds;

impl Operation for ListSecretVersionIds {
    type Api = operations::ListSecretVersionIds;
    type Target = Sought;

    async fn access(
        input: &ListSecretVersionIdsRequest,
        look: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        let sought = Sought::find(look, &input.secret_id).await?;
        let needs = permission::ListSecretVersionIds {
            secret: sought.resource(),
        };
        Ok(Access::to(sought, needs))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<ListSecretVersionIdsResponse, Failure> {
        let input = call.input();
        let secret = call.target().existing()?;
        let deprecated = input.include_deprecated == Some(true);
        let what = [
            "versions",
            secret.arn.as_str(),
            if deprecated { "all" } else { "" },
        ];
        let size = input
            .max_results
            .and_then(|most| usize::try_from(most).ok());
        let pages = Pages::read(
            call.call(),
            &what,
            input.next_token.as_deref(),
            size.unwrap_or(100),
        )?;
        let versions = secret.versions.iter();
        let versions = versions.filter(|version| deprecated || !version.labels.is_empty());
        let (page, next_token) = pages.cut(call.call(), versions.collect())?;
        let mut versions = Vec::with_capacity(page.len());
        for version in page {
            let read = version_last_accessed(call.look(), secret, &version.id).await?;
            versions.push(entry(version, read));
        }
        Ok(ListSecretVersionIdsResponse {
            versions: Some(versions),
            next_token,
            arn: Some(secret.arn.to_string()),
            name: Some(secret.name.clone()),
        })
    }
}

fn entry(version: &Version, last_accessed_date: Option<Timestamp>) -> SecretVersionsListEntry {
    let keys = version.kms_key_ids.iter();
    let keys = keys.map(|key| key.clone().unwrap_or_else(|| MANAGED_NAME.to_owned()));
    SecretVersionsListEntry {
        version_id: Some(version.id.clone()),
        version_stages: Some(version::labels(version)).filter(|labels| !labels.is_empty()),
        last_accessed_date,
        created_date: Some(version.created),
        kms_key_ids: Some(keys.collect()).filter(|keys: &Vec<_>| !keys.is_empty()),
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{SecretsManager, alcazar, token};
    use crate::workers::SECRET_DELETION;
    use base::Arn;
    use harness::Alcazar;
    use pipeline::PartUse;
    use serde_json::{Value, json};
    use storage::Key;

    #[tokio::test]
    async fn pages_of_versions() {
        let alcazar = alcazar().await;
        let root = alcazar.root();
        let arn = root.new_secret("s", "1").await;
        for number in 2..=5 {
            let input = json!({"SecretId": "s", "SecretString": number.to_string()});
            root.secrets("PutSecretValue", input).await.ok();
        }
        let listed = root
            .secrets("ListSecretVersionIds", json!({"SecretId": "s"}))
            .await
            .ok()
            .json()
            .unwrap();
        assert_eq!(listed["ARN"], arn);
        let stages = |listed: &Value| {
            listed["Versions"]
                .as_array()
                .unwrap()
                .iter()
                .map(|it| it["VersionStages"].clone())
                .collect::<Vec<_>>()
        };
        assert_eq!(
            stages(&listed),
            [json!(["AWSPREVIOUS"]), json!(["AWSCURRENT"])]
        );
        let (mut found, mut token) = (Vec::new(), Value::Null);
        for page in 0..3 {
            let input = json!({"SecretId": "s", "IncludeDeprecated": true, "MaxResults": 2, "NextToken": token});
            let listed = root
                .secrets("ListSecretVersionIds", input)
                .await
                .ok()
                .json()
                .unwrap();
            found.extend(stages(&listed));
            token = listed["NextToken"].clone();
            assert_eq!(token.is_string(), page < 2);
            if page == 0 {
                // A token opens no other list.
                for input in [
                    json!({"SecretId": "s", "NextToken": token}),
                    json!({"SecretId": "s", "IncludeDeprecated": true, "NextToken": "nonsense"}),
                ] {
                    root.secrets("ListSecretVersionIds", input)
                        .await
                        .fails("InvalidNextTokenException");
                }
            }
        }
        assert_eq!(
            found,
            [
                Value::Null,
                Value::Null,
                Value::Null,
                json!(["AWSPREVIOUS"]),
                json!(["AWSCURRENT"])
            ]
        );
        root.secrets("ListSecretVersionIds", json!({"SecretId": "t"}))
            .await
            .fails("ResourceNotFoundException");
    }

    /// Seconds by version, of those that were read.
    async fn read_on(alcazar: &Alcazar) -> Value {
        let input = json!({"SecretId": "s", "IncludeDeprecated": true});
        let listed = alcazar.root().secrets("ListSecretVersionIds", input).await;
        let listed = listed.ok().json().unwrap();
        let versions = listed["Versions"].as_array().unwrap().iter();
        let days = versions.filter(|it| it.get("LastAccessedDate").is_some());
        let days = days.map(|it| {
            let id = it["VersionId"].as_str().unwrap().trim_start_matches('0');
            (id.to_owned(), it["LastAccessedDate"].clone())
        });
        Value::Object(days.collect())
    }

    async fn write_down(alcazar: &Alcazar) {
        let written = alcazar.core.run_worker("resource last use").await;
        assert!(written.unwrap());
    }

    /// The clock stands at 2026-11-23T06:38:13Z.
    #[tokio::test]
    async fn a_version_has_the_day_on_which_it_was_last_read() {
        const MONDAY: i64 = 1_795_392_000;
        const DAY: i64 = 86_400;
        let alcazar = alcazar().await;
        let root = alcazar.root();
        for number in ["1", "2", "3"] {
            let operation = if number == "1" {
                "CreateSecret"
            } else {
                "PutSecretValue"
            };
            let input = json!({"Name": "s", "SecretId": "s", "SecretString": number, "ClientRequestToken": token(number)});
            root.secrets(operation, input).await.ok();
        }
        assert_eq!(read_on(&alcazar).await, json!({}));
        let read = async |input: Value| root.secrets("GetSecretValue", input).await;
        read(json!({"SecretId": "s"})).await.ok();
        assert_eq!(read_on(&alcazar).await, json!({"3": MONDAY}));
        write_down(&alcazar).await;
        alcazar.clock.advance_seconds(DAY);
        // What is refused is no use, and a batch is one.
        let nobody = alcazar.powerless().await;
        let input = json!({"SecretId": "s", "VersionId": token("1")});
        nobody
            .secrets("GetSecretValue", input)
            .await
            .fails("AccessDeniedException");
        assert_eq!(read_on(&alcazar).await, json!({"3": MONDAY}));
        let batch = json!({"SecretIdList": ["s"]});
        root.secrets("BatchGetSecretValue", batch).await.ok();
        read(json!({"SecretId": "s", "VersionStage": "AWSPREVIOUS"}))
            .await
            .ok();
        let days = json!({"2": MONDAY + DAY, "3": MONDAY + DAY});
        assert_eq!(read_on(&alcazar).await, days);
        write_down(&alcazar).await;
        assert_eq!(read_on(&alcazar).await, days);
    }

    #[tokio::test]
    async fn nothing_stays_of_the_reads_of_a_secret_that_is_gone() {
        let alcazar = alcazar().await;
        let root = alcazar.root();
        let arn: Arn = root.new_secret("s", "one").await.parse().unwrap();
        let rows = async || {
            let records = &alcazar.core.records;
            let uses = records
                .scan::<pipeline::LastUse>(&Key::root(), None, 9)
                .await
                .unwrap();
            let uses = uses.iter().filter(|used| used.arn == arn).count();
            let parts = records
                .scan::<PartUse>(&Key::root(), None, 9)
                .await
                .unwrap();
            uses + parts.len()
        };
        root.value("s").await;
        write_down(&alcazar).await;
        assert_eq!(rows().await, 2);
        alcazar.clock.advance_seconds(60);
        root.value("s").await;
        root.secrets("DeleteSecret", json!({"SecretId": "s"}))
            .await
            .ok();
        alcazar.clock.advance_seconds(30 * 86_400 - 1);
        root.secrets("RestoreSecret", json!({"SecretId": "s"}))
            .await
            .ok();
        root.value("s").await;
        let input = json!({"SecretId": "s", "RecoveryWindowInDays": 7});
        root.secrets("DeleteSecret", input).await.ok();
        alcazar.clock.advance_seconds(7 * 86_400);
        alcazar.core.run_worker(SECRET_DELETION).await.unwrap();
        // What was noted of it was not written down yet.
        write_down(&alcazar).await;
        assert_eq!(rows().await, 0);
    }
}
