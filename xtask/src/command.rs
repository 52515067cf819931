//! Other programs, run from the workspace's root.

use crate::outcome::{During, Outcome};
use std::ffi::OsStr;
use std::io::Write;
use std::process::{Command, Stdio};

/// A command with its arguments, to be run in the root of the workspace.
pub fn command<A: AsRef<OsStr>>(program: &str, arguments: impl IntoIterator<Item = A>) -> Command {
    let mut command = Command::new(program);
    command
        .args(arguments)
        .current_dir(crate::workspace::root());
    command
}

/// Runs it, its output going to the terminal. Fails if it does.
pub fn run(mut command: Command) -> Outcome {
    let name = command.get_program().to_string_lossy().into_owned();
    let status = command.status().during(&name)?;
    if !status.success() {
        return Err(format!("{name} ended with {status}").into());
    }
    Ok(())
}

/// Runs it with `input` and returns what it printed. Fails if it does.
pub fn filter(mut command: Command, input: &[u8]) -> Outcome<Vec<u8>> {
    let name = command.get_program().to_string_lossy().into_owned();
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .during(&name)?;
    if let Some(mut stdin) = child.stdin.take() {
        stdin.write_all(input).during(&name)?;
    }
    let output = child.wait_with_output().during(&name)?;
    if !output.status.success() {
        return Err(format!("{name} ended with {}", output.status).into());
    }
    Ok(output.stdout)
}
