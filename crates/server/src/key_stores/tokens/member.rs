//! One HSM of a cluster that a key store is logged in to.

use std::path::PathBuf;
use std::time::Duration;

use base::Secret;
use crypto::hsm::HsmFailure;
use crypto::{TokenReply, TokenRequest};
use pipeline::{TokenFault, TokenStore};
use tokio::runtime::Handle;
use tokio::sync::Mutex;
use tokio::task::spawn_blocking;
use tokio::time::Instant;

use super::process::{Lost, TokenProcess};
use super::session::is_refusal;
use crate::hsms;
use crate::rooms::Rooms;

/// How long no process is started for a token whose process could not be.
const PAUSE: Duration = Duration::from_secs(1);

/// What every process of a token is started with.
#[derive(Clone)]
pub(super) struct Starting {
    pub(super) runtime: Handle,
    pub(super) module: PathBuf,
    /// Room for processes.
    pub(super) rooms: Rooms,
}

/// One HSM: its process, which is started when it is needed, and anew when it has ended.
pub(super) struct Member {
    pub(super) hsm: String,
    pub(super) folder: PathBuf,
    starting: Starting,
    running: Mutex<Running>,
}

#[derive(Default)]
struct Running {
    process: Option<TokenProcess>,
    failed: Option<(Instant, TokenFault)>,
}

impl Member {
    pub(super) fn new(hsm: String, folder: PathBuf, starting: Starting) -> Self {
        Self {
            hsm,
            folder,
            starting,
            running: Mutex::default(),
        }
    }

    /// Logs in, unless that was done.
    pub(super) async fn log_in(&self, store: &TokenStore) -> Result<(), TokenFault> {
        self.process(store).await.map(|_| ())
    }

    /// What the token answers. A process that ended meanwhile is started anew, once: so what is asked for must be such
    /// that it may be done twice.
    pub(super) async fn ask(
        &self,
        store: &TokenStore,
        request: &TokenRequest,
    ) -> Result<Secret<Vec<u8>>, TokenFault> {
        let process = self.process(store).await?;
        let lost = match process.ask(request).await {
            Ok(reply) => return read(reply),
            Err(lost) => lost,
        };
        self.forget(&process).await;
        if lost == Lost::TimedOut {
            return Err(TokenFault::TimedOut);
        }
        let process = self.process(store).await?;
        let reply = process.ask(request).await;
        match reply {
            Ok(reply) => read(reply),
            Err(lost) => Err(fault(&lost)),
        }
    }

    /// As `ask`, but never twice.
    pub(super) async fn ask_once(
        &self,
        store: &TokenStore,
        request: &TokenRequest,
    ) -> Result<Secret<Vec<u8>>, TokenFault> {
        let process = self.process(store).await?;
        match process.ask(request).await {
            Ok(reply) => read(reply),
            Err(lost) => Err(fault(&lost)),
        }
    }

    async fn process(&self, store: &TokenStore) -> Result<TokenProcess, TokenFault> {
        let mut running = self.running.lock().await;
        if let Some(process) = running.process.as_ref().filter(|process| process.runs()) {
            return Ok(process.clone());
        }
        running.process = None;
        if let Some((at, fault)) = &running.failed
            && (is_refusal(fault) || at.elapsed() < PAUSE)
        {
            return Err(fault.clone());
        }
        match self.start(store).await {
            Ok(process) => {
                running.failed = None;
                running.process = Some(process.clone());
                Ok(process)
            }
            Err(fault) => {
                tracing::warn!(hsm = self.hsm, %fault, "a key store cannot log in to an HSM");
                running.failed = Some((Instant::now(), fault.clone()));
                Err(fault)
            }
        }
    }

    async fn start(&self, store: &TokenStore) -> Result<TokenProcess, TokenFault> {
        let starting = &self.starting;
        let room = starting.rooms.enter(store.account, &store.id);
        let room = room.ok_or_else(|| failed("too many tokens are in use"))?;
        let hsm = self.folder.clone();
        on_disk(move || hsms::mend_record(&hsm)).await?;
        let process = TokenProcess::start(&starting.runtime, &self.folder, &starting.module, room);
        let process = process.map_err(|error| TokenFault::Failed(error.to_string()))?;
        let log_in = TokenRequest::LogIn {
            pin: store.password.clone(),
        };
        let reply = process.ask(&log_in).await;
        read(reply.map_err(|lost| fault(&lost))?)?;
        let hsm = self.folder.clone();
        // Who is logged in can work without it.
        if let Err(fault) = on_disk(move || hsms::keep_record(&hsm)).await {
            tracing::warn!(hsm = self.hsm, %fault, "the record of a token could not be kept");
        }
        Ok(process)
    }

    async fn forget(&self, process: &TokenProcess) {
        let mut running = self.running.lock().await;
        if running.process.as_ref().is_some_and(|it| it.is(process)) {
            running.process = None;
        }
    }
}

/// Work with files, on a thread for it.
pub(super) async fn on_disk(
    work: impl FnOnce() -> Result<(), HsmFailure> + Send + 'static,
) -> Result<(), TokenFault> {
    let done = spawn_blocking(work).await;
    let done = done.map_err(|error| failed(&error.to_string()))?;
    done.map_err(|failure| TokenFault::Failed(failure.0))
}

pub(super) fn failed(reason: &str) -> TokenFault {
    TokenFault::Failed(reason.to_owned())
}

fn fault(lost: &Lost) -> TokenFault {
    match lost {
        Lost::TimedOut => TokenFault::TimedOut,
        Lost::Gone => failed("the process of the token ended"),
    }
}

fn read(reply: TokenReply) -> Result<Secret<Vec<u8>>, TokenFault> {
    match reply {
        TokenReply::Done(bytes) => Ok(bytes),
        TokenReply::WrongPin => Err(TokenFault::WrongPin),
        TokenReply::PinLocked => Err(TokenFault::PinLocked),
        TokenReply::NoUser => Err(TokenFault::NoUser),
        TokenReply::NoKey => Err(TokenFault::NoKey),
        TokenReply::NotAuthentic => Err(TokenFault::NotAuthentic),
        TokenReply::Failed(reason) => Err(TokenFault::Failed(reason)),
    }
}
