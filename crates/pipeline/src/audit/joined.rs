//! Events of concurrent calls, joined so that one write serves them all.
//!
//! A call adds its events to those that wait and lets others of its thread go first; then the first of them hands all
//! to the kernel. None goes on before that.

use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

/// As much is joined, in bytes; what is larger is written by itself.
const JOINED_BYTES: usize = 1 << 20;

/// Events on their way to the kernel, and who waits for that.
#[derive(Default)]
pub(super) struct Company(Mutex<Fate>);

enum Fate {
    Waiting(Vec<Waker>),
    Done(Result<(), Arc<io::Error>>),
}

impl Default for Fate {
    fn default() -> Self {
        Self::Waiting(Vec::new())
    }
}

impl Company {
    fn fate(&self) -> MutexGuard<'_, Fate> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Tells everybody who waits, and who will ask later.
    pub(super) fn end(&self, outcome: Result<(), Arc<io::Error>>) {
        let before = std::mem::replace(&mut *self.fate(), Fate::Done(outcome));
        if let Fate::Waiting(wakers) = before {
            wakers.into_iter().for_each(Waker::wake);
        }
    }

    /// What became of them.
    pub(super) fn poll(&self, context: &Context<'_>) -> Poll<Result<(), Arc<io::Error>>> {
        match &mut *self.fate() {
            Fate::Done(outcome) => Poll::Ready(outcome.clone()),
            Fate::Waiting(wakers) => {
                let own = context.waker();
                if !wakers.iter().any(|waker| waker.will_wake(own)) {
                    wakers.push(own.clone());
                }
                Poll::Pending
            }
        }
    }
}

/// Events to be written, in the form that segments seal.
pub(super) struct Joined {
    pub(super) company: Arc<Company>,
    pub(super) events: Vec<u8>,
}

/// Where calls of one thread join.
#[derive(Default)]
pub(super) struct Meeting(Mutex<Waiting>);

#[derive(Default)]
struct Waiting {
    joined: Option<Joined>,
    /// Memory to be used again.
    spare: Vec<u8>,
}

/// How a call takes part.
pub(super) struct Part {
    pub(super) company: Arc<Company>,
    /// Whether it is the one that has them written.
    pub(super) leads: bool,
    /// What must be written before, as there was no more room.
    pub(super) full: Option<Joined>,
}

impl Meeting {
    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds events to those that wait.
    pub(super) fn join(&self, events: &[u8]) -> Part {
        let mut waiting = self.waiting();
        let room = |joined: &mut Joined| joined.events.len() + events.len() <= JOINED_BYTES;
        let full = waiting.joined.take_if(|joined| !room(joined));
        if let Some(joined) = &mut waiting.joined {
            joined.events.extend_from_slice(events);
            return Part {
                company: joined.company.clone(),
                leads: false,
                full,
            };
        }
        let company = Arc::<Company>::default();
        let mut gathered = std::mem::take(&mut waiting.spare);
        gathered.extend_from_slice(events);
        waiting.joined = Some(Joined {
            company: company.clone(),
            events: gathered,
        });
        Part {
            company,
            leads: true,
            full,
        }
    }

    /// What waits in this company, unless it has been taken already.
    pub(super) fn take(&self, company: &Arc<Company>) -> Option<Joined> {
        let ours = |joined: &mut Joined| Arc::ptr_eq(&joined.company, company);
        self.waiting().joined.take_if(ours)
    }

    /// Gives memory back.
    pub(super) fn spare(&self, mut events: Vec<u8>) {
        events.clear();
        if events.capacity() <= JOINED_BYTES / 8 {
            self.waiting().spare = events;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_leads_and_takes_all() {
        let meeting = Meeting::default();
        let first = meeting.join(b"one");
        let second = meeting.join(b"two");
        assert!(first.leads && !second.leads);
        let joined = meeting.take(&first.company).unwrap();
        assert_eq!(joined.events, b"onetwo");
        assert!(meeting.take(&second.company).is_none());
        assert!(meeting.join(b"three").leads);
    }

    #[test]
    fn what_finds_no_room_is_written_after_the_rest() {
        let meeting = Meeting::default();
        let first = meeting.join(b"one");
        let large = meeting.join(&[7; JOINED_BYTES]);
        assert!(large.leads);
        let full = large.full.unwrap();
        assert!(Arc::ptr_eq(&full.company, &first.company));
        assert_eq!(full.events, b"one");
        assert!(meeting.take(&first.company).is_none());
        assert_eq!(
            meeting.take(&large.company).unwrap().events.len(),
            JOINED_BYTES
        );
    }

    #[test]
    fn everybody_learns_the_outcome() {
        let company = Company::default();
        let context = Context::from_waker(Waker::noop());
        assert!(company.poll(&context).is_pending());
        company.end(Err(Arc::new(io::Error::other("full"))));
        for _ in 0..2 {
            let Poll::Ready(Err(error)) = company.poll(&context) else {
                panic!()
            };
            assert_eq!(error.to_string(), "full");
        }
    }
}
