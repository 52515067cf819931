//! The thread that commits.

use super::answer::{Acknowledgement, Reply};
use super::base::Reach;
use super::drain::{absorb, discard_logs};
use super::log::Log;
use super::queue::{Next, Queue, Request};
use super::view::{BaseOnce, Group};
use super::written::more;
use super::{Shared, frame};
use crate::{CommitError, StorageError, Version};
use std::sync::Arc;
use std::sync::mpsc::Sender;
use std::time::Instant;

/// Commits wait where memory holds this many times what a layer should.
const LAYERS_UNTIL_WAITING: usize = 4;
/// Less than this may stay in memory and in the log for ever.
const WORTH_DRAINING_BYTES: u64 = 1 << 20;

/// Commits, group by group.
pub(super) struct Committer {
    shared: Arc<Shared>,
    queue: Queue,
    answers: Sender<Vec<Acknowledgement>>,
    log: Log,
    /// The generation of `log`, or a later one that was tried in vain.
    generation: u64,
    /// Why nothing can be written, until that is overcome.
    halted: Option<String>,
    encoded: Vec<u8>,
}

impl Committer {
    /// Begins the log of `generation`, and lets what older logs hold go to redb.
    pub(super) fn begin(
        shared: Arc<Shared>,
        queue: Queue,
        answers: Sender<Vec<Acknowledgement>>,
        generation: u64,
    ) -> Result<Self, StorageError> {
        let log = begin_log(&shared, generation)?;
        let reach = Reach {
            applied: shared.view.latest(),
            generation,
        };
        if generation > 1 {
            shared
                .drain
                .ask(shared.view.frozen().unwrap_or_default(), reach);
        }
        Ok(Self {
            shared,
            queue,
            answers,
            log,
            generation,
            halted: None,
            encoded: Vec::new(),
        })
    }

    /// Commits until nobody can ask any more.
    pub(super) fn run(mut self) {
        loop {
            match self.queue.next(self.is_worth_draining()) {
                Next::Group(group) => self.serve(group),
                Next::Idle => self.rotate_or_halt(),
                Next::End => break,
            }
        }
    }

    fn serve(&mut self, requests: Vec<Request>) {
        if let Err(reason) = self.make_ready() {
            more(&self.shared.count.failed, requests.len());
            let refused = || StorageError::Halted(reason.clone());
            return requests
                .into_iter()
                .for_each(|request| answer(request.reply, Err(refused().into())));
        }
        let (group, admitted) = self.admit(requests);
        if group.places.is_empty() {
            return;
        }
        let began = Instant::now();
        match self.log.append(&self.encoded) {
            Ok(bytes) => {
                let count = &self.shared.count;
                more(&count.kept, admitted.len());
                more(&count.groups, 1);
                more(&count.bytes, bytes);
                self.queue.synced(admitted.len(), began.elapsed());
                self.shared.view.show(group);
                // A thread that has ended drops what it is sent, and callers learn that.
                let _ = self.answers.send(admitted);
                self.make_room();
            }
            Err(error) => {
                tracing::error!(%error, "the store could not write its log");
                more(&self.shared.count.failed, admitted.len());
                let reason = error.to_string();
                let failed = || StorageError::Disk(reason.clone());
                admitted
                    .into_iter()
                    .for_each(|one| answer(one.reply, Err(failed().into())));
                self.halted = Some(reason);
            }
        }
    }

    /// Numbers and encodes the batches whose expectations hold, and answers all others.
    fn admit(&mut self, requests: Vec<Request>) -> (Group, Vec<Acknowledgement>) {
        let shared = &self.shared;
        let base = BaseOnce::of(&shared.base);
        let latest = shared.view.latest();
        let mut version = latest;
        let mut group = Group::default();
        let mut admitted = Vec::with_capacity(requests.len());
        self.encoded.clear();
        for Request { batch, kept, reply } in requests {
            match shared.view.holds(&base, &group, &batch.expected) {
                Err(error) => {
                    more(&shared.count.failed, 1);
                    answer(reply, Err(error.into()));
                }
                Ok(false) => {
                    more(&shared.count.conflicts, 1);
                    answer(reply, Err(CommitError::Conflict));
                }
                Ok(true) if batch.writes.is_empty() => answer(reply, Ok(latest)),
                Ok(true) => {
                    version = version.next();
                    frame::encode(version, &batch, &mut self.encoded);
                    group.places.push((
                        version,
                        batch
                            .writes
                            .iter()
                            .map(|write| write.place.clone())
                            .collect(),
                    ));
                    group.rows.apply(version, batch.writes);
                    admitted.push(Acknowledgement {
                        version,
                        kept,
                        reply,
                    });
                }
            }
        }
        (group, admitted)
    }

    /// Begins a new log where this one is long enough, and lets its rows go to redb.
    fn make_room(&mut self) {
        let settings = &self.shared.settings;
        let bytes = self.shared.view.active_bytes();
        if bytes < settings.layer_bytes && self.log.bytes() < settings.log_bytes {
            return;
        }
        if self.shared.drain.is_busy() {
            if bytes < LAYERS_UNTIL_WAITING * settings.layer_bytes {
                return;
            }
            self.shared.drain.wait();
        }
        self.rotate_or_halt();
    }

    /// Whether idle time should be used to free memory and to shorten the next start.
    fn is_worth_draining(&self) -> bool {
        let bytes = self.log.bytes().max(self.shared.view.active_bytes() as u64);
        bytes > WORTH_DRAINING_BYTES && self.halted.is_none() && !self.shared.drain.is_busy()
    }

    fn rotate_or_halt(&mut self) {
        self.halted = self.shared.drain.take_failure();
        if self.halted.is_none() {
            self.halted = self.rotate().err().map(|error| error.to_string());
        }
    }

    fn rotate(&mut self) -> Result<(), StorageError> {
        self.generation += 1;
        self.log = begin_log(&self.shared, self.generation)?;
        let reach = Reach {
            applied: self.shared.view.latest(),
            generation: self.generation,
        };
        self.shared.drain.ask(self.shared.view.freeze(), reach);
        Ok(())
    }

    /// Overcomes an earlier failure, if there was one; the reason why it cannot otherwise.
    fn make_ready(&mut self) -> Result<(), String> {
        if let Some(reason) = self.shared.drain.take_failure() {
            self.halted = Some(reason);
        }
        if self.halted.is_some() {
            self.recover()
                .map_err(|error| error.to_string())
                .inspect_err(|reason| {
                    tracing::error!(reason, "the store still takes no changes");
                    self.halted = Some(reason.clone());
                })?;
            tracing::info!("the store takes changes again");
            self.halted = None;
        }
        Ok(())
    }

    /// Hands everything that was acknowledged to redb, opened anew, and goes on in a new log: the old one may end in
    /// a group that nobody was told is kept.
    fn recover(&mut self) -> Result<(), StorageError> {
        let shared = Arc::clone(&self.shared);
        shared.drain.wait();
        shared.drain.take_failure();
        shared.base.reopen()?;
        self.generation += 1;
        let log = begin_log(&shared, self.generation)?;
        let reach = Reach {
            applied: shared.view.latest(),
            generation: self.generation,
        };
        absorb(&shared, &shared.view.merged(), reach)?;
        shared.view.clear();
        self.log = log;
        discard_logs(&shared, reach.generation);
        Ok(())
    }
}

fn begin_log(shared: &Shared, generation: u64) -> Result<Log, StorageError> {
    let after = shared.view.latest();
    Log::create(
        &shared.folder,
        &shared.keys,
        generation,
        after,
        Arc::clone(&shared.settings.faults),
    )
}

fn answer(reply: Reply, outcome: Result<Version, CommitError>) {
    let _ = reply.send(outcome);
}
