//! All secrets of a caller's account and region.

use std::collections::BTreeMap;
use std::sync::Arc;

use pipeline::{Failure, Lookup, Operation, Permitted};
use secretsmanager_api::shapes::{SortByType, SortOrderType};
use storage::Record;

use crate::filters::Filters;
use crate::last_access::last_accessed;
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
pub(crate) async fn sort(
    secrets: &mut [Arc<Secret>],
    look: &Lookup<'_>,
    by: Option<SortByType>,
    order: Option<SortOrderType>,
) -> Result<(), Failure> {
    match by {
        None | Some(SortByType::CreatedDate) => {}
        Some(SortByType::Name) => secrets.sort_by(|one, other| one.name.cmp(&other.name)),
        Some(SortByType::LastChangedDate) => secrets.sort_by_key(|secret| secret.changed),
        Some(SortByType::LastAccessedDate) => {
            let mut read = BTreeMap::new();
            for secret in secrets.iter() {
                let last = last_accessed(look, &secret.arn).await?;
                read.insert(secret.arn.clone(), last);
            }
            // What was never read comes first.
            secrets.sort_by_key(|secret| read.get(&secret.arn).copied().flatten());
        }
    }
    if order == Some(SortOrderType::Desc) {
        secrets.reverse();
    }
    Ok(())
}
