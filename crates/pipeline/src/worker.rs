//! Background duties of services.

use std::sync::Arc;
use std::time::Duration;

use base::{AccountId, Arn, Region, Timestamp};
use crypto::DomainKey;
use crypto::hsm::{HsmFailure, Hsms};
use storage::{Held, Key, Page, Reads, Record, Writes};

use crate::audit::ServiceEvent;
use crate::entry::BoxFuture;
use crate::{Core, Emitted, Failure, TrackedService, event_bus};

/// A duty that comes round again and again.
pub struct Worker {
    /// For logs, as `kms key deletion`.
    pub name: &'static str,
    /// Pause between two rounds.
    pub every: Duration,
    /// One round.
    pub run: for<'a> fn(Duty<'a>) -> BoxFuture<'a, Result<(), Failure>>,
}

/// What a worker may do: read everything, and commit a change with the event that records it.
pub struct Duty<'a> {
    pub(crate) core: &'a Core,
}

impl Duty<'_> {
    /// The present instant.
    pub fn now(&self) -> Timestamp {
        self.core.clock.now()
    }

    /// Ends after a while: for a duty that looks for more to do while some of it is under way.
    pub async fn pause(&self, time: Duration) {
        tokio::time::sleep(time).await;
    }

    /// Up to `limit` records of a whole table, in key order, behind `after`.
    pub async fn scan<R: Record>(
        &self,
        after: Option<&Key>,
        limit: usize,
    ) -> Result<Page<R>, Failure> {
        let found = self
            .core
            .records
            .scan::<R>(&Key::root(), after, limit)
            .await?;
        Ok(found)
    }

    /// Every record whose key begins with `prefix`.
    pub async fn all<R: Record>(&self, prefix: &Key) -> Result<Page<R>, Failure> {
        Ok(self
            .core
            .records
            .scan::<R>(prefix, None, usize::MAX)
            .await?)
    }

    /// The record at `key`.
    pub async fn get<R: Record>(&self, key: &Key) -> Result<Option<Held<R>>, Failure> {
        Ok(self.core.records.get::<R>(key).await?)
    }

    /// Removes `held` if it is unchanged, with everything else in `also`, and records it as the service's own event
    /// `name`. Answers whether it was still unchanged.
    pub async fn delete<R: Record>(
        &self,
        held: &Held<R>,
        also: Writes,
        event: ServiceEvent,
    ) -> Result<bool, Failure> {
        let mut reads = Reads::default();
        reads.held(held);
        let mut writes = also;
        writes.delete::<R>(&held.key());
        self.commit(reads, writes, &[event]).await
    }

    /// Makes these changes if all that they rely on is unchanged, and records them as these events of the service's
    /// own. Answers whether it was.
    pub async fn commit(
        &self,
        reads: Reads,
        writes: Writes,
        events: &[ServiceEvent],
    ) -> Result<bool, Failure> {
        self.commit_and_emit(reads, writes, events, Vec::new())
            .await
    }

    /// As `commit`, and tells the event bus of the changes.
    pub async fn commit_and_emit(
        &self,
        reads: Reads,
        writes: Writes,
        events: &[ServiceEvent],
        emitted: Vec<Emitted>,
    ) -> Result<bool, Failure> {
        let core = self.core;
        core.commit_as_service(reads, writes, events, emitted).await
    }

    /// The key that wraps the key material of an account in a region.
    pub fn domain_key_of(&self, account: AccountId, region: Region) -> Result<DomainKey, Failure> {
        let key = self.core.keys.domain(account, &region);
        key.map_err(Failure::internal)
    }

    /// Keeps `writes` if `held` is unchanged, and records it as the service's own event. Answers whether it was unchanged.
    pub async fn change<R: Record>(
        &self,
        held: &Held<R>,
        writes: Writes,
        event: ServiceEvent,
    ) -> Result<bool, Failure> {
        let mut reads = Reads::default();
        reads.held(held);
        self.commit(reads, writes, &[event]).await
    }

    /// Brings the records of last accesses up to all that is recorded by now.
    pub async fn catch_up_last_accesses(&self) -> Result<(), Failure> {
        self.core.catch_up().await
    }

    /// The services of this server.
    pub fn services(&self) -> Result<&[TrackedService], Failure> {
        self.core.tracked()
    }

    /// Does `work` on the HSMs that the server keeps, away from the threads that serve requests.
    pub async fn on_hsms<T: Send + 'static>(
        &self,
        work: impl FnOnce(&dyn Hsms) -> Result<T, HsmFailure> + Send + 'static,
    ) -> Result<T, Failure> {
        let hsms = self.core.hsms.clone();
        let done = tokio::task::spawn_blocking(move || work(&*hsms)).await;
        done.map_err(Failure::internal)?.map_err(Failure::internal)
    }
}

/// The account, region and ARN a service's own event is about.
#[derive(Clone, Debug)]
pub struct Subject {
    /// Whose resource.
    pub account: AccountId,
    /// Where.
    pub region: Region,
    /// Which.
    pub arn: Arn,
}

impl Core {
    /// Runs one round of the worker of this name at once. Answers whether there is such a worker.
    pub async fn run_worker(&self, name: &str) -> Result<bool, Failure> {
        let of_services = self
            .catalogue
            .services()
            .flat_map(|service| service.workers);
        let Some(worker) = of_services.chain(OWN).find(|worker| worker.name == name) else {
            return Ok(false);
        };
        self.round(worker).await.map(|()| true)
    }

    /// Runs one round, and counts it.
    async fn round(&self, worker: &Worker) -> Result<(), Failure> {
        let outcome = (worker.run)(Duty { core: self }).await;
        self.counters.rounds.count(worker.name, outcome.is_ok());
        outcome
    }
}

/// Runs one worker until the server ends. An error is logged and the next round tried.
pub(crate) async fn keep_running(core: Arc<Core>, worker: &'static Worker) {
    let mut rounds = tokio::time::interval(worker.every);
    rounds.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        rounds.tick().await;
        if let Err(failure) = core.round(worker).await {
            tracing::error!(worker = worker.name, ?failure, "a background duty failed");
        }
    }
}

/// The core's own duties.
pub(crate) const OWN: &[Worker] = &[
    Worker {
        name: "access key last use",
        every: Duration::from_secs(60),
        run: |duty| {
            Box::pin(async move {
                let core = duty.core;
                let written = core.usage.write_down(&core.records).await;
                written.map_err(Failure::internal)
            })
        },
    },
    Worker {
        name: "resource last use",
        every: Duration::from_secs(60),
        run: |duty| {
            Box::pin(async move {
                let (core, now) = (duty.core, duty.now());
                let written = core.resource_usage.write_down(&core.records, now).await;
                written.map_err(Failure::internal)
            })
        },
    },
    Worker {
        name: "last accesses",
        every: Duration::from_secs(600),
        run: |duty| Box::pin(duty.core.catch_up()),
    },
    Worker {
        name: "event delivery",
        every: Duration::from_secs(1),
        run: |duty| Box::pin(event_bus::deliver(duty.core)),
    },
    Worker {
        name: "audit retention",
        every: Duration::from_secs(3600),
        run: |duty| {
            Box::pin(async move {
                let core = duty.core;
                // What is forgotten was taken in before.
                core.catch_up().await?;
                core.trail.forget(&core.records, core.clock.now()).await
            })
        },
    },
];
