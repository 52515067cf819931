//! The HSMs of a cluster that one key store is logged in to.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use base::Secret;
use crypto::TokenRequest;
use pipeline::{TokenFault, TokenStore};

use super::member::{Member, Starting};
use crate::hsms::TokenFolders;

/// A key store's sessions: one with each HSM that is there.
pub(super) struct Session {
    pub(super) store: TokenStore,
    folders: Arc<TokenFolders>,
    starting: Starting,
    members: Mutex<Vec<Arc<Member>>>,
    /// Why the tokens let the user in no more: it is not tried again, as tokens lock.
    refused: Mutex<Option<TokenFault>>,
    turn: AtomicUsize,
}

pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Session {
    pub(super) fn new(store: &TokenStore, folders: Arc<TokenFolders>, starting: Starting) -> Self {
        Self {
            store: store.clone(),
            folders,
            starting,
            members: Mutex::default(),
            refused: Mutex::default(),
            turn: AtomicUsize::default(),
        }
    }

    /// A PIN that was refused is not tried again until the store is connected anew.
    pub(super) fn check_not_refused(&self) -> Result<(), TokenFault> {
        lock(&self.refused).clone().map_or(Ok(()), Err)
    }

    /// Remembers that the user was refused, and passes on why.
    pub(super) fn noting(&self, fault: TokenFault) -> TokenFault {
        if is_refusal(&fault) {
            *lock(&self.refused) = Some(fault.clone());
        }
        fault
    }

    /// The HSMs that are there now, of which there must be one.
    pub(super) async fn look(&self) -> Result<Vec<Arc<Member>>, TokenFault> {
        let (folders, cluster) = (self.folders.clone(), self.store.cluster.clone());
        let found = tokio::task::spawn_blocking(move || folders.hsms(&cluster)).await;
        let failed = |error: String| TokenFault::Failed(error);
        let found = found.map_err(|error| failed(error.to_string()))?;
        let found = found.map_err(|error| failed(error.to_string()))?;
        let mut members = lock(&self.members);
        members.retain(|member| found.contains_key(&member.hsm));
        for (hsm, folder) in found {
            if !members.iter().any(|member| member.hsm == hsm) {
                members.push(Arc::new(Member::new(hsm, folder, self.starting.clone())));
            }
        }
        match members.is_empty() {
            true => Err(TokenFault::NoHsm),
            false => Ok(members.clone()),
        }
    }

    async fn known(&self) -> Result<Vec<Arc<Member>>, TokenFault> {
        let known = lock(&self.members).clone();
        match known.is_empty() {
            true => self.look().await,
            false => Ok(known),
        }
    }

    /// Logs in to every HSM, unless that was done or the user was refused. One that is not reached does not matter while
    /// another is; one that refuses the user does.
    pub(super) async fn log_in(&self) -> Result<(), TokenFault> {
        self.check_not_refused()?;
        let (mut reached, mut fault) = (false, None);
        for member in self.look().await? {
            match member.log_in(&self.store).await {
                Ok(()) => reached = true,
                Err(refusal) if is_refusal(&refusal) => return Err(self.noting(refusal)),
                Err(other) => fault = Some(other),
            }
        }
        match (reached, fault) {
            (false, Some(fault)) => Err(fault),
            _ => Ok(()),
        }
    }

    /// What one HSM answers: they take turns, and where one has not got the key, or is not reached, another is asked.
    pub(super) async fn ask(&self, request: &TokenRequest) -> Result<Secret<Vec<u8>>, TokenFault> {
        self.check_not_refused()?;
        let members = self.known().await?;
        let first = self.turn.fetch_add(1, Ordering::Relaxed) % members.len().max(1);
        let mut fault = TokenFault::NoKey;
        for member in members.iter().cycle().skip(first).take(members.len()) {
            match member.ask(&self.store, request).await {
                Err(TokenFault::NoKey) => {}
                Err(other) if is_final(&other) => return Err(self.noting(other)),
                Err(other) => fault = other,
                done => return done,
            }
        }
        Err(fault)
    }
}

/// Whether asking again would only lock the user out.
pub(super) fn is_refusal(fault: &TokenFault) -> bool {
    matches!(
        fault,
        TokenFault::WrongPin | TokenFault::PinLocked | TokenFault::NoUser
    )
}

/// Whether another HSM would say the same.
fn is_final(fault: &TokenFault) -> bool {
    is_refusal(fault) || matches!(fault, TokenFault::NotAuthentic)
}
