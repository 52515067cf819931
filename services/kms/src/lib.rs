//! AWS Key Management Service: keys that do not leave, and what is done with them.
//!
//! Built are keys of every kind (symmetric, HMAC, RSA, elliptic curves, ML-DSA, ML-KEM), with material that is made here
//! or imported, in one region or several, or kept in the HSMs of a CloudHSM cluster or behind an external key store proxy,
//! and all that is done with them. Whatever else a caller may ask of a built operation (keys shared through RAM) is answered
//! with `NotImplemented`.
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
//! - AWS owned keys are in one account that is nobody's. Parameter Store has one for what is no `SecureString`; what the other
//!   services keep for themselves is sealed with all records.
//! - Encapsulate and Decapsulate have a request quota of their own, of 1,000 a second, and data key pairs of ML-KEM
//!   another of 100; AWS documents none.
//! - ReEncrypt counts once where both keys have the same request quota, once for each where they have two.
//! - An encryption context with an RSA key, and a peer's public key that is not on the curve, are refused in words of
//!   our own: AWS documents the refusal, not its wording.
//! - ListAliases and ListResourceTags obey every `Limit` that the model allows; AWS has lower ones.
//! - Rotation, replication and the change of a primary key are complete, in every region, before they are acknowledged.
//!   So no key is ever `Creating` or `Updating`, and no `OnDemandRotationStartDate` is told.
//! - A key can be replicated into a region of any name: this server is in all of them.
//! - A disabled key stays disabled when its material is imported again. One that lost material and gets it back is
//!   enabled, whatever it was before, as AWS documents.
//! - One material at a time waits for a rotation; a second is refused until the first is deleted.
//! - No source of attestation documents is trusted, AWS's own neither: every `Recipient` is refused as one whose document
//!   does not hold, in words of our own.
//! - An external key store proxy is asked only at hosts that the operator listed (`alcazar serve --xks-proxy`), any other
//!   is unreachable. It has two seconds for an answer of at most 64 KiB, from the search for its host on, where AWS gives
//!   it 250 milliseconds; it may be vouched for by authorities of the operator's. Requests to it are not tried again; a call that is begun
//!   again, as what it relied on has changed meanwhile, asks again, under the same `kmsRequestId`: nothing that a proxy is
//!   asked changes a key.
//! - The user of a key store's cluster is the one user of its PKCS#11 tokens, and its password their PIN. AWS changes it
//!   whenever the store is connected; here it stays as it is, as the owner of the cluster has no other user to reach his own
//!   keys by, and somebody else may be logged in meanwhile. SoftHSM locks no
//!   PIN: `USER_LOCKED_OUT` and `USER_NOT_FOUND` are told of tokens that do, or whose user has none.
//! - A connected key store in which the tokens come to refuse the PIN is `FAILED`, with the reason; AWS leaves it connected.
//! - A key in a cluster encrypts with random vectors of 96 bits, which is safe 2^32 times.
//! - Key material that is left in a cluster when its KMS key goes, as its store is not connected or its HSMs do not answer, is
//!   destroyed once they can be asked; AWS leaves it to the owner. In a cluster that no key store has any more it stays.
//! - There are no VPC endpoint services, so every one that an external key store names does not exist.
//! - A call that is only tried, on a key in a custom key store, asks neither proxy nor cluster: to them it would be a use
//!   like any other. So it is said to succeed where they would refuse; AWS does not say whether it asks.
//! - A request that finds too many others of its key store under way is answered as one that took too long.
//! - A key policy comes back as it was given; AWS writes it anew, with the unique id in place of the ARN of a user or
//!   role that is gone. Whoever is made later under that ARN may nothing by it. Federated users have no unique id:
//!   their ARN names whoever has it.

mod alias;
mod ciphertext;
#[cfg(test)]
mod condition_keys;
mod custom_key_store;
mod data_key;
mod data_key_pair;
mod encryption_context;
pub mod errors;
mod event;
mod grant;
mod granted_key;
mod import_token;
mod importing;
mod key;
mod key_id;
mod key_material;
mod key_policy;
mod key_spec;
mod key_state;
mod key_usage;
mod mac;
mod managed_key;
mod managed_keys;
mod materials;
mod metadata;
mod multi_region;
mod operations;
mod owned_keys;
mod paging;
mod principal;
mod public_half;
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

use pipeline::{OwnedKeys, Service};

/// The service, for the catalogue.
pub static SERVICE: Service = Service {
    quotas: quotas::QUOTAS,
    workers: workers::WORKERS,
    measure: Some(custom_key_store::measure::measure),
    managed_keys: Some(|duty, wanted| Box::pin(managed_keys::make(duty, wanted))),
    owned_keys: Some(OwnedKeys {
        seal: |duty, owned, bound, plain| Box::pin(owned_keys::seal(duty, owned, bound, plain)),
        open: |duty, owned, bound, sealed| Box::pin(owned_keys::open(duty, owned, bound, sealed)),
    }),
    resource: Some(|records, arn, caller| Box::pin(resource::resource(records, arn, caller))),
    ..Service::of(
        &kms_api::operations::SERVICE,
        operations::OPERATIONS,
        include_str!("../model.json"),
    )
};
