//! Calls by service, and by what became of them.

use wire::{Protocol, ServiceFacts, errors};

use super::{Exposition, Stripes};
use crate::audit::Ledger;
use crate::{Catalogue, Failure};

/// What became of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// It was done.
    Succeeded,
    /// Nobody proved to be its caller.
    Unauthenticated,
    /// No policy allowed it, or one denied it.
    Denied,
    /// It was none: no such service, operation or form of input.
    Malformed,
    /// A quota was used up.
    Throttled,
    /// The operation answered that it cannot be, as that there is no such key.
    Refused,
    /// AWS has it, and this product has not yet.
    NotBuilt,
    /// What it takes elsewhere was not there, as a key store's proxy.
    Unavailable,
    /// The fault was ours.
    Failed,
}

const OUTCOMES: usize = 9;

impl Outcome {
    const ALL: [(Self, &'static str); OUTCOMES] = [
        (Self::Succeeded, "succeeded"),
        (Self::Unauthenticated, "unauthenticated"),
        (Self::Denied, "denied"),
        (Self::Malformed, "malformed"),
        (Self::Throttled, "throttled"),
        (Self::Refused, "refused"),
        (Self::NotBuilt, "not_built"),
        (Self::Unavailable, "unavailable"),
        (Self::Failed, "failed"),
    ];

    /// That of a call which came as far as `ledger` tells.
    pub(crate) fn of(failure: &Failure, ledger: &Ledger<'_>) -> Self {
        let fault = match failure {
            Failure::Denied { .. } => return Self::Denied,
            Failure::Conflict | Failure::Internal(_) => return Self::Failed,
            Failure::Fault(fault) => fault,
        };
        let spoken = [Protocol::Json11, Protocol::Query];
        let throttled = spoken.map(|it| errors::THROTTLED.of(it));
        let internal = spoken.map(|it| errors::INTERNAL.of(it));
        match fault.facts.status {
            501 => Self::NotBuilt,
            500.. if internal.iter().any(|it| it.code == fault.facts.code) => Self::Failed,
            500.. => Self::Unavailable,
            _ if throttled.iter().any(|it| it.code == fault.facts.code) => Self::Throttled,
            _ if ledger.is_decoded() => Self::Refused,
            _ if ledger.is_authenticated() || !ledger.is_whole() => Self::Malformed,
            _ => Self::Unauthenticated,
        }
    }
}

/// The counters. The last row is that of calls for no service that is known here.
pub(crate) struct Calls {
    services: Vec<&'static ServiceFacts>,
    counters: Stripes<OUTCOMES>,
}

impl Calls {
    pub(crate) fn new(catalogue: &Catalogue) -> Self {
        let services: Vec<_> = catalogue.services().map(|service| service.facts).collect();
        Self {
            counters: Stripes::new(services.len() + 1),
            services,
        }
    }

    /// One more call of `service` has come to this.
    pub(crate) fn count(&self, service: &'static ServiceFacts, outcome: Outcome) {
        let mut services = self.services.iter();
        let row = services.position(|it| std::ptr::eq(*it, service));
        let row = row.unwrap_or(self.services.len());
        self.counters.add(row, outcome as usize, 1);
    }

    pub(crate) fn measure(&self, to: &mut Exposition) {
        let mut family = to.counter(
            "alcazar_calls_total",
            "Calls of clients that were answered, by service and outcome; calls between services are not counted.",
        );
        let services = self.services.iter().map(|facts| facts.name);
        for (row, service) in services.chain(["unknown"]).enumerate() {
            for (outcome, name) in Outcome::ALL {
                let labels = [("service", service), ("outcome", name)];
                family = family.is(&labels, self.counters.sum(row, outcome as usize));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_outcome_has_a_column_of_its_own() {
        for (column, (outcome, _)) in Outcome::ALL.into_iter().enumerate() {
            assert_eq!(outcome as usize, column);
        }
    }
}
