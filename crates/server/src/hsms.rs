//! The HSMs of CloudHSM clusters: SoftHSM tokens, each in a folder of its own below the data folder.
//!
//! `hsms/CLUSTER/HSM/` holds a token's files and the configuration by which a PKCS#11 client reaches it; `hsms/backups/ID/`
//! what was kept. A module has one configuration in a process, and crashes take the process with it: so a token is used by
//! a process of its own, `alcazar hsm-session`, and its files are copied by this one.

mod files;
mod folders;
mod objects;
mod session;
mod user;

use std::path::Path;
use std::sync::Arc;

use base::Secret;
use crypto::hsm::{HsmFailure, HsmPlace, Hsms};
use tokio::sync::OwnedMutexGuard;

use files::copy_folder;
pub(crate) use files::remove_folder;
use folders::TOKENS;
pub(crate) use folders::{TokenFolders, configuration};
use objects::check_record;
pub(crate) use objects::{copy_empty, keep_record, mend_record, put_object};
pub(crate) use session::{SessionOptions, session};
use session::{Task, ask};
pub(crate) use user::{UserOptions, command, user};

/// Debian's SoftHSM.
pub(crate) const DEFAULT_MODULE: &str = "/usr/lib/softhsm/libsofthsm2.so";

/// SoftHSM tokens below one folder.
pub(crate) struct SoftHsms {
    folders: Arc<TokenFolders>,
}

impl SoftHsms {
    pub(crate) fn new(folders: Arc<TokenFolders>) -> Self {
        Self { folders }
    }

    /// Has the HSMs of this cluster to itself until it is dropped. Where they are busy this is for the next round: other
    /// clusters do not wait for them.
    fn changing(&self, cluster: &str) -> Result<OwnedMutexGuard<()>, HsmFailure> {
        let changing = self.folders.changing(cluster).try_lock_owned();
        changing.map_err(|_| HsmFailure(format!("the HSMs of {cluster} are being changed")))
    }

    /// Has a process of its own do `task` with the token in `folder`.
    fn session(&self, folder: &Path, task: Task) -> Result<String, HsmFailure> {
        let configuration = files::configure(folder, &folder.join(TOKENS))?;
        ask(&configuration, &self.folders.module, task)
    }

    /// The files of a token, at a new place, with the configuration that belongs there.
    fn place_copy(&self, from: &Path, to: &HsmPlace) -> Result<(), HsmFailure> {
        let to = self.folders.place(to)?;
        copy_folder(&from.join(TOKENS), &to.join(TOKENS))?;
        files::configure(&to, &to.join(TOKENS)).map(|_| ())
    }
}

/// Every token has this label: each is alone with its configuration.
pub(super) const LABEL: &str = "hsm";

impl Hsms for SoftHsms {
    fn make(&self, place: &HsmPlace, officer: &Secret<String>) -> Result<(), HsmFailure> {
        let officer = officer.expose().clone();
        self.session(&self.folders.place(place)?, Task::Make { officer })
            .map(|_| ())
    }

    fn certificate_request(
        &self,
        place: &HsmPlace,
        officer: &Secret<String>,
        common_name: &str,
    ) -> Result<String, HsmFailure> {
        let task = Task::CertificateRequest {
            officer: officer.expose().clone(),
            common_name: common_name.to_owned(),
        };
        self.session(&self.folders.place(place)?, task)
    }

    fn officer_has(&self, place: &HsmPlace, officer: &Secret<String>) -> Result<bool, HsmFailure> {
        let officer = officer.expose().clone();
        let answer = self.session(&self.folders.place(place)?, Task::OfficerHas { officer })?;
        Ok(answer == "yes")
    }

    fn copy(&self, from: &HsmPlace, to: &HsmPlace) -> Result<(), HsmFailure> {
        let _changing = self.changing(&to.cluster)?;
        let from = self.folders.place(from)?;
        check_record(&from)?;
        self.place_copy(&from, to)
    }

    fn destroy(&self, place: &HsmPlace) -> Result<(), HsmFailure> {
        let _changing = self.changing(&place.cluster)?;
        remove_folder(&self.folders.place(place)?)
    }

    fn keep(&self, from: &HsmPlace, backup: &str) -> Result<(), HsmFailure> {
        let from = self.folders.place(from)?;
        let to = self.folders.backup(backup)?.join(TOKENS);
        // What is kept already is whole, and its HSM may be gone.
        if !to.exists() {
            check_record(&from)?;
        }
        copy_folder(&from.join(TOKENS), &to)
    }

    fn keep_again(&self, from: &str, backup: &str) -> Result<(), HsmFailure> {
        let from = self.folders.backup(from)?;
        copy_folder(
            &from.join(TOKENS),
            &self.folders.backup(backup)?.join(TOKENS),
        )
    }

    fn restore(&self, backup: &str, to: &HsmPlace) -> Result<(), HsmFailure> {
        let _changing = self.changing(&to.cluster)?;
        self.place_copy(&self.folders.backup(backup)?, to)
    }

    fn forget(&self, backup: &str) -> Result<(), HsmFailure> {
        remove_folder(&self.folders.backup(backup)?)
    }
}
