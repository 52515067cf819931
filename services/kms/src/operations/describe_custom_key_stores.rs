//! `kms:DescribeCustomKeyStores`: the caller's custom key stores, and whether they are connected.

use kms_api::shapes::{
    CustomKeyStoresListEntry, DescribeCustomKeyStoresRequest, DescribeCustomKeyStoresResponse,
};
use kms_api::{operations, permission};
use pipeline::{Access, Failure, Lookup, Operation, Permitted};

use crate::custom_key_store::{CustomKeyStore, entry, errors};
use crate::errors::validation;
use crate::paging::Asked;

pub(crate) struct DescribeCustomKeyStores;

impl Operation for DescribeCustomKeyStores {
    type Api = operations::DescribeCustomKeyStores;
    type Target = ();

    async fn access(
        _: &DescribeCustomKeyStoresRequest,
        _: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        Ok(Access::to((), permission::DescribeCustomKeyStores {}))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<DescribeCustomKeyStoresResponse, Failure> {
        let input = call.input();
        let (id, name) = (&input.custom_key_store_id, &input.custom_key_store_name);
        let asked = Asked::read(
            call.call(),
            &["DescribeCustomKeyStores"],
            input.marker.as_deref(),
            (input.limit, 100),
        )?;
        let all = CustomKeyStore::all(call.look()).await?;
        let all = all.iter().map(|store| entry::of(store));
        let found = match (id, name) {
            (Some(_), Some(_)) => {
                return Err(validation(
                    "Specify either CustomKeyStoreId or CustomKeyStoreName, not both.",
                ));
            }
            (Some(id), None) => {
                let found = all.filter(|it| it.custom_key_store_id.as_ref() == Some(id));
                some(found.collect(), || errors::no_such_store(id))?
            }
            (None, Some(name)) => {
                let found = all.filter(|it| it.custom_key_store_name.as_ref() == Some(name));
                some(found.collect(), || errors::no_store_named(name))?
            }
            (None, None) => all.filter(|it| asked.reaches(id_of(it))).collect(),
        };
        let page = asked.cut(found, id_of);
        let next_marker = asked.next_marker(call.call(), &page)?;
        Ok(DescribeCustomKeyStoresResponse {
            truncated: page.truncated(),
            custom_key_stores: Some(page.items),
            next_marker,
        })
    }
}

type Entries = Vec<CustomKeyStoresListEntry>;

fn some(found: Entries, missing: impl FnOnce() -> Failure) -> Result<Entries, Failure> {
    match found.is_empty() {
        true => Err(missing()),
        false => Ok(found),
    }
}

fn id_of(entry: &CustomKeyStoresListEntry) -> &str {
    entry.custom_key_store_id.as_deref().unwrap_or_default()
}
