//! A root key in a PKCS#11 token: calls cost what they cost with one in a file, since the token is not asked for them.

use crate::child::Alcazar;
use crate::hot::round;
use crate::load::Load;
use crate::scene::Scene;
use crate::table::{Goal, Row, Unit};
use crate::{Effort, Outcome, median};
use std::ffi::OsString;
use std::path::Path;
use std::process::Command;

/// Debian's SoftHSM, which the tests use too.
const MODULE: &str = "/usr/lib/softhsm/libsofthsm2.so";
const LABEL: &str = "bench";
const PIN: &str = "123456";
const CALL: &str = "kms:Encrypt";
/// Least part of the requests a second with the root key in a file: the same, but for a machine's noise.
const RATE: Goal = Goal::AtLeast(0.9);

/// Loads a server of either kind in turn. The one with the key file stands where the floor stands in other lines.
///
/// # Errors
/// If SoftHSM is not installed, or a server does not answer with 200.
pub async fn measure(effort: Effort) -> Outcome<Vec<Row>> {
    let (of_token, of_file) = (with_token(Alcazar::new()?)?, Alcazar::new()?);
    let (token, file) = (of_token.start(None).await?, of_file.start(None).await?);
    let only = || vec![CALL.to_owned()];
    let token_scene = Scene::set(token.target, &of_token.root, only()).await?;
    let file_scene = Scene::set(file.target, &of_file.root, only()).await?;
    let mut rounds = Vec::new();
    for pair in 0..=effort.pairs {
        let in_token = load(&token_scene, token.target, effort).await?;
        let in_file = load(&file_scene, file.target, effort).await?;
        // The first pair only warms up.
        if pair > 0 {
            rounds.push((in_token, in_file));
        }
    }
    token.stop()?;
    file.stop()?;
    Ok(summary(&rounds))
}

async fn load(scene: &Scene, target: crate::load::Target, effort: Effort) -> Outcome<Load> {
    let hot = scene.hot_calls().next().ok_or("no call")?;
    round(target, &scene.user().sign(&hot.call)?, effort).await
}

/// The server on a folder whose root key will be in a new token of a folder beside it.
fn with_token(alcazar: Alcazar) -> Outcome<Alcazar> {
    let configuration = alcazar.folder().join("softhsm2.conf");
    let tokens = alcazar.folder().join("tokens");
    std::fs::create_dir(&tokens)?;
    let text = format!(
        "directories.tokendir = {}\nobjectstore.backend = file\n",
        tokens.display()
    );
    std::fs::write(&configuration, text)?;
    make_token(&configuration)?;
    let options = [
        "--root",
        "token",
        "--token-module",
        MODULE,
        "--token-label",
        LABEL,
    ];
    let variables = vec![
        ("SOFTHSM2_CONF", configuration.into_os_string()),
        ("ALCAZAR_TOKEN_PIN", OsString::from(PIN)),
    ];
    Ok(alcazar.with(options.map(OsString::from).to_vec(), variables))
}

fn make_token(configuration: &Path) -> Outcome {
    let mut command = Command::new("softhsm2-util");
    command.env("SOFTHSM2_CONF", configuration);
    command.args([
        "--init-token",
        "--free",
        "--label",
        LABEL,
        "--pin",
        PIN,
        "--so-pin",
        PIN,
    ]);
    let made = command.output();
    let made =
        made.map_err(|error| format!("softhsm2-util: {error}; `cargo x test` installs it"))?;
    match made.status.success() {
        true => Ok(()),
        false => Err(String::from_utf8_lossy(&made.stderr).into_owned().into()),
    }
}

fn summary(rounds: &[(Load, Load)]) -> Vec<Row> {
    let row = |what: &str, value: fn(&Load) -> f64, digits: usize| {
        let middle = |pick: fn(&(Load, Load)) -> &Load| {
            let middle = median(rounds.iter().map(|round| value(pick(round))));
            format!("{middle:.digits$}")
        };
        let what = format!("{CALL} {what}, root key in a token and in a file");
        Row::told(what, middle(|round| &round.0), middle(|round| &round.1))
    };
    let ratio = median(rounds.iter().map(|(token, file)| token.rate / file.rate));
    vec![
        row("requests/s", |load| load.rate, 0).judged(ratio, Unit::Percent, RATE),
        row("CPU µs/request", |load| load.cpu_micros, 1),
    ]
}
