//! `kms:CreateAlias`: gives a key a name.

use std::sync::Arc;

use kms_api::shapes::CreateAliasRequest;
use kms_api::{operations, permission};
use pipeline::{Access, Failure, Lookup, Operation, Permitted};
use wire::Empty;

use crate::alias::{self, Named};
use crate::key::Key;
use crate::sought::Sought;
use crate::{errors, quotas};

pub(crate) struct CreateAlias;

impl Operation for CreateAlias {
    type Api = operations::CreateAlias;
    type Target = (Named, Sought);

    async fn access(
        input: &CreateAliasRequest,
        look: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        alias::check_name(&input.alias_name)?;
        alias::check_target(&input.target_key_id)?;
        let named = Named::find(look, &input.alias_name).await?;
        let sought = Sought::own(look, &input.target_key_id).await?;
        let needs = permission::CreateAlias {
            alias: named.resource(),
            key: sought.resource(),
        };
        Ok(Access::to((named, sought), needs))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<Empty, Failure> {
        let (named, sought) = call.target();
        let key = sought.key()?;
        if named.alias.is_some() {
            return Err(errors::alias_exists(&named.arn));
        }
        key.not_pending_deletion()?;
        let name = &call.input().alias_name;
        call.put(with_alias(&call, key, name)?);
        call.put(alias::new(call.call(), name, key.id));
        Ok(Empty)
    }
}

/// `key` with one more alias.
pub(super) fn with_alias<O: Operation>(
    call: &Permitted<'_, O>,
    key: &Arc<Key>,
    name: &str,
) -> Result<Key, Failure> {
    let mut key = Key::clone(key);
    key.aliases.insert(name.to_owned());
    quotas::check_aliases(call, &key)?;
    Ok(key)
}

#[cfg(test)]
mod tests {
    use crate::testing::{Kms, alcazar, arn};
    use serde_json::{Value, json};

    fn input(name: &str, key: &str) -> Value {
        json!({"AliasName": name, "TargetKeyId": key})
    }

    #[tokio::test]
    async fn a_key_has_a_name() {
        let alcazar = alcazar().await;
        let root = alcazar.root();
        let key = root.new_key().await;
        root.kms("CreateAlias", input("alias/a", &arn(&key)))
            .await
            .ok();
        let described = root
            .kms("DescribeKey", json!({"KeyId": "alias/a"}))
            .await
            .ok();
        assert_eq!(described.field("/KeyMetadata/KeyId"), key);
        let event = alcazar.event("CreateAlias").await;
        assert_eq!(event["requestParameters"]["aliasName"], "alias/a");
        assert_eq!(event["responseElements"], Value::Null);
        assert_eq!(
            event["resources"][0]["ARN"],
            "arn:aws:kms:us-east-1:111122223333:alias/a"
        );
        assert_eq!(event["resources"][0]["type"], "AWS::KMS::Alias");
        assert_eq!(event["resources"][1]["ARN"], arn(&key));
    }

    #[tokio::test]
    async fn what_is_refused() {
        let root = alcazar().await.root();
        let (key, pending) = (root.new_key().await, root.new_key().await);
        root.kms("CreateAlias", input("alias/a", &key)).await.ok();
        root.kms("ScheduleKeyDeletion", json!({"KeyId": pending}))
            .await
            .ok();
        let prefix = "Alias must start with the prefix \"alias/\". Please see \
                      https://docs.aws.amazon.com/kms/latest/developerguide/kms-alias.html";
        for (name, key, code, words) in [
            (
                "alias/a",
                &key,
                "AlreadyExistsException",
                "An alias with the name arn:aws:kms:us-east-1:111122223333:alias/a already exists",
            ),
            ("a", &key, "ValidationException", prefix),
            (
                "alias/a:b",
                &key,
                "ValidationException",
                "alias/a:b contains invalid characters for an alias",
            ),
            (
                "alias/",
                &key,
                "InvalidAliasNameException",
                "alias/ is not a valid alias name",
            ),
            ("alias/aws/s3", &key, "NotAuthorizedException", ""),
            (
                "alias/b",
                &pending,
                "KMSInvalidStateException",
                &format!("{} is pending deletion.", arn(&pending)),
            ),
        ] {
            root.kms("CreateAlias", input(name, key))
                .await
                .fails(code)
                .saying(words);
        }
        let long = format!("alias/{}", "x".repeat(251));
        root.kms("CreateAlias", input(&long, &key))
            .await
            .fails("ValidationException");
    }

    #[tokio::test]
    async fn a_key_has_fifty_names_at_most() {
        let root = alcazar().await.root();
        let key = root.new_key().await;
        for number in 0..50 {
            root.kms("CreateAlias", input(&format!("alias/{number}"), &key))
                .await
                .ok();
        }
        let refused = root.kms("CreateAlias", input("alias/more", &key)).await;
        refused.fails("LimitExceededException");
        root.kms("DescribeKey", json!({"KeyId": "alias/more"}))
            .await
            .fails("NotFoundException");
    }

    #[tokio::test]
    async fn needs_permission_on_alias_and_key() {
        let alcazar = alcazar().await;
        let root = alcazar.root();
        let key = root.new_key().await;
        let allow = |resources: &[&str]| {
            json!({"Version": "2012-10-17", "Statement": [
                {"Effect": "Allow", "Action": "kms:CreateAlias", "Resource": resources}
            ]})
            .to_string()
        };
        let alias = "arn:aws:kms:us-east-1:111122223333:alias/a";
        for (name, resources, allowed) in [
            ("ann", &[alias][..], false),
            ("bob", &[&arn(&key)], false),
            ("cid", &[alias, &arn(&key)], true),
        ] {
            let caller = alcazar.user(name, &allow(resources)).await;
            let answer = caller.kms("CreateAlias", input("alias/a", &key)).await;
            match allowed {
                true => answer.ok(),
                false => answer.fails("AccessDeniedException"),
            };
        }
    }
}
