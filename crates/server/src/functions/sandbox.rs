//! `alcazar function-sandbox`: gives up everything that a function does not need, then becomes the function.
//!
//! It is a process of its own because what is given up is never got back. Started by `alcazar function-supervisor` alone;
//! what it is to become comes on standard input, as that holds credentials. Standard output is for saying why not.

mod landlock;
mod limits;
mod seccomp;

use std::os::fd::AsFd;
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use base::Secret;
use rustix::process::{Signal, set_parent_process_death_signal};
use serde::{Deserialize, Serialize};

use super::environment::Environment;
use crate::failure::Failure;

pub(super) use landlock::{is_supported, system_paths};
pub(super) use limits::tasks_of;

/// What a function gets. Has no `Debug`: it holds credentials.
#[derive(Serialize, Deserialize)]
pub(super) struct Confined {
    /// Program, by its whole path, and arguments.
    pub(super) command: Vec<String>,
    pub(super) environment: Environment,
    /// Where it starts.
    pub(super) folder: PathBuf,
    /// What it may read beside the system.
    pub(super) read: Vec<PathBuf>,
    /// What it may write.
    pub(super) write: PathBuf,
    /// Megabytes.
    pub(super) memory: u32,
    /// Of processor time, for each process.
    pub(super) seconds: u64,
    /// Processes and threads that its user may have.
    pub(super) tasks: u64,
}

/// Becomes the function, or says why not.
pub(crate) fn sandbox() -> Result<(), Failure> {
    let mut text = Secret::new(Vec::new());
    let read = std::io::copy(&mut std::io::stdin().lock(), &mut text);
    read.map_err(|error| refused("its plan", &error))?;
    let confined = serde_json::from_slice::<Confined>(text.expose());
    let confined = confined.map_err(|_| refused("its plan", &"it is none"))?;
    drop(text);
    Err(become_function(&confined))
}

fn refused(what: &str, why: &dyn std::fmt::Display) -> Failure {
    Failure::Refused(format!("{what}: {why}"))
}

/// Answers only if it fails.
fn become_function(confined: &Confined) -> Failure {
    let Some((program, arguments)) = confined.command.split_first() else {
        return refused("command", &"it is empty");
    };
    // Its own two streams become one, which the server reads as its log.
    let log = std::io::stderr().as_fd().try_clone_to_owned();
    let log = match log {
        Ok(log) => log,
        Err(error) => return refused("standard error", &error),
    };
    let mut command = Command::new(program);
    command
        .args(arguments)
        .env_clear()
        .envs(confined.environment.all())
        .current_dir(&confined.folder)
        .stdin(Stdio::null())
        .stdout(Stdio::from(log));
    if let Err(failure) = confine(confined) {
        return failure;
    }
    let error = command.exec();
    refused(
        &format!("{program} in {}", confined.folder.display()),
        &error,
    )
}

fn confine(confined: &Confined) -> Result<(), Failure> {
    set_parent_process_death_signal(Some(Signal::KILL))
        .map_err(|error| refused("the death signal", &error))?;
    limits::close_others().map_err(|error| refused("open files", &error))?;
    limits::be_first_to_end();
    limits::set(confined).map_err(|error| refused("limits", &error))?;
    landlock::restrict(&confined.read, &confined.write)
        .map_err(|error| refused("Landlock", &error))?;
    seccomp::restrict().map_err(|error| refused("seccomp", &error))
}
