//! An engine in memory, for tests. It keeps nothing, and can be told to fail.

use crate::history::{Current, History};
use crate::{
    AsOf, Batch, Changes, CommitError, Engine, Kept, Order, Pending, Place, Reading, Span,
    StorageError, Version, Versioned,
};
use std::collections::{BTreeMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// What the next commit meets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mishap {
    /// Another commit seems to have come between.
    Conflict,
    /// The disk seems to fail.
    Failure,
}

/// An engine that keeps its rows in memory.
#[derive(Debug)]
pub struct Memory(Mutex<State>);

#[derive(Debug)]
struct State {
    rows: BTreeMap<Place, Versioned>,
    history: History,
    mishaps: VecDeque<Mishap>,
}

impl Default for Memory {
    fn default() -> Self {
        let history = History::from(Version::ZERO);
        Self(Mutex::new(State {
            rows: BTreeMap::new(),
            history,
            mishaps: VecDeque::new(),
        }))
    }
}

impl Memory {
    /// Lets a coming commit meet `mishap`: the next one, or the one after those that have been named already.
    pub fn meet_next(&self, mishap: Mishap) {
        self.state().mishaps.push_back(mishap);
    }

    /// Puts the bytes of one row in the place of another, as someone with access to the disk might.
    pub fn copy_row(&self, from: &Place, to: Place) {
        let mut state = self.state();
        if let Some(row) = state.rows.get(from).cloned() {
            state.rows.insert(to, row);
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // No code that holds the lock panics half way through a change.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn as_of<T>(&self, found: T) -> AsOf<T> {
        AsOf {
            version: self.history.latest(),
            found,
        }
    }

    fn scan(&self, span: &Span, order: Order, limit: usize) -> Vec<(Place, Versioned)> {
        if span.is_empty() {
            return Vec::new();
        }
        let rows = self.rows.range((span.start.clone(), span.end.clone()));
        let owned = |(place, row): (&Place, &Versioned)| (place.clone(), row.clone());
        match order {
            Order::Forward => rows.take(limit).map(owned).collect(),
            Order::Backward => rows.rev().take(limit).map(owned).collect(),
        }
    }

    fn commit(&mut self, batch: Batch, kept: Kept) -> Result<Version, CommitError> {
        match self.mishaps.pop_front() {
            Some(Mishap::Conflict) => return Err(CommitError::Conflict),
            Some(Mishap::Failure) => {
                return Err(StorageError::Disk("told to fail".to_string()).into());
            }
            None => {}
        }
        let current = |place: &Place, _| {
            Ok(Current::Written(
                self.rows.get(place).map(|row| row.version),
            ))
        };
        if !self.history.holds(&batch.expected, current)? {
            return Err(CommitError::Conflict);
        }
        if batch.writes.is_empty() {
            return Ok(self.history.latest());
        }
        let version = self.history.latest().next();
        self.history.note(
            version,
            batch.writes.iter().map(|write| write.place.clone()),
        );
        for write in batch.writes {
            match write.bytes {
                Some(bytes) => self.rows.insert(write.place, Versioned { version, bytes }),
                None => self.rows.remove(&write.place),
            };
        }
        kept(version);
        Ok(version)
    }
}

impl Engine for Memory {
    fn latest(&self) -> Version {
        self.state().history.latest()
    }

    fn get<'a>(&'a self, place: &'a Place) -> Reading<'a, Option<Versioned>> {
        Box::pin(async move {
            let state = self.state();
            Ok(state.as_of(state.rows.get(place).cloned()))
        })
    }

    fn scan<'a>(
        &'a self,
        span: &'a Span,
        order: Order,
        limit: usize,
    ) -> Reading<'a, Vec<(Place, Versioned)>> {
        Box::pin(async move {
            let state = self.state();
            Ok(state.as_of(state.scan(span, order, limit)))
        })
    }

    fn count<'a>(&'a self, span: &'a Span) -> Reading<'a, usize> {
        let state = self.state();
        let found = state.scan(span, Order::Forward, usize::MAX).len();
        let answer = state.as_of(found);
        Box::pin(async move { Ok(answer) })
    }

    fn commit(&self, batch: Batch, kept: Kept) -> Pending<'_, Result<Version, CommitError>> {
        Box::pin(async move { self.state().commit(batch, kept) })
    }

    fn changes_since(&self, version: Version) -> Pending<'_, Result<Changes, StorageError>> {
        Box::pin(async move { Ok(self.state().history.since(version)) })
    }
}
