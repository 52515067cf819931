//! The engine of one machine: a log in front, redb behind.
//!
//! A commit goes to the log first: one thread gathers what many callers want, refuses what conflicts, writes the rest
//! as one group, syncs once and shows it to readers; another acknowledges meanwhile. Rows stay in memory until there are enough of
//! them; then another thread hands them to redb in one durable transaction, and their log is given up. Reading looks
//! into memory first and then into redb. See `docs/decisions/0004-a-log-in-front-of-redb.md`.

mod answer;
mod base;
mod committer;
mod drain;
mod files;
mod frame;
mod layer;
mod log;
mod queue;
mod restore;
mod view;
mod written;

use crate::{
    Batch, Changes, CommitError, Engine, Kept, Order, Pending, Place, Reading, Span, StorageError,
    Version, Versioned,
};
use base::Base;
use committer::Committer;
use crypto::KeyRing;
use drain::Drain;
pub use files::Faults;
use queue::{Queue, Request};
use std::fs::{DirBuilder, File};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{Sender, channel};
use std::thread::{Builder, JoinHandle};
use tokio::sync::oneshot;
use view::View;
use written::Count;
pub use written::Written;

/// When rows leave memory, and how the disk misbehaves in tests.
#[derive(Clone, Debug)]
pub struct Settings {
    /// How much memory committed rows take before they are handed to redb, in bytes, about. Where redb does not keep
    /// up, commits wait at four times this. Idle time brings it below 1 MiB.
    pub layer_bytes: usize,
    /// How long a log becomes before the next one is begun, in bytes.
    pub log_bytes: u64,
    /// Failures to come.
    pub faults: Arc<Faults>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            layer_bytes: 16 << 20,
            log_bytes: 32 << 20,
            faults: Arc::default(),
        }
    }
}

/// What the committing thread, the draining thread and all readers share.
struct Shared {
    folder: PathBuf,
    keys: Arc<KeyRing>,
    settings: Settings,
    base: Base,
    view: View,
    drain: Drain,
    count: Count,
    /// Let go of last, once redb is closed.
    _lock: File,
}

/// An engine in a folder of its own.
pub struct Embedded {
    shared: Arc<Shared>,
    requests: Option<Sender<Request>>,
    committing: Option<JoinHandle<()>>,
    answering: Option<JoinHandle<()>>,
    draining: Option<JoinHandle<()>>,
}

impl Embedded {
    /// Opens the store in `folder`, which is made if it does not exist. Every commit that was acknowledged is there
    /// again, whatever ended the process before.
    pub fn open(folder: &Path, keys: Arc<KeyRing>) -> Result<Self, StorageError> {
        Self::open_with(folder, keys, Settings::default())
    }

    /// As `open`, with other settings.
    pub fn open_with(
        folder: &Path,
        keys: Arc<KeyRing>,
        settings: Settings,
    ) -> Result<Self, StorageError> {
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(folder)
            .map_err(files::io(folder))?;
        let lock = files::lock_folder(folder)?;
        let (base, reach) = Base::open(folder, &keys)?;
        let restored = restore::restore(folder, &keys, reach)?;
        let shared = Arc::new(Shared {
            folder: folder.to_path_buf(),
            _lock: lock,
            view: View::behind(restored.layer, reach.applied, restored.latest),
            drain: Drain::default(),
            count: Count::default(),
            base,
            keys,
            settings,
        });
        let (requests, arrivals) = channel();
        let (answers, groups) = channel();
        let queue = Queue::of(arrivals);
        let committer = Committer::begin(Arc::clone(&shared), queue, answers, restored.generation)?;
        let drained = Arc::clone(&shared);
        let draining = Some(spawn("store-drain", move || drain::run(&drained))?);
        let answering = Some(spawn("store-answer", move || answer::run(&groups))?);
        let committing = Some(spawn("store-commit", move || committer.run())?);
        Ok(Self {
            shared,
            requests: Some(requests),
            committing,
            answering,
            draining,
        })
    }
}

impl Embedded {
    /// What became of the commits since it was opened.
    pub fn written(&self) -> Written {
        self.shared.count.written()
    }
}

fn spawn(name: &str, work: impl FnOnce() + Send + 'static) -> Result<JoinHandle<()>, StorageError> {
    let thread = Builder::new().name(name.to_string()).spawn(work);
    thread.map_err(|error| StorageError::Disk(format!("no thread for the store: {error}")))
}

/// Finishes what was asked before; nothing is lost if this never happens.
impl Drop for Embedded {
    fn drop(&mut self) {
        self.requests = None;
        join(self.committing.take());
        join(self.answering.take());
        self.shared.drain.end();
        join(self.draining.take());
    }
}

fn join(thread: Option<JoinHandle<()>>) {
    if thread.is_some_and(|thread| thread.join().is_err()) {
        tracing::error!("a thread of the store had panicked");
    }
}

impl Engine for Embedded {
    fn latest(&self) -> Version {
        self.shared.view.latest()
    }

    fn get<'a>(&'a self, place: &'a Place) -> Reading<'a, Option<Versioned>> {
        Box::pin(async move { self.shared.view.get(&self.shared.base, place) })
    }

    fn scan<'a>(
        &'a self,
        span: &'a Span,
        order: Order,
        limit: usize,
    ) -> Reading<'a, Vec<(Place, Versioned)>> {
        Box::pin(async move { self.shared.view.scan(&self.shared.base, span, order, limit) })
    }

    fn count<'a>(&'a self, span: &'a Span) -> Reading<'a, usize> {
        Box::pin(async move { self.shared.view.count(&self.shared.base, span) })
    }

    fn commit(&self, batch: Batch, kept: Kept) -> Pending<'_, Result<Version, CommitError>> {
        let (reply, answer) = oneshot::channel();
        // A thread that has ended drops the request, and with it `reply`.
        let sent = self
            .requests
            .as_ref()
            .map(|requests| requests.send(Request { batch, kept, reply }));
        drop(sent);
        Box::pin(async move {
            let ended = |_| StorageError::Halted("its thread has ended".to_string());
            answer.await.map_err(ended)?
        })
    }

    fn changes_since(&self, version: Version) -> Pending<'_, Result<Changes, StorageError>> {
        Box::pin(async move { Ok(self.shared.view.since(version)) })
    }
}
