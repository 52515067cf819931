//! Calls that must be fast, against the floor.

use crate::child::{Child, free_address, programs, under};
use crate::connection::Connection;
use crate::load::{Load, Target, repeat};
use crate::primitive::{Kind, Primitive};
use crate::request::Caller;
use crate::scene::{HotCall, Scene};
use crate::table::{Goal, Row, Unit};
use crate::{Effort, Outcome, median};
use bytes::Bytes;
use std::path::Path;
use std::process::Command;

/// Least part of the floor's requests a second.
const RATE: Goal = Goal::AtLeast(0.6);
/// The same of calls that do nothing but one symmetric operation of KMS.
const RATE_OF_SYMMETRIC: Goal = Goal::AtLeast(0.7);
/// Most CPU time for a request, in that of the floor.
const CPU: Goal = Goal::Under(2.0);
/// Most CPU time of Sign and Verify, in microseconds, above the primitive and what no server can do without: HTTP, and the
/// proof of the caller's signature. The floor does both, and so this is the difference to the floor. What a call costs
/// above the bare primitive is told beside it, and includes what the floor costs.
const CPU_ABOVE: Goal = Goal::Under(15.0);
/// Part of a round for which a bare primitive runs.
const BARE: f64 = 0.25;

/// Loads the server at `target` and the floor in turn, call by call. What floors need is kept in `folder`.
///
/// # Errors
/// If a server does not answer with 200.
pub async fn measure(
    target: Target,
    scene: &Scene,
    effort: Effort,
    folder: &Path,
) -> Outcome<Vec<Row>> {
    let mut rows = Vec::new();
    for hot in scene.hot_calls() {
        let floor = floor(target, scene.user(), &hot, folder, None).await?;
        let signs = matches!(hot.primitive, Kind::Sign | Kind::Verify);
        let bare = Primitive::new(hot.primitive)?;
        let (mut rounds, mut alone) = (Vec::new(), f64::INFINITY);
        for pair in 0..=effort.pairs {
            let request = scene.user().sign(&hot.call)?;
            let ours = round(target, &request, effort).await?;
            let floors = round(floor.target, &request, effort).await?;
            if signs {
                alone = alone.min(bare.cpu_micros(effort.seconds * BARE)?);
            }
            // The first pair only warms up.
            if pair > 0 {
                rounds.push((ours, floors));
            }
        }
        rows.extend(summary(hot.name, &rounds));
        if signs {
            rows.extend(above(hot.name, &rounds, alone));
        }
    }
    Ok(rows)
}

/// What a call costs above its primitive, which costs `alone` microseconds where nothing is around it.
fn above(name: &str, rounds: &[(Load, Load)], alone: f64) -> [Row; 2] {
    let (cpu, floor) = least_cpu(rounds);
    let write = |value: f64| format!("{value:.1}");
    let what = format!("{name} CPU µs above the bare primitive ({alone:.1} µs)");
    let raw = Row::told(what, write(cpu - alone), write(floor - alone));
    let what = format!("{name} CPU µs above floor and primitive");
    let judged = Row::told(what, write(cpu), write(floor));
    [raw, judged.judged(cpu - floor, Unit::Micros, CPU_ABOVE)]
}

/// CPU time of the round of either server that was disturbed least: what else runs on the machine only ever adds to it.
fn least_cpu(rounds: &[(Load, Load)]) -> (f64, f64) {
    let none = (f64::INFINITY, f64::INFINITY);
    rounds.iter().fold(none, |(ours, floor), round| {
        (ours.min(round.0.cpu_micros), floor.min(round.1.cpu_micros))
    })
}

pub(crate) async fn round(target: Target, request: &Bytes, effort: Effort) -> Outcome<Load> {
    repeat(
        target,
        &vec![request.clone(); effort.connections],
        effort.seconds,
    )
    .await
}

/// Starts a floor, under `wrapper` if there is one, that gives the reply that the server at `target` gives to `hot`.
///
/// # Errors
/// If one of them does not answer with 200.
pub async fn floor(
    target: Target,
    caller: &Caller,
    hot: &HotCall,
    folder: &Path,
    wrapper: Option<Command>,
) -> Outcome<Child> {
    let request = caller.sign(&hot.call)?;
    start_floor(target, caller, hot, &request, folder, wrapper, None).await
}

/// The same for a change, answered once a record of it is in the file `disk` and on disk.
///
/// # Errors
/// If one of them does not answer with 200.
pub async fn durable_floor(
    target: Target,
    caller: &Caller,
    change: &HotCall,
    folder: &Path,
) -> Outcome<Child> {
    let request = caller.sign(&change.call)?;
    let disk = folder.join("floor.disk");
    start_floor(target, caller, change, &request, folder, None, Some(&disk)).await
}

async fn start_floor(
    target: Target,
    caller: &Caller,
    hot: &HotCall,
    request: &Bytes,
    folder: &Path,
    wrapper: Option<Command>,
    disk: Option<&Path>,
) -> Outcome<Child> {
    let mut connection = Connection::open(target.address).await?;
    let reply = connection.exchange(request).await?.ok();
    let reply = reply.map_err(|error| format!("{}: {error}", hot.name))?;
    let file = folder.join("reply");
    std::fs::write(&file, [reply.head, b"\r\n\r\n", reply.body].concat())?;
    let address = free_address()?;
    let primitive =
        clap::ValueEnum::to_possible_value(&hot.primitive).ok_or("a primitive without a name")?;
    let mut command = under(wrapper, &programs()?.join("floor"));
    command.args([
        "--listen",
        &address.to_string(),
        "--service",
        hot.call.service(),
    ]);
    command
        .args(["--primitive", primitive.get_name(), "--reply"])
        .arg(file);
    if let Some(disk) = disk {
        command.arg("--disk").arg(disk);
    }
    command.env("FLOOR_SECRET_ACCESS_KEY", caller.secret_access_key.expose());
    Child::start(command, address, request, &folder.join("floor.log")).await
}

/// Rates and times are the middle ones of all rounds, and so is the ratio of each pair.
fn summary(name: &str, rounds: &[(Load, Load)]) -> Vec<Row> {
    let ours = |value: fn(&Load) -> f64| rounds.iter().map(move |(ours, _)| value(ours));
    let floors = |value: fn(&Load) -> f64| rounds.iter().map(move |(_, floor)| value(floor));
    let told = |what: &str, ours: f64, floor: f64, digits: usize| {
        let write = |value: f64| format!("{value:.digits$}");
        Row::told(format!("{name} {what}"), write(ours), write(floor))
    };
    let middle = |what: &str, value: fn(&Load) -> f64, digits: usize| {
        told(what, median(ours(value)), median(floors(value)), digits)
    };
    let rate = |load: &Load| load.rate;
    let rates = ours(rate).zip(floors(rate));
    let rate_ratio = median(rates.map(|(ours, floor)| ours / floor));
    let (cpu, cpu_floor) = least_cpu(rounds);
    let goal = match name {
        "kms:Encrypt" | "kms:Decrypt" | "kms:GenerateDataKey" | "kms:GenerateMac" => {
            RATE_OF_SYMMETRIC
        }
        _ => RATE,
    };
    vec![
        middle("requests/s", rate, 0).judged(rate_ratio, Unit::Percent, goal),
        told("CPU µs/request", cpu, cpu_floor, 1).judged(cpu / cpu_floor, Unit::Times, CPU),
        middle("p50 ms", |load| load.p50_millis, 2),
        middle("p99 ms", |load| load.p99_millis, 2),
    ]
}
