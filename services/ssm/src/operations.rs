//! The operations that are built: one line each.

use pipeline::Entry;

/// Every operation that is built.
pub(crate) const ALL: &[Entry] = &[];
