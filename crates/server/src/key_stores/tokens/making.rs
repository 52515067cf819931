//! How one key comes to be in every HSM of a cluster, and goes again (docs/decisions/0006).
//!
//! It is made in a copy of the token with nothing else in it, by the user who is logged in there, and its object is then put
//! into each token, where it means the same and is as unreadable.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use base::Arn;
use crypto::TokenRequest;
use crypto::hsm::HsmFailure;
use pipeline::TokenFault;
use tokio::time::timeout;

use super::member::{Member, Starting, failed, on_disk};
use super::session::Session;
use super::unsettled::Unsettled;
use crate::hsms::{self, TokenFolders};

/// What is encrypted in one HSM and decrypted in the others, to see that it is one key.
const PROOF: usize = 32;
/// How long a key waits for others that are made in its cluster. Who asked for it waits little longer.
const TURN_WITHIN: Duration = Duration::from_secs(20);

/// Work on the keys of one cluster. It goes on to its end, whoever gave up waiting for it.
pub(super) struct Making {
    pub(super) folders: Arc<TokenFolders>,
    pub(super) starting: Starting,
    pub(super) unsettled: Arc<Unsettled>,
    pub(super) session: Arc<Session>,
    pub(super) key: Arn,
}

impl Making {
    /// Makes the key in every HSM. That it may be there without a record is noted on disk first.
    pub(super) async fn make(self) -> Result<(), TokenFault> {
        self.session.check_not_refused()?;
        let id = self.key.resource().trim_start_matches("key/");
        let made = self.folders.making(id).map_err(words)?;
        let changing = self.folders.changing(&self.session.store.cluster);
        let turn = timeout(TURN_WITHIN, changing.lock()).await;
        let _changing = turn.map_err(|_| TokenFault::TimedOut)?;
        self.unsettled
            .note(&self.session.store.cluster, &self.key)
            .await?;
        let members = self.session.look().await?;
        let folders: Vec<_> = members.iter().map(|it| it.folder.clone()).collect();
        let done = self.make_in(made.clone(), folders).await;
        on_disk(move || hsms::remove_folder(&made)).await?;
        done?;
        self.prove(&members).await
    }

    /// Makes it in an empty copy of the first of the tokens, and puts it into all of them.
    async fn make_in(&self, made: PathBuf, tokens: Vec<PathBuf>) -> Result<(), TokenFault> {
        let first = tokens.first().cloned().ok_or(TokenFault::NoHsm)?;
        let copy = made.clone();
        on_disk(move || hsms::copy_empty(&first, &copy)).await?;
        let member = Member::new("making".to_owned(), made.clone(), self.starting.clone());
        let label = self.label();
        let make = TokenRequest::Make { label };
        let asked = member.ask_once(&self.session.store, &make);
        asked.await.map_err(|fault| self.session.noting(fault))?;
        on_disk(move || {
            let mut tokens = tokens.iter();
            tokens.try_for_each(|token| hsms::put_object(&made, token))
        })
        .await
    }

    /// Sees to it that every HSM has the key, and the same.
    async fn prove(&self, members: &[Arc<Member>]) -> Result<(), TokenFault> {
        let (store, drawn) = (&self.session.store, crypto::random::bytes::<PROOF>());
        let first = members.first().ok_or(TokenFault::NoHsm)?;
        let encrypt = TokenRequest::Encrypt {
            label: self.label(),
            authenticated: Vec::new(),
            plaintext: drawn.to_vec().into(),
        };
        let sealed = first.ask(store, &encrypt).await;
        let sealed = sealed.map_err(|fault| self.session.noting(fault))?;
        let decrypt = TokenRequest::Decrypt {
            label: self.label(),
            authenticated: Vec::new(),
            sealed: sealed.expose().clone(),
        };
        for member in members {
            let opened = member.ask(store, &decrypt).await;
            let opened = opened.map_err(|fault| self.session.noting(fault))?;
            if !base::same_bytes(opened.expose(), &drawn) {
                return Err(failed("an HSM of the cluster has another key"));
            }
        }
        Ok(())
    }

    /// Destroys the key in every HSM, and then the note of it.
    pub(super) async fn destroy(self) -> Result<(), TokenFault> {
        self.session.check_not_refused()?;
        let changing = self.folders.changing(&self.session.store.cluster);
        let _changing = changing.lock().await;
        let destroy = TokenRequest::Destroy {
            label: self.label(),
        };
        for member in self.session.look().await? {
            let destroyed = member.ask(&self.session.store, &destroy).await;
            destroyed.map_err(|fault| self.session.noting(fault))?;
        }
        self.unsettled
            .forget(&self.session.store.cluster, &self.key)
            .await
    }

    /// AWS: the ARN of the KMS key is the label of the key in the cluster.
    fn label(&self) -> String {
        self.key.as_str().to_owned()
    }
}

fn words(failure: HsmFailure) -> TokenFault {
    TokenFault::Failed(failure.0)
}
