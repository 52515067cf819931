//! Key ring, envelope encryption and the root key.
//!
//! `root key → master → domain key (account and region) → KMS key material → key for one call → data`.
//! Every primitive is aws-lc's; what is here is the order in which they are used.

mod certificate;
pub mod context;
pub mod digest;
mod domain;
mod error;
pub mod hygiene;
mod kdf;
mod key_file;
mod key_ring;
mod key_ring_file;
mod material;
mod passphrase;
mod password;
pub mod random;
mod record_sealer;
mod root;
mod segment;
mod ssh_key;
mod totp;

pub use certificate::Certificate;
pub use domain::DomainKey;
pub use error::{ModuleFailure, NotAuthentic};
pub use key_file::KeyFile;
pub use key_ring::KeyRing;
pub use key_ring_file::stored_root_kind;
pub use material::{MATERIAL_BYTES, Material, SEALED_OVERHEAD};
pub use passphrase::Passphrase;
pub use password::PasswordHash;
pub use record_sealer::RecordSealer;
pub use root::{RootError, RootKey, RootKind, Wrapped};
pub use segment::{FRAME_OVERHEAD, Place, SEGMENT_HEADER_BYTES, SegmentOpener, SegmentSealer};
pub use ssh_key::SshPublicKey;
pub use totp::{CODE_DIGITS, SEED_BYTES, STEP_SECONDS, TotpSeed};
