//! AWS CloudTrail: the history of events, read from the audit trail that every call is in.
//!
//! Differs from AWS:
//! - Events can be looked up at once, not after minutes.
//! - Insights events are not built: asking for them answers `NotImplemented`.
//! - The messages of `InvalidTimeRangeException` and its like are ours; AWS does not document them.
//! - `Resources` holds what the call was decided on or made, by ARN, and for IAM by name too.

mod errors;
mod next_token;
mod operations;
mod summary;

use pipeline::{Quota, Service};

/// The service, for the catalogue.
pub static SERVICE: Service = Service {
    quotas: QUOTAS,
    ..Service::of(
        &cloudtrail_api::operations::SERVICE,
        operations::OPERATIONS,
        include_str!("../model.json"),
    )
};

/// AWS document: CloudTrail API Reference, "LookupEvents".
const QUOTAS: &[Quota] = &[Quota {
    name: "cloudtrail/lookup-events",
    operations: &["LookupEvents"],
    per_second: |_| 2,
}];
