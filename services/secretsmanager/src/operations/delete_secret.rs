//! `secretsmanager:DeleteSecret`: marks a secret for deletion, or deletes it at once.

use base::Timestamp;
use pipeline::{Access, Failure, Lookup, Operation, Permitted};
use secretsmanager_api::shapes::{DeleteSecretRequest, DeleteSecretResponse};
use secretsmanager_api::{operations, permission};

use crate::deletion::Deletion;
use crate::keeping::{Change, forget};
use crate::secret::Secret;
use crate::sought::Sought;
use crate::{errors, policy_text};

/// Days in which a secret can be restored unless the caller says how many.
const WINDOW: i64 = 30;
const DAY_SECONDS: i64 = 24 * 3600;

pub(crate) struct DeleteSecret;

impl Operation for DeleteSecret {
    type Api = operations::DeleteSecret;
    type Target = Sought;

    async fn access(
        input: &DeleteSecretRequest,
        look: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        let sought = Sought::find(look, &input.secret_id).await?;
        let forced = input.force_delete_without_recovery == Some(true);
        let needs = permission::DeleteSecret {
            secret: sought.resource(),
            force_delete_without_recovery: Some(forced),
            recovery_window_in_days: match (input.recovery_window_in_days, forced) {
                (None, false) => Some(WINDOW),
                (given, _) => given,
            },
        };
        Ok(Access::to(sought, needs))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<DeleteSecretResponse, Failure> {
        let (input, now) = (call.input(), call.call().now());
        let window = window(input)?;
        let (Some(secret), Some(days)) = (call.target().secret(), window) else {
            return delete_at_once(&call, window.is_none());
        };
        deletable(secret)?;
        secret.not_deleted()?;
        let at = now.plus_seconds(days * DAY_SECONDS);
        let mut marked = Secret {
            deletion: Some(at),
            ..Secret::clone(secret)
        };
        marked.stop_rotation();
        call.put(Deletion::of(&marked, at));
        Change::of(marked).keep(&call).await?;
        Ok(reply(secret, at))
    }
}

/// AWS: what does not exist is deleted by force without complaint.
fn delete_at_once(
    call: &Permitted<'_, DeleteSecret>,
    forced: bool,
) -> Result<DeleteSecretResponse, Failure> {
    let now = call.call().now();
    match call.target().secret() {
        None if !forced => Err(errors::no_such_secret()),
        None => Ok(DeleteSecretResponse {
            arn: Some(call.target().arn().to_string()),
            name: Some(call.input().secret_id.clone()),
            deletion_date: Some(now),
        }),
        Some(secret) => {
            deletable(secret)?;
            forget(call, secret);
            Ok(reply(secret, now))
        }
    }
}

/// Days until the secret is gone; none where it is to be gone at once.
fn window(input: &DeleteSecretRequest) -> Result<Option<i64>, Failure> {
    let forced = input.force_delete_without_recovery == Some(true);
    match (input.recovery_window_in_days, forced) {
        (Some(_), true) => Err(errors::forced_with_window()),
        (None, true) => Ok(None),
        (None, false) => Ok(Some(WINDOW)),
        (Some(days @ 7..=30), false) => Ok(Some(days)),
        (Some(_), false) => Err(errors::recovery_window()),
    }
}

fn deletable(secret: &Secret) -> Result<(), Failure> {
    secret.is_primary()?;
    let replicas = secret.replication.replicas().iter();
    let regions: Vec<String> = replicas.map(|replica| replica.region.to_string()).collect();
    match regions.is_empty() {
        true => Ok(()),
        false => Err(errors::has_replicas(&secret.arn, &regions.join(", "))),
    }
}

fn reply(secret: &Secret, at: Timestamp) -> DeleteSecretResponse {
    let (arn, name) = policy_text::heading(&secret.arn, &secret.name);
    DeleteSecretResponse {
        arn,
        name,
        deletion_date: Some(at),
    }
}

#[cfg(test)]
mod tests {
    use crate::sealed_value::SealedValue;
    use crate::secret::Secret;
    use crate::testing::{SecretsManager, alcazar};
    use crate::workers::SECRET_DELETION;
    use harness::Alcazar;
    use serde_json::json;

    /// How many rows of secrets and values there are.
    async fn rows(alcazar: &Alcazar) -> (usize, usize) {
        let root = storage::Key::root();
        let secrets = alcazar
            .core
            .records
            .scan::<Secret>(&root, None, 100)
            .await
            .unwrap();
        let values = alcazar
            .core
            .records
            .scan::<SealedValue>(&root, None, 100)
            .await
            .unwrap();
        (secrets.len(), values.len())
    }

    #[tokio::test]
    async fn after_the_window_all_is_gone() {
        let alcazar = alcazar().await;
        let root = alcazar.root();
        let arn = root.new_secret("s", "one").await;
        root.secrets(
            "PutSecretValue",
            json!({"SecretId": "s", "SecretString": "two"}),
        )
        .await
        .ok();
        root.new_secret("other", "x").await;
        let input = json!({"SecretId": "s", "RecoveryWindowInDays": 7});
        let marked = root
            .secrets("DeleteSecret", input.clone())
            .await
            .ok()
            .json()
            .unwrap();
        let date = marked["DeletionDate"].as_f64().unwrap();
        assert_eq!(marked["ARN"], arn);
        let told = root
            .secrets("DescribeSecret", json!({"SecretId": "s"}))
            .await
            .ok()
            .json()
            .unwrap();
        assert_eq!(told["DeletedDate"].as_f64(), Some(date));
        let words =
            "You can't perform this operation on the secret because it was marked for deletion.";
        root.secrets("DeleteSecret", input)
            .await
            .fails("InvalidRequestException")
            .saying(words);
        alcazar.clock.advance_seconds(7 * 24 * 3600 - 1);
        assert!(alcazar.core.run_worker(SECRET_DELETION).await.unwrap());
        assert_eq!(rows(&alcazar).await, (2, 3));
        alcazar.clock.advance_seconds(1);
        assert!(alcazar.core.run_worker(SECRET_DELETION).await.unwrap());
        assert_eq!(rows(&alcazar).await, (1, 1));
        root.secrets("DescribeSecret", json!({"SecretId": "s"}))
            .await
            .fails("ResourceNotFoundException");
        let event = alcazar.event("EndSecretVersionDelete").await;
        assert_eq!(event["resources"][0]["ARN"], arn);
    }

    #[tokio::test]
    async fn a_restored_secret_stays() {
        let alcazar = alcazar().await;
        let root = alcazar.root();
        root.new_secret("s", "one").await;
        root.secrets("DeleteSecret", json!({"SecretId": "s"}))
            .await
            .ok();
        root.secrets("RestoreSecret", json!({"SecretId": "s"}))
            .await
            .ok();
        alcazar.clock.advance_seconds(31 * 24 * 3600);
        assert!(alcazar.core.run_worker(SECRET_DELETION).await.unwrap());
        assert_eq!(root.value("s").await, "one");
    }

    #[tokio::test]
    async fn by_force_at_once() {
        let alcazar = alcazar().await;
        let root = alcazar.root();
        let first = root.new_secret("s", "one").await;
        root.secrets("DeleteSecret", json!({"SecretId": "s"}))
            .await
            .ok();
        let force = json!({"SecretId": "s", "ForceDeleteWithoutRecovery": true});
        root.secrets("DeleteSecret", force.clone()).await.ok();
        assert_eq!(rows(&alcazar).await, (0, 0));
        root.secrets("DeleteSecret", force).await.ok();
        let second = root.new_secret("s", "two").await;
        assert_ne!(first, second);
        // The ARN of the old secret does not lead to the new one.
        root.secrets("GetSecretValue", json!({"SecretId": first}))
            .await
            .fails("ResourceNotFoundException");
        alcazar.clock.advance_seconds(31 * 24 * 3600);
        assert!(alcazar.core.run_worker(SECRET_DELETION).await.unwrap());
        assert_eq!(root.value("s").await, "two");
        // Those of one instant have no order.
        let events = alcazar.events().await;
        let forced = events.iter().filter(|event| {
            event["eventName"] == "DeleteSecret"
                && event["requestParameters"]["forceDeleteWithoutRecovery"] == true
        });
        assert_eq!(forced.count(), 2);
    }

    #[tokio::test]
    async fn what_is_refused() {
        let alcazar = alcazar().await;
        let root = alcazar.root();
        root.new_secret("s", "one").await;
        let window = "The RecoveryWindowInDays value must be between 7 and 30 days (inclusive).";
        let both =
            "You can't use ForceDeleteWithoutRecovery in conjunction with RecoveryWindowInDays.";
        for (input, code, words) in [
            (
                json!({"SecretId": "s", "RecoveryWindowInDays": 6}),
                "InvalidParameterException",
                window,
            ),
            (
                json!({"SecretId": "s", "RecoveryWindowInDays": 31}),
                "InvalidParameterException",
                window,
            ),
            (
                json!({"SecretId": "s", "RecoveryWindowInDays": 7, "ForceDeleteWithoutRecovery": true}),
                "InvalidParameterException",
                both,
            ),
            (
                json!({"SecretId": "t"}),
                "ResourceNotFoundException",
                "Secrets Manager can't find the specified secret.",
            ),
        ] {
            root.secrets("DeleteSecret", input)
                .await
                .fails(code)
                .saying(words);
        }
        let policy = json!({"Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Action": "secretsmanager:DeleteSecret", "Resource": "*", "Condition": {
                "Bool": {"secretsmanager:ForceDeleteWithoutRecovery": "false"},
                "NumericGreaterThanEquals": {"secretsmanager:RecoveryWindowInDays": "20"}}}]});
        let ann = alcazar.user("ann", &policy.to_string()).await;
        for input in [
            json!({"SecretId": "s", "ForceDeleteWithoutRecovery": true}),
            json!({"SecretId": "s", "RecoveryWindowInDays": 7}),
        ] {
            ann.secrets("DeleteSecret", input)
                .await
                .fails("AccessDeniedException");
        }
        ann.secrets("DeleteSecret", json!({"SecretId": "s"}))
            .await
            .ok();
    }
}
