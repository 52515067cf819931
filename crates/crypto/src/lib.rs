//! Key ring, envelope encryption and the root key.
//!
//! `root key → master → domain key (account and region) → KMS key material → key for one call → data`.
//! Beside it, the keys of KMS that are not symmetric: `MacKey` and `KeyPair`.
//!
//! Every primitive is aws-lc's, save four: k256 signs on secp256k1 because it is seven times as fast; ml-dsa, ml-kem and
//! ed25519-dalek do what aws-lc-rs does not offer: external μ, seeds, and Ed25519ph. What is here is the order in which
//! they are used.

#[cfg(test)]
mod aes_gcm_vectors;
mod certificate;
pub mod context;
mod data_key;
mod der;
pub mod digest;
mod domain;
mod error;
pub mod hsm;
pub mod hygiene;
mod import;
pub mod issued_certificate;
mod kdf;
mod key_file;
mod key_pair;
mod key_pair_spec;
mod key_ring;
mod key_ring_file;
mod mac_key;
mod material;
mod passphrase;
mod password;
pub mod pkcs11;
pub mod random;
mod record_sealer;
mod root;
mod root_move;
mod segment;
mod signable;
mod ssh_key;
mod token_root;
mod token_user;
mod totp;
mod web_token;
mod xml_decryption;

pub use certificate::Certificate;
pub use data_key::DataKey;
pub use domain::DomainKey;
pub use error::{KeyRejected, ModuleFailure, NotAuthentic};
pub use import::ImportWrapping;
pub use key_file::KeyFile;
pub use key_pair::{Encapsulated, KeyPair, Oaep, PublicKey};
pub use key_pair_spec::{KeyPairSpec, MlDsaSet, MlKemSet, NistCurve, RsaSize};
pub use key_ring::KeyRing;
pub use key_ring_file::StoredRoots;
pub use mac_key::{MacAlgorithm, MacKey};
pub use material::{MATERIAL_BYTES, Material, SEALED_OVERHEAD};
pub use passphrase::Passphrase;
pub use password::PasswordHash;
pub use record_sealer::RecordSealer;
pub use root::{RootError, RootKey, RootKind, Wrapped};
pub use root_move::RootMove;
pub use segment::{FRAME_OVERHEAD, Place, SEGMENT_HEADER_BYTES, SegmentOpener, SegmentSealer};
pub use signable::{Hash, Message, Signable, SigningAlgorithm, Unfit};
pub use ssh_key::SshPublicKey;
pub use token_root::{DEFAULT_KEY_LABEL, Digest, TokenRoot, TokenWrapped, TokenWrapping};
pub use token_user::{FRAME_BYTES, TokenReply, TokenRequest, TokenUser};
pub use totp::{CODE_DIGITS, SEED_BYTES, STEP_SECONDS, TotpSeed};
pub use web_token::{
    IssuingAlgorithm, IssuingKey, KeySet, LONGEST_WEB_TOKEN, MalformedToken, TokenAlgorithm,
    UnusableKeySet, UnverifiedToken, WebToken,
};
pub use xml_decryption::{ContentCipher, DecryptionKey};
