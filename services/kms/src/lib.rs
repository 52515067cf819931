//! AWS Key Management Service: keys that do not leave, and what is done with them.
//!
//! Built are symmetric encryption keys (`SYMMETRIC_DEFAULT`) whose material is made here. Whatever else a caller may
//! ask of a built operation (asymmetric and HMAC keys, imported material, multi-Region keys, custom key stores,
//! Nitro recipients, keys shared through RAM) is answered with `NotImplemented`.
//!
//! Differs from AWS:
//! - A key or alias that does not exist is said not to exist only to callers who would be allowed to use it; all
//!   others are denied. AWS tells anyone of the account.
//! - A grant counts at once, with its token or without. A token that is not of this server, or whose grant is no more,
//!   is refused; one of a grant that does not help the caller is not.
//! - Encryption context constraints of grants compare names with their case. One with names that differ in case alone
//!   never holds.
//! - A grant on a key gives its retirement to the account of the key and to that of the caller who made it.
//! - ListRetirableGrants refuses a principal of another account.
//! - Of several uses of a key within a minute GetKeyLastUsage tells of the first. An end of the server without warning
//!   may forget the uses of the last minute.
//! - The number of keys of an account is not limited; that of the aliases of a key is.
//! - A key policy comes back as it was given; AWS writes it anew, with the unique id in place of the ARN of a user or
//!   role that is gone. Whoever is made later under that ARN may nothing by it. Federated users have no unique id:
//!   their ARN names whoever has it.

mod alias;
mod ciphertext;
mod data_key;
mod encryption_context;
pub mod errors;
mod event;
mod grant;
mod granted_key;
mod import_token;
mod key;
mod key_id;
mod key_material;
mod key_policy;
mod key_state;
mod key_usage;
#[cfg_attr(
    not(test),
    expect(
        dead_code,
        reason = "services will ask for their keys through the door between services"
    )
)]
mod managed_key;
mod materials;
mod metadata;
mod multi_region;
mod operations;
mod paging;
mod principal;
mod queue;
mod quotas;
mod resource;
mod rotation;
mod sealed_under;
mod sealing;
mod sought;
mod stored;
mod tags;
#[cfg(test)]
mod testing;
mod workers;
mod wrapping;

use pipeline::Service;

pub use resource::resource;

/// The service, for the catalogue.
pub static SERVICE: Service = Service {
    facts: &kms_api::operations::SERVICE,
    operations: operations::OPERATIONS,
    quotas: quotas::QUOTAS,
    workers: workers::WORKERS,
};
