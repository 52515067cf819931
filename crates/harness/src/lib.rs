//! An in-process Alcazar for tests: fixed clock, memory store, signed calls.
