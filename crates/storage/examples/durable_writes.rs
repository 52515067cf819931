//! Durable writes from 64 callers, against what grouped fsync alone gives on the same disk in the same run.
//!
//! `cargo run --release -p storage --example durable_writes [FOLDER]`

#![expect(clippy::print_stdout, reason = "it is a program that prints")]

use crypto::KeyRing;
use std::error::Error;
use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::{Duration, Instant};
use storage::{Embedded, Key, Reads, Record, Records, Unreadable, Writes};
use tokio::sync::oneshot;

const CALLERS: u64 = 64;
const RECORD_BYTES: usize = 1024;
const ROUNDS: usize = 5;
const TIME: Duration = Duration::from_secs(2);

type Outcome<T> = Result<T, Box<dyn Error + Send + Sync>>;

struct Row<const TABLE: u8>(u64);

impl<const TABLE: u8> Record for Row<TABLE> {
    const TABLE: &'static str = if TABLE == 0 {
        "bench.row"
    } else {
        "bench.audit"
    };
    const CACHED: bool = TABLE == 0;
    fn key(&self) -> Key {
        // Names come in no order; audit records in the order of time.
        let name = if TABLE == 0 {
            self.0.wrapping_mul(0x9e37_79b9_7f4a_7c15)
        } else {
            self.0
        };
        Key::root()
            .then("123456789012")
            .then(&format!("{name:016x}"))
    }
    fn store(&self) -> Vec<u8> {
        let mut bytes = vec![7; RECORD_BYTES];
        bytes.splice(..8, self.0.to_be_bytes());
        bytes
    }
    fn load(bytes: &[u8]) -> Result<Self, Unreadable> {
        let number = bytes.first_chunk().copied().map(u64::from_be_bytes);
        number.map(Self).ok_or_else(|| Unreadable {
            table: Self::TABLE,
            reason: "short".to_string(),
        })
    }
}

fn main() -> Outcome<()> {
    let folder = std::env::args()
        .nth(1)
        .map_or_else(std::env::temp_dir, PathBuf::from);
    let folder = folder.join(format!("alcazar-bench-{}", std::process::id()));
    std::fs::create_dir_all(&folder)?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    let mut ratios = [const { Vec::new() }; 2];
    for round in 0..ROUNDS {
        let floor = runtime.block_on(floor(&folder))?;
        println!("grouped fsync alone:       {floor:>8.0}/s");
        for (audit, ratios) in [false, true].into_iter().zip(&mut ratios) {
            let rate =
                runtime.block_on(records(&folder.join(format!("{round}-{audit}")), audit))?;
            println!(
                "{} a commit:      {rate:>8.0}/s",
                if audit { "two records" } else { "one record " }
            );
            ratios.push(100.0 * rate / floor);
        }
    }
    for (ratios, name) in ratios.iter_mut().zip(["one record ", "two records"]) {
        ratios.sort_by(f64::total_cmp);
        let median = ratios.get(ROUNDS / 2).copied().unwrap_or_default();
        println!("{name} a commit: {median:.0} % of grouped fsync alone (median)");
    }
    Ok(std::fs::remove_dir_all(&folder)?)
}

/// Callers in a closed loop; how often `call` returned, by the second.
async fn rate<F>(call: impl Fn(u64) -> F + Send + Sync + 'static) -> Outcome<f64>
where
    F: Future<Output = Outcome<()>> + Send,
{
    let call = Arc::new(call);
    let (next, stop) = (
        Arc::new(AtomicU64::new(0)),
        Arc::new(AtomicBool::new(false)),
    );
    let began = Instant::now();
    let callers: Vec<_> = (0..CALLERS)
        .map(|_| {
            let (call, next, stop) = (Arc::clone(&call), Arc::clone(&next), Arc::clone(&stop));
            tokio::spawn(async move {
                while !stop.load(Ordering::Relaxed) {
                    call(next.fetch_add(1, Ordering::Relaxed)).await?;
                }
                Outcome::Ok(())
            })
        })
        .collect();
    tokio::time::sleep(TIME).await;
    stop.store(true, Ordering::Relaxed);
    for caller in callers {
        caller.await??;
    }
    Ok(next.load(Ordering::Relaxed) as f64 / began.elapsed().as_secs_f64())
}

async fn floor(folder: &Path) -> Outcome<f64> {
    let file = File::create(folder.join("floor"))?;
    let (asks, queue) = channel();
    let writer = std::thread::spawn(move || write_groups(file, &queue));
    let asks: Arc<Sender<oneshot::Sender<()>>> = Arc::new(asks);
    let result = rate(move |_| {
        let asks = Arc::clone(&asks);
        async move {
            let (reply, answer) = oneshot::channel();
            asks.send(reply)?;
            Ok(answer.await?)
        }
    })
    .await;
    writer.join().map_err(|_| "the writer panicked")??;
    result
}

fn write_groups(mut file: File, queue: &Receiver<oneshot::Sender<()>>) -> std::io::Result<()> {
    while let Ok(first) = queue.recv() {
        let group: Vec<_> = std::iter::once(first).chain(queue.try_iter()).collect();
        file.write_all(&vec![7; RECORD_BYTES * group.len()])?;
        file.sync_data()?;
        for reply in group {
            let _ = reply.send(());
        }
    }
    Ok(())
}

async fn records(folder: &Path, audit: bool) -> Outcome<f64> {
    let keys = Arc::new(KeyRing::ephemeral()?);
    let engine = Arc::new(Embedded::open(folder, Arc::clone(&keys))?);
    let records = Arc::new(Records::new(engine, keys));
    rate(move |number| {
        let records = Arc::clone(&records);
        async move {
            let mut writes = Writes::none();
            let mut reads = Reads::none();
            let row = Row::<0>(number);
            let found = records.get::<Row<0>>(&row.key()).await?;
            reads.note::<Row<0>>(&row.key(), found.as_ref());
            writes.put(row);
            if audit {
                writes.put(Row::<1>(number));
            }
            records.commit(reads, writes).await?;
            Ok(())
        }
    })
    .await
}
