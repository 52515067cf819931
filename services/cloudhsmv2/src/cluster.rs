//! A cluster: HSMs that hold the same, each a token of its own.
//!
//! AWS document: AWS CloudHSM User Guide, "Clusters in AWS CloudHSM".

use std::collections::BTreeMap;
use std::sync::Arc;

use base::{AccountId, Arn, Region, Secret, Tags, Timestamp};
use cloudhsmv2_api::shapes::{ClusterMode, ClusterState, HsmState, NetworkType};
use crypto::hsm::HsmPlace;
use pipeline::{Failure, Lookup};
use policy::{NamedResource, Resource, ResourcePolicy};
use serde::{Deserialize, Serialize};
use storage::{Key, Record, Unreadable};
use wire::ClosedSet;

use crate::{errors, stored};

/// A cluster of one account in one region.
#[derive(Clone, Debug)]
pub(crate) struct Cluster {
    pub(crate) id: String,
    pub(crate) account: AccountId,
    pub(crate) region: Region,
    pub(crate) arn: Arn,
    pub(crate) created: Timestamp,
    pub(crate) hsm_type: String,
    pub(crate) mode: ClusterMode,
    pub(crate) network_type: NetworkType,
    /// How long its backups are kept.
    pub(crate) retention_days: u16,
    /// Subnets by Availability Zone.
    pub(crate) subnets: BTreeMap<String, String>,
    pub(crate) source_backup: Option<String>,
    pub(crate) state: ClusterState,
    /// When it came into that state.
    pub(crate) since: Timestamp,
    pub(crate) hsms: Vec<Hsm>,
    /// The PIN of the security officer of its tokens (AWS: of the precrypto officer), until whoever owns it changes it.
    pub(crate) officer: Secret<String>,
    /// What its owner signs.
    pub(crate) request: Option<String>,
    /// What its owner signed.
    pub(crate) certificate: Option<String>,
    pub(crate) last_backup: Option<Timestamp>,
    pub(crate) tags: Tags,
}

/// One HSM of a cluster.
#[derive(Clone, Debug)]
pub(crate) struct Hsm {
    pub(crate) id: String,
    pub(crate) zone: String,
    pub(crate) state: HsmState,
    /// The backup that is made of it before it goes.
    pub(crate) last_backup: Option<String>,
}

impl Cluster {
    /// Where the cluster of this id lies.
    pub(crate) fn key_of(account: AccountId, region: &Region, id: &str) -> Key {
        Self::prefix(account, region).then(id)
    }
    /// What the places of an account's clusters in a region begin with.
    pub(crate) fn prefix(account: AccountId, region: &Region) -> Key {
        Key::root().then(account.as_str()).then(region.as_str())
    }
    /// The ARN of the cluster of this id.
    pub(crate) fn arn_of(account: AccountId, region: &Region, id: &str) -> Arn {
        let resource = format_args!("cluster/{id}");
        Arn::new("cloudhsm", region.as_str(), account.as_str(), resource)
    }
    /// Where the token of an HSM is.
    pub(crate) fn place(&self, hsm: &str) -> HsmPlace {
        HsmPlace {
            cluster: self.id.clone(),
            hsm: hsm.to_owned(),
        }
    }
    /// An HSM that is there.
    pub(crate) fn active_hsm(&self) -> Option<&Hsm> {
        self.hsms.iter().find(|hsm| hsm.state == HsmState::Active)
    }
    /// The cluster in another state.
    pub(crate) fn into_state(self, state: ClusterState, at: Timestamp) -> Self {
        Self {
            state,
            since: at,
            ..self
        }
    }
    /// Refuses every state but these.
    pub(crate) fn in_state(&self, allowed: &[ClusterState]) -> Result<(), Failure> {
        match allowed.contains(&self.state) {
            true => Ok(()),
            false => Err(errors::wrong_state(&self.id, self.state.as_str())),
        }
    }
}

/// The caller's cluster of an id, be there one or not.
pub(crate) struct Sought {
    id: String,
    pub(crate) found: Option<Arc<Cluster>>,
    resource: Arc<dyn Resource>,
}

impl Sought {
    pub(crate) async fn find(look: &Lookup<'_>, id: &str) -> Result<Self, Failure> {
        let (account, region) = (look.call().account(), look.call().region());
        let found = look
            .get::<Cluster>(&Cluster::key_of(account, &region, id))
            .await?;
        let resource: Arc<dyn Resource> = match &found {
            Some(cluster) => cluster.clone(),
            None => {
                let arn = Cluster::arn_of(account, &region, id);
                Arc::new(NamedResource::new(arn, account))
            }
        };
        Ok(Self {
            id: id.to_owned(),
            found,
            resource,
        })
    }

    /// As policies see it.
    pub(crate) fn resource(&self) -> Arc<dyn Resource> {
        self.resource.clone()
    }

    /// The cluster, which must exist. One that is deleted is only told of.
    pub(crate) fn existing(&self) -> Result<&Cluster, Failure> {
        let found = self.found.as_deref();
        let found = found.filter(|cluster| cluster.state != ClusterState::Deleted);
        found.ok_or_else(|| errors::no_cluster(&self.id))
    }
}

impl Resource for Cluster {
    fn arn(&self) -> &Arn {
        &self.arn
    }
    fn account(&self) -> AccountId {
        self.account
    }
    fn policy(&self) -> ResourcePolicy<'_> {
        ResourcePolicy::None
    }
    fn tags(&self) -> &Tags {
        &self.tags
    }
}

#[derive(Serialize, Deserialize)]
struct StoredV1 {
    id: String,
    account: String,
    region: String,
    created: i64,
    hsm_type: String,
    mode: String,
    network_type: String,
    retention_days: u16,
    subnets: BTreeMap<String, String>,
    source_backup: Option<String>,
    state: String,
    since: i64,
    hsms: Vec<StoredHsm>,
    officer: String,
    request: Option<String>,
    certificate: Option<String>,
    last_backup: Option<i64>,
    tags: Tags,
}

#[derive(Serialize, Deserialize)]
struct StoredHsm {
    id: String,
    zone: String,
    state: String,
    last_backup: Option<String>,
}

/// The value of a closed set that is written so.
pub(crate) fn of_set<T: ClosedSet>(
    table: &'static str,
    field: &str,
    text: &str,
) -> Result<T, Unreadable> {
    let mut all = T::ALL.iter().copied();
    all.find(|value| value.as_str() == text)
        .ok_or_else(|| stored::bad(table, field))
}

impl Record for Cluster {
    const TABLE: &'static str = "cloudhsm.cluster";

    fn key(&self) -> Key {
        Self::key_of(self.account, &self.region, &self.id)
    }

    fn store(&self) -> Vec<u8> {
        let hsms = self.hsms.iter().map(|hsm| StoredHsm {
            id: hsm.id.clone(),
            zone: hsm.zone.clone(),
            state: hsm.state.as_str().to_owned(),
            last_backup: hsm.last_backup.clone(),
        });
        stored::write_v1(&StoredV1 {
            id: self.id.clone(),
            account: self.account.as_str().to_owned(),
            region: self.region.as_str().to_owned(),
            created: self.created.micros(),
            hsm_type: self.hsm_type.clone(),
            mode: self.mode.as_str().to_owned(),
            network_type: self.network_type.as_str().to_owned(),
            retention_days: self.retention_days,
            subnets: self.subnets.clone(),
            source_backup: self.source_backup.clone(),
            state: self.state.as_str().to_owned(),
            since: self.since.micros(),
            hsms: hsms.collect(),
            officer: self.officer.expose().clone(),
            request: self.request.clone(),
            certificate: self.certificate.clone(),
            last_backup: self.last_backup.map(Timestamp::micros),
            tags: self.tags.clone(),
        })
    }

    fn load(bytes: &[u8]) -> Result<Self, Unreadable> {
        let form: StoredV1 = stored::read_v1(Self::TABLE, bytes)?;
        let bad = |field| move |_| stored::bad(Self::TABLE, field);
        let account = form.account.parse().map_err(bad("account"))?;
        let region = form
            .region
            .parse()
            .map_err(|_| stored::bad(Self::TABLE, "region"))?;
        let hsms = form.hsms.into_iter().map(|hsm| {
            Ok(Hsm {
                state: of_set(Self::TABLE, "hsms", &hsm.state)?,
                id: hsm.id,
                zone: hsm.zone,
                last_backup: hsm.last_backup,
            })
        });
        Ok(Self {
            arn: Self::arn_of(account, &region, &form.id),
            id: form.id,
            account,
            region,
            created: Timestamp::from_micros(form.created),
            hsm_type: form.hsm_type,
            mode: of_set(Self::TABLE, "mode", &form.mode)?,
            network_type: of_set(Self::TABLE, "network_type", &form.network_type)?,
            retention_days: form.retention_days,
            subnets: form.subnets,
            source_backup: form.source_backup,
            state: of_set(Self::TABLE, "state", &form.state)?,
            since: Timestamp::from_micros(form.since),
            hsms: hsms.collect::<Result<_, Unreadable>>()?,
            officer: Secret::new(form.officer),
            request: form.request,
            certificate: form.certificate,
            last_backup: form.last_backup.map(Timestamp::from_micros),
            tags: form.tags,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A cluster of version 1 stays readable for ever.
    #[test]
    fn golden() {
        let text = r#"{"id":"cluster-abcdefgh234","account":"111122223333","region":"us-east-1","created":1,"hsm_type":"hsm1.medium","mode":"FIPS","network_type":"IPV4","retention_days":90,"subnets":{"us-east-1a":"subnet-00000001"},"source_backup":null,"state":"UNINITIALIZED","since":2,"hsms":[{"id":"hsm-abcdefgh234","zone":"us-east-1a","state":"ACTIVE","last_backup":null}],"officer":"password","request":"r","certificate":null,"last_backup":3,"tags":[{"key":"a","value":"b"}]}"#;
        let bytes = [&[1], text.as_bytes()].concat();
        let cluster = Cluster::load(&bytes).unwrap();
        assert_eq!(cluster.store(), bytes);
        assert_eq!(
            cluster.arn.as_str(),
            "arn:aws:cloudhsm:us-east-1:111122223333:cluster/cluster-abcdefgh234"
        );
        assert!(!format!("{cluster:?}").contains("password"));
        assert!(Cluster::load(&[2]).is_err() && Cluster::load(b"").is_err());
    }
}
