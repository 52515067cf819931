//! Ratios against a floor server: what Alcazar costs above what no server can do without.

pub mod child;
pub mod connection;
pub mod decision;
pub mod durable;
pub mod floor;
pub mod group_sync;
pub mod hot;
pub mod instructions;
pub mod large_account;
pub mod load;
pub mod many;
pub mod primitive;
pub mod process;
pub mod request;
pub mod scene;
pub mod start;
pub mod table;
pub mod token;

use std::error::Error;

/// Measured, or why not.
pub type Outcome<T = ()> = Result<T, Box<dyn Error + Send + Sync>>;

/// How hard and how long to measure.
#[derive(Clone, Copy, Debug)]
pub struct Effort {
    /// Connections of the hot calls.
    pub connections: usize,
    /// How often each pair of rounds is repeated.
    pub pairs: usize,
    /// Length of one round in seconds.
    pub seconds: f64,
}

/// The middle one of `values`, and 0 if there are none.
pub fn median(values: impl IntoIterator<Item = f64>) -> f64 {
    let mut sorted: Vec<f64> = values.into_iter().collect();
    sorted.sort_by(f64::total_cmp);
    sorted.get(sorted.len() / 2).copied().unwrap_or_default()
}
