//! What callers want committed, gathered into groups.
//!
//! One sync serves a whole group, so larger groups are better. Callers that were answered a moment ago tend to ask
//! again at once: if the next group began without them, there would be two halves taking turns, each waiting for two
//! syncs. So a group waits for as many requests as the last sync served and met, for a part of the time it took.

use super::answer::Reply;
use crate::{Batch, Kept};
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

/// A group is closed once its rows take this many bytes.
const GROUP_BYTES: usize = 4 << 20;
/// After so long without requests it is time for what is put off while there are some.
const IDLE: Duration = Duration::from_secs(1);
/// No group waits longer for callers to come back.
const LONGEST_WAIT: Duration = Duration::from_millis(1);
/// Each time callers did not come back, the next group waits for them half as long; at least a 64th.
const MOST_DISAPPOINTMENTS: u32 = 6;

/// One caller's wish.
pub(super) struct Request {
    pub(super) batch: Batch,
    pub(super) kept: Kept,
    pub(super) reply: Reply,
}

impl Request {
    fn bytes(&self) -> usize {
        self.batch
            .writes
            .iter()
            .map(|write| write.bytes.as_ref().map_or(0, |bytes| bytes.len()))
            .sum()
    }
}

/// What comes next.
pub(super) enum Next {
    /// Requests to be committed together.
    Group(Vec<Request>),
    /// Nothing for a while.
    Idle,
    /// Nobody can ask any more.
    End,
}

/// Requests in the order they came.
pub(super) struct Queue {
    arrivals: Receiver<Request>,
    group: Vec<Request>,
    bytes: usize,
    hoped_for: usize,
    patience: Duration,
    /// How often patience was in vain, less how often it was not.
    disappointments: u32,
}

impl Queue {
    pub(super) fn of(arrivals: Receiver<Request>) -> Self {
        Self {
            arrivals,
            group: Vec::new(),
            bytes: 0,
            hoped_for: 0,
            patience: Duration::ZERO,
            disappointments: 0,
        }
    }

    /// The next group. Tells of idleness only if `tell_idle`.
    pub(super) fn next(&mut self, tell_idle: bool) -> Next {
        if self.group.is_empty() {
            let first = if tell_idle {
                self.arrivals.recv_timeout(IDLE)
            } else {
                self.arrivals.recv().map_err(Into::into)
            };
            match first {
                Ok(first) => self.take(first),
                Err(RecvTimeoutError::Timeout) => return Next::Idle,
                Err(RecvTimeoutError::Disconnected) => return Next::End,
            }
        }
        let deadline = Instant::now() + self.patience;
        self.take_arrived();
        while self.group.len() < self.hoped_for && self.bytes < GROUP_BYTES {
            let left = deadline.saturating_duration_since(Instant::now());
            let Ok(request) = self.arrivals.recv_timeout(left) else {
                break;
            };
            self.take(request);
        }
        self.disappointments = match self.group.len() < self.hoped_for {
            true => MOST_DISAPPOINTMENTS.min(self.disappointments + 1),
            false => self.disappointments.saturating_sub(1),
        };
        self.bytes = 0;
        Next::Group(std::mem::take(&mut self.group))
    }

    /// Learns that a sync served `served` requests and took `time`. To be told before they are answered.
    pub(super) fn synced(&mut self, served: usize, time: Duration) {
        self.take_arrived();
        self.hoped_for = served + self.group.len();
        self.patience = LONGEST_WAIT.min(time / 2) / (1 << self.disappointments);
    }

    fn take_arrived(&mut self) {
        while self.bytes < GROUP_BYTES {
            let Ok(request) = self.arrivals.try_recv() else {
                break;
            };
            self.take(request);
        }
    }

    fn take(&mut self, request: Request) {
        self.bytes += request.bytes();
        self.group.push(request);
    }
}
