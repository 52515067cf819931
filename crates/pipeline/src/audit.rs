//! The record of every call, in CloudTrail's event form.
//!
//! Records of changes lie in the store, in one batch with the change. Records of all other calls go to append-only,
//! sealed segment files: they are the kernel's before the reply and on disk within ten milliseconds.

mod abroad;
mod event;
mod find;
mod identity;
mod joined;
mod ledger;
mod operator_event;
mod packing;
mod query;
mod replay;
mod retention;
mod row;
mod segment;
mod service_call;
mod service_event;
mod trail;

pub use abroad::Abroad;
pub use event::EventRecord;
pub(crate) use identity::{account_identity_json, identity_json};
pub(crate) use ledger::Ledger;
pub use operator_event::OperatorEvent;
pub use query::{Found, Matches, Page, Place, Query};
pub(crate) use replay::Replay;
pub use row::EventRow;
pub(crate) use service_call::ServiceCall;
pub use service_event::{ServiceEvent, Told};
pub use trail::{Trail, TrailError};
