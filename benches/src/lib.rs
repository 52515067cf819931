//! Ratios against a floor server.
