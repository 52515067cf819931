//! AWS Key Management Service: keys that do not leave, and what is done with them.
//!
//! Built are keys of every kind (symmetric, HMAC, RSA, elliptic curves, ML-DSA, ML-KEM) and all that is done with them.
//! Whatever else a caller may ask of a built operation (custom key stores, Nitro recipients, `DryRunModifiers`, keys
//! shared through RAM) is answered with `NotImplemented`.
//!
//! Differs from AWS:
//! - A key or alias that does not exist is said not to exist only to callers who would be allowed to use it; all
//!   others are denied. AWS tells anyone of the account.
//! - There are no AWS managed keys, so no alias below `alias/aws/`, and no grants, so that every grant token is
//!   invalid.
//! - The use of keys is not tracked yet: to policies, `kms:TrailingDaysWithoutKeyUsage` is 0 for every key.
//! - Sign, Verify, DeriveSharedSecret, Encapsulate and Decapsulate share one request quota, and data key pairs of every
//!   spec another; AWS counts RSA, elliptic curve and ML-DSA keys apart, and the specs of data key pairs.
//! - An encryption context with an RSA key, and a peer's public key that is not on the curve, are refused in words of
//!   our own: AWS documents the refusal, not its wording.
//! - The number of keys of an account is not limited; that of the aliases of a key is.
//! - ListAliases and ListResourceTags obey every `Limit` that the model allows; AWS has lower ones.
//! - A key policy comes back as it was given; AWS writes it anew, with the unique id in place of the ARN of a user or
//!   role that is gone. Whoever is made later under that ARN may nothing by it. Federated users have no unique id:
//!   their ARN names whoever has it.

mod alias;
mod ciphertext;
mod data_key;
mod data_key_pair;
mod encryption_context;
pub mod errors;
mod event;
mod key;
mod key_id;
mod key_material;
mod key_policy;
mod key_spec;
mod key_state;
mod mac;
mod materials;
mod metadata;
mod multi_region;
mod operations;
mod paging;
mod queue;
mod quotas;
mod resource;
mod rotation;
mod rsa_sealing;
mod sealed_under;
mod sealing;
mod signing;
mod sought;
mod stored;
mod tags;
#[cfg(test)]
mod testing;
mod usage;
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
