//! Makes HSMs and backups what their records say. Calls only write down what shall be; each step here is one piece of work
//! with a token, which may be done again, and then one change of a record.

use std::time::Duration;

use base::{Arn, Timestamp};
use cloudhsmv2_api::shapes::{BackupState, ClusterState, HsmState};
use crypto::hsm::HsmPlace;
use pipeline::audit::{ServiceEvent, Told};
use pipeline::{Duty, Failure, Subject, Worker};
use storage::{Held, Key, Record, Writes};

use crate::backup::{Backup, Origin};
use crate::cluster::Cluster;

/// Name of the worker.
pub(crate) const UPKEEP: &str = "cloudhsm upkeep";
/// Records read at once.
const BATCH: usize = 100;

/// What CloudHSM does unasked.
pub(crate) const WORKERS: &[Worker] = &[Worker {
    name: UPKEEP,
    every: Duration::from_secs(2),
    run: |duty| Box::pin(upkeep(duty)),
}];

/// So many days later.
pub(crate) fn days_after(at: Timestamp, days: u16) -> Timestamp {
    const DAY_MICROS: i64 = 24 * 3600 * 1_000_000;
    Timestamp::from_micros(at.micros().saturating_add(DAY_MICROS * i64::from(days)))
}

/// One step with everything that waits for one. What fails does not keep the others waiting.
async fn upkeep(duty: Duty<'_>) -> Result<(), Failure> {
    let mut outcome = Ok(());
    let (mut after, mut more) = (None, true);
    while more {
        let backups = duty.scan::<Backup>(after.as_ref(), BATCH).await?;
        for backup in backups.iter() {
            outcome = outcome.and(step_of_backup(&duty, backup).await);
        }
        more = backups.len() == BATCH;
        after = backups.last().map(|last| Record::key(&**last));
    }
    let (mut after, mut more) = (None::<Key>, true);
    while more {
        let clusters = duty.scan::<Cluster>(after.as_ref(), BATCH).await?;
        for cluster in clusters.iter() {
            outcome = outcome.and(step_of_cluster(&duty, cluster).await);
        }
        more = clusters.len() == BATCH;
        after = clusters.last().map(|last| Record::key(&**last));
    }
    outcome
}

async fn step_of_backup(duty: &Duty<'_>, held: &Held<Backup>) -> Result<(), Failure> {
    let backup = Backup::clone(held);
    match backup.state {
        BackupState::CreateInProgress => {
            let (from, id) = (backup.from.clone(), backup.id.clone());
            let hsm = match &from {
                Origin::Hsm(hsm) => Some(backup.place(hsm)),
                Origin::Backup(_) => None,
            };
            duty.on_hsms(move |hsms| match (&from, &hsm) {
                (Origin::Backup(other), _) => hsms.keep_again(other, &id),
                (Origin::Hsm(_), Some(place)) => hsms.keep(place, &id),
                (Origin::Hsm(_), None) => Ok(()),
            })
            .await?;
            let state = BackupState::Ready;
            let mut writes = Writes::none();
            let event = event("BackupCreated", &backup.arn, held.account, held.region);
            writes.put(Backup { state, ..backup });
            duty.change(held, writes, event).await?;
        }
        // Said before it is done: from then on nobody can take it back.
        BackupState::Ready | BackupState::PendingDeletion if is_over(duty, &backup).await? => {
            let state = BackupState::Deleted;
            let mut writes = Writes::none();
            let event = event("BackupDeleted", &backup.arn, held.account, held.region);
            writes.put(Backup { state, ..backup });
            duty.change(held, writes, event).await?;
        }
        BackupState::Deleted => {
            let id = backup.id.clone();
            duty.on_hsms(move |hsms| hsms.forget(&id)).await?;
            let event = event("BackupForgotten", &backup.arn, held.account, held.region);
            duty.delete(held, Writes::none(), event).await?;
        }
        _ => {}
    }
    Ok(())
}

/// AWS, "Configuring AWS CloudHSM backup retention policy": a cluster's last backup is not deleted, and the policy does not
/// apply to a backup that was copied from another region.
async fn is_over(duty: &Duty<'_>, backup: &Backup) -> Result<bool, Failure> {
    let expires = !backup.never_expires && backup.copied.is_none();
    match (backup.state, backup.deleted_at) {
        (BackupState::PendingDeletion, Some(at)) => Ok(at <= duty.now()),
        (BackupState::Ready, _)
            if expires && days_after(backup.created, backup.retention_days) <= duty.now() =>
        {
            let prefix = Backup::prefix(backup.account, &backup.region);
            let backups = duty.all::<Backup>(&prefix).await?;
            Ok(backups.iter().any(|other| is_newer(other, backup)))
        }
        _ => Ok(false),
    }
}

/// Whether the other one is ready, and of the same cluster and newer.
fn is_newer(other: &Backup, than: &Backup) -> bool {
    other.state == BackupState::Ready
        && other.cluster == than.cluster
        && (other.created, &other.id) > (than.created, &than.id)
}

async fn step_of_cluster(duty: &Duty<'_>, held: &Held<Cluster>) -> Result<(), Failure> {
    let cluster = Cluster::clone(held);
    let now = duty.now();
    if let Some(at) = cluster.hsms.iter().position(|hsm| {
        matches!(
            hsm.state,
            HsmState::CreateInProgress | HsmState::DeleteInProgress
        )
    }) {
        return step_of_hsm(duty, held, at).await;
    }
    let next = match cluster.state {
        ClusterState::CreateInProgress => ClusterState::Uninitialized,
        ClusterState::InitializeInProgress => ClusterState::Initialized,
        ClusterState::Initialized if owned(duty, &cluster).await? => ClusterState::Active,
        ClusterState::DeleteInProgress => ClusterState::Deleted,
        ClusterState::Deleted if days_after(cluster.since, 1) <= now => {
            let event = event("ClusterForgotten", &cluster.arn, held.account, held.region);
            duty.delete(held, Writes::none(), event).await?;
            return Ok(());
        }
        ClusterState::Active => return daily_backup(duty, held).await,
        _ => return Ok(()),
    };
    change(
        duty,
        held,
        "ClusterStateChanged",
        cluster.into_state(next, now),
    )
    .await
}

/// Whether whoever owns the cluster has changed its officer's PIN: what activates it.
async fn owned(duty: &Duty<'_>, cluster: &Cluster) -> Result<bool, Failure> {
    let Some(hsm) = cluster.active_hsm() else {
        return Ok(false);
    };
    let (place, officer) = (cluster.place(&hsm.id), cluster.officer.clone());
    let has = duty.on_hsms(move |hsms| hsms.officer_has(&place, &officer));
    Ok(!has.await?)
}

async fn step_of_hsm(duty: &Duty<'_>, held: &Held<Cluster>, at: usize) -> Result<(), Failure> {
    let mut cluster = Cluster::clone(held);
    let Some(hsm) = cluster.hsms.get(at).cloned() else {
        return Ok(());
    };
    let place = cluster.place(&hsm.id);
    if hsm.state == HsmState::DeleteInProgress {
        if let Some(id) = &hsm.last_backup {
            let key = Backup::key_of(cluster.account, &cluster.region, id);
            let backup = duty.get::<Backup>(&key).await?;
            if backup.is_some_and(|it| it.state == BackupState::CreateInProgress) {
                return Ok(());
            }
        }
        duty.on_hsms(move |hsms| hsms.destroy(&place)).await?;
        cluster.hsms.remove(at);
        return change(duty, held, "HsmDeleted", cluster).await;
    }
    let Some(filling) = filling(duty, &cluster).await? else {
        return Ok(());
    };
    let request = fill(duty, &cluster, place, filling).await?;
    cluster.request = request.or(cluster.request);
    if let Some(hsm) = cluster.hsms.get_mut(at) {
        hsm.state = HsmState::Active;
    }
    // What was kept was initialized, and owned.
    if cluster.source_backup.is_some() && cluster.state == ClusterState::Uninitialized {
        cluster = cluster.into_state(ClusterState::Active, duty.now());
    }
    change(duty, held, "HsmCreated", cluster).await
}

/// What a new token is made of.
enum Filling {
    /// An HSM of the cluster.
    Hsm(HsmPlace),
    /// A backup.
    Backup(String),
    /// Nothing: it is the cluster's first.
    Nothing,
}

/// What the cluster's next token is made of; none while it is being kept, or may still be brought back. AWS: the first HSM of a cluster that had others
/// is made of the cluster's newest backup.
async fn filling(duty: &Duty<'_>, cluster: &Cluster) -> Result<Option<Filling>, Failure> {
    if let Some(like) = cluster.active_hsm() {
        return Ok(Some(Filling::Hsm(cluster.place(&like.id))));
    }
    if cluster.state != ClusterState::Active {
        let source = cluster.source_backup.clone();
        return Ok(Some(source.map_or(Filling::Nothing, Filling::Backup)));
    }
    let prefix = Backup::prefix(cluster.account, &cluster.region);
    let backups = duty.all::<Backup>(&prefix).await?;
    let own = || backups.iter().filter(|backup| backup.cluster == cluster.id);
    if own().any(|backup| backup.state == BackupState::CreateInProgress) {
        return Ok(None);
    }
    let ready = own().filter(|backup| backup.state == BackupState::Ready);
    let newest = ready.max_by_key(|backup| (backup.created, &backup.id));
    let newest = match (newest, &cluster.source_backup) {
        (Some(newest), _) => newest.id.clone(),
        // What the cluster began with lacks what was made since, and must not take its place.
        (None, _) if own().next().is_some() => return Ok(None),
        (None, Some(source)) if cluster.last_backup.is_none() => source.clone(),
        (None, _) => return Err(Failure::internal("no backup of the cluster is left")),
    };
    Ok(Some(Filling::Backup(newest)))
}

/// Makes the token. A first one's certificate signing request is answered.
async fn fill(
    duty: &Duty<'_>,
    cluster: &Cluster,
    place: HsmPlace,
    filling: Filling,
) -> Result<Option<String>, Failure> {
    match filling {
        Filling::Hsm(like) => {
            duty.on_hsms(move |hsms| hsms.copy(&like, &place)).await?;
            return Ok(None);
        }
        Filling::Backup(backup) => {
            duty.on_hsms(move |hsms| hsms.restore(&backup, &place))
                .await?;
            return Ok(None);
        }
        Filling::Nothing => {}
    }
    let (officer, name) = (cluster.officer.clone(), cluster.id.clone());
    let request = duty.on_hsms(move |hsms| {
        hsms.make(&place, &officer)?;
        hsms.certificate_request(&place, &officer, &name)
    });
    request.await.map(Some)
}

/// A backup a day.
async fn daily_backup(duty: &Duty<'_>, held: &Held<Cluster>) -> Result<(), Failure> {
    let now = duty.now();
    let due = held
        .last_backup
        .is_none_or(|last| days_after(last, 1) <= now);
    let (Some(hsm), true) = (held.active_hsm(), due) else {
        return Ok(());
    };
    let backup = Backup::of(held, &hsm.id, now);
    let event = event("BackupStarted", &backup.arn, held.account, held.region);
    let mut writes = Writes::none();
    writes.put(backup);
    writes.put(Cluster {
        last_backup: Some(now),
        ..Cluster::clone(held)
    });
    duty.change(held, writes, event).await.map(|_| ())
}

async fn change(
    duty: &Duty<'_>,
    held: &Held<Cluster>,
    name: &'static str,
    cluster: Cluster,
) -> Result<(), Failure> {
    let event = event(name, &cluster.arn, held.account, held.region);
    let mut writes = Writes::none();
    writes.put(cluster);
    // When it was changed meanwhile, the next round sees to it.
    duty.change(held, writes, event).await.map(|_| ())
}

fn event(
    name: &'static str,
    arn: &Arn,
    account: base::AccountId,
    region: base::Region,
) -> ServiceEvent {
    ServiceEvent {
        source: "cloudhsm.amazonaws.com",
        name,
        subject: Subject {
            account,
            region,
            arn: arn.clone(),
        },
        resource_type: "AWS::CloudHSM::Cluster",
        told: Told::Nothing,
    }
}
