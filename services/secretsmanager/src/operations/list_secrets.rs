//! `secretsmanager:ListSecrets`: the secrets of an account in a region, without their values.

use pipeline::{Access, Failure, Lookup, Operation, Permitted};
use secretsmanager_api::shapes::{ListSecretsRequest, ListSecretsResponse, SecretListEntry};
use secretsmanager_api::{operations, permission};

use crate::filters::Filters;
use crate::last_access::last_accessed;
use crate::paging::Pages;
use crate::rotation::Rotation;
use crate::secret::Secret;
use crate::{listing, replication, tags};

pub(crate) struct ListSecrets;

impl Operation for ListSecrets {
    type Api = operations::ListSecrets;
    type Target = ();

    async fn access(_: &ListSecretsRequest, _: &Lookup<'_>) -> Result<Access<Self>, Failure> {
        Ok(Access::to((), permission::ListSecrets {}))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<ListSecretsResponse, Failure> {
        let input = call.input();
        let filters = Filters::read(&input.filters)?;
        let with_deleted = input.include_planned_deletion == Some(true);
        let mut what = vec!["secrets", if with_deleted { "all" } else { "" }];
        what.push(input.sort_by.map_or("", |by| by.as_str()));
        what.push(input.sort_order.map_or("", |order| order.as_str()));
        what.extend(filters.texts());
        let size = input
            .max_results
            .and_then(|most| usize::try_from(most).ok());
        let token = input.next_token.as_deref();
        let pages = Pages::read(call.call(), &what, token, size.unwrap_or(100))?;
        let mut found = listing::passing(&call, &filters, with_deleted).await?;
        listing::sort(&mut found, call.look(), input.sort_by, input.sort_order).await?;
        let (page, next_token) = pages.cut(call.call(), found)?;
        let mut secret_list = Vec::with_capacity(page.len());
        for secret in &page {
            let last_accessed_date = last_accessed(call.look(), &secret.arn).await?;
            secret_list.push(SecretListEntry {
                last_accessed_date,
                ..entry(secret)
            });
        }
        Ok(ListSecretsResponse {
            secret_list: Some(secret_list),
            next_token,
        })
    }
}

fn entry(secret: &Secret) -> SecretListEntry {
    let rotation = secret.rotation.as_ref();
    SecretListEntry {
        rotation_enabled: rotation.map(|rotation| rotation.enabled),
        rotation_lambda_arn: rotation.map(|rotation| rotation.function.to_string()),
        rotation_rules: rotation.and_then(Rotation::told_rules),
        last_rotated_date: rotation.and_then(|rotation| rotation.last),
        next_rotation_date: rotation.and_then(Rotation::told_next),
        arn: Some(secret.arn.to_string()),
        name: Some(secret.name.clone()),
        description: secret.description.clone(),
        kms_key_id: secret.kms_key_id.clone(),
        last_changed_date: Some(secret.changed),
        deleted_date: secret.deletion,
        tags: tags::told(&secret.tags),
        secret_versions_to_stages: secret.versions.stages(),
        created_date: Some(secret.created),
        primary_region: replication::primary_region(secret),
        ..SecretListEntry::default()
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{SecretsManager, alcazar};
    use harness::Client;
    use serde_json::{Value, json};

    async fn names(client: &Client, input: Value) -> Vec<String> {
        let listed = client
            .secrets("ListSecrets", input)
            .await
            .ok()
            .json()
            .unwrap();
        let listed = listed["SecretList"].as_array().unwrap().iter();
        listed
            .map(|secret| secret["Name"].as_str().unwrap().to_owned())
            .collect()
    }

    #[tokio::test]
    async fn filters_and_order() {
        let alcazar = alcazar().await;
        let root = alcazar.root();
        for (name, description, tag) in [
            ("b/one", "First Thing", ("team", "red")),
            ("a/two", "", ("Team", "blue")),
            ("a/One", "other", ("cost", "red")),
        ] {
            let input = json!({"Name": name, "Description": description, "Tags": [{"Key": tag.0, "Value": tag.1}]});
            root.secrets("CreateSecret", input).await.ok();
            alcazar.clock.advance_seconds(1);
        }
        root.secrets(
            "UpdateSecret",
            json!({"SecretId": "b/one", "Description": "First thing"}),
        )
        .await
        .ok();
        alcazar
            .other_root()
            .secrets("CreateSecret", json!({"Name": "foreign"}))
            .await
            .ok();
        root.region("eu-west-1")
            .secrets("CreateSecret", json!({"Name": "abroad"}))
            .await
            .ok();
        let filter =
            |key: &str, values: &[&str]| json!({"Filters": [{"Key": key, "Values": values}]});
        for (input, expected) in [
            (json!({}), &["b/one", "a/two", "a/One"][..]),
            (json!({"SortOrder": "desc"}), &["a/One", "a/two", "b/one"]),
            (json!({"SortBy": "name"}), &["a/One", "a/two", "b/one"]),
            (
                json!({"SortBy": "last-changed-date"}),
                &["a/two", "a/One", "b/one"],
            ),
            (filter("name", &["a/"]), &["a/two", "a/One"]),
            (filter("name", &["A/"]), &[]),
            (filter("name", &["!a/"]), &["b/one"]),
            (filter("name", &["b", "a/t"]), &["b/one", "a/two"]),
            (filter("description", &["thing"]), &["b/one"]),
            (filter("tag-key", &["te"]), &["b/one"]),
            (filter("tag-value", &["red"]), &["b/one", "a/One"]),
            (filter("all", &["ONE"]), &["b/one", "a/One"]),
            (filter("owning-service", &["rds"]), &[]),
            (filter("primary-region", &["us"]), &[]),
            (
                json!({"Filters": [{"Key": "name", "Values": ["a/"]}, {"Key": "tag-value", "Values": ["red"]}]}),
                &["a/One"],
            ),
        ] {
            assert_eq!(names(&root, input.clone()).await, expected, "{input}");
        }
    }

    #[tokio::test]
    async fn what_is_refused() {
        let root = alcazar().await.root();
        for (input, code) in [
            (
                json!({"Filters": [{"Values": ["a"]}]}),
                "InvalidParameterException",
            ),
            (
                json!({"Filters": [{"Key": "name"}]}),
                "InvalidParameterException",
            ),
            (
                json!({"Filters": [{"Key": "colour", "Values": ["a"]}]}),
                "ValidationException",
            ),
            (json!({"MaxResults": 101}), "ValidationException"),
        ] {
            root.secrets("ListSecrets", input).await.fails(code);
        }
    }

    #[tokio::test]
    async fn pages_and_deleted_secrets() {
        let alcazar = alcazar().await;
        let root = alcazar.root();
        for number in 0..5 {
            root.secrets("CreateSecret", json!({"Name": format!("s{number}")}))
                .await
                .ok();
        }
        root.secrets("DeleteSecret", json!({"SecretId": "s1"}))
            .await
            .ok();
        assert_eq!(names(&root, json!({})).await, ["s0", "s2", "s3", "s4"]);
        let (mut found, mut token) = (Vec::new(), Value::Null);
        for page in 0..3 {
            let input =
                json!({"IncludePlannedDeletion": true, "MaxResults": 2, "NextToken": token});
            let listed = root
                .secrets("ListSecrets", input.clone())
                .await
                .ok()
                .json()
                .unwrap();
            found.extend(names(&root, input).await);
            token = listed["NextToken"].clone();
            assert_eq!(token.is_string(), page < 2);
            if page == 0 {
                let stolen =
                    json!({"IncludePlannedDeletion": true, "MaxResults": 2, "NextToken": token});
                let thief = alcazar.other_root();
                thief
                    .secrets("ListSecrets", stolen.clone())
                    .await
                    .fails("InvalidNextTokenException");
                root.region("eu-west-1")
                    .secrets("ListSecrets", stolen)
                    .await
                    .fails("InvalidNextTokenException");
                root.secrets("ListSecrets", json!({"NextToken": token}))
                    .await
                    .fails("InvalidNextTokenException");
            }
        }
        assert_eq!(found, ["s0", "s1", "s2", "s3", "s4"]);
    }

    #[tokio::test]
    async fn the_last_read_by_its_day() {
        let alcazar = alcazar().await;
        let root = alcazar.root();
        for name in ["a", "b", "c"] {
            root.new_secret(name, "x").await;
        }
        root.value("b").await;
        let batch = json!({"SecretIdList": ["b"]});
        root.secrets("BatchGetSecretValue", batch).await.ok();
        alcazar.clock.advance_seconds(86_400);
        root.value("a").await;
        let missing = json!({"SecretId": "c", "VersionStage": "none"});
        let missing = root.secrets("GetSecretValue", missing).await;
        missing.fails("ResourceNotFoundException");
        let by = json!({"SortBy": "last-accessed-date", "SortOrder": "desc"});
        assert_eq!(names(&root, by.clone()).await, ["a", "b", "c"]);
        let listed = root.secrets("ListSecrets", by).await.ok().json().unwrap();
        let read = |at: usize| listed["SecretList"][at]["LastAccessedDate"].clone();
        // Midnight of the 24th and 23rd of November 2026.
        let days = [json!(1_795_478_400), json!(1_795_392_000), Value::Null];
        assert_eq!([read(0), read(1), read(2)], days);
        let told = root.secrets("DescribeSecret", json!({"SecretId": "a"}));
        let told = told.await.ok().json().unwrap();
        assert_eq!(told["LastAccessedDate"], days[0]);
    }
}
