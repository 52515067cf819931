//! Records in memory, read without a lock.
//!
//! Commits are published here, and readers bring in rows they loaded a moment ago, which may already be part of a
//! commit that is not published yet. What keeps an old row from replacing a newer one: all changes happen under one
//! lock; a loaded row is taken only if no commit behind it has been published; a published row never replaces a later
//! one; and once entries were dropped, commits from before that moment are no longer brought in.

use crate::{Epoch, Place, Version, Watch};
use std::any::Any;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// A record of whichever type its table has.
pub(crate) type AnyRecord = Arc<dyn Any + Send + Sync>;

/// What an entry costs besides the record's stored form, in bytes; a guess.
const ENTRY_BYTES: usize = 256;

/// What is known of one place.
pub(crate) struct Entry {
    /// The commit that wrote the row; for an absent one, a commit as of which it was absent.
    pub(crate) version: Version,
    /// None: there is no row.
    pub(crate) value: Option<AnyRecord>,
    bytes: usize,
    used: AtomicBool,
}

impl Entry {
    /// `stored_bytes`: length of the stored form, from which the cost in memory is guessed.
    pub(crate) fn new(version: Version, value: Option<AnyRecord>, stored_bytes: usize) -> Self {
        // That a place is empty is forgotten first, or names that do not exist would crowd out what does.
        let used = AtomicBool::new(value.is_some() && stored_bytes > 0);
        Self {
            version,
            value,
            bytes: ENTRY_BYTES + 2 * stored_bytes,
            used,
        }
    }
}

/// How many rows a stretch has: those of the commit that its entry names, and what was published since.
pub(crate) struct Tally(pub(crate) usize);

impl Tally {
    /// What is kept of it, counted as of `version`.
    pub(crate) fn entry(self, version: Version) -> Entry {
        Entry::new(version, Some(Arc::new(self)), size_of::<usize>())
    }
}

/// What a commit did to the number of rows of a counted stretch.
pub(crate) struct Counted {
    /// Where the number is kept.
    pub(crate) place: Place,
    /// By how much it changed; none if the commit relied on nothing that tells.
    pub(crate) by: Option<isize>,
}

/// One change of a commit.
pub(crate) struct Published {
    pub(crate) table: &'static str,
    pub(crate) place: Place,
    /// None if records of the table are not cached.
    pub(crate) entry: Option<Entry>,
    /// Where the list is kept that the row is in.
    pub(crate) list: Option<Place>,
    /// For a row of a counted table.
    pub(crate) counted: Option<Counted>,
}

/// Records in memory, about `limit` bytes of them at most.
pub(crate) struct Cache {
    entries: papaya::HashMap<Place, Entry>,
    ledger: Mutex<Ledger>,
    /// The latest commit published: what is known here is known as of this commit, or a later one.
    published: AtomicU64,
    limit: usize,
}

#[derive(Default)]
struct Ledger {
    /// The latest commit that anything here has known of.
    seen: Version,
    /// `seen` when entries were last dropped.
    dropped: Version,
    bytes: usize,
    watches: BTreeMap<&'static str, Watch>,
    epochs: Vec<Epoch>,
}

impl Cache {
    /// Over a store whose last commit is `latest`.
    pub(crate) fn new(limit: usize, latest: Version) -> Self {
        Self {
            entries: papaya::HashMap::new(),
            ledger: Mutex::default(),
            published: AtomicU64::new(latest.number()),
            limit,
        }
    }

    /// What is known of `place`, handed to `read`; none if nothing is.
    pub(crate) fn get<T>(
        &self,
        place: &Place,
        read: impl FnOnce(&Entry) -> Option<T>,
    ) -> Option<T> {
        let entries = self.entries.pin();
        let entry = entries.get(place)?;
        if !entry.used.load(Ordering::Relaxed) {
            entry.used.store(true, Ordering::Relaxed);
        }
        read(entry)
    }

    /// The latest commit published here. What `get` tells afterwards takes it into account.
    pub(crate) fn published(&self) -> Version {
        Version::from_number(self.published.load(Ordering::Acquire))
    }

    /// Follows the changes of `table`.
    pub(crate) fn watch(&self, table: &'static str) -> Watch {
        self.ledger().watches.entry(table).or_default().clone()
    }

    /// Counts the commits that change any of `tables`.
    pub(crate) fn epoch(&self, tables: &'static [&'static str]) -> Epoch {
        let epoch = Epoch::of(tables);
        self.ledger().epochs.push(epoch.clone());
        epoch
    }

    /// Brings in a row that was read as of `as_of`, unless it may be outdated already.
    pub(crate) fn loaded(&self, place: Place, as_of: Version, entry: Entry) {
        let mut ledger = self.ledger();
        if as_of >= self.published() {
            ledger.seen = ledger.seen.max(as_of);
            self.put(&mut ledger, place, entry);
        }
    }

    /// Brings in what the commit `version` wrote. Watchers learn of it last.
    pub(crate) fn publish(&self, version: Version, changes: Vec<Published>) {
        let mut ledger = self.ledger();
        ledger.seen = ledger.seen.max(version);
        let late = version <= ledger.dropped;
        let touched = |epoch: &&Epoch| changes.iter().any(|change| epoch.covers(change.table));
        let epochs: Vec<Epoch> = ledger.epochs.iter().filter(touched).cloned().collect();
        epochs.iter().for_each(Epoch::begin);
        let mut tables = Vec::with_capacity(changes.len());
        for Published {
            table,
            place,
            entry,
            list,
            counted,
        } in changes
        {
            tables.push(table);
            self.outdate(&mut ledger, list.as_ref(), version);
            self.count(&mut ledger, counted, version);
            let newest = self
                .entries
                .pin()
                .get(&place)
                .is_none_or(|known| known.version < version);
            match entry {
                Some(entry) if newest && !late => self.put(&mut ledger, place, entry),
                _ if newest => self.remove(&mut ledger, &place),
                _ => {}
            }
        }
        self.published
            .fetch_max(version.number(), Ordering::Release);
        epochs.iter().for_each(Epoch::end);
        for table in tables {
            if let Some(watch) = ledger.watches.get(table) {
                watch.advance(version);
            }
        }
    }

    /// Drops a list unless it takes the commit `version` into account.
    fn outdate(&self, ledger: &mut Ledger, list: Option<&Place>, version: Version) {
        let Some(list) = list else { return };
        let known = self.entries.pin().get(list).map(|known| known.version);
        if known.is_some_and(|known| known < version) {
            self.remove(ledger, list);
        }
    }

    /// Brings a number of rows up to date, unless it takes the commit `version` into account; or drops it. It keeps the
    /// version it was counted as of, so that each later commit counts once, in whichever order they are published.
    fn count(&self, ledger: &mut Ledger, counted: Option<Counted>, version: Version) {
        let Some(Counted { place, by }) = counted else {
            return;
        };
        let known = self.entries.pin().get(&place).and_then(|entry| {
            let tally = entry.value.as_ref()?.downcast_ref::<Tally>()?;
            Some((entry.version, tally.0))
        });
        let Some((as_of, known)) = known.filter(|(as_of, _)| *as_of < version) else {
            return;
        };
        match by.and_then(|by| known.checked_add_signed(by)) {
            Some(now) => self.put(ledger, place, Tally(now).entry(as_of)),
            None => self.remove(ledger, &place),
        }
    }

    /// Drops what is known of `places`.
    pub(crate) fn forget<'a>(&self, places: impl Iterator<Item = &'a Place>) {
        let mut ledger = self.ledger();
        ledger.dropped = ledger.seen;
        for place in places {
            self.remove(&mut ledger, place);
        }
    }

    fn put(&self, ledger: &mut Ledger, place: Place, entry: Entry) {
        ledger.bytes += entry.bytes;
        if let Some(replaced) = self.entries.pin().insert(place, entry) {
            ledger.bytes = ledger.bytes.saturating_sub(replaced.bytes);
        }
        if ledger.bytes > self.limit {
            self.sweep(ledger);
        }
    }

    fn remove(&self, ledger: &mut Ledger, place: &Place) {
        if let Some(removed) = self.entries.pin().remove(place) {
            ledger.bytes = ledger.bytes.saturating_sub(removed.bytes);
        }
    }

    /// Drops what was not used since the last sweep, or everything if all of it was.
    fn sweep(&self, ledger: &mut Ledger) {
        ledger.dropped = ledger.seen;
        let entries = self.entries.pin();
        entries.retain(|_, entry| entry.used.swap(false, Ordering::Relaxed));
        ledger.bytes = entries.values().map(|entry| entry.bytes).sum();
        if ledger.bytes > self.limit / 2 {
            entries.clear();
            ledger.bytes = 0;
        }
    }

    fn ledger(&self) -> MutexGuard<'_, Ledger> {
        // What runs under the lock does not panic; if it did, the ledger would still be usable.
        self.ledger.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Key;

    fn place(name: &str) -> Place {
        Place::of("t", &Key::root().then(name))
    }

    fn version(number: u64) -> Version {
        Version::from_number(number)
    }

    fn entry(at: u64, value: Option<u64>) -> Entry {
        Entry::new(
            version(at),
            value.map(|value| Arc::new(value) as AnyRecord),
            8,
        )
    }

    fn write(name: &str, at: u64, value: Option<u64>) -> Vec<Published> {
        vec![Published {
            table: "t",
            place: place(name),
            entry: Some(entry(at, value)),
            list: Some(place("list")),
            counted: None,
        }]
    }

    fn look(cache: &Cache, name: &str) -> Option<(u64, Option<u64>)> {
        cache.get(&place(name), |entry| {
            let value = entry
                .value
                .as_ref()
                .and_then(|value| value.downcast_ref::<u64>().copied());
            Some((entry.version.number(), value))
        })
    }

    fn large() -> Cache {
        Cache::new(1 << 20, Version::ZERO)
    }

    #[test]
    fn a_row_loaded_before_a_commit_does_not_replace_it() {
        let cache = large();
        cache.publish(version(2), write("a", 2, Some(20)));
        cache.loaded(place("a"), version(1), entry(1, Some(10)));
        assert_eq!(look(&cache, "a"), Some((2, Some(20))));
        cache.forget([place("a")].iter());
        cache.loaded(place("a"), version(1), entry(1, Some(10)));
        assert_eq!(
            look(&cache, "a"),
            None,
            "not even where the newer entry was dropped"
        );
        cache.loaded(place("a"), version(2), entry(2, Some(20)));
        assert_eq!(look(&cache, "a"), Some((2, Some(20))));
    }

    #[test]
    fn commits_published_out_of_order_leave_the_latest() {
        for latest in [Some(30), None] {
            let cache = large();
            cache.publish(version(3), write("a", 3, latest));
            cache.publish(version(2), write("a", 2, Some(20)));
            assert_eq!(look(&cache, "a"), Some((3, latest)));
            cache.publish(version(1), write("b", 1, Some(1)));
            assert_eq!(
                look(&cache, "b"),
                Some((1, Some(1))),
                "an earlier commit of another row is welcome"
            );
        }
    }

    #[test]
    fn a_late_commit_is_not_brought_in_after_a_drop() {
        let cache = large();
        cache.publish(version(3), write("a", 3, Some(30)));
        cache.forget([place("a")].iter());
        cache.publish(version(2), write("a", 2, Some(20)));
        assert_eq!(look(&cache, "a"), None);

        let cache = large();
        cache.loaded(place("a"), version(9), entry(9, Some(90)));
        cache.forget([place("a")].iter());
        cache.publish(version(8), write("a", 8, Some(80)));
        assert_eq!(
            look(&cache, "a"),
            None,
            "a load may know of commits that are not published yet"
        );
    }

    #[test]
    fn a_late_commit_drops_what_it_outdates() {
        let cache = large();
        cache.publish(version(1), write("a", 1, Some(10)));
        cache.publish(version(3), write("b", 3, Some(30)));
        cache.forget([place("b")].iter());
        cache.publish(version(2), write("a", 2, Some(20)));
        assert_eq!(look(&cache, "a"), None);
    }

    #[test]
    fn a_list_goes_with_the_commits_it_does_not_know() {
        let cache = large();
        cache.loaded(place("list"), version(5), entry(5, Some(50)));
        cache.publish(version(5), write("a", 5, Some(1)));
        cache.publish(version(4), write("b", 4, Some(1)));
        assert_eq!(look(&cache, "list"), Some((5, Some(50))));
        cache.publish(version(6), write("c", 6, None));
        assert_eq!(look(&cache, "list"), None);
        cache.loaded(place("list"), version(5), entry(5, Some(50)));
        assert_eq!(look(&cache, "list"), None, "it was read before");
    }

    #[test]
    fn a_number_counts_each_later_commit_once() {
        let cache = large();
        let counting = |at: u64, by: Option<isize>| Published {
            counted: Some(Counted {
                place: place("tally"),
                by,
            }),
            ..write("a", at, None).remove(0)
        };
        let known = || {
            cache.get(&place("tally"), |entry| {
                let tally = entry.value.as_ref()?.downcast_ref::<Tally>()?;
                Some(tally.0)
            })
        };
        cache.publish(version(1), vec![counting(1, Some(1))]);
        assert_eq!(known(), None, "nobody has counted");
        cache.loaded(place("tally"), version(5), Tally(50).entry(version(5)));
        for (at, by, expected) in [
            (4, Some(1), Some(50)),
            (7, Some(1), Some(51)),
            (6, Some(-3), Some(48)),
            (8, Some(0), Some(48)),
            (9, None, None),
        ] {
            cache.publish(version(at), vec![counting(at, by)]);
            assert_eq!(known(), expected, "commit {at}");
        }
    }

    #[test]
    fn stays_within_its_limit_and_keeps_what_is_used() {
        let cache = Cache::new(100 * (ENTRY_BYTES + 16), Version::ZERO);
        for number in 0..10_000u64 {
            let name = number.to_string();
            cache.publish(version(number + 1), write(&name, number + 1, Some(number)));
            let bytes = cache.ledger().bytes;
            assert!(bytes <= cache.limit, "{bytes}");
        }
        let counted: usize = cache.entries.pin().values().map(|entry| entry.bytes).sum();
        assert_eq!(counted, cache.ledger().bytes);
    }

    #[test]
    fn watchers_learn_of_commits_to_their_table() {
        let cache = large();
        let (watch, other) = (cache.watch("t"), cache.watch("u"));
        cache.publish(version(2), write("a", 2, None));
        cache.publish(version(1), write("a", 1, None));
        assert_eq!(
            (watch.version(), other.version()),
            (version(2), Version::ZERO)
        );
        assert_eq!(cache.watch("t").version(), version(2));
    }
}
