//! Hardware security modules that the server keeps for its accounts: each is a PKCS#11 token of its own. Who may use the
//! keys in one is the token's own matter; nothing here reads or uses them.
//!
//! Services say what shall be there, in records; their background duties make it so through [`Hsms`], which may be asked
//! the same again and again.

use base::Secret;

/// Which HSM: its own id and that of its cluster, letters and digits and dashes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HsmPlace {
    /// As `cluster-…`.
    pub cluster: String,
    /// As `hsm-…`.
    pub hsm: String,
}

/// Why something was not done to an HSM. Nothing half done is left; it may be tried again.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct HsmFailure(pub String);

/// The HSMs of one server. Calls may take their time, and do nothing where it is done already.
pub trait Hsms: Send + Sync {
    /// An empty token, whose security officer has this PIN.
    fn make(&self, place: &HsmPlace, officer: &Secret<String>) -> Result<(), HsmFailure>;
    /// A request for a certificate (PKCS#10, PEM) of a key pair that is made in the HSM if it is not there, for this
    /// common name. Asked of an HSM whose officer has the PIN.
    fn certificate_request(
        &self,
        place: &HsmPlace,
        officer: &Secret<String>,
        common_name: &str,
    ) -> Result<String, HsmFailure>;
    /// Whether the security officer has this PIN still. It is tried once.
    fn officer_has(&self, place: &HsmPlace, officer: &Secret<String>) -> Result<bool, HsmFailure>;
    /// A token with everything that `from` holds.
    fn copy(&self, from: &HsmPlace, to: &HsmPlace) -> Result<(), HsmFailure>;
    /// Destroys the token and everything in it.
    fn destroy(&self, place: &HsmPlace) -> Result<(), HsmFailure>;
    /// Keeps everything that `from` holds under the name `backup`.
    fn keep(&self, from: &HsmPlace, backup: &str) -> Result<(), HsmFailure>;
    /// Keeps the backup `from` under another name too.
    fn keep_again(&self, from: &str, backup: &str) -> Result<(), HsmFailure>;
    /// A token with everything that was kept under the name `backup`.
    fn restore(&self, backup: &str, to: &HsmPlace) -> Result<(), HsmFailure>;
    /// Destroys what was kept under the name `backup`.
    fn forget(&self, backup: &str) -> Result<(), HsmFailure>;
}
