//! `alcazar function-supervisor`: starts one function, waits for it, ends all that it started, and clears up.
//!
//! It ends the function as soon as its standard input ends, so also when the server is killed. What it is to start comes on
//! standard input too, as that holds credentials. On standard output it says how the function ended.

use std::collections::BTreeMap;
use std::io::{BufRead, Read, Write};
use std::os::unix::fs::{DirBuilderExt, PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError};

use base::Secret;
use rustix::process::{
    Pid, Signal, WaitId, WaitIdOptions, WaitOptions, kill_process_group, set_child_subreaper,
    setsid, waitid,
};
use serde::{Deserialize, Serialize};

use super::sandbox::{Confined, tasks_of};
use crate::failure::Failure;
use crate::output::say;

/// Runs handlers in Python.
const BOOTSTRAP: &str = include_str!("bootstrap.py");
/// Processes and threads that a function may have. AWS document: Lambda Developer Guide, "Lambda quotas", has 1,024.
const TASKS: u64 = 64;
/// What a function's folder is called.
const PREFIX: &str = "alcazar-function-";

/// What to start. Has no `Debug`: it holds credentials.
#[derive(Serialize, Deserialize)]
pub(super) struct Plan {
    pub(super) command: Vec<String>,
    pub(super) environment: BTreeMap<String, String>,
    pub(super) task_root: PathBuf,
    pub(super) read: Vec<PathBuf>,
    /// Whom it runs as; none as whoever starts it.
    pub(super) user: Option<u32>,
    /// Megabytes.
    pub(super) memory: u32,
    /// Of processor time.
    pub(super) seconds: u64,
    /// Certificates that vouch for the server, in PEM.
    pub(super) authority: Option<String>,
    /// Whether the command is a Python interpreter, which runs our bootstrap.
    pub(super) bootstrap: bool,
}

/// Runs one function.
pub(crate) fn supervisor() -> Result<(), Failure> {
    crypto::hygiene::harden_process().map_err(|error| failed("the process", &error))?;
    setsid().map_err(|error| failed("its session", &error))?;
    set_child_subreaper(Some(rustix::process::getpid()))
        .map_err(|error| failed("its children", &error))?;
    let mut line = String::new();
    let read = std::io::stdin().lock().read_line(&mut line);
    read.map_err(|error| failed("its plan", &error))?;
    let line = Secret::new(line);
    let plan: Plan =
        serde_json::from_str(line.expose()).map_err(|_| failed("its plan", &"it is none"))?;
    drop(line);
    let folder = Folder::make(&plan).map_err(|error| failed("a folder for it", &error))?;
    let child = start(plan, &folder)?;
    say(supervise(child)?);
    Ok(())
}

fn failed(what: &str, why: &dyn std::fmt::Display) -> Failure {
    Failure::Refused(format!("{what}: {why}"))
}

/// What a function has of the file system for itself, until this is dropped.
struct Folder(tempfile::TempDir);

impl Folder {
    fn make(plan: &Plan) -> std::io::Result<Self> {
        let folder = Self(tempfile::Builder::new().prefix(PREFIX).tempdir()?);
        let open = |path: &Path, mode| {
            std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode))
        };
        // Whoever runs the function passes through, and lists nothing.
        open(folder.0.path(), 0o711)?;
        std::fs::create_dir(folder.library())?;
        open(&folder.library(), 0o755)?;
        let authority = plan.authority.as_deref().unwrap_or_default();
        for (path, text) in [
            (folder.authority(), authority),
            (folder.bootstrap(), BOOTSTRAP),
        ] {
            std::fs::write(&path, text)?;
            open(&path, 0o644)?;
        }
        std::fs::DirBuilder::new()
            .mode(0o700)
            .create(folder.writable())?;
        chown(folder.writable(), plan.user, plan.user)?;
        Ok(folder)
    }

    fn library(&self) -> PathBuf {
        self.0.path().join("lib")
    }
    fn authority(&self) -> PathBuf {
        self.library().join("ca.pem")
    }
    fn bootstrap(&self) -> PathBuf {
        self.library().join("bootstrap.py")
    }
    fn writable(&self) -> PathBuf {
        self.0.path().join("tmp")
    }
}

fn confined(plan: Plan, folder: &Folder) -> Result<Confined, Failure> {
    let Plan {
        mut command,
        mut environment,
        mut read,
        ..
    } = plan;
    let text = |path: PathBuf| path.display().to_string();
    if plan.bootstrap {
        command.extend(["-B".into(), "-s".into(), text(folder.bootstrap())]);
    }
    if plan.authority.is_some() {
        environment.insert("AWS_CA_BUNDLE".into(), text(folder.authority()));
    }
    for name in ["HOME", "TMPDIR"] {
        environment.insert(name.into(), text(folder.writable()));
    }
    read.extend([plan.task_root.clone(), folder.library()]);
    read.extend(command.first().map(PathBuf::from));
    let own = rustix::process::getuid().as_raw();
    let tasks = tasks_of(plan.user.unwrap_or(own));
    let tasks = tasks.map_err(|error| failed("/proc", &error))?;
    Ok(Confined {
        command,
        environment,
        folder: plan.task_root,
        read,
        write: folder.writable(),
        memory: plan.memory,
        seconds: plan.seconds,
        tasks: tasks + TASKS,
    })
}

/// Starts the function's first process, the leader of a group that no process of it can leave.
fn start(plan: Plan, folder: &Folder) -> Result<Child, Failure> {
    let program = std::env::current_exe().map_err(|error| failed("this program", &error))?;
    let user = plan.user;
    let confined = confined(plan, folder)?;
    let text = serde_json::to_vec(&confined).map_err(|error| failed("its plan", &error))?;
    let text = Secret::new(text);
    let mut command = Command::new(&program);
    command
        .arg("function-sandbox")
        .env_clear()
        .process_group(0)
        .stdin(Stdio::piped());
    if let Some(user) = user {
        // Groups beside this one are given up with it.
        command.uid(user).gid(user);
    }
    let mut child = command
        .spawn()
        .map_err(|error| failed(&program.display().to_string(), &error))?;
    if let Some(mut input) = child.stdin.take() {
        // If it has ended already, it has said why.
        let _ = input.write_all(text.expose());
    }
    Ok(child)
}

/// Waits until the function ends, or is to end; how it ended.
fn supervise(mut child: Child) -> Result<String, Failure> {
    let leader = Pid::from_child(&child);
    let over = Arc::new(Mutex::new(false));
    let watching = over.clone();
    std::thread::spawn(move || {
        let mut rest = [0; 64];
        while matches!(std::io::stdin().lock().read(&mut rest), Ok(read) if read > 0) {}
        let over = watching.lock().unwrap_or_else(PoisonError::into_inner);
        if !*over {
            let _ = kill_process_group(leader, Signal::KILL);
        }
    });
    // While it is not reaped, no other group has its number.
    let ended = waitid(
        WaitId::Pid(leader),
        WaitIdOptions::EXITED | WaitIdOptions::NOWAIT,
    );
    *over.lock().unwrap_or_else(PoisonError::into_inner) = true;
    let _ = kill_process_group(leader, Signal::KILL);
    ended.map_err(|error| failed("waiting for it", &error))?;
    let status = child
        .wait()
        .map_err(|error| failed("waiting for it", &error))?;
    // What it started and left behind is this process's by now.
    while rustix::process::wait(WaitOptions::empty()).is_ok() {}
    Ok(status.to_string())
}
