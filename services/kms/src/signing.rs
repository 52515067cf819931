//! What Sign and Verify have in common: which algorithm, and what is signed.

use crypto::{Hash, KeyPairSpec, Message, Signable, SigningAlgorithm, Unfit};
use kms_api::shapes::{KeySpec, MessageType, SigningAlgorithmSpec};
use pipeline::Failure;

use crate::errors;
use crate::key::Key;

/// The algorithm of this name. Those of China's regions do not exist elsewhere.
pub(crate) fn algorithm(named: SigningAlgorithmSpec) -> Option<SigningAlgorithm> {
    use SigningAlgorithm::*;
    Some(match named {
        SigningAlgorithmSpec::RsassaPssSha256 => RsassaPss(Hash::Sha256),
        SigningAlgorithmSpec::RsassaPssSha384 => RsassaPss(Hash::Sha384),
        SigningAlgorithmSpec::RsassaPssSha512 => RsassaPss(Hash::Sha512),
        SigningAlgorithmSpec::RsassaPkcs1V15Sha256 => RsassaPkcs1V15(Hash::Sha256),
        SigningAlgorithmSpec::RsassaPkcs1V15Sha384 => RsassaPkcs1V15(Hash::Sha384),
        SigningAlgorithmSpec::RsassaPkcs1V15Sha512 => RsassaPkcs1V15(Hash::Sha512),
        SigningAlgorithmSpec::EcdsaSha256 => Ecdsa(Hash::Sha256),
        SigningAlgorithmSpec::EcdsaSha384 => Ecdsa(Hash::Sha384),
        SigningAlgorithmSpec::EcdsaSha512 => Ecdsa(Hash::Sha512),
        SigningAlgorithmSpec::MlDsaShake256 => MlDsaShake256,
        SigningAlgorithmSpec::Ed25519Sha512 => Ed25519Sha512,
        SigningAlgorithmSpec::Ed25519PhSha512 => Ed25519PhSha512,
        SigningAlgorithmSpec::Sm2Dsa => return None,
    })
}

/// The kind of message in force.
pub(crate) fn message_type(given: Option<MessageType>) -> MessageType {
    given.unwrap_or(MessageType::Raw)
}

/// `message` as `key`, a key pair of `kind`, signs it, or why it does not.
pub(crate) fn signable<'m>(
    key: &Key,
    kind: KeyPairSpec,
    named: SigningAlgorithmSpec,
    given: Option<MessageType>,
    message: &'m [u8],
) -> Result<Signable<'m>, Failure> {
    let incompatible = || errors::incompatible_algorithm(named.as_str(), key.spec.as_str());
    let form = match message_type(given) {
        MessageType::Raw => Message::Raw(message),
        MessageType::Digest => Message::Digest(message),
        MessageType::ExternalMu => Message::ExternalMu(message),
    };
    let known = algorithm(named).ok_or_else(incompatible)?;
    Signable::new(kind, known, form).map_err(|unfit| match unfit {
        Unfit::Algorithm => incompatible(),
        Unfit::MessageType => incompatible_message(key.spec, named, message_type(given)),
        Unfit::DigestLength => errors::digest_length(named.as_str()),
    })
}

/// AWS blames the key spec where a spec takes one algorithm alone, and else the algorithm.
fn incompatible_message(
    spec: KeySpec,
    named: SigningAlgorithmSpec,
    message_type: MessageType,
) -> Failure {
    let blamed = match named {
        SigningAlgorithmSpec::MlDsaShake256 => format!("key spec {spec}"),
        _ => format!("algorithm {named}"),
    };
    errors::incompatible_message_type(message_type.as_str(), &blamed)
}
