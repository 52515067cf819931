//! Writes that are on disk before their reply, against grouped syncs alone.

use crate::load::{Load, Target, each, repeat};
use crate::request::{Call, Caller};
use crate::scene::{Desk, text};
use crate::table::{Goal, Row, Unit};
use crate::{Effort, Outcome, group_sync, median};
use bytes::Bytes;
use serde_json::json;
use std::path::Path;

/// Connections, and writers of the floor.
const CONNECTIONS: usize = 64;
/// Users that one connection makes in a round.
const USERS: usize = 40;
/// Least part of the floor's records a second.
const RATE: Goal = Goal::AtLeast(0.5);

/// Loads the server at `target` with writes, and the disk of `folder`, in turn.
///
/// # Errors
/// If the server does not answer with 200.
pub async fn measure(
    target: Target,
    root: &Caller,
    effort: Effort,
    folder: &Path,
) -> Outcome<Vec<Row>> {
    let keys = keys(target, root).await?;
    let mut rounds = Vec::new();
    for _ in 0..effort.pairs {
        let before = group_sync::rate(folder, CONNECTIONS, effort.seconds).await?;
        let users = each(target, of_users(root, "CreateUser")?).await?;
        let requests = put_key_policies(root, &keys)?;
        let policies = repeat(target, &requests, effort.seconds).await?;
        let after = group_sync::rate(folder, CONNECTIONS, effort.seconds).await?;
        rounds.push(Round {
            floor: f64::midpoint(before, after),
            users,
            policies,
        });
        each(target, of_users(root, "DeleteUser")?).await?;
    }
    let mut rows = summary("iam:CreateUser", &rounds, |round| &round.users);
    rows.extend(summary("kms:PutKeyPolicy", &rounds, |round| {
        &round.policies
    }));
    Ok(rows)
}

/// What one round showed.
struct Round {
    /// Records of the floor a second.
    floor: f64,
    users: Load,
    policies: Load,
}

fn summary(name: &str, rounds: &[Round], load: fn(&Round) -> &Load) -> Vec<Row> {
    let middle = |value: &dyn Fn(&Round) -> f64| median(rounds.iter().map(value));
    let told =
        |what: &str, ours: String, floor: String| Row::told(format!("{name} {what}"), ours, floor);
    let ratio = middle(&|round| load(round).rate / round.floor);
    let ours = middle(&|round| load(round).rate);
    let floor = middle(&|round| round.floor);
    let cpu = middle(&|round| load(round).cpu_micros);
    let p50 = middle(&|round| load(round).p50_millis);
    vec![
        told("on disk/s", format!("{ours:.0}"), format!("{floor:.0}")).judged(
            ratio,
            Unit::Percent,
            RATE,
        ),
        told("CPU µs/request", format!("{cpu:.1}"), String::new()),
        told("p50 ms", format!("{p50:.2}"), String::new()),
    ]
}

/// A list for each connection.
fn of_users(root: &Caller, operation: &str) -> Outcome<Vec<Vec<Bytes>>> {
    let list = |connection: usize| -> Outcome<Vec<Bytes>> {
        let name = |user: usize| format!("user-{connection}-{user}");
        let sign = |user: usize| root.sign(&Call::iam(operation, &[("UserName", &name(user))]));
        (0..USERS).map(sign).collect()
    };
    (0..CONNECTIONS).map(list).collect()
}

/// A key for each connection, so that none waits for another's change.
async fn keys(target: Target, root: &Caller) -> Outcome<Vec<String>> {
    let mut desk = Desk::open(target, root).await?;
    let mut keys = Vec::new();
    for _ in 0..CONNECTIONS {
        let key = desk.json("CreateKey", &json!({})).await?;
        keys.push(text(&key, "/KeyMetadata/KeyId")?);
    }
    Ok(keys)
}

fn put_key_policies(root: &Caller, keys: &[String]) -> Outcome<Vec<Bytes>> {
    let policy = json!({"Version": "2012-10-17", "Statement": [{
        "Sid": "Enable IAM User Permissions",
        "Effect": "Allow",
        "Principal": {"AWS": "arn:aws:iam::111122223333:root"},
        "Action": "kms:*",
        "Resource": "*",
    }]});
    let policy = policy.to_string();
    let sign = |key: &String| {
        root.sign(&Call::kms(
            "PutKeyPolicy",
            &json!({"KeyId": key, "Policy": policy}),
        ))
    };
    keys.iter().map(sign).collect()
}
