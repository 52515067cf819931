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
