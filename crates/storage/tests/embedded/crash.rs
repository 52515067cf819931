//! The process ends at any moment.

use crate::{copy, draining, keys, open, place, put, read};
use crypto::{KeyFile, KeyRing};
use std::io::{BufRead, BufReader, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use storage::{Embedded, Engine, Key, Order, Span};

const FOLDER: &str = "ALCAZAR_TEST_CRASH_FOLDER";
const WRITERS: u32 = 8;

#[tokio::test]
async fn everything_is_there_after_a_clean_end() {
    let folder = tempfile::tempdir().unwrap();
    let keys = keys();
    let mut version = None;
    for round in 0..4 {
        let engine = open(folder.path(), &keys).unwrap();
        for earlier in 0..round {
            assert_eq!(
                read(&engine, &earlier.to_string()).await.as_deref(),
                Some("x")
            );
        }
        let next = put(&engine, &[(&round.to_string(), "x")]).await.unwrap();
        assert!(Some(next) > version, "versions go on where they ended");
        version = Some(next);
    }
}

/// The files as they lie there while the process still runs are what a crash leaves.
#[tokio::test]
async fn everything_acknowledged_is_in_the_files_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let keys = keys();
    let engine = open(folder.path(), &keys).unwrap();
    for number in 0..20 {
        put(
            &engine,
            &[(&number.to_string(), "x"), ("last", &number.to_string())],
        )
        .await
        .unwrap();
        let image = folder.path().join(format!("image-{number}"));
        // Nothing drains here, so redb does not change under the copy.
        copy(folder.path(), &image);
        let restored = open(&image, &keys).unwrap();
        assert_eq!(read(&restored, "last").await, Some(number.to_string()));
        assert!(read(&restored, &number.to_string()).await.is_some());
    }
}

/// `kill -9` under concurrent writers, again and again on the same folder. Each writer tells what was acknowledged;
/// all of that has to be there, each row with its twin, and no writer's numbers may have a hole.
#[test]
fn nothing_acknowledged_is_lost_when_the_process_is_killed() {
    let folder = tempfile::tempdir().unwrap();
    let root = KeyFile::create(&folder.path().join("root.key")).unwrap();
    let keys = Arc::new(KeyRing::create(&root, &folder.path().join("keyring.json")).unwrap());
    let runtime = tokio::runtime::Runtime::new().unwrap();
    for round in 0..12u32 {
        let acknowledged = kill_writers(folder.path(), 20 + round * 37);
        let engine =
            Embedded::open_with(&folder.path().join("store"), Arc::clone(&keys), draining())
                .unwrap();
        runtime.block_on(check(&engine, &acknowledged));
    }
}

/// Starts the writers in a process of their own, kills it after `acks` acknowledgements, and tells for each writer
/// the last number that was acknowledged.
fn kill_writers(folder: &Path, acks: u32) -> Vec<u64> {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "crash::writers_until_killed", "--nocapture"])
        .env(FOLDER, folder)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap())
        .lines()
        .map(Result::unwrap);
    let mut acknowledged = vec![0; WRITERS as usize];
    let mut note = |line: String| {
        let (writer, number) = line
            .strip_prefix("ack ")?
            .strip_suffix('.')?
            .split_once(' ')?;
        acknowledged[writer.parse::<usize>().ok()?] = number.parse().ok()?;
        Some(())
    };
    let seen = lines
        .by_ref()
        .filter_map(&mut note)
        .take(acks as usize)
        .count();
    assert_eq!(seen, acks as usize, "the writers ended by themselves");
    child.kill().unwrap();
    child.wait().unwrap();
    // What was acknowledged before the end but not read yet; the last line may be cut off.
    lines.filter_map(&mut note).for_each(|()| {});
    acknowledged
}

async fn check(engine: &Embedded, acknowledged: &[u64]) {
    for (writer, last) in acknowledged.iter().enumerate() {
        let span = |table: &str| Span::within(table, &Key::root().then(&writer.to_string()));
        let ones = engine
            .scan(&span("one"), Order::Forward, usize::MAX)
            .await
            .unwrap()
            .found;
        let twins = engine
            .scan(&span("twin"), Order::Forward, usize::MAX)
            .await
            .unwrap()
            .found;
        assert!(
            ones.len() as u64 >= *last,
            "writer {writer}: {last} acknowledged, {} there",
            ones.len()
        );
        assert_eq!(
            ones.len(),
            twins.len(),
            "a commit is there whole or not at all"
        );
        for (number, ((one, _), (twin, _))) in (1..).zip(ones.iter().zip(&twins)) {
            assert_eq!(one.key(), number_key(writer as u64, number), "no hole");
            assert_eq!(one.key(), twin.key());
        }
    }
}

fn number_key(writer: u64, number: u64) -> Key {
    Key::root()
        .then(&writer.to_string())
        .then(&format!("{number:08}"))
}

/// Not a test by itself: the process that is killed.
#[test]
fn writers_until_killed() {
    let Some(folder) = std::env::var_os(FOLDER) else {
        return;
    };
    let folder = Path::new(&folder);
    let root = KeyFile::open(&folder.join("root.key")).unwrap();
    let keys = Arc::new(KeyRing::open(&root, &folder.join("keyring.json")).unwrap());
    let engine = Arc::new(Embedded::open_with(&folder.join("store"), keys, draining()).unwrap());
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let writers: Vec<_> = (0..u64::from(WRITERS))
        .map(|writer| runtime.spawn(write_for_ever(Arc::clone(&engine), writer)))
        .collect();
    for writer in writers {
        runtime.block_on(writer).unwrap();
    }
}

async fn write_for_ever(engine: Arc<Embedded>, writer: u64) {
    let span = Span::within("one", &Key::root().then(&writer.to_string()));
    let before = engine
        .scan(&span, Order::Forward, usize::MAX)
        .await
        .unwrap()
        .found
        .len() as u64;
    for number in before + 1.. {
        let row = |table: &str| storage::Write {
            place: storage::Place::of(table, &number_key(writer, number)),
            bytes: Some(vec![7; 100 + number as usize % 900].into()),
        };
        let batch = storage::Batch {
            expected: vec![],
            writes: vec![row("one"), row("twin")],
        };
        engine.commit(batch, Box::new(|_| {})).await.unwrap();
        let mut out = std::io::stdout().lock();
        writeln!(out, "ack {writer} {number}.")
            .and_then(|()| out.flush())
            .unwrap();
    }
}

#[tokio::test]
async fn a_torn_tail_is_dropped_and_nothing_before_it() {
    let folder = tempfile::tempdir().unwrap();
    let keys = keys();
    {
        let engine = open(folder.path(), &keys).unwrap();
        put(&engine, &[("first", "kept")]).await.unwrap();
        put(&engine, &[("second", &"x".repeat(9000))])
            .await
            .unwrap();
    }
    let log = crate::latest_log(folder.path());
    let whole = std::fs::read(&log).unwrap();
    // First block, one block for the first commit, three for the second.
    assert_eq!(whole.len(), 5 * 4096);
    for length in [
        8192, 8193, 8204, 12_288, 12_289, 16_384, 17_000, 17_300, 20_480,
    ] {
        let image = tempfile::tempdir().unwrap();
        copy(folder.path(), image.path());
        std::fs::write(crate::latest_log(image.path()), &whole[..length]).unwrap();
        for round in ["opened", "opened again"] {
            let engine = open(image.path(), &keys).unwrap();
            assert_eq!(
                read(&engine, "first").await.as_deref(),
                Some("kept"),
                "{length} {round}"
            );
            let whole_second = length >= 17_300;
            assert_eq!(
                engine.get(&place("second")).await.unwrap().found.is_some(),
                whole_second,
                "{length} {round}"
            );
            put(&engine, &[("after", round)]).await.unwrap();
        }
    }
}
