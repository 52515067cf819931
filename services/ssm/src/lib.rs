//! AWS Systems Manager: Parameter Store, and nothing else of it.
//!
//! A `SecureString` is sealed by KMS with the caller's authority (`sealing.rs`); every other value by KMS too, under the key
//! that is the service's own. Nothing here opens a value without KMS.
//! `/aws/reference/secretsmanager/NAME` is read through Secrets Manager, likewise. Public parameters are those that the
//! operator names (`alcazar serve --public-parameters`). Whatever of Systems Manager is no parameter is not built and answers
//! `NotImplemented`.
//!
//! # Differs from AWS
//! - `/Name` and `Name` are one parameter, as AWS documents; it is found by both, and told as it was made.
//! - A standard parameter's `SecureString` is what KMS made of it, as AWS documents; an advanced one is sealed under a
//!   data key, in a form of our own and not of the AWS Encryption SDK.
//! - Values are measured in bytes of UTF-8. An allowed pattern is of RE2's kind, without look-around and references
//!   back, and the whole value has to match it.
//! - Whether an AMI exists is not checked, only that its id can be one.
//! - What PutParameter leaves out when it overwrites stays: description, allowed pattern and data type. The key does not,
//!   as AWS documents.
//! - Which words and codes refuse a policy is not documented in every case. `ExpirationNotification` needs `Expiration`,
//!   which lies in the future. A notice of an expiration that was given is not given again for a later version that keeps
//!   its policies; the wait of `NoChangeNotification` begins anew with each version.
//! - What a policy does and its status are one commit, so that none is ever `InProgress` or `Failed`. It is recorded as an
//!   event of the service's own, `DeleteParameter` or `NotifyParameterPolicy`.
//! - The type of a parameter never changes.
//! - A deleted name can be used again at once.
//! - `ssm:Overwrite`, `ssm:Recursive` and `ssm:Policies` are `true` or `false`, and always there.
//! - Public parameters are read by GetParameter, GetParameters, GetParametersByPath and DescribeParameters; to every other
//!   operation they are not there.
//! - What an account may ask of higher throughput comes on top of the usual quota, so that AWS's numbers are reached
//!   together; PutParameter has no quota of its own.
//! - There is no RAM here, so that DescribeParameters with `Shared` lists what resource policies alone share, as far as the
//!   caller may call GetParameter for it. Those put by versions before this one are listed once they are put again.
//! - A parameter has one resource policy, and DeleteResourcePolicy has one mode.
//! - What Secrets Manager refuses of a secret that exists is told as a `ValidationException`, and the `SourceResult` of a
//!   secret leaves out its value. A secret whose name has two slashes in a row, or ends in one, has no such name here,
//!   and one of its versions whose id is digits only is not found so.
//! - A page of parameters ends early where many had to be passed over, with a token for more.
//! - The words of errors for tags, labels, tiers' limits and resource policies are not AWS's own: those are not
//!   documented.

mod data_type;
mod emitted;
mod errors;
mod filters;
mod keeping;
mod labels;
mod limits;
mod listing;
mod name;
mod operations;
#[cfg(test)]
mod own_key_stories;
mod paging;
mod parameter;
mod parameter_policy;
mod past_version;
mod policy_due;
mod public_parameter;
mod quotas;
mod reference;
mod resource;
mod sealing;
mod secret_reference;
mod service_setting;
mod shared;
mod sharing;
mod sought;
mod stored;
mod tags;
mod tally;
#[cfg(test)]
mod testing;
mod told;
mod value;
mod version;
mod workers;

pub use public_parameter::{ImportError, PublicImport};

/// The service, for the server's catalogue.
pub static SERVICE: pipeline::Service = pipeline::Service {
    quotas: quotas::QUOTAS,
    more: Some(quotas::higher),
    workers: workers::WORKERS,
    resource: Some(|records, arn, _| Box::pin(resource::resource(records, arn))),
    ..pipeline::Service::of(
        &ssm_api::operations::SERVICE,
        operations::OPERATIONS,
        include_str!("../model.json"),
    )
};
