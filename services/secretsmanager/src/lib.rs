//! AWS Secrets Manager: secrets with versions, under keys of KMS.
//!
//! A value is sealed under a data key of its own, and that by KMS with the caller's authority (`encryption.rs`); nothing
//! here opens a value without KMS. Rotation is the work of functions, step by step (`rotating.rs`), at the times that
//! `schedule.rs` tells. Not built are replicas in other accounts and resource policies with names: both answer
//! `NotImplemented`.
//!
//! # Differs from AWS
//! - Managed external secrets are those of partners, as of Salesforce or Snowflake, that AWS itself rotates at the partner,
//!   by a form of value for each and under a role of the account. There are none here: `Type`,
//!   `ExternalSecretRotationMetadata` and `ExternalSecretRotationRoleArn` answer `NotImplemented`, and no reply has them.
//! - `LastAccessedDate` is written down within a minute: a crash may forget the reads of the last one. Sorted by it, what
//!   was never read comes first.
//! - Scheduled rotations begin when their window opens, of one account two at a time; a window that went by before its
//!   rotation could begin, as while the server was down, is left out, and is a `RotationFailed`.
//!   With days for a schedule, any later day will do. Rates in hours count from the midnight before the call that set them.
//!   `NextRotationDate` is the last second of the window.
//! - A rotation that failed is tried again as a whole, with the same tokens, after 1, 2, 4, 8 and 16 minutes, a scheduled
//!   one within its window alone; then at the next window. Every failure is a `RotationFailed`, with a reason in the words
//!   of this server and none of the function's. As many functions as may run: the step waits, and that is no failure.
//! - Without `RotationRules`, then or before, RotateSecret rotates now, and nothing is scheduled.
//! - `RotateImmediately` false tries `testSecret` once, with a version that reads as the current one and is removed then.
//! - A function that does not exist is one that Secrets Manager cannot invoke. `AWSCURRENT` moves to no empty version.
//! - A `RotationToken` is checked wherever it is given; who has none may still put the value, if policies let him.
//! - CancelRotateSecret keeps function and rules for a later RotateSecret. Deletion ends what is under way; RestoreSecret
//!   plans anew. A replica that is promoted has no rotation.
//! - Hours of cron expressions may be lists and ranges, days working days (`15W`); AWS documents neither for secrets.
//! - There are no metrics of CloudWatch: the server's own tell of failures, and the audit record, and DescribeSecret.
//! - Replicas are brought up to date with the change of their primary, not afterwards. `Failed` says that KMS refused in
//!   that region, or that the name was taken; any later change of the primary tries again.
//! - `ForceOverwriteReplicaSecret` does not overwrite a secret that has replicas or is one.
//! - `secretsmanager:SecretId` is the ARN of the secret, however the caller named it, so that a policy which names one
//!   secret holds. `secretsmanager:VersionStage` is `AWSCURRENT` where GetSecretValue asks for nothing else.
//! - A KMS key that is named by alias has its `secretsmanager:KmsKeyArn` only when KMS has been asked: a policy that
//!   allows by this key alone denies it, one that denies by it holds.
//! - A secret moved to another key still opens under the key before, as AWS documents; what had no label stays there.
//! - An ARN of another region or partition names no secret.
//! - ListSecrets searches `description` by words, as AWS does and does not document, and shows changes at once.
//! - CreateSecret, PutSecretValue, RotateSecret and UpdateSecret want a `ClientRequestToken` whatever else they are sent.
//! - Whether a policy is public is decided as documented for Amazon S3, and ValidateResourcePolicy names its checks
//!   itself: AWS documents neither names nor messages.
//! - How many secrets an account has is not limited.
//! - The words of errors for rotation rules that make no sense, for labels that are not where the caller believes, for too many labels, versions or tags, and
//!   for replicas that are or are not there are not AWS's own: those are not documented.

mod cron;
mod deletion;
mod due;
mod encryption;
mod errors;
mod filters;
mod fresh;
mod invoke_function;
mod keeping;
mod last_access;
mod listing;
mod metrics;
mod operations;
mod paging;
mod password;
mod policy_text;
mod quotas;
mod replication;
mod resource;
mod rotating;
#[cfg(test)]
mod rotating_stories;
mod rotation;
mod rotation_events;
mod schedule;
#[cfg(test)]
mod schedule_stories;
mod sealed_value;
mod secret;
mod sought;
mod stored;
mod stored_rotation;
mod tags;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod testing_rotation;
mod value;
mod version;
mod workers;

/// The service, for the server's catalogue.
pub static SERVICE: pipeline::Service = pipeline::Service {
    quotas: quotas::QUOTAS,
    workers: workers::WORKERS,
    tallies: metrics::TALLIES,
    measure: Some(metrics::measure),
    resource: Some(|records, arn, _| Box::pin(resource::resource(records, arn))),
    ..pipeline::Service::of(
        &secretsmanager_api::operations::SERVICE,
        operations::OPERATIONS,
        include_str!("../model.json"),
    )
};
