//! `cargo x test`: every ring of tests, from the inside out.

use crate::check::{self, cargo};
use crate::command::{command, run};
use crate::outcome::Outcome;
use crate::{consumers, debian, differential, python, steps, tidy, workspace};
use std::path::Path;
use std::process::Stdio;

#[derive(Default, clap::Args)]
pub struct Arguments {
    /// The one service to test; everything if none is named.
    service: Option<String>,
}

/// Runs the rings.
pub fn all(arguments: &Arguments) -> Outcome {
    let service = arguments.service.as_deref();
    workspace::services(service.map(str::to_owned).as_slice())?;
    let mut rings: Vec<steps::Step<'_>> = vec![
        ("generated code", Box::new(check::generated)),
        ("tidy", Box::new(tidy::run)),
        ("programs for tests", Box::new(debian::installed)),
        (
            "unit, operation, story, property, misuse",
            Box::new(move || unit(service)),
        ),
        (
            "examples in documentation",
            Box::new(move || documentation(service)),
        ),
        (
            "conformance: other people's clients",
            Box::new(move || conformance(service)),
        ),
    ];
    if service.is_none() {
        rings.push((
            "differential: another's policy engine",
            Box::new(differential::all),
        ));
    }
    steps::run(&rings)
}

/// The packages that belong to a service, or all.
fn packages(service: Option<&str>) -> Vec<String> {
    match service {
        Some(name) => ["-p".into(), name.into(), "-p".into(), format!("{name}-api")].into(),
        None => vec!["--workspace".into()],
    }
}

/// What names the seed of the property tests: `PROPTEST_RNG_SEED=random` asks anew, any number asks that number's questions.
const SEED: &str = "PROPTEST_RNG_SEED";

/// Tests in Rust, by cargo-nextest where it is installed. Properties are asked the same questions each time, so that a
/// change fails for what it changed; fuzzing asks others.
fn unit(service: Option<&str>) -> Outcome {
    let mut nextest = command("cargo", ["nextest", "--version"]);
    nextest.stdout(Stdio::null()).stderr(Stdio::null());
    let tool: &[&str] = match nextest.status() {
        Ok(status) if status.success() => &["nextest", "run", "--no-fail-fast"],
        _ => &["test", "--all-targets", "--no-fail-fast"],
    };
    let mut tests = command("cargo", tool);
    tests.args(packages(service));
    tests.env(SEED, std::env::var(SEED).unwrap_or("1".into()));
    run(tests)
}

fn documentation(service: Option<&str>) -> Outcome {
    let packages = packages(service);
    let packages = packages.iter().map(String::as_str);
    cargo(
        &["test", "--doc", "--quiet"]
            .into_iter()
            .chain(packages)
            .collect::<Vec<_>>(),
    )
}

/// The AWS CLI and SDKs against the server, by pytest in a Python environment of the project's own.
/// `ALCAZAR_BINARY` tells the tests which server to start, `ALCAZAR_CONSUMERS` where the consumers of KMS are.
fn conformance(service: Option<&str>) -> Outcome {
    cargo(&["build", "--quiet", "-p", "server"])?;
    let python = python::environment(Path::new(".venv"), "conformance/requirements.txt")?;
    let consumers = consumers::installed()?;
    let mut pytest = command(&python.to_string_lossy(), ["-m", "pytest", "conformance"]);
    pytest.args(service.map(|name| ["-k", name]).into_iter().flatten());
    pytest.env(
        "ALCAZAR_BINARY",
        workspace::metadata()?
            .target_directory
            .join("debug/alcazar"),
    );
    pytest.env("ALCAZAR_CONSUMERS", consumers);
    run(pytest)
}
