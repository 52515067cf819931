//! Writes that are on disk before their reply, against grouped syncs alone.

use crate::hot::durable_floor;
use crate::load::{Load, Target, each, repeat};
use crate::primitive::Kind;
use crate::request::{Call, Caller};
use crate::scene::{Desk, HotCall, text};
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

/// Loads the server at `target` with writes, the disk of `folder`, and floors that answer once a record is on it, in
/// turn.
///
/// # Errors
/// If a server does not answer with 200.
pub async fn measure(
    target: Target,
    root: &Caller,
    effort: Effort,
    folder: &Path,
) -> Outcome<Vec<Row>> {
    let keys = keys(target, root).await?;
    let made = change(
        "iam:CreateUser",
        Call::iam("CreateUser", &[("UserName", "floor")]),
    );
    let users_floor = durable_floor(target, root, &made, folder).await?;
    let put = change(
        "kms:PutKeyPolicy",
        put_key_policy(keys.first().ok_or("no key")?),
    );
    let policies_floor = durable_floor(target, root, &put, folder).await?;
    let (mut users, mut policies) = (Vec::new(), Vec::new());
    for _ in 0..effort.pairs {
        let served = each(target, of_users(root, "CreateUser")?).await?;
        let floor = each(users_floor.target, of_users(root, "CreateUser")?).await?;
        users.push(Round::of(served, floor, effort, folder).await?);
        let requests = put_key_policies(root, &keys)?;
        let served = repeat(target, &requests, effort.seconds).await?;
        let floor = repeat(policies_floor.target, &requests, effort.seconds).await?;
        policies.push(Round::of(served, floor, effort, folder).await?);
        each(target, of_users(root, "DeleteUser")?).await?;
    }
    let mut rows = summary("iam:CreateUser", &users);
    rows.extend(summary("kms:PutKeyPolicy", &policies));
    Ok(rows)
}

fn change(name: &'static str, call: Call) -> HotCall {
    HotCall {
        name,
        primitive: Kind::None,
        call,
    }
}

/// What one round showed.
struct Round {
    served: Load,
    floor: Load,
    /// Records as long as what the server writes for a change that grouped syncs alone bring on disk in a second.
    disk: f64,
}

impl Round {
    async fn of(served: Load, floor: Load, effort: Effort, folder: &Path) -> Outcome<Self> {
        let bytes = served.written_bytes as usize;
        let disk = group_sync::rate(folder, CONNECTIONS, bytes, effort.seconds).await?;
        Ok(Self {
            served,
            floor,
            disk,
        })
    }
}

fn summary(name: &str, rounds: &[Round]) -> Vec<Row> {
    let middle = |value: &dyn Fn(&Round) -> f64| median(rounds.iter().map(value));
    let told = |what: &str, value: &dyn Fn(&Load) -> f64, digits: usize| {
        let [ours, floor] = [
            middle(&|round| value(&round.served)),
            middle(&|round| value(&round.floor)),
        ];
        let write = |value: f64| format!("{value:.digits$}");
        Row::told(format!("{name} {what}"), write(ours), write(floor))
    };
    let alone = middle(&|round| round.served.rate / round.disk);
    let served = middle(&|round| round.served.rate / round.floor.rate);
    let ours = middle(&|round| round.served.rate);
    let disk = middle(&|round| round.disk);
    vec![
        // The server's signatures and sockets cost more than half of what the disk takes, on two cores that also run
        // the clients: the second line tells what is left to win.
        Row::told(
            format!("{name} on disk/s, grouped syncs alone"),
            format!("{ours:.0}"),
            format!("{disk:.0}"),
        )
        .judged(alone, Unit::Percent, RATE),
        told("on disk/s, floor after grouped sync", &|load| load.rate, 0).judged(
            served,
            Unit::Percent,
            RATE,
        ),
        told("CPU µs/request", &|load| load.cpu_micros, 1),
        told("bytes written/request", &|load| load.written_bytes, 0),
        told("p50 ms", &|load| load.p50_millis, 2),
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

/// A change that can be made again and again, of a new key.
///
/// # Errors
/// If the server at `target` makes no key.
pub async fn change_of_one_key(target: Target, root: &Caller) -> Outcome<Bytes> {
    let mut desk = Desk::open(target, root).await?;
    let key = desk.json("CreateKey", &json!({})).await?;
    root.sign(&put_key_policy(&text(&key, "/KeyMetadata/KeyId")?))
}

fn put_key_policies(root: &Caller, keys: &[String]) -> Outcome<Vec<Bytes>> {
    let sign = |key: &String| root.sign(&put_key_policy(key));
    keys.iter().map(sign).collect()
}

fn put_key_policy(key: &str) -> Call {
    let policy = json!({"Version": "2012-10-17", "Statement": [{
        "Sid": "Enable IAM User Permissions",
        "Effect": "Allow",
        "Principal": {"AWS": "arn:aws:iam::111122223333:root"},
        "Action": "kms:*",
        "Resource": "*",
    }]});
    let policy = policy.to_string();
    Call::kms("PutKeyPolicy", &json!({"KeyId": key, "Policy": policy}))
}
