//! What services count.

use std::sync::atomic::{AtomicU64, Ordering};

use super::Exposition;
use crate::{Catalogue, Duty};

/// One of a service's counters. All that it has are named in `Service::tallies`, so that each is there from the start;
/// those of one family stand together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tally {
    /// The family's name, as `alcazar_rotations_total`.
    pub family: &'static str,
    /// What the numbers of the family mean.
    pub help: &'static str,
    /// What sets it apart in the family.
    pub labels: &'static [(&'static str, &'static str)],
}

/// The counters of all services.
pub(crate) struct Tallies(Vec<(Tally, AtomicU64)>);

impl Tallies {
    pub(crate) fn new(catalogue: &Catalogue) -> Self {
        let of_services = catalogue.services().flat_map(|service| service.tallies);
        Self(
            of_services
                .map(|tally| (*tally, AtomicU64::new(0)))
                .collect(),
        )
    }

    fn count(&self, tally: &Tally) {
        match self.0.iter().find(|(known, _)| known == tally) {
            Some((_, counter)) => {
                counter.fetch_add(1, Ordering::Relaxed);
            }
            None => tracing::error!(?tally, "its service does not name this counter"),
        }
    }

    pub(crate) fn measure(&self, to: &mut Exposition) {
        for family in self
            .0
            .chunk_by(|(one, _), (next, _)| one.family == next.family)
        {
            let Some((first, _)) = family.first() else {
                continue;
            };
            let mut told = to.counter(first.family, first.help);
            for (tally, counter) in family {
                told = told.is(tally.labels, counter.load(Ordering::Relaxed));
            }
        }
    }
}

impl Duty<'_> {
    /// Counts what was done. Seldom: calls have counters that are found faster.
    pub fn count(&self, tally: &Tally) {
        self.core.counters.tallies.count(tally);
    }
}
