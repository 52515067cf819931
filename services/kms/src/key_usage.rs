//! When a key was last used in a cryptographic operation.
//!
//! AWS document: AWS KMS Developer Guide, "Determine past usage of a KMS key".

use base::Timestamp;
use kms_api::shapes::{KeyLastUsageData, KeyLastUsageTrackingOperation};
use pipeline::{Failure, LastUse, Lookup};

use crate::key::Key;
use crate::sought::Sought;
use crate::stored;

const DAY: i64 = 86_400;

/// From when on the uses of `key` were noted.
pub(crate) async fn tracking_start(look: &Lookup<'_>, key: &Key) -> Result<Timestamp, Failure> {
    Ok(look.uses_since().await?.max(key.created))
}

/// The last use of `key`. That of an earlier key of the same ARN, as of a replica that was deleted, is none of it.
pub(crate) async fn last_use(look: &Lookup<'_>, key: &Key) -> Result<Option<LastUse>, Failure> {
    let used = look.last_use(&key.arn).await?;
    Ok(used.filter(|used| used.at >= key.created))
}

/// `kms:TrailingDaysWithoutKeyUsage`: whole days since the last use, or since uses are noted. A key that is not there
/// counts as used today.
pub(crate) async fn trailing_days(
    look: &Lookup<'_>,
    sought: &Sought,
) -> Result<Option<i64>, Failure> {
    let Ok(key) = sought.key() else {
        return Ok(Some(0));
    };
    let since = match last_use(look, key).await? {
        Some(used) => used.at,
        None => tracking_start(look, key).await?,
    };
    let seconds = look.call().now().seconds() - since.seconds();
    Ok(Some(seconds.max(0).div_euclid(DAY)))
}

/// `KeyLastUsage`: empty for a key that was not used.
pub(crate) fn shape(used: Option<LastUse>) -> KeyLastUsageData {
    let Some(used) = used else {
        return KeyLastUsageData::default();
    };
    KeyLastUsageData {
        operation: stored::named::<KeyLastUsageTrackingOperation>(&used.operation),
        timestamp: Some(used.at),
        cloud_trail_event_id: Some(used.event),
        kms_request_id: Some(used.request),
    }
}

#[cfg(test)]
mod tests {
    use crate::operations::OPERATIONS;
    use kms_api::shapes::KeyLastUsageTrackingOperation;
    use wire::ClosedSet;

    #[test]
    fn what_counts_as_use() {
        for entry in OPERATIONS {
            let mut tracked = KeyLastUsageTrackingOperation::ALL.iter();
            let tracked = tracked.any(|operation| operation.as_str() == entry.facts.name);
            assert_eq!(entry.tracks_use, tracked, "{}", entry.facts.name);
        }
    }
}
