//! Servers started for the benches: Alcazar and the floor.

use crate::Outcome;
use crate::connection::Connection;
use crate::load::Target;
use crate::request::{Call, Caller};
use base::Secret;
use bytes::Bytes;
use rustix::process::{Pid, Signal, kill_process};
use std::ffi::OsString;
use std::fs::File;
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;

const PATIENCE: Duration = Duration::from_secs(60);
const BETWEEN_ATTEMPTS: Duration = Duration::from_millis(1);

/// A server that runs; ends with this.
#[derive(Debug)]
pub struct Child {
    process: std::process::Child,
    /// Where it listens and as which process.
    pub target: Target,
    /// From the start of the program to its first answer.
    pub first_answer: Duration,
}

impl Child {
    /// Starts `command`, and waits until `probe` is answered with 200 at `address`. What it says goes to `log`.
    ///
    /// # Errors
    /// With its log, if it ends or takes a minute.
    pub async fn start(
        mut command: Command,
        address: SocketAddr,
        probe: &Bytes,
        log: &Path,
    ) -> Outcome<Self> {
        let output = File::create(log)?;
        command
            .stdin(Stdio::null())
            .stdout(output.try_clone()?)
            .stderr(output);
        let began = Instant::now();
        let process = command
            .spawn()
            .map_err(|error| format!("{command:?}: {error}"))?;
        let pid = process.id();
        let mut child = Self {
            process,
            target: Target { address, pid },
            first_answer: Duration::ZERO,
        };
        while let Err(error) = child.answers(probe).await {
            if child.process.try_wait()?.is_some() || began.elapsed() > PATIENCE {
                let log = std::fs::read_to_string(log)?;
                return Err(format!("{command:?} does not answer: {error}\n{log}").into());
            }
            tokio::time::sleep(BETWEEN_ATTEMPTS).await;
        }
        child.first_answer = began.elapsed();
        Ok(child)
    }

    async fn answers(&self, probe: &Bytes) -> Outcome {
        let mut connection = Connection::open(self.target.address).await?;
        connection.exchange(probe).await?.ok().map(drop)
    }

    /// Asks it to end, and waits until it has.
    ///
    /// # Errors
    /// If it cannot be asked.
    pub fn stop(mut self) -> Outcome {
        if let Some(pid) = Pid::from_raw(self.target.pid.try_into()?) {
            kill_process(pid, Signal::TERM)?;
        }
        self.process.wait()?;
        Ok(())
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        // Neither can fail in a way that matters: it has ended before, or it ends now.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// A data folder for Alcazar, on the disk that holds the programs, and the account in it.
#[derive(Debug)]
pub struct Alcazar {
    folder: TempDir,
    options: Vec<OsString>,
    variables: Vec<(&'static str, OsString)>,
    /// The root user of its account.
    pub root: Caller,
}

impl Alcazar {
    /// An empty folder.
    ///
    /// # Errors
    /// If it cannot be made.
    pub fn new() -> Outcome<Self> {
        let secret = crypto::random::bytes::<20>();
        let secret = secret.map(|byte| format!("{byte:02x}")).concat();
        Ok(Self {
            folder: tempfile::tempdir_in(programs()?)?,
            options: Vec::new(),
            variables: Vec::new(),
            root: Caller {
                access_key_id: "AKIABENCHBENCHBENCHB".into(),
                secret_access_key: Secret::new(secret),
            },
        })
    }

    /// With further options of `serve`, and further variables of its environment.
    #[must_use]
    pub fn with(self, options: Vec<OsString>, variables: Vec<(&'static str, OsString)>) -> Self {
        Self {
            options,
            variables,
            ..self
        }
    }

    /// Where its data and everything else of a run is.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Starts the server on it, under `wrapper` if there is one, and waits for its first answer.
    ///
    /// # Errors
    /// If it does not start.
    pub async fn start(&self, wrapper: Option<Command>) -> Outcome<Child> {
        let address = free_address()?;
        let mut command = under(wrapper, &programs()?.join("alcazar"));
        command.args([
            "serve",
            "--quotas",
            "unlimited",
            "--listen",
            &address.to_string(),
        ]);
        command.arg("--data").arg(self.folder().join("data"));
        command.args(&self.options);
        // Whatever it keeps outside the data folder by default stays in ours.
        for home in ["HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME"] {
            command.env(home, self.folder());
        }
        command.envs(self.variables.iter().map(|(name, value)| (name, value)));
        command.env("ALCAZAR_ROOT_ACCOUNT_ID", "111122223333");
        command.env("ALCAZAR_ROOT_ACCESS_KEY_ID", &self.root.access_key_id);
        command.env(
            "ALCAZAR_ROOT_SECRET_ACCESS_KEY",
            self.root.secret_access_key.expose(),
        );
        let probe = self.root.sign(&Call::sts("GetCallerIdentity"))?;
        Child::start(command, address, &probe, &self.folder().join("alcazar.log")).await
    }
}

/// A program, run by `wrapper` if there is one.
pub fn under(wrapper: Option<Command>, program: &Path) -> Command {
    match wrapper {
        Some(mut wrapper) => {
            wrapper.arg(program);
            wrapper
        }
        None => Command::new(program),
    }
}

/// The folder that holds this program, and those it starts.
///
/// # Errors
/// If the system does not tell.
pub fn programs() -> Outcome<PathBuf> {
    let this = std::env::current_exe()?;
    Ok(this
        .parent()
        .ok_or("a program without a folder")?
        .to_owned())
}

/// An address of this machine that nobody listens at.
///
/// # Errors
/// If there is none left.
pub fn free_address() -> Outcome<SocketAddr> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?)
}
