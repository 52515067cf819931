//! `alcazar function-supervisor`: starts one function, waits for it, ends all that it started, and clears up.
//!
//! It ends the function as soon as its standard input ends, so also when the server is killed. What it is to start comes on
//! standard input too, as that holds credentials. On standard output it says how the function ended.

use std::fs::File;
use std::io::{ErrorKind, Read, Write};
use std::os::fd::AsFd;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use base::Secret;
use rustix::process::{
    Pid, Signal, WaitId, WaitIdOptions, WaitOptions, kill_process_group, set_child_subreaper,
    setsid, waitid,
};
use serde::{Deserialize, Serialize};

use super::environment::Environment;
use super::sandbox::{Confined, tasks_of};
use crate::failure::Failure;
use crate::output::{complain, say};

/// Runs handlers in Python.
const BOOTSTRAP: &str = include_str!("bootstrap.py");
/// Processes and threads that a function may have. AWS document: Lambda Developer Guide, "Lambda quotas", has 1,024.
const TASKS: u64 = 64;
/// What a function may keep in files. AWS: `/tmp` has 512 MB.
const MOST_BYTES: u64 = 512 << 20;
const MOST_FILES: u32 = 10_000;
/// How often that is looked at.
const LOOK_EVERY: Duration = Duration::from_millis(250);
/// What `stat(2)` counts room in.
const BLOCK: u64 = 512;
/// What a function's folder is called.
const PREFIX: &str = "alcazar-function-";

/// What to start. Has no `Debug`: it holds credentials.
#[derive(Serialize, Deserialize)]
pub(super) struct Plan {
    pub(super) command: Vec<String>,
    pub(super) environment: Environment,
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
    let line = plan_line().map_err(|error| failed("its plan", &error))?;
    let plan: Plan =
        serde_json::from_slice(line.expose()).map_err(|_| failed("its plan", &"it is none"))?;
    drop(line);
    let folder = Folder::make(&plan).map_err(|error| failed("a folder for it", &error))?;
    let child = start(plan, &folder)?;
    say(supervise(child, &folder)?);
    Ok(())
}

/// The first line of standard input, past the buffer that the standard library keeps. Nothing comes behind it.
fn plan_line() -> std::io::Result<Secret<Vec<u8>>> {
    let mut input = File::from(std::io::stdin().as_fd().try_clone_to_owned()?);
    let (mut line, mut piece) = (Secret::new(Vec::new()), Secret::new([0_u8; 4096]));
    loop {
        let read = input.read(piece.expose_mut())?;
        let new = piece.expose().get(..read).unwrap_or_default();
        line.write_all(new)?;
        if new.is_empty() || new.ends_with(b"\n") {
            return Ok(line);
        }
    }
}

fn failed(what: &str, why: &dyn std::fmt::Display) -> Failure {
    Failure::Refused(format!("{what}: {why}"))
}

/// What a function has of the file system for itself, until this is dropped.
struct Folder(PathBuf);

impl Drop for Folder {
    fn drop(&mut self) {
        let emptied = match self.writable().symlink_metadata() {
            Ok(_) => empty(&self.0, self.writable()),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
            Err(error) => Err(error),
        };
        if let Err(error) = emptied.and_then(|()| std::fs::remove_dir_all(&self.0)) {
            let what = format!("{} of a function stays", self.0.display());
            complain(&failed(&what, &error));
        }
    }
}

/// Removes a folder below `root` and all that is in it, however deep it is and whatever its modes are. The function has ended.
fn empty(root: &Path, folder: PathBuf) -> std::io::Result<()> {
    let open = |path: &Path| std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o700));
    let (mut folders, mut number) = (vec![folder], 0_u64);
    while let Some(folder) = folders.pop() {
        open(&folder)?;
        for entry in std::fs::read_dir(&folder)? {
            let entry = entry?;
            if !entry.file_type()?.is_dir() {
                std::fs::remove_file(entry.path())?;
                continue;
            }
            // Folders in it are brought up, so that no path gets too long and one folder is open at a time.
            number += 1;
            let above = root.join(number.to_string());
            open(&entry.path())?;
            std::fs::rename(entry.path(), &above)?;
            folders.push(above);
        }
        std::fs::remove_dir(&folder)?;
    }
    Ok(())
}

impl Folder {
    fn make(plan: &Plan) -> std::io::Result<Self> {
        let made = tempfile::Builder::new().prefix(PREFIX).tempdir()?;
        let folder = Self(made.keep());
        let open = |path: &Path, mode| {
            std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode))
        };
        // Whoever runs the function passes through, and lists nothing.
        open(&folder.0, 0o711)?;
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
        self.0.join("lib")
    }
    fn authority(&self) -> PathBuf {
        self.library().join("ca.pem")
    }
    fn bootstrap(&self) -> PathBuf {
        self.library().join("bootstrap.py")
    }
    fn writable(&self) -> PathBuf {
        self.0.join("tmp")
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
        environment.set("AWS_CA_BUNDLE", text(folder.authority()));
    }
    for name in ["HOME", "TMPDIR"] {
        environment.set(name, text(folder.writable()));
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
    let mut text = Secret::new(Vec::new());
    serde_json::to_writer(&mut text, &confined).map_err(|error| failed("its plan", &error))?;
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

/// The group of a function's processes, while it lasts.
struct Group {
    leader: Pid,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    over: bool,
    /// Why it was ended, if it was.
    why: Option<&'static str>,
}

impl Group {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Ends all of it. Its number is another's as soon as it is over.
    fn end(&self, why: &'static str) {
        let mut state = self.lock();
        if !state.over {
            state.why.get_or_insert(why);
            let _ = kill_process_group(self.leader, Signal::KILL);
        }
    }
}

/// Waits until the function ends, or is to end; how it ended.
fn supervise(mut child: Child, folder: &Folder) -> Result<String, Failure> {
    let group = Arc::new(Group {
        leader: Pid::from_child(&child),
        state: Mutex::default(),
    });
    let watching = group.clone();
    std::thread::spawn(move || {
        let mut rest = [0; 64];
        while matches!(std::io::stdin().lock().read(&mut rest), Ok(read) if read > 0) {}
        watching.end("the server has ended it");
    });
    let (watching, writable) = (group.clone(), folder.writable());
    std::thread::spawn(move || {
        while !watching.lock().over {
            if is_overfull(&writable) {
                watching.end("it kept more files than it may, or hid some");
            }
            // Nothing tells of files in a tree whose folders the function makes: there is only looking again. This thread
            // does nothing else.
            std::thread::sleep(LOOK_EVERY);
        }
    });
    // While it is not reaped, no other group has its number.
    let ended = waitid(
        WaitId::Pid(group.leader),
        WaitIdOptions::EXITED | WaitIdOptions::NOWAIT,
    );
    group.lock().over = true;
    let _ = kill_process_group(group.leader, Signal::KILL);
    ended.map_err(|error| failed("waiting for it", &error))?;
    let status = child
        .wait()
        .map_err(|error| failed("waiting for it", &error))?;
    // What it started and left behind is this process's by now.
    while rustix::process::wait(WaitOptions::empty()).is_ok() {}
    let why = group.lock().why;
    Ok(why.map_or_else(|| status.to_string(), str::to_owned))
}

/// Whether more lies below `folder` than a function may keep, or what cannot be looked at.
fn is_overfull(folder: &Path) -> bool {
    within_bounds(folder).is_none()
}

fn within_bounds(folder: &Path) -> Option<()> {
    let (mut bytes, mut files) = (0, 0);
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        let Some(entries) = unless_gone(std::fs::read_dir(folder))? else {
            continue;
        };
        for entry in entries {
            let Some(entry) = unless_gone(entry)? else {
                continue;
            };
            let Some(metadata) = unless_gone(entry.metadata())? else {
                continue;
            };
            files += 1;
            bytes += metadata.blocks() * BLOCK;
            if bytes > MOST_BYTES || files > MOST_FILES {
                return None;
            }
            if metadata.is_dir() {
                folders.push(entry.path());
            }
        }
    }
    Some(())
}

/// What was found; nothing inside where it went away meanwhile, and none where it is hidden: by its mode, or by its depth.
fn unless_gone<T>(found: std::io::Result<T>) -> Option<Option<T>> {
    match found {
        Ok(found) => Some(Some(found)),
        Err(error) if error.kind() == ErrorKind::NotFound => Some(None),
        Err(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use rustix::fs::{Mode, OFlags, mkdirat, openat};

    use super::*;

    #[test]
    fn a_folder_may_be_too_full() {
        let folder = tempfile::tempdir().unwrap();
        assert!(!is_overfull(folder.path()));
        std::fs::create_dir(folder.path().join("a")).unwrap();
        // Holes take no room; links lead nowhere.
        let hole = std::fs::File::create(folder.path().join("a/hole")).unwrap();
        hole.set_len(MOST_BYTES + 1).unwrap();
        std::os::unix::fs::symlink("/", folder.path().join("a/link")).unwrap();
        assert!(!is_overfull(folder.path()));
        for number in 0..=MOST_FILES {
            std::fs::hard_link(
                folder.path().join("a/hole"),
                folder.path().join(format!("a/{number}")),
            )
            .unwrap();
        }
        assert!(is_overfull(folder.path()));
    }

    /// Folders whose path is longer than a path may be; the lowest one is nobody's to read.
    fn deep(top: &Path) {
        let mut at = std::fs::File::open(top).unwrap();
        for _ in 0..40 {
            let name = "d".repeat(200);
            mkdirat(&at, &name, Mode::RWXU).unwrap();
            let flags = OFlags::RDONLY | OFlags::DIRECTORY;
            at = openat(&at, &name, flags, Mode::empty()).unwrap().into();
        }
        mkdirat(&at, "hidden", Mode::WUSR | Mode::XUSR).unwrap();
    }

    #[test]
    fn what_is_hidden_is_too_much() {
        let folder = tempfile::tempdir().unwrap();
        let hidden = folder.path().join("hidden");
        std::fs::DirBuilder::new()
            .mode(0o300)
            .create(&hidden)
            .unwrap();
        // Where tests run as root, it is hidden from nobody.
        let is_hidden = std::fs::read_dir(&hidden).is_err();
        assert_eq!(is_overfull(folder.path()), is_hidden);
        std::fs::remove_dir(hidden).unwrap();
        assert!(!is_overfull(folder.path()));
        deep(folder.path());
        assert!(is_overfull(folder.path()));
        empty(folder.path(), folder.path().join("d".repeat(200))).unwrap();
        assert!(!is_overfull(folder.path()));
    }

    #[test]
    fn all_of_a_folder_is_removed() {
        let folder = Folder(tempfile::tempdir().unwrap().keep());
        std::fs::create_dir(folder.library()).unwrap();
        std::fs::create_dir(folder.writable()).unwrap();
        deep(&folder.writable());
        let (path, elsewhere) = (folder.0.clone(), tempfile::tempdir().unwrap());
        let kept = elsewhere.path().join("kept");
        std::fs::write(&kept, "x").unwrap();
        std::os::unix::fs::symlink(elsewhere.path(), folder.writable().join("link")).unwrap();
        let none = std::fs::Permissions::from_mode(0o000);
        std::fs::set_permissions(folder.writable(), none).unwrap();
        drop(folder);
        assert!(!path.exists() && kept.exists());
        // One that was not made to its end goes too.
        let half = Folder(tempfile::tempdir().unwrap().keep());
        let path = half.0.clone();
        drop(half);
        assert!(!path.exists());
    }
}
