//! The services of this server and how to find an operation.

use std::collections::HashMap;

use base::{AccountId, Region};
use storage::{Records, StorageError};
use wire::ServiceFacts;

use crate::entry::BoxFuture;
use crate::{
    Entry, FindResource, MakeManagedKey, Measure, OwnedKeys, Quota, Subscriber, Tally, Worker,
};

/// The quota from which an account may take more requests of an operation, if it has chosen so: asked for only when the usual
/// quota is used up.
pub type More = for<'a> fn(
    &'a Records,
    operation: &'a str,
    AccountId,
    Region,
) -> BoxFuture<'a, Result<Option<&'static Quota>, StorageError>>;

/// One service: what it is, what is built of it, what it may be asked how often, its background duties. Begun with
/// [`Service::of`], to which each service adds what it has.
pub struct Service {
    /// From the public model.
    pub facts: &'static ServiceFacts,
    /// What is built.
    pub operations: &'static [Entry],
    /// Request quotas.
    pub quotas: &'static [Quota],
    /// The quotas from which accounts that chose to may take more requests than the usual ones allow.
    pub more: Option<More>,
    /// Background duties.
    pub workers: &'static [Worker],
    /// What it counts.
    pub tallies: &'static [Tally],
    /// What it tells of its records to who watches over the server.
    pub measure: Option<Measure>,
    /// Who is given the events of the bus.
    pub subscribers: &'static [Subscriber],
    /// What makes the keys that other services keep, of the service that keeps keys.
    pub managed_keys: Option<MakeManagedKey>,
    /// What uses the keys that services have of their own, of the service that keeps keys.
    pub owned_keys: Option<OwnedKeys>,
    /// Its `model.json`: which actions, resources and condition keys it has, for those who explain policies.
    pub model: &'static str,
    /// What finds its resources, for those who explain decisions; none where none of them has a policy or tags.
    pub resource: Option<FindResource>,
}

impl Service {
    /// A service that has operations, and nothing else.
    pub const fn of(
        facts: &'static ServiceFacts,
        operations: &'static [Entry],
        model: &'static str,
    ) -> Self {
        Self {
            facts,
            operations,
            quotas: &[],
            more: None,
            workers: &[],
            tallies: &[],
            measure: None,
            subscribers: &[],
            managed_keys: None,
            owned_keys: None,
            model,
            resource: None,
        }
    }
}

/// All services, indexed.
pub struct Catalogue {
    services: Vec<Indexed>,
    by_target: HashMap<&'static str, usize>,
    by_name: HashMap<&'static str, usize>,
    by_version: HashMap<&'static str, usize>,
}

/// A service with its operations by name.
pub(crate) struct Indexed {
    pub(crate) service: &'static Service,
    entries: HashMap<&'static str, (&'static Entry, Option<usize>)>,
}

/// What a name means to a service.
pub(crate) enum Named {
    /// It is built. The number is the place of its quota in the service's list.
    Built(&'static Entry, Option<usize>),
    /// AWS has it; this product has not yet.
    NotBuilt(&'static str),
    /// AWS has no such operation.
    Unknown,
}

impl Catalogue {
    /// Indexes `services`.
    pub fn new(services: &[&'static Service]) -> Self {
        let services: Vec<Indexed> = services
            .iter()
            .map(|service| Indexed::new(service))
            .collect();
        let index = |key: fn(&ServiceFacts) -> &'static str| {
            let named = services.iter().enumerate();
            let named = named.map(|(at, indexed)| (key(indexed.service.facts), at));
            named.filter(|(key, _)| !key.is_empty()).collect()
        };
        Self {
            by_target: index(|facts| facts.target_prefix),
            by_name: index(|facts| facts.name),
            by_version: index(|facts| facts.api_version),
            services,
        }
    }

    /// By what precedes the dot in `X-Amz-Target`.
    pub(crate) fn by_target(&self, prefix: &str) -> Option<&Indexed> {
        self.services.get(*self.by_target.get(prefix)?)
    }
    /// By signing name.
    pub(crate) fn by_name(&self, name: &str) -> Option<&Indexed> {
        self.services.get(*self.by_name.get(name)?)
    }
    /// By `Version`, for unsigned Query calls.
    pub(crate) fn by_version(&self, version: &str) -> Option<&Indexed> {
        self.services.get(*self.by_version.get(version)?)
    }
    /// Whether a service with this `eventSource` has the operation, built or not.
    pub(crate) fn knows(&self, event_source: &str, operation: &str) -> bool {
        let mut facts = self.services().map(|service| service.facts);
        let of_source = facts.find(|facts| facts.event_source == event_source);
        of_source.is_some_and(|facts| facts.operations.binary_search(&operation).is_ok())
    }
    /// Every service.
    pub fn services(&self) -> impl Iterator<Item = &'static Service> {
        self.services.iter().map(|indexed| indexed.service)
    }
}

impl Indexed {
    fn new(service: &'static Service) -> Self {
        let quota = |name: &str| {
            let mut quotas = service.quotas.iter();
            quotas.position(|quota| quota.operations.contains(&name))
        };
        let entries = service.operations.iter();
        let entries = entries.map(|entry| (entry.facts.name, (entry, quota(entry.facts.name))));
        Self {
            service,
            entries: entries.collect(),
        }
    }

    pub(crate) fn operation(&self, name: &str) -> Named {
        if let Some((entry, quota)) = self.entries.get(name) {
            return Named::Built(entry, *quota);
        }
        let known = self.service.facts.operations;
        match known.iter().find(|known| **known == name) {
            Some(known) => Named::NotBuilt(known),
            None => Named::Unknown,
        }
    }
}
