//! Reports on access: asked for by a call, made by a worker from the audit trail, read page by page.
//!
//! AWS document: IAM User Guide, "Refine permissions in AWS using last accessed information".

pub(crate) mod about;
mod making;
pub(crate) mod organization;

use base::{RequestId, Timestamp};
use crypto::random;
use identity::{
    AccessReport, AwaitedReport, Caller, Identity, ReportScope, Reported, ReportedAction,
    ReportedService, Seen,
};
use pipeline::{Failure, Operation, Permitted, TrackedService};

use crate::errors;

pub(crate) use making::{forget, make};

/// The services that `allowed` says yes to for an action, and, of those of `scope` that tell of them, the actions.
pub(crate) fn services(
    tracked: &[TrackedService],
    scope: ReportScope,
    allowed: impl Fn(&str) -> bool,
) -> Vec<ReportedService> {
    let service = |service: &TrackedService| {
        let actions = service.actions.iter();
        let allows = |name: &str| allowed(&format!("{}:{name}", service.namespace));
        let actions: Vec<_> = actions.filter(|(name, _)| allows(name)).collect();
        let told = actions
            .iter()
            .filter(|(_, operations)| scope == ReportScope::Actions && !operations.is_empty());
        let told = told.map(|(name, operations)| ReportedAction {
            name: (*name).clone(),
            operations: (*operations).clone(),
            seen: None,
        });
        (!actions.is_empty()).then(|| ReportedService {
            namespace: service.namespace.to_owned(),
            name: service.name.to_owned(),
            source: service.source.to_owned(),
            seen: Vec::new(),
            actions: told.collect(),
        })
    };
    tracked.iter().filter_map(service).collect()
}

/// Keeps a report that is to be made; answers its id.
pub(crate) fn ask<O: Operation>(
    call: &Permitted<'_, O>,
    scope: ReportScope,
    reported: Vec<Reported>,
    services: Vec<ReportedService>,
) -> String {
    let id = RequestId::from_random(random::bytes()).to_string();
    let account = call.call().account();
    call.put(AwaitedReport {
        account,
        id: id.clone(),
        scope,
    });
    call.put(AccessReport {
        id: id.clone(),
        account,
        caller: principal(call.call().caller()),
        scope,
        created: call.call().now(),
        completed: None,
        reported,
        services,
    });
    id
}

/// The caller's own report of this id.
pub(crate) async fn find<O: Operation>(
    call: &Permitted<'_, O>,
    id: &str,
    organization: bool,
) -> Result<AccessReport, Failure> {
    let key = AccessReport::key_of(call.call().account(), id);
    let report = call.look().glimpse::<AccessReport>(&key).await?;
    let caller = principal(call.call().caller());
    let own = report.filter(|report| {
        let of_organization = report.scope == ReportScope::Organization;
        report.caller == caller && of_organization == organization
    });
    let own = own.ok_or_else(|| errors::no_such_job(id))?;
    Ok(AccessReport::clone(&own))
}

/// Whose a report is: the user's or the role's, in whichever session.
fn principal(caller: &Caller) -> String {
    match &caller.identity {
        Identity::User(user) | Identity::FederatedUser(Some(user)) => user.id.clone(),
        Identity::AssumedRole(role) => role.id.clone(),
        Identity::Vouched(vouched) => vouched.principal_id(),
        Identity::Root | Identity::FederatedUser(None) => caller.account.to_string(),
    }
}

/// ARN of who made a call.
pub(crate) fn arn_of(report: &AccessReport, seen: &Seen) -> Option<String> {
    let who = report.reported.get(seen.who);
    who.map(|who| who.arn.clone())
}

/// When a call was made, to the second.
pub(crate) fn time_of(seen: &Seen) -> Timestamp {
    Timestamp::from_seconds(Timestamp::from_micros(seen.at).seconds())
}
