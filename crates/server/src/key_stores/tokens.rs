//! The tokens of key stores in CloudHSM clusters: a process for each HSM, in which `kmsuser` stays logged in.

mod making;
mod member;
mod process;
mod session;
mod unsettled;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use base::{Arn, Secret};
use crypto::TokenRequest;
use pipeline::{TokenFault, TokenStore};
use tokio::runtime::Handle;
use tokio::time::timeout;

use crate::failure::Failure;
use crate::hsms::TokenFolders;
use crate::rooms::{Limits, Rooms};
use making::Making;
use member::{Starting, failed};
use session::{Session, lock};
use unsettled::Unsettled;

/// Processes of tokens at a time at most.
const PROCESSES: usize = 128;
/// Open files of this process that one takes: two pipes, and what tells of its end.
pub(crate) const FILES_OF_PROCESS: usize = 3;

/// How many processes there may be, where this one may have so many open files.
pub(crate) fn processes(open_files: usize) -> usize {
    (open_files / 16).clamp(16, PROCESSES)
}

/// For logging in to all HSMs of a cluster.
const LOG_IN: Duration = Duration::from_secs(15);
/// For using a key.
const USE: Duration = Duration::from_secs(8);
/// For making or destroying a key in all HSMs.
const MAKE: Duration = Duration::from_secs(30);

/// The tokens of all key stores.
pub(super) struct Tokens {
    folders: Arc<TokenFolders>,
    starting: Starting,
    sessions: Mutex<BTreeMap<String, Arc<Session>>>,
    unsettled: Arc<Unsettled>,
}

async fn within<T>(
    time: Duration,
    work: impl Future<Output = Result<T, TokenFault>>,
) -> Result<T, TokenFault> {
    let done = timeout(time, work).await;
    done.unwrap_or(Err(TokenFault::TimedOut))
}

impl Tokens {
    /// Processes live on `runtime`, which must outlive all calls.
    ///
    /// # Errors
    /// If the notes of keys without a record cannot be read.
    pub(super) fn new(
        folders: Arc<TokenFolders>,
        runtime: Handle,
        processes: usize,
    ) -> Result<Self, Failure> {
        let refused = |error: crypto::hsm::HsmFailure| Failure::Refused(error.0);
        folders.forget_making().map_err(refused)?;
        let notes = folders.unsettled();
        let unsettled = Unsettled::open(notes.clone()).map_err(Failure::file(notes))?;
        let starting = Starting {
            runtime,
            module: folders.module.clone(),
            // One account's stores leave some of it to others.
            rooms: Rooms::new(Limits {
                all: processes,
                of_account: processes / 4,
                of_one: processes / 8,
            }),
        };
        Ok(Self {
            folders,
            starting,
            sessions: Mutex::default(),
            unsettled: Arc::new(unsettled),
        })
    }

    fn new_session(&self, store: &TokenStore) -> Arc<Session> {
        let session = Session::new(store, self.folders.clone(), self.starting.clone());
        Arc::new(session)
    }

    fn session(&self, store: &TokenStore) -> Arc<Session> {
        let mut sessions = lock(&self.sessions);
        let session = sessions.entry(store.id.clone());
        session.or_insert_with(|| self.new_session(store)).clone()
    }

    pub(super) async fn connect(&self, store: &TokenStore) -> Result<(), TokenFault> {
        let session = self.new_session(store);
        lock(&self.sessions).insert(store.id.clone(), session.clone());
        within(LOG_IN, session.log_in()).await
    }

    pub(super) async fn stay_connected(&self, store: &TokenStore) -> Result<(), TokenFault> {
        within(LOG_IN, self.session(store).log_in()).await
    }

    pub(super) fn keep_connected(&self, stores: &[String]) {
        lock(&self.sessions).retain(|id, _| stores.contains(id));
    }

    /// What one of the store's HSMs answers.
    pub(super) async fn ask(
        &self,
        store: &TokenStore,
        request: TokenRequest,
    ) -> Result<Secret<Vec<u8>>, TokenFault> {
        within(USE, self.session(store).ask(&request)).await
    }

    fn making(&self, store: &TokenStore, key: &Arn) -> Making {
        Making {
            folders: self.folders.clone(),
            starting: self.starting.clone(),
            unsettled: self.unsettled.clone(),
            session: self.session(store),
            key: key.clone(),
        }
    }

    pub(super) async fn make_key(&self, store: &TokenStore, key: &Arn) -> Result<(), TokenFault> {
        self.to_its_end(self.making(store, key).make()).await
    }

    pub(super) async fn destroy_key(
        &self,
        store: &TokenStore,
        key: &Arn,
    ) -> Result<(), TokenFault> {
        self.to_its_end(self.making(store, key).destroy()).await
    }

    /// Waits for `work`, which nobody's giving up leaves half done.
    async fn to_its_end(
        &self,
        work: impl Future<Output = Result<(), TokenFault>> + Send + 'static,
    ) -> Result<(), TokenFault> {
        let working = self.starting.runtime.spawn(work);
        let done = async {
            let ended = working.await;
            ended.unwrap_or_else(|error| Err(failed(&error.to_string())))
        };
        within(MAKE, done).await
    }

    pub(super) async fn unsettle(&self, cluster: &str, key: &Arn) -> Result<(), TokenFault> {
        self.unsettled.note(cluster, key).await
    }

    pub(super) fn unsettled(&self) -> Vec<(String, Arn)> {
        self.unsettled.all()
    }

    pub(super) async fn keep_key(&self, cluster: &str, key: &Arn) -> Result<(), TokenFault> {
        self.unsettled.forget_told(cluster, key).await
    }
}
