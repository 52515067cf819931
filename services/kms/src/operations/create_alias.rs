//! `kms:CreateAlias`: gives a key a name.

use std::sync::Arc;

use kms_api::shapes::CreateAliasRequest;
use kms_api::{operations, permission};
use pipeline::{Access, Failure, Lookup, Operation, Permitted};
use wire::Empty;

use crate::alias::{self, Named};
use crate::errors;
use crate::key::Key;
use crate::sought::Sought;

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
        call.put(with_alias(key, name)?);
        call.put(alias::new(call.call(), name, key.id));
        Ok(Empty)
    }
}

/// `key` with one more alias.
pub(super) fn with_alias(key: &Arc<Key>, name: &str) -> Result<Key, Failure> {
    let mut key = Key::clone(key);
    key.aliases.insert(name.to_owned());
    match key.aliases.len() {
        ..=alias::MOST_OF_A_KEY => Ok(key),
        _ => Err(errors::too_many_aliases(&key.arn)),
    }
}
