//! A parameter by its ARN, for whoever explains decisions.

use std::sync::Arc;

use base::Arn;
use policy::Resource;
use storage::{Records, StorageError};

use crate::parameter::Parameter;
use crate::reference::Reference;
use crate::sought::Sought;

/// The parameter of this ARN as policies see it, its policy and tags included; `None` where there is none.
pub(crate) async fn resource(
    records: &Records,
    arn: &Arn,
) -> Result<Option<Arc<dyn Resource>>, StorageError> {
    let Ok(reference) = Reference::of_arn(arn.as_str()) else {
        return Ok(None);
    };
    let place = Parameter::key_of(reference.account, &reference.region, reference.path);
    let held = records.get::<Parameter>(&place).await?;
    Ok(held.map(|held| Sought::of(held.arc()).resource()))
}
