//! `secretsmanager:UntagResource`: removes tags of a secret.

use pipeline::{Access, Failure, Lookup, Operation, Permitted};
use secretsmanager_api::shapes::UntagResourceRequest;
use secretsmanager_api::{operations, permission};
use wire::Empty;

use crate::keeping::Change;
use crate::secret::Secret;
use crate::sought::Sought;
use crate::tags;

pub(crate) struct UntagResource;

impl Operation for UntagResource {
    type Api = operations::UntagResource;
    type Target = Sought;

    async fn access(
        input: &UntagResourceRequest,
        look: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        let sought = Sought::find(look, &input.secret_id).await?;
        let needs = permission::UntagResource {
            secret: sought.resource(),
            tag_keys: input.tag_keys.clone(),
        };
        Ok(Access::to(sought, needs))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<Empty, Failure> {
        let secret = call.target().changeable()?;
        let old = secret.tags.as_ref();
        let tags = old.map(|old| tags::removed(old, &call.input().tag_keys));
        let changed = Secret {
            tags: tags.transpose()?,
            ..Secret::clone(secret)
        };
        Change::of(changed).keep(&call).await?;
        Ok(Empty)
    }
}
