//! Key ring, envelope encryption and the root key.
//!
//! `root key → master → domain key (account and region) → KMS key material → key for one call → data`.
//! Every primitive is aws-lc's; what is here is the order in which they are used.

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
pub mod pkcs11;
pub mod random;
mod record_sealer;
mod root;
mod root_move;
mod segment;
mod token_root;

pub use domain::DomainKey;
pub use error::{ModuleFailure, NotAuthentic};
pub use key_file::KeyFile;
pub use key_ring::KeyRing;
pub use key_ring_file::StoredRoots;
pub use material::{MATERIAL_BYTES, Material, SEALED_OVERHEAD};
pub use passphrase::Passphrase;
pub use record_sealer::RecordSealer;
pub use root::{RootError, RootKey, RootKind, Wrapped};
pub use root_move::RootMove;
pub use segment::{FRAME_OVERHEAD, Place, SEGMENT_HEADER_BYTES, SegmentOpener, SegmentSealer};
pub use token_root::{DEFAULT_KEY_LABEL, Digest, TokenRoot, TokenWrapped, TokenWrapping};
