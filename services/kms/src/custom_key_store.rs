//! Custom key stores: keys that an account keeps in HSMs of its own, or in a key manager behind a proxy of its own.
//!
//! AWS document: AWS KMS Developer Guide, "Key stores".

pub(crate) mod abandoned;
pub(crate) mod cluster;
#[cfg(test)]
pub(crate) mod cluster_stories;
pub(crate) mod custody;
pub(crate) mod entry;
pub(crate) mod errors;
mod forms;
pub(crate) mod measure;
pub(crate) mod new_key;
pub(crate) mod proxy;
pub(crate) mod sealing;
pub(crate) mod settings;
mod stored;
#[cfg(test)]
pub(crate) mod stories;
mod trouble;
mod under_way;
pub(crate) mod worker;

use std::sync::Arc;

use base::{AccountId, Arn, Region, Secret, Timestamp};
use crypto::random;
use kms_api::shapes::{ConnectionErrorCodeType, CustomKeyStoreType};
use pipeline::{Failure, Lookup, TokenStore, XksProxy};
use storage::{Key as Place, Page};

/// Custom key stores of an account in a region.
/// AWS document: AWS KMS Developer Guide, "Resource quotas".
pub(crate) const MOST: usize = 10;
const ID_BYTES: usize = 9;
const ID_DIGITS: usize = 17;

/// One of an account's key stores in one region.
#[derive(Clone, Debug)]
pub(crate) struct CustomKeyStore {
    /// `cks-` and seventeen hexadecimal digits.
    pub(crate) id: String,
    /// Whose it is.
    pub(crate) account: AccountId,
    /// Where it is visible.
    pub(crate) region: Region,
    /// The owner's name for it, of which there is one.
    pub(crate) name: String,
    /// When it was made.
    pub(crate) created: Timestamp,
    /// What keeps its keys.
    pub(crate) backing: Backing,
    /// Whether they can be used.
    pub(crate) connection: Connection,
}

/// What keeps the keys of a store.
#[derive(Clone, Debug)]
pub(crate) enum Backing {
    /// `AWS_CLOUDHSM`
    CloudHsm(CloudHsm),
    /// `EXTERNAL_KEY_STORE`
    External(External),
}

/// A cluster of HSMs.
#[derive(Clone, Debug)]
pub(crate) struct CloudHsm {
    pub(crate) cluster: String,
    /// The certificate of the authority that signed the cluster's, in PEM.
    pub(crate) trust_anchor: String,
    /// The cluster's certificate, in PEM: related clusters have the same.
    pub(crate) certificate: String,
    /// Of the cluster's user `kmsuser`.
    pub(crate) password: Secret<String>,
}

/// An external key store proxy.
#[derive(Clone, Debug)]
pub(crate) struct External {
    /// `XksProxyUriEndpoint`: `https://` and the name of a host.
    pub(crate) endpoint: String,
    /// `XksProxyUriPath`
    pub(crate) path: String,
    pub(crate) access_key_id: String,
    pub(crate) secret_access_key: Secret<String>,
}

/// Whether a store can be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Connection {
    /// Not, and nobody wants to.
    Disconnected,
    /// Not yet: it is being connected.
    Connecting,
    /// It can.
    Connected,
    /// No more: it is being disconnected.
    Disconnecting,
    /// Not, for this reason, until it is disconnected and connected again.
    Failed(ConnectionErrorCodeType),
}

impl CustomKeyStore {
    /// An id that no store has.
    pub(crate) fn new_id() -> String {
        let digits = hex::encode(random::bytes::<ID_BYTES>());
        format!("cks-{}", digits.get(..ID_DIGITS).unwrap_or_default())
    }

    /// Where the store of this id lies.
    pub(crate) fn key_of(account: AccountId, region: &Region, id: &str) -> Place {
        Self::prefix(account, region).then(id)
    }

    /// What the places of an account's stores in a region begin with.
    pub(crate) fn prefix(account: AccountId, region: &Region) -> Place {
        Place::root().then(account.as_str()).then(region.as_str())
    }

    /// A name for the store in audit records; AWS gives stores no ARN.
    pub(crate) fn arn(&self) -> Arn {
        let (region, account) = (self.region.as_str(), self.account.as_str());
        Arn::new(
            "kms",
            region,
            account,
            format_args!("custom-key-store/{}", self.id),
        )
    }

    /// Every store of the caller in the region of the call. That there are no others is expected at commit.
    pub(crate) async fn all(look: &Lookup<'_>) -> Result<Page<Self>, Failure> {
        let prefix = Self::prefix(look.call().account(), &look.call().region());
        look.scan::<Self>(&prefix, None, usize::MAX).await
    }

    /// The caller's store of this id.
    pub(crate) async fn find(look: &Lookup<'_>, id: &str) -> Result<Option<Arc<Self>>, Failure> {
        let (account, region) = (look.call().account(), look.call().region());
        look.get::<Self>(&Self::key_of(account, &region, id)).await
    }

    /// The caller's store of this id, which must exist.
    pub(crate) async fn own(look: &Lookup<'_>, id: &str) -> Result<Arc<Self>, Failure> {
        let found = Self::find(look, id).await?;
        found.ok_or_else(|| errors::no_such_store(id))
    }

    /// `CustomKeyStoreType`
    pub(crate) fn kind(&self) -> CustomKeyStoreType {
        match self.backing {
            Backing::CloudHsm(_) => CustomKeyStoreType::AwsCloudhsm,
            Backing::External(_) => CustomKeyStoreType::ExternalKeyStore,
        }
    }

    /// Whether this cluster keeps its keys.
    pub(crate) fn is_in(&self, cluster: &str) -> bool {
        match &self.backing {
            Backing::CloudHsm(hsm) => hsm.cluster == cluster,
            Backing::External(_) => false,
        }
    }

    /// The same store, connected otherwise.
    pub(crate) fn with(&self, connection: Connection) -> Self {
        Self {
            connection,
            ..self.clone()
        }
    }

    /// How its tokens are reached.
    pub(crate) fn tokens(&self, hsm: &CloudHsm) -> TokenStore {
        TokenStore {
            account: self.account,
            id: self.id.clone(),
            cluster: hsm.cluster.clone(),
            password: hsm.password.clone(),
        }
    }

    /// How its proxy is reached.
    pub(crate) fn proxy(&self, external: &External) -> XksProxy {
        external.proxy(self.account, &self.id, self.region)
    }
}

/// What an endpoint begins with.
const SCHEME: &str = "https://";

impl External {
    /// How the proxy is reached for the store of this id.
    pub(crate) fn proxy(&self, account: AccountId, id: &str, region: Region) -> XksProxy {
        let host = self.endpoint.strip_prefix(SCHEME);
        XksProxy {
            account,
            id: id.to_owned(),
            host: host.unwrap_or(&self.endpoint).to_ascii_lowercase(),
            path: self.path.clone(),
            region,
            access_key_id: self.access_key_id.clone(),
            secret_access_key: self.secret_access_key.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_have_seventeen_digits() {
        let id = CustomKeyStore::new_id();
        let digits = id.strip_prefix("cks-").unwrap();
        assert_eq!(digits.len(), 17);
        assert!(digits.chars().all(|digit| digit.is_ascii_hexdigit()));
        assert_ne!(CustomKeyStore::new_id(), id);
    }
}
