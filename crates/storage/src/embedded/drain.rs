//! The thread that hands rows from memory to redb.

use super::base::Reach;
use super::files::io;
use super::layer::Layer;
use super::{Shared, log};
use crate::StorageError;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

/// What the draining thread is told and tells.
#[derive(Default)]
pub(super) struct Drain {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
enum State {
    #[default]
    Idle,
    Asked(Arc<Layer>, Reach),
    Busy,
    Failed(String),
    Ended,
}

impl Drain {
    /// Asks for `layer` to be handed over. Only while nothing else is.
    pub(super) fn ask(&self, layer: Arc<Layer>, reach: Reach) {
        self.become_(State::Asked(layer, reach));
    }

    /// Whether a layer is on its way.
    pub(super) fn is_busy(&self) -> bool {
        matches!(*self.state(), State::Asked(..) | State::Busy)
    }

    /// Waits until no layer is on its way.
    pub(super) fn wait(&self) {
        let busy = |state: &mut State| matches!(state, State::Asked(..) | State::Busy);
        drop(
            self.changed
                .wait_while(self.state(), busy)
                .unwrap_or_else(PoisonError::into_inner),
        );
    }

    /// The failure of the last layer, told once.
    pub(super) fn take_failure(&self) -> Option<String> {
        let mut state = self.state();
        let State::Failed(reason) = &mut *state else {
            return None;
        };
        let reason = std::mem::take(reason);
        *state = State::Idle;
        Some(reason)
    }

    /// Lets the thread end once it is done.
    pub(super) fn end(&self) {
        self.wait();
        self.become_(State::Ended);
    }

    fn next(&self) -> Option<(Arc<Layer>, Reach)> {
        let waiting = |state: &mut State| !matches!(state, State::Asked(..) | State::Ended);
        let mut state = self
            .changed
            .wait_while(self.state(), waiting)
            .unwrap_or_else(PoisonError::into_inner);
        if !matches!(*state, State::Asked(..)) {
            return None;
        }
        match std::mem::replace(&mut *state, State::Busy) {
            State::Asked(layer, reach) => Some((layer, reach)),
            _ => None,
        }
    }

    fn become_(&self, next: State) {
        *self.state() = next;
        self.changed.notify_all();
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Hands layers over until the end.
pub(super) fn run(shared: &Shared) {
    while let Some((layer, reach)) = shared.drain.next() {
        let outcome = absorb(shared, &layer, reach);
        drop(layer);
        match outcome {
            Ok(()) => {
                shared.view.thaw(reach.applied);
                discard_logs(shared, reach.generation);
                shared.drain.become_(State::Idle);
            }
            Err(error) => {
                tracing::error!(%error, "the store could not hand its rows over; they are safe in the log");
                shared.drain.become_(State::Failed(error.to_string()));
            }
        }
    }
}

/// Hands `layer` to redb. Redb panics on some files that were tampered with; its callers must go on.
pub(super) fn absorb(shared: &Shared, layer: &Layer, reach: Reach) -> Result<(), StorageError> {
    shared.settings.faults.drain().map_err(io(&shared.folder))?;
    let panicked = |_| Err(StorageError::Disk("redb panicked".to_string()));
    catch_unwind(AssertUnwindSafe(|| shared.base.absorb(layer, reach))).unwrap_or_else(panicked)
}

/// Logs that cannot be given up take space and do no harm.
pub(super) fn discard_logs(shared: &Shared, first: u64) {
    if let Err(error) = log::discard_before(&shared.folder, first) {
        tracing::warn!(%error, "a spent log stays");
    }
}
