//! Many connections that ask again as soon as they are answered.

use crate::connection::Connection;
use crate::{Outcome, process};
use bytes::Bytes;
use std::net::SocketAddr;
use std::time::{Duration, Instant};
use tokio::task::JoinSet;

/// Who is put under load.
#[derive(Clone, Copy, Debug)]
pub struct Target {
    /// Where it listens.
    pub address: SocketAddr,
    /// Its process.
    pub pid: u32,
}

/// What one round of load showed.
#[derive(Clone, Debug, Default)]
pub struct Load {
    /// Requests answered a second.
    pub rate: f64,
    /// CPU time of the server for one request, in microseconds.
    pub cpu_micros: f64,
    /// Bytes the server gave to files for one request.
    pub written_bytes: f64,
    /// Time to the reply that half of the requests kept, in milliseconds.
    pub p50_millis: f64,
    /// Time to the reply that all but one in a hundred kept, in milliseconds.
    pub p99_millis: f64,
}

/// One connection for each of `requests`, which it sends again and again for `seconds`.
///
/// # Errors
/// At the first reply whose status is not 200.
pub async fn repeat(target: Target, requests: &[Bytes], seconds: f64) -> Outcome<Load> {
    let until = Instant::now() + Duration::from_secs_f64(seconds);
    let source = |request: &Bytes| {
        let request = request.clone();
        move || (Instant::now() < until).then(|| request.clone())
    };
    run(target, requests.iter().map(source)).await
}

/// One connection for each list, which it sends from first to last.
///
/// # Errors
/// As `repeat`.
pub async fn each(target: Target, lists: Vec<Vec<Bytes>>) -> Outcome<Load> {
    let source = |list: Vec<Bytes>| {
        let mut list = list.into_iter();
        move || list.next()
    };
    run(target, lists.into_iter().map(source)).await
}

async fn run<S>(target: Target, sources: impl Iterator<Item = S>) -> Outcome<Load>
where
    S: FnMut() -> Option<Bytes> + Send + 'static,
{
    let mut opened = Vec::new();
    for source in sources {
        opened.push((Connection::open(target.address).await?, source));
    }
    let cpu_before = process::cpu_seconds(target.pid)?;
    let written_before = process::written_bytes(target.pid)?;
    let began = Instant::now();
    let mut tasks = JoinSet::new();
    for (connection, source) in opened {
        tasks.spawn(drive(connection, source));
    }
    let mut nanos = Vec::new();
    while let Some(done) = tasks.join_next().await {
        nanos.append(&mut done??);
    }
    let seconds = began.elapsed().as_secs_f64();
    let cpu = process::cpu_seconds(target.pid)? - cpu_before;
    let written = process::written_bytes(target.pid)? - written_before;
    Ok(summary(nanos, seconds, cpu, written))
}

/// Sends what `source` gives until it gives nothing; answers with the time of each exchange in nanoseconds.
async fn drive(
    mut connection: Connection,
    mut source: impl FnMut() -> Option<Bytes>,
) -> Outcome<Vec<u64>> {
    let mut nanos = Vec::with_capacity(4096);
    while let Some(request) = source() {
        let began = Instant::now();
        connection.exchange(&request).await?.ok()?;
        nanos.push(u64::try_from(began.elapsed().as_nanos())?);
    }
    Ok(nanos)
}

fn summary(mut nanos: Vec<u64>, seconds: f64, cpu_seconds: f64, written_bytes: f64) -> Load {
    nanos.sort_unstable();
    let requests = nanos.len() as f64;
    let part = |percent: usize| {
        let at = nanos.len() * percent / 100;
        nanos.get(at).map_or(0.0, |nanos| *nanos as f64 / 1e6)
    };
    Load {
        rate: requests / seconds,
        cpu_micros: cpu_seconds * 1e6 / requests.max(1.0),
        written_bytes: written_bytes / requests.max(1.0),
        p50_millis: part(50),
        p99_millis: part(99),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn summaries() {
        let load = summary(
            (1..=200).rev().map(|n| n * 1_000_000).collect(),
            2.0,
            0.01,
            4e5,
        );
        assert_eq!(load.rate, 100.0);
        assert_eq!(load.cpu_micros, 50.0);
        assert_eq!(load.written_bytes, 2000.0);
        assert_eq!((load.p50_millis, load.p99_millis), (101.0, 199.0));
    }
}
