//! Deletes keys whose waiting period is over, with their aliases.

use std::time::Duration;

use pipeline::audit::ServiceEvent;
use pipeline::{Duty, Failure, LastUse, Subject, Worker};
use storage::{Held, Record, Writes};

use crate::alias::Alias;
use crate::deletion::Deletion;
use crate::grant::Grant;
use crate::key::Key;
use crate::key_state::KeyState;

/// Name of the worker that deletes keys.
pub(crate) const KEY_DELETION: &str = "kms key deletion";
/// Deletions read at once.
const BATCH: usize = 256;

/// What KMS does unasked.
pub(crate) const WORKERS: &[Worker] = &[Worker {
    name: KEY_DELETION,
    every: Duration::from_secs(60),
    run: |duty| Box::pin(delete_due_keys(duty)),
}];

async fn delete_due_keys(duty: Duty<'_>) -> Result<(), Failure> {
    let mut after = None;
    loop {
        let soonest = duty.scan::<Deletion>(after.as_ref(), BATCH).await?;
        for deletion in soonest.iter() {
            if deletion.at > duty.now() {
                return Ok(());
            }
            delete_key(&duty, deletion).await?;
        }
        match soonest.last() {
            Some(last) if soonest.len() == BATCH => after = Some(last.key()),
            _ => return Ok(()),
        }
    }
}

/// Deletes the key unless it has changed meanwhile: then the next round sees to it.
async fn delete_key(duty: &Duty<'_>, deletion: &Held<Deletion>) -> Result<(), Failure> {
    let Some(key) = duty.get::<Key>(&deletion.of_key()).await? else {
        return Ok(());
    };
    if !matches!(key.state, KeyState::PendingDeletion { at, .. } if at == deletion.at) {
        return Ok(());
    }
    let mut also = Writes::none();
    also.delete::<LastUse>(&LastUse::key_of(&key.arn));
    also.delete::<Deletion>(&Record::key(&**deletion));
    for alias in &key.aliases {
        also.delete::<Alias>(&Alias::key_of(key.account, &key.region, alias));
    }
    if key.granted {
        let grants = duty.all::<Grant>(&Grant::prefix(&key)).await?;
        grants.iter().for_each(|grant| also.extend(grant.removed()));
    }
    duty.delete(&key, also, event(&key)).await?;
    Ok(())
}

/// AWS document: AWS KMS Developer Guide, "DeleteKey".
fn event(key: &Key) -> ServiceEvent {
    ServiceEvent {
        source: "kms.amazonaws.com",
        name: "DeleteKey",
        subject: Subject {
            account: key.account,
            region: key.region,
            arn: key.arn.clone(),
        },
        resource_type: "AWS::KMS::Key",
    }
}
