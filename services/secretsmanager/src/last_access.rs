//! When secrets were last read.
//!
//! AWS document: AWS Secrets Manager API Reference, `SecretListEntry`: a date, without the time of day.

use base::{Arn, Timestamp};
use pipeline::{Failure, Lookup};

use crate::schedule::midnight;

/// The day on which the value of this secret was last read in its region.
pub(crate) async fn last_accessed(
    look: &Lookup<'_>,
    secret: &Arn,
) -> Result<Option<Timestamp>, Failure> {
    let used = look.last_use(secret).await?;
    Ok(used.map(|used| midnight(used.at)))
}
