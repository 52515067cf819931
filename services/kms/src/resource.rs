//! A KMS resource by its ARN, for whoever explains decisions.

use std::sync::Arc;

use base::Arn;
use identity::Caller;
use policy::Resource;
use storage::{Records, StorageError};

use crate::granted_key::GrantedKey;
use crate::key::Key;
use crate::key_id::KeyId;

/// The key of this ARN as policies see it when the caller asks: key policy, tags and the grants that may reach the caller;
/// `None` where there is none.
pub(crate) async fn resource(
    records: &Records,
    arn: &Arn,
    caller: &Caller,
) -> Result<Option<Arc<dyn Resource>>, StorageError> {
    let id = arn.resource().strip_prefix("key/").and_then(KeyId::parse);
    let place = (arn.account().parse(), arn.region().parse(), id);
    let (Ok(account), Ok(region), Some(id)) = place else {
        return Ok(None);
    };
    let key = Key::key_of(account, &region, &id);
    let Some(held) = records.get::<Key>(&key).await? else {
        return Ok(None);
    };
    let key = GrantedKey::known(records, caller, held.arc()).await?;
    Ok(Some(key.resource()))
}
