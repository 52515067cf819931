//! Keys that are kept elsewhere, and are used where they are: in the tokens of a cluster of HSMs, or in a key manager that
//! its owner keeps behind a proxy.
//!
//! `KeyStores` is the only way there. Operations have it from `Permitted`, so that nothing is asked of a key store before
//! the decision; background duties have it from `Duty`. Each of its methods ends within a time of its own, whatever
//! becomes of the other side, and none holds a thread that serves calls.

use base::{AccountId, Arn, Region, Secret, Timestamp};

use crate::entry::BoxFuture;
use crate::operation::Operation;
use crate::{Duty, Failure, Permitted};

/// A cluster of HSMs as a key store needs it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HsmCluster {
    /// Whether its owner has taken it into use.
    pub active: bool,
    /// The Availability Zone of each HSM that is there.
    pub zones: Vec<String>,
    /// The certificate that its owner signed for it, in PEM; clusters made of one another's backups share it.
    pub certificate: Option<String>,
}

/// Where tokens are, and how to log in to them: as their crypto user, `kmsuser`.
#[derive(Clone, Debug)]
pub struct TokenStore {
    /// Account of the key store, whose stores have room together.
    pub account: AccountId,
    /// Id of the key store, by which its sessions are told from those of others.
    pub id: String,
    /// Id of the cluster.
    pub cluster: String,
    /// The user's PIN.
    pub password: Secret<String>,
}

/// Why tokens did not do what they were asked to.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TokenFault {
    /// They refused the PIN; it is not tried again until the store is connected anew.
    #[error("the tokens refuse the PIN")]
    WrongPin,
    /// The PIN is locked.
    #[error("the PIN of the tokens is locked")]
    PinLocked,
    /// Nobody gave the user a PIN.
    #[error("the tokens have no user")]
    NoUser,
    /// No HSM of the cluster is there.
    #[error("the cluster has no HSM")]
    NoHsm,
    /// The key is not there.
    #[error("the key is not in the token")]
    NoKey,
    /// What was to be decrypted was altered, or encrypted under another key.
    #[error("what was to be decrypted is not authentic")]
    NotAuthentic,
    /// There was no answer in time, or too much is waiting already.
    #[error("the token did not answer in time")]
    TimedOut,
    /// Anything else, in the token's words.
    #[error("{0}")]
    Failed(String),
}

/// Where a proxy is, and what requests to it are signed with.
#[derive(Clone, Debug)]
pub struct XksProxy {
    /// Account of the key store, whose stores have room together.
    pub account: AccountId,
    /// Id of the key store, by which the room that it has is told from that of others.
    pub id: String,
    /// Name of its host.
    pub host: String,
    /// What the paths of requests begin with, as `/kms/xks/v1`.
    pub path: String,
    /// Region of the key store: of the signature's scope.
    pub region: Region,
    /// The access key that the proxy knows.
    pub access_key_id: String,
    /// Its secret.
    pub secret_access_key: Secret<String>,
}

/// What a proxy answered.
#[derive(Clone, Debug)]
pub struct XksAnswer {
    /// The HTTP status.
    pub status: u16,
    /// The body, which may hold a plaintext.
    pub body: Secret<Vec<u8>>,
}

/// Why a proxy did not answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum XksFault {
    /// There was no connection.
    #[error("the proxy cannot be reached")]
    NotReachable,
    /// The server's certificate is not for this host, or of no authority that the operator trusts; or TLS failed.
    #[error("the proxy speaks no TLS that can be trusted")]
    Tls,
    /// There was no answer in time.
    #[error("the proxy did not answer in time")]
    TimedOut,
    /// The answer was no HTTP, or larger than any answer may be.
    #[error("the proxy's answer cannot be read")]
    Malformed,
}

/// What the tokens of a store answer.
pub type TokenAnswer<'a, T> = BoxFuture<'a, Result<T, TokenFault>>;

/// The key stores that the server reaches.
pub trait KeyStores: Send + Sync {
    /// The cluster of this id, if there is one.
    fn cluster<'a>(
        &'a self,
        account: AccountId,
        region: Region,
        id: &'a str,
    ) -> BoxFuture<'a, Result<Option<HsmCluster>, Failure>>;

    /// Logs in to the tokens, with a PIN that was refused before too.
    fn connect<'a>(&'a self, store: &'a TokenStore) -> TokenAnswer<'a, ()>;
    /// Logs in to the tokens unless that was done, or the PIN was refused.
    fn stay_connected<'a>(&'a self, store: &'a TokenStore) -> TokenAnswer<'a, ()>;
    /// Logs out of the tokens of all stores but these.
    fn keep_connected(&self, stores: &[String]);
    /// Makes the AES-256 key of this name in every token; it cannot be read. Until `settle` it is known to have no record.
    fn make_key<'a>(&'a self, store: &'a TokenStore, key: &'a Arn) -> TokenAnswer<'a, ()>;
    /// Encrypts by AES-GCM in the token: initialization vector, ciphertext, tag.
    fn encrypt<'a>(
        &'a self,
        store: &'a TokenStore,
        key: &'a Arn,
        authenticated: &'a [u8],
        plaintext: &'a [u8],
    ) -> TokenAnswer<'a, Vec<u8>>;
    /// The plaintext that `encrypt` was given with the same `authenticated`.
    fn decrypt<'a>(
        &'a self,
        store: &'a TokenStore,
        key: &'a Arn,
        authenticated: &'a [u8],
        sealed: &'a [u8],
    ) -> TokenAnswer<'a, Secret<Vec<u8>>>;
    /// So many random bytes of the token's own.
    fn random<'a>(
        &'a self,
        store: &'a TokenStore,
        bytes: usize,
    ) -> TokenAnswer<'a, Secret<Vec<u8>>>;

    /// Notes that the record of this key may be gone soon: `unsettled` tells of it from now on.
    fn unsettle<'a>(&'a self, cluster: &'a str, key: &'a Arn) -> TokenAnswer<'a, ()>;
    /// Keys, with their clusters, that may be in tokens without a record, as no call in flight can answer for them.
    fn unsettled(&self) -> TokenAnswer<'_, Vec<(String, Arn)>>;
    /// Leaves the key in the tokens, which has a record.
    fn keep_key<'a>(&'a self, cluster: &'a str, key: &'a Arn) -> TokenAnswer<'a, ()>;
    /// Destroys the key in every token; it has no record.
    fn destroy_key<'a>(&'a self, store: &'a TokenStore, key: &'a Arn) -> TokenAnswer<'a, ()>;

    /// Posts `body`, JSON, to the path behind that of the proxy, signed as of `at`.
    fn ask<'a>(
        &'a self,
        proxy: &'a XksProxy,
        path: &'a str,
        body: &'a [u8],
        at: Timestamp,
    ) -> BoxFuture<'a, Result<XksAnswer, XksFault>>;
}

impl<O: Operation> Permitted<'_, O> {
    /// The key stores.
    pub fn key_stores(&self) -> &dyn KeyStores {
        &*self.call().core.key_stores
    }
}

impl Duty<'_> {
    /// The key stores.
    pub fn key_stores(&self) -> &dyn KeyStores {
        &*self.core.key_stores
    }
}
