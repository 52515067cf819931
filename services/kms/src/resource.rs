//! A KMS resource by its ARN, for whoever explains decisions.

use std::sync::Arc;

use base::Arn;
use policy::Resource;
use storage::{Records, StorageError};

use crate::key::Key;
use crate::key_id::KeyId;

/// The key of this ARN as policies see it, key policy and tags included; `None` where there is none.
pub async fn resource(
    records: &Records,
    arn: &Arn,
) -> Result<Option<Arc<dyn Resource>>, StorageError> {
    let id = arn.resource().strip_prefix("key/").and_then(KeyId::parse);
    let place = (arn.account().parse(), arn.region().parse(), id);
    let (Ok(account), Ok(region), Some(id)) = place else {
        return Ok(None);
    };
    let held = records
        .get::<Key>(&Key::key_of(account, &region, &id))
        .await?;
    Ok(held.map(|held| held.arc() as Arc<dyn Resource>))
}
