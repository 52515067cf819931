//! Typed records: what goes in comes out, sealed in its place, and memory never tells an old story.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use crypto::KeyRing;
use std::fs;
use std::sync::Arc;
use storage::{
    CommitError, Embedded, Engine, Held, Key, Memory, Mishap, Place, Reads, Record, Records,
    StorageError, Unreadable, Writes,
};

#[derive(Clone, Debug, PartialEq)]
struct Note {
    name: String,
    text: String,
}

impl Record for Note {
    const TABLE: &'static str = "test.note";
    const LISTED: bool = true;
    fn key(&self) -> Key {
        key(&self.name)
    }
    fn store(&self) -> Vec<u8> {
        format!("\x01{}/{}", self.name, self.text).into_bytes()
    }
    fn load(bytes: &[u8]) -> Result<Self, Unreadable> {
        let text = std::str::from_utf8(bytes)
            .ok()
            .and_then(|text| text.strip_prefix('\x01'));
        let (name, text) =
            text.and_then(|text| text.split_once('/'))
                .ok_or_else(|| Unreadable {
                    table: Self::TABLE,
                    reason: "unknown version".to_string(),
                })?;
        Ok(note(name, text))
    }
}

/// Not kept in memory.
struct Event(u32);

impl Record for Event {
    const TABLE: &'static str = "test.event";
    const CACHED: bool = false;
    const COUNTED: bool = true;
    fn key(&self) -> Key {
        key(&format!("{:04}", self.0))
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

fn key(name: &str) -> Key {
    Key::root().then("home").then(name)
}

fn home() -> Key {
    Key::root().then("home")
}

fn note(name: &str, text: &str) -> Note {
    Note {
        name: name.to_string(),
        text: text.to_string(),
    }
}

fn writes(records: impl IntoIterator<Item = Note>) -> Writes {
    let mut writes = Writes::none();
    records.into_iter().for_each(|record| writes.put(record));
    writes
}

fn in_memory() -> (Arc<Memory>, Arc<KeyRing>, Records) {
    let (engine, keys) = (
        Arc::new(Memory::default()),
        Arc::new(KeyRing::ephemeral().unwrap()),
    );
    let records = Records::new(Arc::clone(&engine) as Arc<dyn Engine>, Arc::clone(&keys));
    (engine, keys, records)
}

fn texts(rows: impl IntoIterator<Item = Held<Note>>) -> Vec<String> {
    rows.into_iter().map(|held| held.text.clone()).collect()
}

#[tokio::test]
async fn what_was_committed_is_read_from_memory_and_from_the_store() {
    let (engine, keys, records) = in_memory();
    assert_eq!(records.cached::<Note>(&key("a")), None);
    assert!(records.get::<Note>(&key("a")).await.unwrap().is_none());
    assert_eq!(
        records.cached::<Note>(&key("a")),
        Some(None),
        "absence is remembered"
    );

    let version = records
        .commit(Reads::none(), writes([note("a", "1")]))
        .await
        .unwrap();
    assert_eq!(
        *records.cached::<Note>(&key("a")).unwrap().unwrap(),
        note("a", "1")
    );
    let other = Records::new(engine, keys);
    for records in [&records, &other] {
        let held = records.get::<Note>(&key("a")).await.unwrap().unwrap();
        assert_eq!(
            (&*held, held.version(), held.key()),
            (&note("a", "1"), version, key("a"))
        );
    }
    let mut delete = Writes::none();
    delete.delete::<Note>(&key("a"));
    records.commit(Reads::none(), delete).await.unwrap();
    assert_eq!(records.cached::<Note>(&key("a")), Some(None));
    assert!(records.get::<Note>(&key("a")).await.unwrap().is_none());
}

#[tokio::test]
async fn scans_pages_in_both_directions() {
    let (_, _, records) = in_memory();
    records
        .commit(
            Reads::none(),
            writes(["b", "a", "d", "c"].map(|name| note(name, name))),
        )
        .await
        .unwrap();
    let all = records.scan::<Note>(&home(), None, 99).await.unwrap();
    assert_eq!(texts(all), ["a", "b", "c", "d"]);
    let page = records
        .scan::<Note>(&home(), Some(&key("a")), 2)
        .await
        .unwrap();
    assert_eq!(texts(page), ["b", "c"]);
    let page = records
        .scan_back::<Note>(&home(), Some(&key("d")), 2)
        .await
        .unwrap();
    assert_eq!(texts(page), ["c", "b"]);
    assert!(
        records
            .scan::<Note>(&Key::root().then("elsewhere"), None, 9)
            .await
            .unwrap()
            .is_empty()
    );
}

#[tokio::test]
async fn commits_rely_on_what_was_read() {
    let (_, _, records) = in_memory();
    records
        .commit(Reads::none(), writes([note("a", "1"), note("c", "1")]))
        .await
        .unwrap();
    let held = records.get::<Note>(&key("a")).await.unwrap().unwrap();
    let page = records.scan::<Note>(&home(), None, 1).await.unwrap();
    let whole = records.scan::<Note>(&home(), None, 9).await.unwrap();
    let reads = |note: &dyn Fn(&mut Reads)| {
        let mut reads = Reads::none();
        note(&mut reads);
        reads
    };
    let attempt = async |reads: Reads| records.commit(reads, writes([note("x", "1")])).await;

    records
        .commit(Reads::none(), writes([note("b", "1")]))
        .await
        .unwrap();
    assert!(attempt(reads(&|reads| reads.held(&held))).await.is_ok());
    assert!(
        attempt(reads(&|reads| reads.page(&page))).await.is_ok(),
        "a page relies on what it showed only"
    );
    for outdated in [
        reads(&|reads| reads.page(&whole)),
        reads(&|reads| reads.absent::<Note>(&key("b"))),
        reads(&|reads| {
            reads.held(&held);
            reads.absent::<Note>(&key("b"));
        }),
    ] {
        assert!(matches!(
            attempt(outdated).await,
            Err(CommitError::Conflict)
        ));
    }
    records
        .commit(Reads::none(), writes([note("a", "2")]))
        .await
        .unwrap();
    assert!(matches!(
        attempt(reads(&|reads| reads.held(&held))).await,
        Err(CommitError::Conflict)
    ));
}

/// Another node wrote: this one's memory is outdated until the conflict tells.
#[tokio::test]
async fn a_conflict_makes_memory_forget() {
    let (engine, keys, records) = in_memory();
    let other = Records::new(engine, keys);
    records
        .commit(Reads::none(), writes([note("a", "1")]))
        .await
        .unwrap();
    other
        .commit(Reads::none(), writes([note("a", "2")]))
        .await
        .unwrap();
    for (round, expected) in [(1, false), (2, true)] {
        let held = records.get::<Note>(&key("a")).await.unwrap().unwrap();
        let mut reads = Reads::none();
        reads.held(&held);
        let outcome = records.commit(reads, writes([note("a", "3")])).await;
        assert_eq!(outcome.is_ok(), expected, "round {round}");
    }
}

#[tokio::test]
async fn a_failure_changes_nothing_in_memory() {
    let (engine, _, records) = in_memory();
    records
        .commit(Reads::none(), writes([note("a", "1")]))
        .await
        .unwrap();
    for mishap in [Mishap::Failure, Mishap::Conflict] {
        engine.meet_next(mishap);
        assert!(
            records
                .commit(Reads::none(), writes([note("a", "2"), note("b", "2")]))
                .await
                .is_err()
        );
        assert_eq!(
            records.get::<Note>(&key("a")).await.unwrap().unwrap().text,
            "1"
        );
        assert!(records.get::<Note>(&key("b")).await.unwrap().is_none());
    }
}

#[tokio::test]
async fn the_last_change_of_a_place_counts() {
    let (_, _, records) = in_memory();
    let mut both = writes([note("a", "1"), note("a", "2"), note("b", "1")]);
    both.delete::<Note>(&key("b"));
    records.commit(Reads::none(), both).await.unwrap();
    assert_eq!(
        texts(records.scan::<Note>(&home(), None, 9).await.unwrap()),
        ["2"]
    );
}

#[tokio::test]
async fn uncached_tables_stay_out_of_memory() {
    let (_, _, records) = in_memory();
    let mut one = Writes::none();
    one.put(Event(7));
    records.commit(Reads::none(), one).await.unwrap();
    assert!(records.cached::<Event>(&Event(7).key()).is_none());
    assert_eq!(
        records
            .get::<Event>(&Event(7).key())
            .await
            .unwrap()
            .unwrap()
            .0,
        7
    );
    assert!(records.cached::<Event>(&Event(7).key()).is_none());
}

#[tokio::test]
async fn watches_tell_of_their_table_only() {
    let (_, _, records) = in_memory();
    let (notes, events) = (records.watch::<Note>(), records.watch::<Event>());
    let version = records
        .commit(Reads::none(), writes([note("a", "1")]))
        .await
        .unwrap();
    assert_eq!(notes.version(), version);
    assert!(events.version() < version);
}

#[tokio::test]
async fn a_row_moved_to_another_place_does_not_open() {
    let (engine, keys, records) = in_memory();
    records
        .commit(Reads::none(), writes([note("a", "1")]))
        .await
        .unwrap();
    engine.copy_row(
        &Place::of(Note::TABLE, &key("a")),
        Place::of(Note::TABLE, &key("b")),
    );
    engine.copy_row(
        &Place::of(Note::TABLE, &key("a")),
        Place::of(Event::TABLE, &key("a")),
    );
    let fresh = Records::new(Arc::clone(&engine) as Arc<dyn Engine>, keys);
    assert!(matches!(
        fresh.get::<Note>(&key("b")).await,
        Err(StorageError::NotAuthentic { .. })
    ));
    assert!(matches!(
        fresh.get::<Event>(&key("a")).await,
        Err(StorageError::NotAuthentic { .. })
    ));
    assert!(matches!(
        fresh.scan::<Note>(&home(), None, 9).await,
        Err(StorageError::NotAuthentic { .. })
    ));
    assert!(fresh.get::<Note>(&key("a")).await.unwrap().is_some());

    let stranger = Records::new(engine, Arc::new(KeyRing::ephemeral().unwrap()));
    let refused = stranger.get::<Note>(&key("a")).await;
    assert!(matches!(refused, Err(StorageError::NotAuthentic { .. })));
}

#[tokio::test]
async fn the_folder_holds_no_plaintext() {
    let folder = tempfile::tempdir().unwrap();
    let keys = Arc::new(KeyRing::ephemeral().unwrap());
    let secret = "a text that must not be found";
    {
        let records = Records::new(
            Arc::new(Embedded::open(folder.path(), Arc::clone(&keys)).unwrap()),
            keys,
        );
        records
            .commit(Reads::none(), writes([note("a", secret)]))
            .await
            .unwrap();
    }
    for entry in fs::read_dir(folder.path()).unwrap() {
        let bytes = fs::read(entry.unwrap().path()).unwrap();
        assert!(
            !bytes
                .windows(secret.len())
                .any(|window| window == secret.as_bytes())
        );
    }
}

/// Readers that load while a writer commits never see a row go back.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn memory_never_goes_back() {
    let (engine, keys, _) = in_memory();
    // So small that nearly every entry is dropped soon, and loaded again.
    let records = Arc::new(Records::with_cache(engine, keys, 2000));
    let writer = {
        let records = Arc::clone(&records);
        tokio::spawn(async move {
            for number in 0..2000u32 {
                let name = (number % 5).to_string();
                let mut batch = writes([
                    note(&name, &format!("{number:06}")),
                    note("hot", &format!("{number:06}")),
                ]);
                batch.put(Event(number));
                records.commit(Reads::none(), batch).await.unwrap();
            }
        })
    };
    let readers: Vec<_> = (0..2)
        .map(|_| {
            let records = Arc::clone(&records);
            tokio::spawn(async move {
                let mut latest = String::new();
                while latest != "001999" {
                    let Some(held) = records.get::<Note>(&key("hot")).await.unwrap() else {
                        continue;
                    };
                    assert!(held.text >= latest, "{} after {latest}", held.text);
                    latest = held.text.clone();
                    let _ = records.get::<Note>(&key("3")).await.unwrap();
                    tokio::task::yield_now().await;
                }
            })
        })
        .collect();
    writer.await.unwrap();
    for reader in readers {
        reader.await.unwrap();
    }
}

#[tokio::test]
async fn a_list_tells_of_every_commit() {
    let (_, _, records) = in_memory();
    let names = async |parent: &Key| -> Vec<String> {
        let list = records.list::<Note>(parent).await.unwrap();
        list.iter().map(|note| note.name.clone()).collect()
    };
    for _ in 0..2 {
        assert!(names(&home()).await.is_empty());
    }
    let keep = async |all: &[&str]| {
        let written = writes(all.iter().map(|name| note(name, "")));
        records.commit(Reads::none(), written).await.unwrap();
    };
    keep(&["b", "a"]).await;
    for _ in 0..2 {
        assert_eq!(names(&home()).await, ["a", "b"]);
        assert!(names(&Key::root().then("hom")).await.is_empty());
    }
    let mut gone = writes([note("c", "")]);
    gone.delete::<Note>(&key("a"));
    records.commit(Reads::none(), gone).await.unwrap();
    assert_eq!(names(&home()).await, ["b", "c"]);
    let held = records.get::<Note>(&key("b")).await.unwrap();
    assert_eq!(held.unwrap().name, "b");
}

/// Commits events; of those that are deleted it reads before.
async fn change(
    records: &Records,
    added: &[u32],
    replaced: &[u32],
    deleted: &[u32],
) -> Result<(), CommitError> {
    let (mut reads, mut writes) = (Reads::none(), Writes::none());
    added.iter().for_each(|number| writes.add(Event(*number)));
    for number in replaced.iter().chain(deleted) {
        let place = Event(*number).key();
        let held = records.get::<Event>(&place).await.unwrap();
        reads.note::<Event>(&place, held.as_ref());
    }
    replaced
        .iter()
        .for_each(|number| writes.put(Event(*number)));
    let gone = deleted.iter().map(|number| Event(*number).key());
    gone.for_each(|place| writes.delete::<Event>(&place));
    records.commit(reads, writes).await.map(drop)
}

#[tokio::test]
async fn names_of_records_are_those_of_their_keys() {
    let (engine, _, records) = in_memory();
    change(&records, &[1, 2, 3, 11], &[], &[]).await.unwrap();
    let names = async |after: Option<u32>, limit| {
        let after = after.map(|number| Event(number).key());
        let found = records.names::<Event>(&home(), after.as_ref(), limit).await;
        found.unwrap()
    };
    let all = names(None, 9).await;
    let expected = records.scan::<Event>(&home(), None, 9).await.unwrap();
    let keys = expected.iter().map(|event| event.key());
    let made = all.iter().map(|name| home().then(name));
    assert_eq!(made.collect::<Vec<_>>(), keys.collect::<Vec<_>>());
    assert_eq!(names(Some(2), 1).await, all[2..3]);
    // A row that another key sealed is no record.
    let stranger = Records::new(engine, Arc::new(KeyRing::ephemeral().unwrap()));
    let refused = stranger.names::<Event>(&home(), None, 9).await;
    assert!(matches!(refused, Err(StorageError::NotAuthentic { .. })));
}

#[tokio::test]
async fn a_number_of_records_tells_of_every_commit() {
    let (engine, keys, records) = in_memory();
    let count = async |expected: usize| {
        // Afresh from the store, and from memory.
        let other = Records::new(Arc::clone(&engine) as Arc<dyn Engine>, Arc::clone(&keys));
        for records in [&other, &records, &records] {
            let found = records.count::<Event>(&home(), usize::MAX).await.unwrap();
            assert_eq!(found, expected);
            assert_eq!(
                records.count::<Event>(&home(), 2).await.unwrap(),
                expected.min(2)
            );
        }
    };
    count(0).await;
    change(&records, &[1, 2, 3], &[], &[]).await.unwrap();
    count(3).await;
    change(&records, &[4], &[2, 9], &[1]).await.unwrap();
    count(4).await;
    change(&records, &[], &[], &[1, 8]).await.unwrap();
    count(4).await;
    let again = change(&records, &[5, 4], &[], &[2]).await;
    assert!(matches!(again, Err(CommitError::Conflict)), "it is there");
    count(4).await;
    // Whether these were there the commit does not say.
    let mut blind = Writes::none();
    blind.put(Event(7));
    blind.delete::<Event>(&Event(2).key());
    records.commit(Reads::none(), blind).await.unwrap();
    count(4).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_number_of_records_is_exact_under_contention() {
    let (_, _, records) = in_memory();
    let records = Arc::new(records);
    let mut writers = Vec::new();
    for writer in 0..8u32 {
        let records = Arc::clone(&records);
        writers.push(tokio::spawn(async move {
            for number in 0..100 {
                change(&records, &[writer * 1000 + number], &[], &[])
                    .await
                    .unwrap();
                records.count::<Event>(&home(), usize::MAX).await.unwrap();
                if number % 3 == 0 {
                    change(&records, &[], &[], &[writer * 1000 + number])
                        .await
                        .unwrap();
                }
            }
        }));
    }
    for writer in writers {
        writer.await.unwrap();
    }
    let found = records.count::<Event>(&home(), usize::MAX).await.unwrap();
    assert_eq!(found, 8 * 66);
}
