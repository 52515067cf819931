//! Random cases and what the engine decides, one JSON object a line, for `conformance/differential`.
//!
//! `random_decisions CASES SEED`; 20,000 and 4 if not given. The same numbers make the same cases.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test's tool fails by panicking"
)]

mod answer;
mod conditions;
mod documents;
mod random;
mod simulation;

use std::env::args;
use std::io::{self, BufWriter, Write};

use random::Random;
use serde_json::json;

fn main() -> io::Result<()> {
    let number = |at, default| args().nth(at).map_or(default, |text| text.parse().unwrap());
    let mut random = Random::new(number(2, 4));
    let mut out = BufWriter::new(io::stdout().lock());
    for _ in 0..number(1, 20_000) {
        let simulation = simulation::random(&mut random);
        let answer = answer::to(&simulation);
        writeln!(
            out,
            "{}",
            json!({"answer": answer, "simulation": simulation})
        )?;
    }
    out.flush()
}
