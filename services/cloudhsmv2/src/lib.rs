//! AWS CloudHSM V2: clusters of HSMs, each a PKCS#11 token of its own. The keys in them are reached through PKCS#11 by
//! whoever has their PIN, never through IAM.
//!
//! Built are clusters, HSMs, initialization, backups and tags. Sharing backups with other accounts (resource policies),
//! addresses of HSMs, dual-stack networks and changing the HSM type are answered with `NotImplemented`.
//!
//! Differs from AWS:
//! - The tokens are SoftHSM's, in the data folder: `hsms/CLUSTER/HSM/softhsm2.conf` is what a PKCS#11 client on this machine
//!   is told by `SOFTHSM2_CONF`. They are software: neither `FIPS` nor `NON_FIPS` mode is validated by anybody.
//! - An HSM that joins a cluster holds what the others hold then. What its owner makes in one later is not carried to the
//!   others; AWS synchronizes them. What KMS makes for a key store is in all of them.
//! - There is no network: subnets are taken to lie in the zones a, b, c … of the region in the order they are given, and
//!   there are no VPC, security group, network interface and address.
//! - The precrypto officer's password is random, is told by DescribeClusters while nobody owns the cluster, and is the PIN
//!   of the tokens' security officer. A cluster is ACTIVE once that PIN is changed.
//! - Only the cluster's certificate signing request and certificate are told; there are no certificates of hardware.
//! - Clusters that are deleted are told of for a day. A backup is made when an HSM of an active cluster is deleted, and once
//!   a day; AWS makes more.
//! - What CloudHSM does unasked is recorded under names of our own.
//! - Where AWS does not document the message of an error, it is in words of our own.

mod backup;
mod cluster;
mod errors;
mod ids;
mod key_stores;
mod operations;
mod paging;
mod shapes;
mod stored;
mod taggable;
mod tags;
#[cfg(test)]
mod testing;
mod workers;

use pipeline::Service;

pub use key_stores::for_key_stores;

/// The service, for the catalogue.
pub static SERVICE: Service = Service {
    workers: workers::WORKERS,
    ..Service::of(
        &cloudhsmv2_api::operations::SERVICE,
        operations::OPERATIONS,
        include_str!("../model.json"),
    )
};
