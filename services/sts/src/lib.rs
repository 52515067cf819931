//! AWS Security Token Service: who is calling, and temporary credentials.
//!
//! Differs from AWS:
//! - The root user has no MFA devices. A session of a role carries MFA only where AssumeRole itself was given a code.
//! - `ProvidedContexts` answers `NotImplemented`.
//! - The size of a token is that of ours: the same policies and tags take another share of the 4,096 bytes.
//! - Tags handed down by the calling session are not in the record of AssumeRole (`incomingTransitiveTags`).
//! - The messages for a source identity that is set anew, for an unknown session policy, for a reserved tag key and
//!   for an unreadable access key id are ours; AWS does not document them.
//! - `RegionDisabledException` and `ExpiredTokenException` do not occur: no region is disabled, no context is
//!   provided.

mod errors;
mod issuer;
mod mfa;
mod operations;
mod role;
mod session_policies;
mod session_tags;
#[cfg(test)]
mod testing;
mod token;

use pipeline::Service;

/// The service, for the catalogue.
pub static SERVICE: Service = Service::of(
    &sts_api::operations::SERVICE,
    operations::OPERATIONS,
    include_str!("../model.json"),
);
