//! Clusters of HSMs behind key stores: what they must be, and what is told when they do not answer.
//!
//! AWS document: AWS KMS Developer Guide, "AWS CloudHSM key stores".

use std::collections::BTreeSet;

use base::Secret;
use crypto::issued_certificate::is_issued_by;
use kms_api::shapes::ConnectionErrorCodeType;
use pipeline::{Failure, HsmCluster, KeyStores, Operation, Permitted, TokenFault};
use wire::{Api, Blob};

use super::{Backing, Connection, CustomKeyStore, errors};
use crate::errors::{invalid_ciphertext, unsupported};

const UNREACHABLE: &str = "AWS KMS cannot communicate with your AWS CloudHSM cluster. If you see this error repeatedly, verify \
                           that the cluster has an active HSM and that the password of kmsuser is right, and disconnect \
                           and connect the custom key store.";
const KEY_GONE: &str =
    "The key material of this KMS key was not found in your AWS CloudHSM cluster.";
const TIMED_OUT: &str = "Your AWS CloudHSM cluster did not respond in time. Retry the request.";

/// The cluster of this id, which must exist and be in use.
pub(crate) async fn active(
    stores: &dyn KeyStores,
    account: base::AccountId,
    region: base::Region,
    id: &str,
) -> Result<HsmCluster, Failure> {
    let cluster = stores.cluster(account, region, id).await?;
    let cluster = cluster.ok_or_else(|| errors::cluster_not_found(id))?;
    match cluster.active {
        true => Ok(cluster),
        false => Err(errors::cluster_not_active(id)),
    }
}

/// Refuses a cluster that would lose keys with one HSM.
pub(crate) fn check_two_zones(cluster: &HsmCluster, id: &str) -> Result<(), Failure> {
    let zones: BTreeSet<&String> = cluster.zones.iter().collect();
    match zones.len() >= 2 {
        true => Ok(()),
        false => Err(errors::too_few_hsms(
            id,
            "at least two active HSMs in different Availability Zones",
        )),
    }
}

/// Refuses a cluster in which nobody answers.
pub(crate) fn check_one_hsm(cluster: &HsmCluster, id: &str) -> Result<(), Failure> {
    match cluster.zones.is_empty() {
        false => Ok(()),
        true => Err(errors::too_few_hsms(id, "an active HSM")),
    }
}

/// The cluster's certificate, which the trust anchor must have signed.
pub(crate) fn check_anchor(
    cluster: &HsmCluster,
    id: &str,
    anchor: &str,
) -> Result<String, Failure> {
    let certificate = cluster.certificate.as_deref();
    let certificate = certificate.filter(|certificate| is_issued_by(certificate, anchor));
    let certificate = certificate.ok_or_else(|| errors::incorrect_trust_anchor(id))?;
    Ok(certificate.to_owned())
}

/// Random bytes of the tokens of the caller's store of this id, which must be connected.
pub(crate) async fn random<O: Operation>(
    call: &Permitted<'_, O>,
    id: &str,
    bytes: i32,
) -> Result<Secret<Blob>, Failure> {
    let store = CustomKeyStore::own(call.look(), id).await?;
    let Backing::CloudHsm(hsm) = &store.backing else {
        return Err(unsupported("An external key store gives no random bytes."));
    };
    if store.connection != Connection::Connected {
        let state = store.connection.state();
        return Err(errors::wrong_state(id, state.as_str(), O::Api::FACTS.name));
    }
    let bytes = usize::try_from(bytes).map_err(Failure::internal)?;
    let tokens = store.tokens(hsm);
    let drawn = call.key_stores().random(&tokens, bytes).await;
    let drawn = drawn.map_err(in_making)?;
    Ok(Secret::new(Blob::from(drawn.expose().as_slice())))
}

/// What whoever uses a key is told.
pub(crate) fn in_use(fault: TokenFault) -> Failure {
    match fault {
        TokenFault::NotAuthentic => invalid_ciphertext(),
        TokenFault::TimedOut => errors::timed_out(TIMED_OUT),
        TokenFault::NoKey => errors::invalid_key_state(KEY_GONE),
        TokenFault::WrongPin
        | TokenFault::PinLocked
        | TokenFault::NoUser
        | TokenFault::NoHsm
        | TokenFault::Failed(_) => errors::invalid_key_state(UNREACHABLE),
    }
}

/// What whoever asks something of the store itself is told.
pub(crate) fn in_making(fault: TokenFault) -> Failure {
    match fault {
        TokenFault::TimedOut => errors::timed_out(TIMED_OUT),
        _ => errors::invalid_state(UNREACHABLE),
    }
}

/// `ConnectionErrorCode`
pub(crate) fn code(fault: &TokenFault) -> ConnectionErrorCodeType {
    match fault {
        TokenFault::WrongPin => ConnectionErrorCodeType::InvalidCredentials,
        TokenFault::PinLocked => ConnectionErrorCodeType::UserLockedOut,
        TokenFault::NoUser => ConnectionErrorCodeType::UserNotFound,
        TokenFault::NoHsm => ConnectionErrorCodeType::InsufficientCloudhsmHsms,
        TokenFault::TimedOut => ConnectionErrorCodeType::NetworkErrors,
        TokenFault::NoKey | TokenFault::NotAuthentic | TokenFault::Failed(_) => {
            ConnectionErrorCodeType::InternalError
        }
    }
}
