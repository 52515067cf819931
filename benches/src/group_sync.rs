//! The floor of durable writes: many writers, one write and one sync for all that wait.

use crate::Outcome;
use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinSet;

/// Length of a record of the floor server in bytes: less than a change of the server has.
const RECORD_BYTES: usize = 1024;

/// Who waits for a record.
pub type Waiting = oneshot::Sender<()>;

/// Records of so many `bytes` a second that `writers`, each of which waits for its record before it gives the next, get
/// onto the disk of `folder` within `seconds`.
///
/// # Errors
/// If the disk fails.
pub async fn rate(folder: &Path, writers: usize, bytes: usize, seconds: f64) -> Outcome<f64> {
    let path = folder.join("group_sync");
    let file = File::create(&path)?;
    let (give, taken) = mpsc::channel(writers);
    let committer = thread::spawn(move || commit(&file, bytes, taken));
    let until = Instant::now() + Duration::from_secs_f64(seconds);
    let began = Instant::now();
    let mut tasks = JoinSet::new();
    for _ in 0..writers {
        tasks.spawn(write(give.clone(), until));
    }
    drop(give);
    let mut records = 0;
    while let Some(done) = tasks.join_next().await {
        records += done??;
    }
    let elapsed = began.elapsed().as_secs_f64();
    let committed = committer.join().map_err(|_| "the committer panicked")?;
    committed?;
    std::fs::remove_file(path)?;
    Ok(f64::from(records) / elapsed)
}

/// Where records are given to be written to `file`, for ever.
pub fn writer(file: File) -> mpsc::Sender<Waiting> {
    let (give, taken) = mpsc::channel(1024);
    thread::spawn(move || commit(&file, RECORD_BYTES, taken));
    give
}

async fn write(give: mpsc::Sender<Waiting>, until: Instant) -> Outcome<u32> {
    let mut records = 0;
    while Instant::now() < until {
        let (written, wait) = oneshot::channel();
        give.send(written).await?;
        wait.await?;
        records += 1;
    }
    Ok(records)
}

fn commit(file: &File, bytes: usize, mut taken: mpsc::Receiver<Waiting>) -> std::io::Result<()> {
    let mut group = Vec::new();
    let mut end = 0;
    while taken.blocking_recv_many(&mut group, usize::MAX >> 1) > 0 {
        let records = vec![0xa5; group.len() * bytes];
        file.write_all_at(&records, end)?;
        file.sync_data()?;
        end += records.len() as u64;
        for written in group.drain(..) {
            // A writer that is gone needs no answer.
            let _ = written.send(());
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn every_record_is_written() {
        let folder = tempfile::tempdir().unwrap();
        let (give, taken) = mpsc::channel(4);
        let file = File::create(folder.path().join("group_sync")).unwrap();
        let read = file.try_clone().unwrap();
        let committer = thread::spawn(move || commit(&file, 1024, taken));
        for _ in 0..3 {
            let (written, wait) = oneshot::channel();
            give.send(written).await.unwrap();
            wait.await.unwrap();
        }
        drop(give);
        committer.join().unwrap().unwrap();
        assert_eq!(read.metadata().unwrap().len(), 3 * 1024);
    }
}
