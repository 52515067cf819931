//! All secrets of a caller's account and region.

use std::sync::Arc;

use pipeline::{Failure, Operation, Permitted};
use secretsmanager_api::shapes::{SortByType, SortOrderType};
use storage::Record;

use crate::errors;
use crate::filters::Filters;
use crate::secret::Secret;

/// Secrets read at once.
const BATCH: usize = 1000;

/// Those that pass, the oldest first.
pub(crate) async fn passing<O: Operation>(
    call: &Permitted<'_, O>,
    filters: &Filters<'_>,
    with_deleted: bool,
) -> Result<Vec<Arc<Secret>>, Failure> {
    let prefix = Secret::prefix(call.call().account(), &call.call().region());
    let (mut found, mut after) = (Vec::new(), None);
    loop {
        let page = call
            .look()
            .scan::<Secret>(&prefix, after.as_ref(), BATCH)
            .await?;
        let wanted =
            |secret: &Secret| (with_deleted || secret.deletion.is_none()) && filters.pass(secret);
        found.extend(
            page.iter()
                .filter(|secret| wanted(secret))
                .map(|secret| secret.arc()),
        );
        match page.last() {
            Some(last) if page.len() == BATCH => after = Some(Record::key(&**last)),
            _ => break,
        }
    }
    found.sort_by(|one, other| (one.created, &one.name).cmp(&(other.created, &other.name)));
    Ok(found)
}

/// In the order asked for.
pub(crate) fn sort(
    secrets: &mut [Arc<Secret>],
    by: Option<SortByType>,
    order: Option<SortOrderType>,
) -> Result<(), Failure> {
    match by {
        None | Some(SortByType::CreatedDate) => {}
        Some(SortByType::Name) => secrets.sort_by(|one, other| one.name.cmp(&other.name)),
        Some(SortByType::LastChangedDate) => secrets.sort_by_key(|secret| secret.changed),
        Some(SortByType::LastAccessedDate) => {
            return Err(errors::not_built("SortBy last-accessed-date"));
        }
    }
    if order == Some(SortOrderType::Desc) {
        secrets.reverse();
    }
    Ok(())
}
