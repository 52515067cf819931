//! Records, kept: the store trait, the embedded engine, sealing, and the record cache of the hot path.

mod cache;
mod embedded;
mod engine;
mod epoch;
mod error;
mod held;
mod history;
mod key;
mod list;
mod memory;
mod names;
mod place;
mod record;
mod records;
mod sealed_row;
mod snapshot;
mod watch;
mod writes;

pub use embedded::{Embedded, Faults, Settings, Written};
pub use engine::{
    AsOf, Batch, Changes, CommitError, Engine, Expected, Kept, Order, Pending, Reading, Version,
    Versioned, Write,
};
pub use epoch::Epoch;
pub use error::StorageError;
pub use held::{Held, Page, Reads};
pub use key::Key;
pub use list::List;
pub use memory::{Memory, Mishap};
pub use place::{Place, Span};
pub use record::{Record, Unreadable};
pub use records::{CACHE_BYTES, Records};
pub use snapshot::{Look, Snapshot};
pub use watch::Watch;
pub use writes::Writes;
