//! Request quotas that follow from the key: of cryptographic operations by kinds of keys, of data key pairs by their
//! specs, and of custom key stores.
//!
//! AWS document: AWS KMS Developer Guide, "Request quotas".

use std::sync::Arc;

use base::{AccountId, Region};
use kms_api::shapes::{DataKeyPairSpec, KeySpec};
use pipeline::{Access, Operation, Quota};

use crate::key::Key;

/// Operations whose quota follows from the key, or from the spec of a data key pair.
pub(super) const OPERATIONS: &[&str] = &[
    "Decapsulate",
    "Decrypt",
    "DeriveSharedSecret",
    "Encapsulate",
    "Encrypt",
    "GenerateDataKeyPair",
    "GenerateDataKeyPairWithoutPlaintext",
    "ReEncrypt",
    "Sign",
    "Verify",
];

const fn of(name: &'static str, per_second: fn(&Region) -> u32) -> Quota {
    Quota {
        name,
        operations: &[],
        per_second,
    }
}

pub(super) const RSA: Quota = of("kms/cryptographic-operations-rsa", |_| 1000);
pub(super) const ECC: Quota = of("kms/cryptographic-operations-ecc", |_| 1000);
pub(super) const ML_DSA: Quota = of("kms/cryptographic-operations-ml-dsa", |_| 1000);
pub(super) const ML_KEM: Quota = of("kms/cryptographic-operations-ml-kem", |_| 1000);
pub(super) const CUSTOM_KEY_STORE: Quota = of("kms/custom-key-store", |_| 1800);
pub(super) const PAIR_P256: Quota = of("kms/generate-data-key-pair-ecc-nist-p256", |_| 100);
pub(super) const PAIR_P384: Quota = of("kms/generate-data-key-pair-ecc-nist-p384", |_| 100);
pub(super) const PAIR_P521: Quota = of("kms/generate-data-key-pair-ecc-nist-p521", |_| 100);
pub(super) const PAIR_P256K1: Quota = of("kms/generate-data-key-pair-ecc-secg-p256k1", |_| 100);
pub(super) const PAIR_ED25519: Quota =
    of("kms/generate-data-key-pair-ecc-nist-edwards25519", |_| 100);
pub(super) const PAIR_ML_KEM: Quota = of("kms/generate-data-key-pair-ml-kem", |_| 100);
pub(super) const PAIR_RSA_2048: Quota = of("kms/generate-data-key-pair-rsa-2048", |_| 20);
pub(super) const PAIR_RSA_3072: Quota = of("kms/generate-data-key-pair-rsa-3072", |_| 4);
pub(super) const PAIR_RSA_4096: Quota = of("kms/generate-data-key-pair-rsa-4096", |_| 1);

/// What a call counts besides what its operation does.
#[derive(Default)]
pub(crate) struct Counted {
    quota: Option<&'static Quota>,
    store: Option<(AccountId, String)>,
}

impl Counted {
    /// A cryptographic operation on `key`. One on a key that is not there counts as one on a symmetric key.
    pub(crate) fn on(key: Option<&Arc<Key>>) -> Self {
        let spec = key.map_or(KeySpec::SymmetricDefault, |key| key.spec);
        Self {
            quota: Some(of_spec(spec)),
            ..Self::in_store_of(key)
        }
    }

    /// A cryptographic operation whose own quota says all but the custom key store that keeps `key`, if one does.
    pub(crate) fn in_store_of(key: Option<&Arc<Key>>) -> Self {
        let place = key.and_then(|key| Some((key.account, key.custody.elsewhere()?)));
        Self {
            quota: None,
            store: place.map(|(owner, place)| (owner, place.store.clone())),
        }
    }

    /// One that names a custom key store.
    pub(crate) fn in_store(owner: AccountId, id: &str) -> Self {
        Self {
            quota: None,
            store: Some((owner, id.to_owned())),
        }
    }

    /// `access`, which counts this as well.
    pub(crate) fn by<O: Operation>(self, access: Access<O>) -> Access<O> {
        let access = match self.quota {
            Some(quota) => access.counting(quota),
            None => access,
        };
        match self.store {
            Some((owner, id)) => access.counting_of(&CUSTOM_KEY_STORE, owner, &id),
            None => access,
        }
    }
}

/// The quota of data key pairs of this spec, which count apart from all other operations.
pub(crate) fn of_pairs(spec: DataKeyPairSpec) -> &'static Quota {
    match spec {
        DataKeyPairSpec::EccNistP256 | DataKeyPairSpec::Sm2 => &PAIR_P256,
        DataKeyPairSpec::EccNistP384 => &PAIR_P384,
        DataKeyPairSpec::EccNistP521 => &PAIR_P521,
        DataKeyPairSpec::EccSecgP256K1 => &PAIR_P256K1,
        DataKeyPairSpec::EccNistEdwards25519 => &PAIR_ED25519,
        DataKeyPairSpec::MlKem512 | DataKeyPairSpec::MlKem768 | DataKeyPairSpec::MlKem1024 => {
            &PAIR_ML_KEM
        }
        DataKeyPairSpec::Rsa2048 => &PAIR_RSA_2048,
        DataKeyPairSpec::Rsa3072 => &PAIR_RSA_3072,
        DataKeyPairSpec::Rsa4096 => &PAIR_RSA_4096,
    }
}

fn of_spec(spec: KeySpec) -> &'static Quota {
    match spec {
        KeySpec::SymmetricDefault
        | KeySpec::Hmac224
        | KeySpec::Hmac256
        | KeySpec::Hmac384
        | KeySpec::Hmac512 => &super::SYMMETRIC,
        KeySpec::Rsa2048 | KeySpec::Rsa3072 | KeySpec::Rsa4096 => &RSA,
        KeySpec::EccNistP256
        | KeySpec::EccNistP384
        | KeySpec::EccNistP521
        | KeySpec::EccSecgP256K1
        | KeySpec::EccNistEdwards25519
        | KeySpec::Sm2 => &ECC,
        KeySpec::MlDsa44 | KeySpec::MlDsa65 | KeySpec::MlDsa87 => &ML_DSA,
        KeySpec::MlKem512 | KeySpec::MlKem768 | KeySpec::MlKem1024 => &ML_KEM,
    }
}
