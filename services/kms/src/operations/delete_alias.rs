//! `kms:DeleteAlias`: takes a name away from its key.

use std::sync::Arc;

use kms_api::shapes::DeleteAliasRequest;
use kms_api::{operations, permission};
use pipeline::{Access, Failure, Lookup, Operation, Permitted};
use storage::Record;
use wire::Empty;

use crate::alias::{self, Alias, Named};
use crate::key::Key;

pub(crate) struct DeleteAlias;

impl Operation for DeleteAlias {
    type Api = operations::DeleteAlias;
    type Target = Named;

    async fn access(
        input: &DeleteAliasRequest,
        look: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        alias::check_name(&input.alias_name)?;
        let named = Named::find(look, &input.alias_name).await?;
        let needs = permission::DeleteAlias {
            alias: named.resource(),
            key: named.target_resource(),
        };
        Ok(Access::to(named, needs))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<Empty, Failure> {
        let named = call.target();
        let alias = named.existing()?;
        call.delete::<Alias>(&alias.key());
        if let Some(key) = &named.target {
            call.put(without_alias(key, &alias.name));
        }
        Ok(Empty)
    }
}

/// `key` with one alias less.
pub(super) fn without_alias(key: &Arc<Key>, name: &str) -> Key {
    let mut key = Key::clone(key);
    key.aliases.remove(name);
    key
}

#[cfg(test)]
mod tests {
    use crate::testing::{Kms, alcazar, arn};
    use serde_json::{Value, json};

    #[tokio::test]
    async fn the_name_is_free_again() {
        let alcazar = alcazar().await;
        let root = alcazar.root();
        let key = root.new_key().await;
        let alias = json!({"AliasName": "alias/a"});
        let made = json!({"AliasName": "alias/a", "TargetKeyId": key});
        root.kms("CreateAlias", made.clone()).await.ok();
        root.kms("DeleteAlias", alias.clone()).await.ok();
        root.kms("DescribeKey", json!({"KeyId": "alias/a"}))
            .await
            .fails("NotFoundException");
        assert_eq!(
            root.kms("ListAliases", json!({"KeyId": key}))
                .await
                .ok()
                .field("Aliases"),
            "[]"
        );
        root.kms("CreateAlias", made).await.ok();
        let event = alcazar.event("DeleteAlias").await;
        assert_eq!(event["requestParameters"], json!({"aliasName": "alias/a"}));
        assert_eq!(event["responseElements"], Value::Null);
        assert_eq!(event["resources"][1]["ARN"], arn(&key));
    }

    #[tokio::test]
    async fn what_is_refused() {
        let root = alcazar().await.root();
        for (name, code, words) in [
            (
                "alias/a",
                "NotFoundException",
                "Alias arn:aws:kms:us-east-1:111122223333:alias/a is not found.",
            ),
            ("alias/aws/s3", "NotAuthorizedException", ""),
        ] {
            let refused = root.kms("DeleteAlias", json!({"AliasName": name})).await;
            refused.fails(code).saying(words);
        }
        root.kms("DeleteAlias", json!({"AliasName": "a"}))
            .await
            .fails("ValidationException");
    }

    #[tokio::test]
    async fn in_every_state_of_the_key() {
        let root = alcazar().await.root();
        let key = root.new_key().await;
        let alias = json!({"AliasName": "alias/a", "TargetKeyId": key});
        root.kms("CreateAlias", alias).await.ok();
        root.kms("ScheduleKeyDeletion", json!({"KeyId": key}))
            .await
            .ok();
        root.kms("DeleteAlias", json!({"AliasName": "alias/a"}))
            .await
            .ok();
    }
}
