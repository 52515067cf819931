//! When secrets and their versions were last read.
//!
//! AWS document: AWS Secrets Manager API Reference, `SecretListEntry` and `SecretVersionsListEntry`: a date, without the
//! time of day.

use base::{Arn, Timestamp};
use pipeline::{Failure, Lookup};

use crate::schedule::midnight;
use crate::secret::Secret;

/// The day on which the value of this secret was last read in its region.
pub(crate) async fn last_accessed(
    look: &Lookup<'_>,
    secret: &Arn,
) -> Result<Option<Timestamp>, Failure> {
    let used = look.last_use(secret).await?;
    Ok(used.map(|used| midnight(used.at)))
}

/// The day on which the value of this version was last read in the secret's region.
pub(crate) async fn version_last_accessed(
    look: &Lookup<'_>,
    secret: &Secret,
    id: &str,
) -> Result<Option<Timestamp>, Failure> {
    let used = look.last_use_of_part(&secret.arn, id).await?;
    Ok(used.map(midnight))
}
