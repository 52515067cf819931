//! The operations of IAM: one line each.

use pipeline::Entry;

/// What is built.
pub(crate) const OPERATIONS: &[Entry] = &[];
