//! AWS Secrets Manager: secrets with versions, under keys of KMS.
//!
//! A value is sealed under a data key of its own, and that by KMS with the caller's authority (`encryption.rs`); nothing
//! here opens a value without KMS. Not built are rotation (`RotateSecret`, `CancelRotateSecret`), replicas in other
//! accounts, resource policies with names, and secrets of partners (`Type`): all answer `NotImplemented`.
//!
//! # Differs from AWS
//! - `LastAccessedDate` is not kept: replies leave it out, and sorting by it is refused.
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
//! - CreateSecret, PutSecretValue and UpdateSecret want a `ClientRequestToken` whatever else they are sent.
//! - Whether a policy is public is decided as documented for Amazon S3, and ValidateResourcePolicy names its checks
//!   itself: AWS documents neither names nor messages.
//! - How many secrets an account has is not limited.
//! - The words of errors for labels that are not where the caller believes, for too many labels, versions or tags, and
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
    facts: &secretsmanager_api::operations::SERVICE,
    operations: operations::OPERATIONS,
    quotas: quotas::QUOTAS,
    more: None,
    workers: workers::WORKERS,
    subscribers: &[],
    managed_keys: None,
    described: pipeline::Described {
        model: include_str!("../model.json"),
        resource: Some(|records, arn, _| Box::pin(resource::resource(records, arn))),
    },
};
