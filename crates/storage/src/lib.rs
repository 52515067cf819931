//! Records, kept: the store trait, the embedded engine, the record cache.
