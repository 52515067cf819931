//! The operations of STS: one line each.

use pipeline::Entry;

mod get_caller_identity;

/// What is built.
pub(crate) const OPERATIONS: &[Entry] = &[Entry::of::<get_caller_identity::GetCallerIdentity>()];
