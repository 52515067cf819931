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
            call.put(with_alias(key, &alias.name)?);
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
