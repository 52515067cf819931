//! Words every crate shares: ARNs, account ids, regions, time, tags, secrets, request ids.
//!
//! No IO, no clock, no environment.

mod account;
mod arn;
mod pieces;
mod region;
mod request_id;
mod secret;
mod tags;
mod timestamp;

pub use account::{AccountId, InvalidAccountId};
pub use arn::{Arn, InvalidArn};
pub use pieces::{Pieces, cut, pieces};
pub use region::{InvalidRegion, Region};
pub use request_id::RequestId;
pub use secret::{Secret, same_bytes};
pub use tags::{Tag, Tags};
pub use timestamp::{Clock, FixedClock, InvalidTimestamp, Timestamp};
