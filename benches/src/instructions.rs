//! Instructions for one request, by valgrind's callgrind: what the noise of a machine does not touch.
//!
//! The profiles stay in the folder `callgrind` beside the programs, one for each call in its order, for
//! `callgrind_annotate`.

use crate::child::{Alcazar, Child, programs};
use crate::connection::Connection;
use crate::scene::Scene;
use crate::table::Row;
use crate::{Outcome, durable, hot};
use bytes::Bytes;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

const WARM_UP: u32 = 50;
const REQUESTS: u32 = 400;

/// Whether valgrind is installed.
pub fn possible() -> bool {
    let mut valgrind = Command::new("valgrind");
    let status = valgrind.arg("--version").stdout(Stdio::null()).status();
    status.is_ok_and(|status| status.success())
}

/// Runs the server on this folder and the floor under callgrind, one call after the other.
///
/// # Errors
/// If one does not start or answer.
pub async fn measure(alcazar: &Alcazar, scene: &Scene) -> Outcome<Vec<Row>> {
    let profiles = programs()?.join("callgrind");
    if profiles.exists() {
        std::fs::remove_dir_all(&profiles)?;
    }
    std::fs::create_dir(&profiles)?;
    let server = alcazar.start(Some(callgrind(&profiles, "alcazar"))).await?;
    let mut rows = Vec::new();
    let request = durable::change_of_one_key(server.target, &alcazar.root).await?;
    let change = count(&server, &request, &profiles, "alcazar").await?;
    let what = "kms:PutKeyPolicy instructions/request";
    rows.push(Row::told(
        what.to_owned(),
        format!("{change:.0}"),
        String::new(),
    ));
    for hot in scene.hot_calls() {
        let request = scene.user().sign(&hot.call)?;
        let ours = count(&server, &request, &profiles, "alcazar").await?;
        let name = format!("floor.{}", hot.name.replace(':', "."));
        let wrapper = Some(callgrind(&profiles, &name));
        let floor =
            hot::floor(server.target, scene.user(), &hot, alcazar.folder(), wrapper).await?;
        let floors = count(&floor, &request, &profiles, &name).await?;
        let what = format!("{} instructions/request ({:.2}×)", hot.name, ours / floors);
        rows.push(Row::told(
            what,
            format!("{ours:.0}"),
            format!("{floors:.0}"),
        ));
    }
    Ok(rows)
}

fn callgrind(folder: &Path, name: &str) -> Command {
    let mut command = Command::new("valgrind");
    let out = folder.join(format!("{name}.callgrind"));
    command.args(["--tool=callgrind", "--quiet"]);
    command.arg(format!("--callgrind-out-file={}", out.display()));
    command
}

/// Instructions of one request, the mean of many.
async fn count(child: &Child, request: &Bytes, folder: &Path, name: &str) -> Outcome<f64> {
    let mut connection = Connection::open(child.target.address).await?;
    for _ in 0..WARM_UP {
        connection.exchange(request).await?.ok()?;
    }
    control("--zero", child)?;
    for _ in 0..REQUESTS {
        connection.exchange(request).await?.ok()?;
    }
    let before = dumps(folder, name)?;
    control("--dump", child)?;
    let new = dumps(folder, name)?
        .into_iter()
        .find(|dump| !before.contains(dump));
    let dump = std::fs::read_to_string(new.ok_or("callgrind did not write")?)?;
    let totals = dump
        .lines()
        .filter_map(|line| line.strip_prefix("totals: "));
    let totals = totals.map(str::parse::<f64>).sum::<Result<f64, _>>()?;
    Ok(totals / f64::from(REQUESTS))
}

fn control(order: &str, child: &Child) -> Outcome {
    let mut command = Command::new("callgrind_control");
    command.arg(order).arg(child.target.pid.to_string());
    let output = command.output()?;
    match output.status.success() {
        true => Ok(()),
        false => Err(format!(
            "callgrind_control {order}: {}",
            String::from_utf8_lossy(&output.stderr)
        )
        .into()),
    }
}

fn dumps(folder: &Path, name: &str) -> Outcome<Vec<PathBuf>> {
    let wanted = format!("{name}.callgrind.");
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_name().to_string_lossy().starts_with(&wanted) {
            found.push(entry.path());
        }
    }
    Ok(found)
}
