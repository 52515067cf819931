//! Every decoder of untrusted bytes, fed with anything.
//!
//! `cargo test -p fuzz` runs each target over random inputs for a bounded number of rounds; `cargo bolero test TARGET`
//! runs one under a coverage-guided engine for as long as it is left alone.
