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
        let asked = Asked::read(input.marker.as_deref(), input.limit, 50)?;
        let page = match call.target() {
            Some(sought) => of_key(call.look(), &asked, sought.key()?).await?,
            None => of_account(call.look(), &asked).await?,
        };
        Ok(ListAliasesResponse {
            truncated: page.truncated(),
            aliases: Some(page.items.iter().map(|alias| entry(alias)).collect()),
            next_marker: page.next_marker,
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
