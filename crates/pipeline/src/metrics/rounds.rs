//! Rounds of background duties.

use std::sync::atomic::{AtomicU64, Ordering};

use super::Exposition;
use crate::Catalogue;
use crate::worker::OWN;

/// The counters, by worker.
pub(crate) struct Rounds(Vec<Round>);

struct Round {
    worker: &'static str,
    succeeded: AtomicU64,
    failed: AtomicU64,
}

impl Rounds {
    pub(crate) fn new(catalogue: &Catalogue) -> Self {
        let of_services = catalogue.services().flat_map(|service| service.workers);
        let round = |worker: &crate::Worker| Round {
            worker: worker.name,
            succeeded: AtomicU64::new(0),
            failed: AtomicU64::new(0),
        };
        Self(of_services.chain(OWN).map(round).collect())
    }

    /// One more round of the worker of this name has ended.
    pub(crate) fn count(&self, worker: &str, succeeded: bool) {
        if let Some(round) = self.0.iter().find(|round| round.worker == worker) {
            let counter = match succeeded {
                true => &round.succeeded,
                false => &round.failed,
            };
            counter.fetch_add(1, Ordering::Relaxed);
        }
    }

    pub(crate) fn measure(&self, to: &mut Exposition) {
        let mut family = to.counter(
            "alcazar_worker_rounds_total",
            "Rounds of background duties that have ended; why one failed is in the server's log.",
        );
        for round in &self.0 {
            for (outcome, counter) in [("succeeded", &round.succeeded), ("failed", &round.failed)] {
                let labels = [("worker", round.worker), ("outcome", outcome)];
                family = family.is(&labels, counter.load(Ordering::Relaxed));
            }
        }
    }
}
