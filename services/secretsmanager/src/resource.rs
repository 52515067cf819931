//! A secret by its ARN, for whoever explains decisions.

use std::sync::Arc;

use base::Arn;
use policy::Resource;
use storage::{Records, StorageError};

use crate::secret::Secret;
use crate::sought::{Sought, split_suffix};

/// The secret of this ARN as policies see it, its policy and tags included; `None` where there is none.
pub(crate) async fn resource(
    records: &Records,
    arn: &Arn,
) -> Result<Option<Arc<dyn Resource>>, StorageError> {
    let resource = arn.resource().strip_prefix("secret:");
    let place = (arn.account().parse(), arn.region().parse());
    let (Ok(account), Ok(region), Some((name, _))) =
        (place.0, place.1, resource.and_then(split_suffix))
    else {
        return Ok(None);
    };
    let held = records
        .get::<Secret>(&Secret::key_of(account, &region, name))
        .await?;
    let secret = held.filter(|held| held.arn == *arn);
    Ok(secret.map(|secret| Sought::of(Secret::clone(&secret)).resource()))
}
