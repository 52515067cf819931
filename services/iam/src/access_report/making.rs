//! The worker that makes the reports asked for, and the one that forgets old ones.

use std::collections::BTreeMap;

use base::Timestamp;
use identity::{
    AccessReport, AwaitedReport, Reported, ReportedAction, ReportedKind, ReportedService, Seen,
};
use pipeline::{Accessed, Duty, Failure, LastAccess};
use storage::{Held, Reads, Writes};

/// How far back a report looks, in seconds. AWS: 400 days.
const TRACKED: i64 = 400 * 24 * 3600;
/// How long a report can be read, in seconds; ours.
const KEPT: i64 = 7 * 24 * 3600;
/// Reports made in one round.
const A_ROUND: usize = 100;

/// Makes the reports that are awaited: from all that was recorded when they were asked for, or later.
pub(crate) async fn make(duty: Duty<'_>) -> Result<(), Failure> {
    let awaited = duty.scan::<AwaitedReport>(None, A_ROUND).await?;
    if awaited.is_empty() {
        return Ok(());
    }
    duty.catch_up_last_accesses().await?;
    for awaited in awaited.iter() {
        let key = AccessReport::key_of(awaited.account, &awaited.id);
        let mut writes = Writes::default();
        writes.delete::<AwaitedReport>(&awaited.key());
        let mut reads = Reads::default();
        if let Some(held) = duty.get::<AccessReport>(&key).await? {
            reads.held(&held);
            writes.put(made(&duty, AccessReport::clone(&held)).await?);
        }
        duty.commit(reads, writes, &[]).await?;
    }
    Ok(())
}

/// Drops reports nobody reads any more.
pub(crate) async fn forget(duty: Duty<'_>) -> Result<(), Failure> {
    let horizon = duty.now().plus_seconds(-KEPT);
    let mut after = None;
    loop {
        let page = duty.scan::<AccessReport>(after.as_ref(), A_ROUND).await?;
        let mut writes = Writes::default();
        for report in page.iter().filter(|report| report.created < horizon) {
            writes.delete::<AccessReport>(&report.key());
        }
        duty.commit(Reads::default(), writes, &[]).await?;
        after = page.last().map(Held::key);
        if page.len() < A_ROUND {
            return Ok(());
        }
    }
}

async fn made(duty: &Duty<'_>, mut report: AccessReport) -> Result<AccessReport, Failure> {
    let now = duty.now();
    let reported = std::mem::take(&mut report.reported);
    for (who, one) in reported.iter().enumerate() {
        let accesses = accesses(duty, &report, one).await?;
        for access in accesses {
            let named = |service: &&mut ReportedService| service.source == access.source;
            if let Some(service) = report.services.iter_mut().find(named) {
                add(service, who, &access, now.plus_seconds(-TRACKED));
            }
        }
    }
    for service in &mut report.services {
        service.seen.sort_by_key(|seen| std::cmp::Reverse(seen.at));
    }
    report.reported = reported;
    report.completed = Some(now);
    Ok(report)
}

/// The last calls of one of the reported: of an account, those of whoever of it called last.
async fn accesses(
    duty: &Duty<'_>,
    report: &AccessReport,
    one: &Reported,
) -> Result<Vec<LastAccess>, Failure> {
    if one.kind != ReportedKind::Account {
        let prefix = LastAccess::prefix(report.account, &one.id);
        let found = duty.all::<LastAccess>(&prefix).await?;
        return Ok(found
            .iter()
            .map(|access| LastAccess::clone(access))
            .collect());
    }
    let account = one.id.parse().map_err(Failure::internal)?;
    let prefix = LastAccess::prefix_of_account(account);
    let mut latest: BTreeMap<String, LastAccess> = BTreeMap::new();
    for access in duty.all::<LastAccess>(&prefix).await?.iter() {
        let known = latest.get(&access.source);
        if known.is_none_or(|known| known.last.at < access.last.at) {
            latest.insert(access.source.clone(), LastAccess::clone(access));
        }
    }
    Ok(latest.into_values().collect())
}

fn add(service: &mut ReportedService, who: usize, access: &LastAccess, horizon: Timestamp) {
    let seen = |accessed: &Accessed| Seen {
        who,
        at: accessed.at.micros(),
        region: accessed.region.to_string(),
    };
    if access.last.at < horizon {
        return;
    }
    service.seen.push(seen(&access.last));
    for action in &mut service.actions {
        let ReportedAction {
            operations,
            seen: known,
            ..
        } = action;
        let calls = operations
            .iter()
            .filter_map(|name| access.operations.get(name));
        let calls = calls.filter(|accessed| accessed.at >= horizon);
        let Some(last) = calls.max_by_key(|accessed| accessed.at) else {
            continue;
        };
        if known
            .as_ref()
            .is_none_or(|known| known.at < last.at.micros())
        {
            *known = Some(seen(last));
        }
    }
}
