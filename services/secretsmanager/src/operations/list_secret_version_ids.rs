//! `secretsmanager:ListSecretVersionIds`: the versions of a secret.

use pipeline::{Access, Failure, Lookup, Operation, Permitted};
use secretsmanager_api::shapes::{
    ListSecretVersionIdsRequest, ListSecretVersionIdsResponse, SecretVersionsListEntry,
};
use secretsmanager_api::{operations, permission};

use crate::encryption::MANAGED_NAME;
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
        let (versions, next_token) = pages.cut(versions.map(entry).collect());
        Ok(ListSecretVersionIdsResponse {
            versions: Some(versions),
            next_token,
            arn: Some(secret.arn.to_string()),
            name: Some(secret.name.clone()),
        })
    }
}

fn entry(version: &Version) -> SecretVersionsListEntry {
    let keys = version.kms_key_ids.iter();
    let keys = keys.map(|key| key.clone().unwrap_or_else(|| MANAGED_NAME.to_owned()));
    SecretVersionsListEntry {
        version_id: Some(version.id.clone()),
        version_stages: Some(version::labels(version)).filter(|labels| !labels.is_empty()),
        last_accessed_date: None,
        created_date: Some(version.created),
        kms_key_ids: Some(keys.collect()).filter(|keys: &Vec<_>| !keys.is_empty()),
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{SecretsManager, alcazar};
    use serde_json::{Value, json};

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
}
