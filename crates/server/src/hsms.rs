//! The HSMs of CloudHSM clusters: SoftHSM tokens, each in a folder of its own below the data folder.
//!
//! `hsms/CLUSTER/HSM/` holds a token's files and the configuration by which a PKCS#11 client reaches it; `hsms/backups/ID/`
//! what was kept. A module has one configuration in a process, and crashes take the process with it: so a token is used by
//! a process of its own, `alcazar hsm-session`, and its files are copied by this one.

mod files;
mod session;

use std::path::{Path, PathBuf};

use base::Secret;
use crypto::hsm::{HsmFailure, HsmPlace, Hsms};

use files::{copy_folder, remove_folder};
pub(crate) use session::{SessionOptions, session};
use session::{Task, ask};

/// Debian's SoftHSM.
pub(crate) const DEFAULT_MODULE: &str = "/usr/lib/softhsm/libsofthsm2.so";
const BACKUPS: &str = "backups";
const TOKENS: &str = "tokens";

/// SoftHSM tokens below one folder.
pub(crate) struct SoftHsms {
    folder: PathBuf,
    module: PathBuf,
}

impl SoftHsms {
    pub(crate) fn new(folder: PathBuf, module: PathBuf) -> Self {
        Self { folder, module }
    }

    fn place(&self, place: &HsmPlace) -> Result<PathBuf, HsmFailure> {
        Ok(self
            .folder
            .join(plain(&place.cluster)?)
            .join(plain(&place.hsm)?))
    }

    fn backup(&self, id: &str) -> Result<PathBuf, HsmFailure> {
        Ok(self.folder.join(BACKUPS).join(plain(id)?))
    }

    /// Has a process of its own do `task` with the token in `folder`.
    fn session(&self, folder: &Path, task: Task) -> Result<String, HsmFailure> {
        let configuration = files::configure(folder, &folder.join(TOKENS))?;
        ask(&configuration, &self.module, task)
    }

    /// The files of a token, at a new place, with the configuration that belongs there.
    fn place_copy(&self, from: &Path, to: &HsmPlace) -> Result<(), HsmFailure> {
        let to = self.place(to)?;
        copy_folder(&from.join(TOKENS), &to.join(TOKENS))?;
        files::configure(&to, &to.join(TOKENS)).map(|_| ())
    }
}

/// An id is one name of a file, and no way out of the folder.
fn plain(id: &str) -> Result<&str, HsmFailure> {
    let letters = |c: char| c.is_ascii_alphanumeric() || c == '-';
    match !id.is_empty() && id.chars().all(letters) {
        true => Ok(id),
        false => Err(HsmFailure("an id that is no name of a file".to_owned())),
    }
}

/// Every token has this label: each is alone with its configuration.
pub(super) const LABEL: &str = "hsm";

impl Hsms for SoftHsms {
    fn make(&self, place: &HsmPlace, officer: &Secret<String>) -> Result<(), HsmFailure> {
        let officer = officer.expose().clone();
        self.session(&self.place(place)?, Task::Make { officer })
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
        self.session(&self.place(place)?, task)
    }

    fn officer_has(&self, place: &HsmPlace, officer: &Secret<String>) -> Result<bool, HsmFailure> {
        let officer = officer.expose().clone();
        let answer = self.session(&self.place(place)?, Task::OfficerHas { officer })?;
        Ok(answer == "yes")
    }

    fn copy(&self, from: &HsmPlace, to: &HsmPlace) -> Result<(), HsmFailure> {
        self.place_copy(&self.place(from)?, to)
    }

    fn destroy(&self, place: &HsmPlace) -> Result<(), HsmFailure> {
        remove_folder(&self.place(place)?)
    }

    fn keep(&self, from: &HsmPlace, backup: &str) -> Result<(), HsmFailure> {
        let from = self.place(from)?;
        copy_folder(&from.join(TOKENS), &self.backup(backup)?.join(TOKENS))
    }

    fn keep_again(&self, from: &str, backup: &str) -> Result<(), HsmFailure> {
        let from = self.backup(from)?;
        copy_folder(&from.join(TOKENS), &self.backup(backup)?.join(TOKENS))
    }

    fn restore(&self, backup: &str, to: &HsmPlace) -> Result<(), HsmFailure> {
        self.place_copy(&self.backup(backup)?, to)
    }

    fn forget(&self, backup: &str) -> Result<(), HsmFailure> {
        remove_folder(&self.backup(backup)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_stay_in_the_folder() {
        for id in ["", ".", "..", "a/b", "a\0", "a b", "é"] {
            assert!(plain(id).is_err(), "{id:?}");
        }
        assert_eq!(plain("cluster-abc234").unwrap(), "cluster-abc234");
    }
}
