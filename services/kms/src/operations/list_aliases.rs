//! `kms:ListAliases`: the caller's aliases in a region, or those of one key.

use std::sync::Arc;

use kms_api::shapes::{AliasListEntry, ListAliasesRequest, ListAliasesResponse};
use kms_api::{operations, permission};
use pipeline::{Access, Failure, Lookup, Operation, Permitted};

use crate::alias::Alias;
use crate::key::Key;
use crate::paging::{Asked, Page};
use crate::sought::Sought;

pub(crate) struct ListAliases;

impl Operation for ListAliases {
    type Api = operations::ListAliases;
    /// The key whose aliases are wanted.
    type Target = Option<Sought>;

    async fn access(
        input: &ListAliasesRequest,
        look: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        let sought = match &input.key_id {
            Some(key) => Some(Sought::own(look, key).await?),
            None => None,
        };
        Ok(Access::to(sought, permission::ListAliases {}))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<ListAliasesResponse, Failure> {
        let input = call.input();
        let of = match call.target() {
            Some(sought) => sought.key()?.arn.as_str(),
            None => "",
        };
        let asked = Asked::read(
            call.call(),
            &["ListAliases", of],
            input.marker.as_deref(),
            (input.limit, 50),
        )?
        .up_to(100)?;
        let page = match call.target() {
            Some(sought) => of_key(call.look(), &asked, sought.key()?).await?,
            None => of_account(call.look(), &asked).await?,
        };
        let next_marker = asked.next_marker(call.call(), &page)?;
        Ok(ListAliasesResponse {
            truncated: page.truncated(),
            aliases: Some(page.items.iter().map(|alias| entry(alias)).collect()),
            next_marker,
        })
    }
}

async fn of_account(look: &Lookup<'_>, asked: &Asked) -> Result<Page<Arc<Alias>>, Failure> {
    let prefix = Alias::prefix(look.call().account(), &look.call().region());
    let after = asked.after.as_deref().map(|name| prefix.clone().then(name));
    let found = look
        .scan::<Alias>(&prefix, after.as_ref(), asked.to_read())
        .await?;
    Ok(asked.cut(found.iter().map(|alias| alias.arc()), |alias| &alias.name))
}

async fn of_key(look: &Lookup<'_>, asked: &Asked, key: &Key) -> Result<Page<Arc<Alias>>, Failure> {
    let names = key.aliases.iter().filter(|name| asked.reaches(name));
    let mut aliases = Vec::new();
    for name in names.take(asked.to_read()) {
        let place = Alias::key_of(key.account, &key.region, name);
        aliases.extend(look.get::<Alias>(&place).await?);
    }
    Ok(asked.cut(aliases, |alias| &alias.name))
}

fn entry(alias: &Alias) -> AliasListEntry {
    AliasListEntry {
        alias_name: Some(alias.name.clone()),
        alias_arn: Some(Alias::arn_of(alias.account, &alias.region, &alias.name).to_string()),
        target_key_id: Some(alias.target.to_string()),
        creation_date: Some(alias.created),
        last_updated_date: Some(alias.updated),
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{Kms, alcazar, arn};
    use serde_json::{Value, json};

    #[tokio::test]
    async fn of_the_account_or_of_a_key_in_pages() {
        let alcazar = alcazar().await;
        let root = alcazar.root();
        let (one, other) = (root.new_key().await, root.new_key().await);
        for (name, key) in [("c", &one), ("a", &one), ("d", &one), ("b", &other)] {
            let input = json!({"AliasName": format!("alias/{name}"), "TargetKeyId": key});
            root.kms("CreateAlias", input).await.ok();
        }
        for (key, pages) in [
            (
                Value::Null,
                [&["alias/a", "alias/b"][..], &["alias/c", "alias/d"]],
            ),
            (json!(one), [&["alias/a", "alias/c"], &["alias/d"]]),
            (json!(arn(&one)), [&["alias/a", "alias/c"], &["alias/d"]]),
        ] {
            let mut marker = Value::Null;
            for names in pages {
                let input = json!({"KeyId": key, "Limit": 2, "Marker": marker});
                let listed = root.kms("ListAliases", input).await.ok().json().unwrap();
                let aliases = listed["Aliases"].as_array().unwrap().iter();
                let found: Vec<_> = aliases
                    .map(|alias| alias["AliasName"].as_str().unwrap())
                    .collect();
                assert_eq!(found, names);
                marker = listed["NextMarker"].clone();
                assert_eq!(listed["Truncated"], !marker.is_null());
            }
            assert_eq!(marker, Value::Null);
        }
        let event = alcazar.event("ListAliases").await;
        assert_eq!(event["readOnly"], true);
    }

    #[tokio::test]
    async fn tells_all_of_an_alias() {
        let root = alcazar().await.root();
        let key = root.new_key().await;
        root.kms(
            "CreateAlias",
            json!({"AliasName": "alias/a", "TargetKeyId": key}),
        )
        .await
        .ok();
        let listed = root.kms("ListAliases", json!({})).await.ok();
        assert_eq!(
            listed.json().unwrap(),
            json!({
                "Aliases": [{
                    "AliasName": "alias/a",
                    "AliasArn": "arn:aws:kms:us-east-1:111122223333:alias/a",
                    "TargetKeyId": key,
                    "CreationDate": 1795415893,
                    "LastUpdatedDate": 1795415893,
                }],
                "Truncated": false,
            })
        );
    }

    #[tokio::test]
    async fn what_is_refused() {
        let root = alcazar().await.root();
        for (input, code) in [
            (json!({"Marker": "!"}), "InvalidMarkerException"),
            (json!({"KeyId": "alias/a"}), "InvalidArnException"),
            (
                json!({"KeyId": "00000000-0000-4000-8000-000000000000"}),
                "NotFoundException",
            ),
            (json!({"Limit": 1001}), "ValidationException"),
        ] {
            root.kms("ListAliases", input).await.fails(code);
        }
    }
}
