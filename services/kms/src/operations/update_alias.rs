//! `kms:UpdateAlias`: lets a name lead to another key.

use kms_api::shapes::UpdateAliasRequest;
use kms_api::{operations, permission};
use pipeline::{Access, Failure, Lookup, Operation, Permitted};
use wire::Empty;

use super::create_alias::with_alias;
use super::delete_alias::without_alias;
use crate::alias::{self, Alias, Named};
use crate::sought::Sought;

pub(crate) struct UpdateAlias;

impl Operation for UpdateAlias {
    type Api = operations::UpdateAlias;
    type Target = (Named, Sought);

    async fn access(
        input: &UpdateAliasRequest,
        look: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        alias::check_name(&input.alias_name)?;
        alias::check_target(&input.target_key_id)?;
        let named = Named::find(look, &input.alias_name).await?;
        let sought = Sought::own(look, &input.target_key_id).await?;
        let on_key = |key| permission::UpdateAlias {
            alias: named.resource(),
            key,
        };
        let (old, new) = (on_key(named.target_resource()), on_key(sought.resource()));
        Ok(Access::to((named, sought), old).and(new))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<Empty, Failure> {
        let (named, sought) = call.target();
        let alias = named.existing()?;
        let key = sought.key()?;
        key.not_pending_deletion()?;
        if alias.target != key.id {
            let updated = call.call().now();
            call.put(with_alias(&call, key, &alias.name)?);
            call.put(Alias {
                target: key.id,
                updated,
                ..Alias::clone(alias)
            });
            if let Some(old) = &named.target {
                call.put(without_alias(old, &alias.name));
            }
        }
        Ok(Empty)
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{Kms, alcazar, arn};
    use serde_json::{Value, json};

    fn input(name: &str, key: &str) -> Value {
        json!({"AliasName": name, "TargetKeyId": key})
    }

    #[tokio::test]
    async fn the_name_leads_to_another_key() {
        let alcazar = alcazar().await;
        let root = alcazar.root();
        let (old, new) = (root.new_key().await, root.new_key().await);
        root.kms("CreateAlias", input("alias/a", &old)).await.ok();
        alcazar.clock.advance_seconds(60);
        root.kms("UpdateAlias", input("alias/a", &new)).await.ok();
        let sealed = root.encrypted("alias/a", "x").await;
        let opened = root
            .kms("Decrypt", json!({"CiphertextBlob": sealed}))
            .await
            .ok();
        assert_eq!(opened.field("KeyId"), arn(&new));
        let listed = async |key: &str| root.kms("ListAliases", json!({"KeyId": key})).await.ok();
        assert_eq!(listed(&old).await.field("Aliases"), "[]");
        let alias = listed(&new).await;
        assert_eq!(alias.field("/Aliases/0/CreationDate"), "1795415893");
        assert_eq!(alias.field("/Aliases/0/LastUpdatedDate"), "1795415953");
        let event = alcazar.event("UpdateAlias").await;
        assert_eq!(event["requestParameters"]["targetKeyId"], new);
        let touched = event["resources"].as_array().unwrap().iter();
        let touched: Vec<_> = touched
            .map(|resource| resource["ARN"].as_str().unwrap())
            .collect();
        assert_eq!(touched[1..], [arn(&old), arn(&new)]);
    }

    #[tokio::test]
    async fn to_where_it_leads_already() {
        let root = alcazar().await.root();
        let key = root.new_key().await;
        root.kms("CreateAlias", input("alias/a", &key)).await.ok();
        root.kms("UpdateAlias", input("alias/a", &key)).await.ok();
        let listed = root.kms("ListAliases", json!({"KeyId": key})).await.ok();
        assert_eq!(listed.field("/Aliases/0/AliasName"), "alias/a");
    }

    #[tokio::test]
    async fn what_is_refused() {
        let root = alcazar().await.root();
        let (key, pending) = (root.new_key().await, root.new_key().await);
        root.kms("CreateAlias", input("alias/a", &key)).await.ok();
        root.kms("ScheduleKeyDeletion", json!({"KeyId": pending}))
            .await
            .ok();
        let missing = "Alias arn:aws:kms:us-east-1:111122223333:alias/b is not found.";
        let state = format!("{} is pending deletion.", arn(&pending));
        for (name, key, code, words) in [
            ("alias/b", &key, "NotFoundException", missing),
            ("alias/a", &pending, "KMSInvalidStateException", &state),
            ("alias/aws/s3", &key, "NotAuthorizedException", ""),
        ] {
            root.kms("UpdateAlias", input(name, key))
                .await
                .fails(code)
                .saying(words);
        }
        let full = root.new_key().await;
        for number in 0..50 {
            root.kms("CreateAlias", input(&format!("alias/{number}"), &full))
                .await
                .ok();
        }
        root.kms("UpdateAlias", input("alias/a", &full))
            .await
            .fails("LimitExceededException");
    }

    #[tokio::test]
    async fn needs_permission_on_alias_and_both_keys() {
        let alcazar = alcazar().await;
        let root = alcazar.root();
        let (old, new) = (root.new_key().await, root.new_key().await);
        root.kms("CreateAlias", input("alias/a", &old)).await.ok();
        let alias = "arn:aws:kms:us-east-1:111122223333:alias/a".to_owned();
        let all = [alias, arn(&old), arn(&new)];
        for (name, missing) in [("ann", 0), ("bob", 1), ("cid", 2), ("dan", 3)] {
            let resources = all.iter().enumerate().filter(|(at, _)| *at != missing);
            let resources: Vec<_> = resources.map(|(_, arn)| arn).collect();
            let policy = json!({"Version": "2012-10-17", "Statement": [
                {"Effect": "Allow", "Action": "kms:UpdateAlias", "Resource": resources}
            ]});
            let caller = alcazar.user(name, &policy.to_string()).await;
            let answer = caller.kms("UpdateAlias", input("alias/a", &new)).await;
            match missing {
                3 => answer.ok(),
                _ => answer.fails("AccessDeniedException"),
            };
        }
    }
}
