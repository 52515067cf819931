//! `kms:ListKeys`: ids of the caller's keys in a region.

use kms_api::shapes::{KeyListEntry, ListKeysRequest, ListKeysResponse, ResourceOwnerType};
use kms_api::{operations, permission};
use pipeline::{Access, Failure, Lookup, Operation, Permitted};

use crate::errors;
use crate::key::Key;
use crate::paging::Asked;

pub(crate) struct ListKeys;

impl Operation for ListKeys {
    type Api = operations::ListKeys;
    type Target = ();

    async fn access(_: &ListKeysRequest, _: &Lookup<'_>) -> Result<Access<Self>, Failure> {
        Ok(Access::to((), permission::ListKeys {}))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<ListKeysResponse, Failure> {
        let input = call.input();
        let owners = input.resource_owners.as_deref().unwrap_or_default();
        if owners.contains(&ResourceOwnerType::OtherAccountsViaRam) {
            return Err(errors::not_built("ResourceOwners OTHER_ACCOUNTS_VIA_RAM"));
        }
        let asked = Asked::read(
            call.call(),
            &["ListKeys"],
            input.marker.as_deref(),
            (input.limit, 100),
        )?;
        let (account, region) = (call.call().account(), call.call().region());
        let prefix = Key::prefix(account, &region);
        let after = asked.after.as_deref().map(|id| prefix.clone().then(id));
        let found = call
            .look()
            .names::<Key>(&prefix, after.as_ref(), asked.to_read())
            .await?;
        let entries = found.into_iter().map(|id| KeyListEntry {
            key_arn: Some(Key::arn_of(account, &region, &id).to_string()),
            key_id: Some(id),
        });
        let page = asked.cut(entries, id);
        let next_marker = asked.next_marker(call.call(), &page)?;
        Ok(ListKeysResponse {
            truncated: page.truncated(),
            keys: Some(page.items),
            next_marker,
        })
    }
}

fn id(entry: &KeyListEntry) -> &str {
    entry.key_id.as_deref().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use crate::testing::{Kms, alcazar, arn};
    use serde_json::{Value, json};
    use std::collections::BTreeSet;

    #[tokio::test]
    async fn every_key_of_the_account_and_region_once() {
        let alcazar = alcazar().await;
        let root = alcazar.root();
        root.region("eu-west-1").new_key().await;
        alcazar.other_root().new_key().await;
        let mut keys = BTreeSet::new();
        for _ in 0..5 {
            keys.insert(root.new_key().await);
        }
        let (mut found, mut marker) = (Vec::new(), Value::Null);
        for page in 0..3 {
            let input = json!({"Limit": 2, "Marker": marker});
            let listed = root.kms("ListKeys", input).await.ok().json().unwrap();
            for key in listed["Keys"].as_array().unwrap() {
                let id = key["KeyId"].as_str().unwrap().to_owned();
                assert_eq!(key["KeyArn"], arn(&id));
                found.push(id);
            }
            assert_eq!(listed["Truncated"], page < 2);
            marker = listed["NextMarker"].clone();
        }
        assert_eq!(marker, Value::Null);
        assert_eq!(found, keys.into_iter().collect::<Vec<_>>());
        let event = alcazar.event("ListKeys").await;
        assert_eq!(event["readOnly"], true);
        assert_eq!(event["responseElements"], Value::Null);
    }

    #[tokio::test]
    async fn a_hundred_to_a_page() {
        let root = alcazar().await.root();
        for _ in 0..101 {
            root.new_key().await;
        }
        let listed = root.kms("ListKeys", json!({})).await.ok().json().unwrap();
        assert_eq!(listed["Keys"].as_array().unwrap().len(), 100);
        assert_eq!(listed["Truncated"], true);
    }

    #[tokio::test]
    async fn what_is_refused() {
        let root = alcazar().await.root();
        for (input, code) in [
            (json!({"Marker": "!"}), "InvalidMarkerException"),
            (json!({"Limit": 0}), "ValidationException"),
            (
                json!({"ResourceOwners": ["OTHER_ACCOUNTS_VIA_RAM"]}),
                "NotImplemented",
            ),
        ] {
            root.kms("ListKeys", input).await.fails(code);
        }
        root.kms("ListKeys", json!({"ResourceOwners": ["SELF"]}))
            .await
            .ok();
    }
}
