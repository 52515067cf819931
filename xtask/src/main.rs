//! `cargo x`: every tool of the project, in one place and one language.
#![allow(
    clippy::print_stdout,
    reason = "a command line tool speaks on standard output"
)]
#![allow(unreachable_pub, reason = "a program exports nothing")]

mod bench;
mod check;
mod command;
mod consumers;
mod debian;
mod differential;
mod r#gen;
mod import;
mod model;
mod names;
mod new;
mod npm;
mod outcome;
mod patch;
mod python;
mod steps;
mod test;
mod tidy;
mod workspace;

use clap::{Parser, Subcommand};
use outcome::Outcome;
use std::process::ExitCode;

/// Tools of the Alcazar workspace.
#[derive(Parser)]
#[command(name = "cargo x", bin_name = "cargo x", arg_required_else_help = true)]
struct Arguments {
    #[command(subcommand)]
    tool: Tool,
}

#[derive(Subcommand)]
enum Tool {
    /// Start the server, as `alcazar` with these arguments (`serve` if there are none).
    Run {
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<String>,
    },
    /// Run every ring of tests, or those of one service.
    Test(test::Arguments),
    /// Compare the policy engine with another's, the last ring of tests.
    Differential,
    /// Check format, lints, generated code and tidiness.
    Check,
    /// Check the rules that no compiler holds: lengths, orphans, dependencies, headers.
    Tidy,
    /// Write services/*/api from services/*/model.json and model.patch.json.
    Gen(r#gen::Arguments),
    /// Write services/*/model.json from the public service models and the public IAM reference.
    Import(import::Arguments),
    /// Make the skeleton of a service.
    #[command(subcommand)]
    New(new::New),
    /// Measure against the floor server.
    Bench {
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<String>,
    },
    /// What the CI runs: every ring of tests.
    Ci,
}

fn main() -> ExitCode {
    match run(Arguments::parse().tool) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("error: {failure}");
            ExitCode::FAILURE
        }
    }
}

fn run(tool: Tool) -> Outcome {
    match tool {
        Tool::Run { arguments } if arguments.is_empty() => release("server", &["serve".into()]),
        Tool::Run { arguments } => release("server", &arguments),
        Tool::Test(arguments) => test::all(&arguments),
        Tool::Differential => differential::all(),
        Tool::Check => check::all(),
        Tool::Tidy => tidy::run(),
        Tool::Gen(arguments) => r#gen::run(&arguments),
        Tool::Import(arguments) => import::run(&arguments),
        Tool::New(new) => new::run(new),
        Tool::Bench { arguments } => bench::all(&arguments),
        Tool::Ci => test::all(&test::Arguments::default()),
    }
}

/// Runs a program of the workspace, built for speed.
fn release(package: &str, arguments: &[String]) -> Outcome {
    let mut cargo = command::command(
        "cargo",
        ["run", "--quiet", "--release", "--package", package, "--"],
    );
    cargo.args(arguments);
    command::run(cargo)
}
