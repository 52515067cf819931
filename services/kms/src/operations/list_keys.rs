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
        let asked = Asked::read(input.marker.as_deref(), input.limit, 100)?;
        let prefix = Key::prefix(call.call().account(), &call.call().region());
        let after = asked.after.as_deref().map(|id| prefix.clone().then(id));
        let found = call
            .look()
            .scan::<Key>(&prefix, after.as_ref(), asked.to_read())
            .await?;
        let page = asked.cut(found.iter().map(|key| entry(key)), id);
        Ok(ListKeysResponse {
            truncated: page.truncated(),
            keys: Some(page.items),
            next_marker: page.next_marker,
        })
    }
}

fn entry(key: &Key) -> KeyListEntry {
    KeyListEntry {
        key_id: Some(key.id.to_string()),
        key_arn: Some(key.arn.to_string()),
    }
}

fn id(entry: &KeyListEntry) -> &str {
    entry.key_id.as_deref().unwrap_or_default()
}
