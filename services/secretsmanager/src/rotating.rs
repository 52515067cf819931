//! Rotates secrets whose time has come: one step after the other, each kept before the next begins.
//!
//! What a server was at when it died is done once more with the same tokens: functions bear that, as AWS documents.

use std::collections::BTreeSet;
use std::future::poll_fn;
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use pipeline::audit::ServiceEvent;
use pipeline::{BoxFuture, Duty, Failure, FunctionFault, Invocation};
use serde_json::json;
use storage::{Held, Reads, Record, Writes};

use crate::due::Due;
use crate::keeping::is_copy;
use crate::metrics::{self, Outcome};
use crate::rotation::{Attempt, Rotation, Step, new_token};
use crate::secret::Secret;
use crate::{rotation_events, sealed_value};

/// As policies of functions name Secrets Manager.
pub(crate) const SERVICE: &str = "secretsmanager.amazonaws.com";
/// Name of the worker that rotates secrets.
pub(crate) const ROTATION: &str = "secretsmanager rotation";
/// Secrets that are rotated at once.
const AT_ONCE: usize = 8;
/// Secrets of one account among them: a function that hangs keeps no other account waiting.
const OF_ACCOUNT: usize = 2;
/// Places of the queue that are read at once.
const PAGE: usize = 64;
/// How much of the queue is looked through for accounts that have room, in pages.
const PAGES: usize = 32;
/// What is told where the server was too late.
const TOO_LATE: &str = "The rotation window closed before the rotation could begin.";
/// How long it takes at most until a rotation that is due while others are under way begins.
const LOOK: Duration = Duration::from_secs(1);
/// Seconds until a function that could not run because of others is run.
const BUSY_SECONDS: i64 = 5;

/// One round: until nothing is due and nothing under way.
pub(crate) async fn rotate_due_secrets(duty: Duty<'_>) -> Result<(), Failure> {
    let duty = &duty;
    let mut under_way = Vec::new();
    let (mut left, mut failure) = (BTreeSet::new(), None);
    loop {
        // What is under way goes on where the queue cannot be read.
        if let Err(fault) = take_up(duty, &mut under_way, &left).await {
            failure = failure.or(Some(fault));
        }
        if under_way.is_empty() {
            return failure.map_or(Ok(()), Err);
        }
        if let Some((due, Err(fault))) = next_to_end(duty, &mut under_way).await {
            left.insert(due.key().as_bytes().to_vec());
            failure = failure.or(Some(fault));
        }
    }
}

type Rotating<'a> = BoxFuture<'a, Result<(), Failure>>;

/// Begins with what is due, as far as there is room; what was left in this round is left.
async fn take_up<'a>(
    duty: &'a Duty<'a>,
    under_way: &mut Vec<(Due, Rotating<'a>)>,
    left: &BTreeSet<Vec<u8>>,
) -> Result<(), Failure> {
    let mut after = None;
    for _ in 0..PAGES {
        let page = duty.scan::<Due>(after.as_ref(), PAGE).await?;
        for due in page.iter() {
            if due.at > duty.now() || under_way.len() >= AT_ONCE {
                return Ok(());
            }
            let may = has_room(due, under_way.iter().map(|(it, _)| it));
            if may && !left.contains(due.key().as_bytes()) {
                let (due, one) = (Due::clone(due), Due::clone(due));
                under_way.push((due, Box::pin(async move { rotate(duty, &one).await })));
            }
        }
        after = match page.last() {
            Some(last) if page.len() == PAGE => Some(last.key()),
            _ => return Ok(()),
        };
    }
    Ok(())
}

/// Whether a secret may be rotated beside others: never beside itself, whatever instants it is in the queue for.
fn has_room<'a>(due: &Due, under_way: impl Iterator<Item = &'a Due>) -> bool {
    let secret = due.of_secret();
    let of_account = under_way.filter(|it| it.account() == due.account());
    let (mut others, mut itself) = (0, false);
    for other in of_account {
        others += 1;
        itself |= other.of_secret() == secret;
    }
    others < OF_ACCOUNT && !itself
}

/// Goes on with what is under way until one of it ends, or for a moment.
async fn next_to_end(
    duty: &Duty<'_>,
    under_way: &mut Vec<(Due, Rotating<'_>)>,
) -> Option<(Due, Result<(), Failure>)> {
    let mut moment = pin!(duty.pause(LOOK));
    poll_fn(|context| {
        let ended = under_way.iter_mut().enumerate().find_map(|(at, (_, one))| {
            match one.as_mut().poll(context) {
                Poll::Ready(ended) => Some((at, ended)),
                Poll::Pending => None,
            }
        });
        match ended {
            Some((at, ended)) => {
                let (due, _) = under_way.swap_remove(at);
                Poll::Ready(Some((due, ended)))
            }
            None => moment.as_mut().poll(context).map(|()| None),
        }
    })
    .await
}

/// What there is to do for a secret.
enum Turn {
    /// Nothing: it is not in the queue any more, or was moved.
    Over,
    /// To begin a scheduled rotation, or to plan the next where the window is over.
    Begin,
    /// To go on with this.
    GoOn(Attempt),
}

fn turn(secret: &Secret, due: &Due) -> Turn {
    let rotation = secret.rotation.as_ref();
    let rotation = rotation.filter(|it| it.due == Some(due.at) && secret.deletion.is_none());
    match rotation.map(|rotation| &rotation.attempt) {
        None => Turn::Over,
        Some(None) => Turn::Begin,
        Some(Some(attempt)) => Turn::GoOn(attempt.clone()),
    }
}

/// Does all that can be done now for one secret.
async fn rotate(duty: &Duty<'_>, due: &Due) -> Result<(), Failure> {
    let mut moved = false;
    loop {
        let Some(held) = duty.get::<Secret>(&due.of_secret()).await? else {
            return forget(duty, due, None).await;
        };
        match turn(&held, due) {
            Turn::Over if moved => return Ok(()),
            Turn::Over => return forget(duty, due, Some(&held)).await,
            Turn::Begin => {
                // It is at another place of the queue then.
                begin(duty, &held).await?;
                return Ok(());
            }
            Turn::GoOn(attempt) if attempt.is_too_late(duty.now()) => {
                let mut changed = Secret::clone(&held);
                changed.leave_rotation(duty.now());
                keep(duty, &held, changed, Vec::new(), &[]).await?;
                return Ok(());
            }
            Turn::GoOn(attempt) => {
                let outcome = invoke(duty, &held, &attempt).await;
                settle(duty, due, &attempt, &outcome).await?;
                moved = true;
            }
        }
    }
}

/// Removes what is left in the queue of a secret that is not there, or not to be rotated then.
async fn forget(duty: &Duty<'_>, due: &Due, secret: Option<&Held<Secret>>) -> Result<(), Failure> {
    let mut reads = Reads::none();
    reads.note(&due.of_secret(), secret);
    let mut writes = Writes::none();
    writes.delete::<Due>(&due.key());
    duty.commit(reads, writes, &[]).await?;
    Ok(())
}

/// Begins a scheduled rotation, with the version that an earlier one left behind if there is one.
async fn begin(duty: &Duty<'_>, held: &Held<Secret>) -> Result<(), Failure> {
    let (mut changed, now) = (Secret::clone(held), duty.now());
    let left = changed.versions.pending().map(|version| version.id.clone());
    let token = left.unwrap_or_else(new_token);
    let window = changed.rotation.as_ref().and_then(|it| it.next);
    let Some(window) = window.filter(|window| window.closes > now) else {
        let attempt = Attempt::new(&token, Step::Create, None);
        let event = rotation_events::failed(&changed, &attempt, TOO_LATE.to_owned());
        if let Some(rotation) = &mut changed.rotation {
            rotation.plan_at_once(now);
        }
        keep(duty, held, changed, Vec::new(), &[event]).await?;
        return Ok(());
    };
    match changed.begin_rotation(&token, Step::Create, Some(window.closes), now) {
        Ok(dropped) => {
            let attempt = attempt_of(&changed);
            let events = attempt.map(|attempt| rotation_events::started(&changed, attempt));
            let events: Vec<ServiceEvent> = events.into_iter().collect();
            keep(duty, held, changed, dropped, &events).await?;
        }
        // No room for another version or label: not before the next window.
        Err(Failure::Fault(fault)) => {
            let mut changed = Secret::clone(held);
            let attempt = Attempt::new(&token, Step::Create, None);
            let event = rotation_events::failed(&changed, &attempt, fault.message.into_owned());
            changed.leave_rotation(now);
            keep(duty, held, changed, Vec::new(), &[event]).await?;
        }
        Err(failure) => return Err(failure),
    }
    Ok(())
}

fn attempt_of(secret: &Secret) -> Option<&Attempt> {
    secret.rotation.as_ref()?.attempt.as_ref()
}

/// Has the function do the step.
async fn invoke(duty: &Duty<'_>, secret: &Secret, attempt: &Attempt) -> Result<(), FunctionFault> {
    let Some(rotation) = &secret.rotation else {
        return Err(FunctionFault::NotFound);
    };
    let event = json!({
        "Step": attempt.step.name(),
        "SecretId": secret.arn.as_str(),
        "ClientRequestToken": attempt.token,
        "RotationToken": attempt.rotation_token.expose(),
    });
    let payload = base::Secret::new(event.to_string().into_bytes());
    let invocation = Invocation {
        function: &rotation.function,
        service: SERVICE,
        source: &secret.arn,
        payload: payload.expose(),
    };
    duty.invoke(&invocation).await.map(|_| ())
}

/// Keeps what became of the step, unless the rotation was ended meanwhile.
async fn settle(
    duty: &Duty<'_>,
    due: &Due,
    attempt: &Attempt,
    outcome: &Result<(), FunctionFault>,
) -> Result<(), Failure> {
    loop {
        let Some(held) = duty.get::<Secret>(&due.of_secret()).await? else {
            return Ok(());
        };
        if !matches!(turn(&held, due), Turn::GoOn(now) if now == *attempt) {
            return Ok(());
        }
        let mut changed = Secret::clone(&held);
        let (came_to, events) = apply(duty, &mut changed, attempt, outcome);
        if keep(duty, &held, changed, Vec::new(), &events).await? {
            duty.count(&metrics::step(attempt.step, came_to));
            return Ok(());
        }
    }
}

/// What became of the step, as the secret and the record have it.
fn apply(
    duty: &Duty<'_>,
    secret: &mut Secret,
    attempt: &Attempt,
    outcome: &Result<(), FunctionFault>,
) -> (Outcome, Vec<ServiceEvent>) {
    let now = duty.now();
    let error = match (outcome, attempt.step) {
        (Err(FunctionFault::Busy), _) => {
            secret.delay_rotation(now.plus_seconds(BUSY_SECONDS));
            return (Outcome::Delayed, Vec::new());
        }
        (Ok(()), Step::Create | Step::Set | Step::Test) => {
            secret.advance_rotation();
            return (Outcome::Succeeded, Vec::new());
        }
        (Ok(()), Step::Finish) if secret.versions.is_current(&attempt.token) => None,
        (Ok(()), Step::Trial) => None,
        (Ok(()), Step::Finish) => Some("the version is not AWSCURRENT".to_owned()),
        (Err(fault), _) => Some(fault.told()),
    };
    let (came_to, event) = match &error {
        None => (
            Outcome::Succeeded,
            rotation_events::succeeded(secret, attempt),
        ),
        Some(error) => {
            let told = told(secret, attempt, error);
            (
                Outcome::Failed,
                rotation_events::failed(secret, attempt, told),
            )
        }
    };
    match (attempt.step, error) {
        (Step::Trial, _) => secret.leave_rotation(now),
        (_, None) => secret.finish_rotation(now),
        (_, Some(_)) => secret.fail_rotation(now),
    }
    (came_to, vec![event])
}

/// AWS's words, and why.
fn told(secret: &Secret, attempt: &Attempt, error: &str) -> String {
    let function = secret.rotation.as_ref().map(|it| it.function.as_str());
    format!(
        "Error when executing lambda {} during {} step: {error}",
        function.unwrap_or_default(),
        attempt.step.name(),
    )
}

/// Keeps the changed secret, its place in the queue and what its copies say of it, if it is still as it was held.
async fn keep(
    duty: &Duty<'_>,
    held: &Held<Secret>,
    changed: Secret,
    dropped: Vec<String>,
    events: &[ServiceEvent],
) -> Result<bool, Failure> {
    let (mut reads, mut writes) = (Reads::none(), Writes::none());
    reads.held(held);
    Due::move_in_queue(Some(held), Some(&changed), &mut writes);
    for id in dropped {
        writes.extend(sealed_value::without(&changed, &id));
    }
    for replica in changed.replication.replicas() {
        let place = Secret::key_of(changed.account, &replica.region, &changed.name);
        let copy = duty.get::<Secret>(&place).await?;
        if let Some(copy) = copy.filter(|copy| is_copy(copy, &changed)) {
            reads.held(&copy);
            writes.put(Secret {
                rotation: changed.rotation.as_ref().map(Rotation::of_copy),
                ..Secret::clone(&copy)
            });
        }
    }
    writes.put(changed);
    let kept = duty.commit(reads, writes, events).await?;
    if kept {
        metrics::count_ended(duty, events);
    }
    Ok(kept)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_has_room() {
        let room = |due: Due, under_way: &[Due]| has_room(&due, under_way.iter());
        let one = Due::new(1, "a", 10);
        assert!(room(one.clone(), &[]));
        // Planned anew while its function still runs.
        assert!(!room(Due::new(1, "a", 11), std::slice::from_ref(&one)));
        assert!(room(Due::new(1, "b", 10), std::slice::from_ref(&one)));
        assert!(room(Due::new(2, "a", 10), std::slice::from_ref(&one)));
        let two = [one, Due::new(1, "b", 10)];
        assert!(!room(Due::new(1, "c", 10), &two));
        assert!(room(Due::new(2, "c", 10), &two));
    }
}
