//! Deletes secrets whose recovery window is over, with all their versions; and rotates those whose time has come.

use std::time::Duration;

use pipeline::audit::{ServiceEvent, Told};
use pipeline::{Duty, Failure, LastUse, Subject, Worker};
use storage::{Held, Record, Writes};

use crate::deletion::Deletion;
use crate::rotating::{ROTATION, rotate_due_secrets};
use crate::sealed_value;
use crate::secret::Secret;

/// Name of the worker that deletes secrets.
pub(crate) const SECRET_DELETION: &str = "secretsmanager secret deletion";
/// Deletions read at once.
const BATCH: usize = 256;

/// What Secrets Manager does unasked.
pub(crate) const WORKERS: &[Worker] = &[
    Worker {
        name: SECRET_DELETION,
        every: Duration::from_secs(60),
        run: |duty| Box::pin(delete_due_secrets(duty)),
    },
    Worker {
        name: ROTATION,
        every: Duration::from_secs(1),
        run: |duty| Box::pin(rotate_due_secrets(duty)),
    },
];

async fn delete_due_secrets(duty: Duty<'_>) -> Result<(), Failure> {
    let mut after = None;
    loop {
        let soonest = duty.scan::<Deletion>(after.as_ref(), BATCH).await?;
        for deletion in soonest.iter() {
            if deletion.at > duty.now() {
                return Ok(());
            }
            delete_secret(&duty, deletion).await?;
        }
        match soonest.last() {
            Some(last) if soonest.len() == BATCH => after = Some(last.key()),
            _ => return Ok(()),
        }
    }
}

/// Deletes the secret unless it has changed meanwhile: then the next round sees to it.
async fn delete_secret(duty: &Duty<'_>, deletion: &Held<Deletion>) -> Result<(), Failure> {
    let Some(secret) = duty.get::<Secret>(&deletion.of_secret()).await? else {
        return Ok(());
    };
    if secret.deletion != Some(deletion.at) {
        return Ok(());
    }
    let mut also = Writes::none();
    also.delete::<Deletion>(&Record::key(&**deletion));
    also.delete::<LastUse>(&LastUse::key_of(&secret.arn));
    for version in secret.versions.iter() {
        also.extend(sealed_value::without(&secret, &version.id));
    }
    duty.delete(&secret, also, event(&secret)).await?;
    Ok(())
}

/// AWS document: AWS Secrets Manager User Guide, "Log AWS Secrets Manager events with AWS CloudTrail".
fn event(secret: &Secret) -> ServiceEvent {
    ServiceEvent {
        source: "secretsmanager.amazonaws.com",
        name: "EndSecretVersionDelete",
        subject: Subject {
            account: secret.account,
            region: secret.region,
            arn: secret.arn.clone(),
        },
        resource_type: "AWS::SecretsManager::Secret",
        told: Told::Nothing,
    }
}
