//! What reading a record from memory costs.
//!
//! `cargo run --release -p storage --example cached_reads`

#![expect(clippy::print_stdout, reason = "it is a program that prints")]

use crypto::KeyRing;
use std::error::Error;
use std::hint::black_box;
use std::sync::Arc;
use std::time::{Duration, Instant};
use storage::{Key, Memory, Reads, Record, Records, Unreadable, Writes};

struct Row(u32);

impl Record for Row {
    const TABLE: &'static str = "bench.row";
    fn key(&self) -> Key {
        Key::root()
            .then("123456789012")
            .then("us-east-1")
            .then(&format!("{:036}", self.0))
    }
    fn store(&self) -> Vec<u8> {
        self.0.to_be_bytes().to_vec()
    }
    fn load(bytes: &[u8]) -> Result<Self, Unreadable> {
        let number = bytes.try_into().map(u32::from_be_bytes);
        number.map(Self).map_err(|_| Unreadable {
            table: Self::TABLE,
            reason: "not four bytes".to_string(),
        })
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let runtime = tokio::runtime::Builder::new_current_thread().build()?;
    let records = Records::new(Arc::new(Memory::default()), Arc::new(KeyRing::ephemeral()?));
    let keys: Vec<Key> = (0..1000).map(|number| Row(number).key()).collect();
    for number in 0..1000 {
        let mut writes = Writes::none();
        writes.put(Row(number));
        runtime.block_on(records.commit(Reads::none(), writes))?;
    }
    let began = Instant::now();
    let sum = |cost: Duration| cost.as_nanos() / keys.len() as u128;
    let mut best = [Duration::MAX; 2];
    while began.elapsed() < Duration::from_secs(2) {
        let round = Instant::now();
        for key in &keys {
            black_box(records.cached::<Row>(key));
        }
        let halfway = Instant::now();
        runtime.block_on(async {
            for key in &keys {
                black_box(records.get::<Row>(key).await.ok());
            }
        });
        let [cached, get] = &mut best;
        *cached = halfway.duration_since(round).min(*cached);
        *get = halfway.elapsed().min(*get);
    }
    let [cached, get] = best;
    println!("cached: {} ns, get: {} ns", sum(cached), sum(get));
    Ok(())
}
