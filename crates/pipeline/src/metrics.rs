//! What the server counts of itself, for who watches over it.
//!
//! A counter is a number in memory at the place where something happens: calls name none by text, allocate nothing and
//! wait for nobody. All that takes time is done when somebody reads. Labels are words of the program, never of a caller.

mod calls;
mod exposition;
mod rounds;
mod stripes;
mod tally;

pub(crate) use calls::{Calls, Outcome};
pub use exposition::{Exposition, Family};
pub(crate) use rounds::Rounds;
use stripes::Stripes;
pub(crate) use tally::Tallies;
pub use tally::Tally;

use std::sync::atomic::{AtomicU64, Ordering};

use crate::entry::BoxFuture;
use crate::{Catalogue, Core, Duty, Failure};

/// What a service tells of its records when somebody reads: states and queues, for which it has no counter.
pub type Measure = for<'a> fn(Duty<'a>, &'a mut Exposition) -> BoxFuture<'a, Result<(), Failure>>;

/// What the core counts.
pub(crate) struct Counters {
    pub(crate) calls: Calls,
    /// Audit records that were kept in the store.
    pub(crate) records: AtomicU64,
    pub(crate) rounds: Rounds,
    pub(crate) tallies: Tallies,
}

impl Counters {
    pub(crate) fn new(catalogue: &Catalogue) -> Self {
        Self {
            calls: Calls::new(catalogue),
            records: AtomicU64::new(0),
            rounds: Rounds::new(catalogue),
            tallies: Tallies::new(catalogue),
        }
    }
}

impl Core {
    /// Writes down what there is to tell of calls, records, background duties and the services' own affairs.
    ///
    /// # Errors
    /// If what a service tells cannot be read.
    pub async fn measure(&self, to: &mut Exposition) -> Result<(), Failure> {
        self.counters.calls.measure(to);
        let in_store = self.counters.records.load(Ordering::Relaxed);
        to.counter(
            "alcazar_audit_records_total",
            "Audit records kept: in segments those of calls that changed nothing, in the store those of changes.",
        )
        .is(&[("kept_in", "segments")], self.trail.records())
        .is(&[("kept_in", "store")], in_store);
        to.gauge(
            "alcazar_audit_broken",
            "1 when the disk refused audit records: no call is answered until a restart.",
        )
        .is(&[], self.trail.is_broken().into());
        self.counters.rounds.measure(to);
        self.counters.tallies.measure(to);
        for service in self.services() {
            if let Some(measure) = service.measure {
                measure(Duty { core: self }, to).await?;
            }
        }
        Ok(())
    }
}
