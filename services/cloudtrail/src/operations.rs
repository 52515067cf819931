//! The operations of CloudTrail: one line each.

use pipeline::Entry;

mod lookup_events;

/// What is built.
pub(crate) const OPERATIONS: &[Entry] = &[Entry::of::<lookup_events::LookupEvents>()];
