//! Alcazar, the server: command line, data folder, listeners, and the catalogue of services.

mod account;
mod ask;
mod audit;
pub mod catalogue;
mod clock;
mod command;
mod control;
mod data;
mod env;
mod events;
mod explain;
mod failure;
mod first_run;
mod functions;
mod hsms;
mod http;
mod identity_providers;
mod idle;
mod instance_metadata;
mod key_stores;
mod listen;
mod metrics;
mod output;
mod own_functions;
mod policy;
mod public_parameters;
mod quotas;
mod rooms;
mod root;
mod serve;
mod threads;
mod tls;
mod vpc_endpoint;

use clap::Parser;

/// Runs the command line. Answers the process's exit code.
pub fn main() -> std::process::ExitCode {
    let command = command::Alcazar::parse();
    match command.run() {
        Ok(()) => std::process::ExitCode::SUCCESS,
        Err(failure) => {
            output::complain(&failure);
            std::process::ExitCode::FAILURE
        }
    }
}
