//! Records, kept: the store trait, the embedded engine, sealing, and the record cache of the hot path.

mod key;
mod record;

pub use key::Key;
pub use record::{Record, Unreadable};
