//! A backup: what a token held, kept.
//!
//! AWS document: AWS CloudHSM User Guide, "Cluster backups in AWS CloudHSM".

use std::collections::BTreeMap;
use std::sync::Arc;

use base::{AccountId, Arn, Region, Tags, Timestamp};
use cloudhsmv2_api::shapes::{BackupState, ClusterMode};
use crypto::hsm::HsmPlace;
use identity::Document;
use pipeline::{Failure, Lookup};
use policy::{Grammar, NamedResource, Resource, ResourcePolicy};
use serde::{Deserialize, Serialize};
use storage::{Key, Record, Unreadable};

use crate::cluster::{Cluster, of_set};
use crate::{errors, ids, stored};

/// A backup of one account in one region.
#[derive(Clone, Debug)]
pub(crate) struct Backup {
    pub(crate) id: String,
    pub(crate) account: AccountId,
    pub(crate) region: Region,
    pub(crate) arn: Arn,
    pub(crate) created: Timestamp,
    pub(crate) state: BackupState,
    pub(crate) cluster: String,
    pub(crate) hsm_type: String,
    pub(crate) mode: ClusterMode,
    /// The certificate of its cluster, which clusters made of it have too.
    pub(crate) certificate: Option<String>,
    /// What it is made from while it is made.
    pub(crate) from: Origin,
    /// When it was copied here, and from which region.
    pub(crate) copied: Option<(Timestamp, Region)>,
    pub(crate) retention_days: u16,
    pub(crate) never_expires: bool,
    /// When it goes, once its deletion was asked for.
    pub(crate) deleted_at: Option<Timestamp>,
    pub(crate) tags: Tags,
    /// Who else may make clusters of it.
    pub(crate) policy: Option<Document>,
}

/// What a backup is made from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Origin {
    /// The HSM of this id.
    Hsm(String),
    /// Another backup.
    Backup(String),
}

impl Backup {
    /// A backup that is to be made of an HSM.
    pub(crate) fn of(cluster: &Cluster, hsm: &str, at: Timestamp) -> Self {
        let id = ids::new("backup");
        Self {
            arn: Self::arn_of(cluster.account, &cluster.region, &id),
            id,
            account: cluster.account,
            region: cluster.region,
            created: at,
            state: BackupState::CreateInProgress,
            cluster: cluster.id.clone(),
            hsm_type: cluster.hsm_type.clone(),
            mode: cluster.mode,
            certificate: cluster.certificate.clone(),
            from: Origin::Hsm(hsm.to_owned()),
            copied: None,
            retention_days: cluster.retention_days,
            never_expires: false,
            deleted_at: None,
            tags: Tags::default(),
            policy: None,
        }
    }
    /// Where the backup of this id lies.
    pub(crate) fn key_of(account: AccountId, region: &Region, id: &str) -> Key {
        Self::prefix(account, region).then(id)
    }
    /// What the places of an account's backups in a region begin with.
    pub(crate) fn prefix(account: AccountId, region: &Region) -> Key {
        Key::root().then(account.as_str()).then(region.as_str())
    }
    /// The ARN of the backup of this id.
    pub(crate) fn arn_of(account: AccountId, region: &Region, id: &str) -> Arn {
        let resource = format_args!("backup/{id}");
        Arn::new("cloudhsm", region.as_str(), account.as_str(), resource)
    }
    /// The token it is made of.
    pub(crate) fn place(&self, hsm: &str) -> HsmPlace {
        HsmPlace {
            cluster: self.cluster.clone(),
            hsm: hsm.to_owned(),
        }
    }
    /// Refuses every state but this.
    pub(crate) fn in_state(&self, allowed: BackupState) -> Result<(), Failure> {
        match self.state == allowed {
            true => Ok(()),
            false => Err(errors::wrong_backup_state(&self.id, self.state.as_str())),
        }
    }
}

/// The backup that a caller names, be there one or not.
pub(crate) struct Sought {
    id: String,
    pub(crate) found: Option<Arc<Backup>>,
    resource: Arc<dyn Resource>,
}

/// What a caller names.
struct Named<'a> {
    account: AccountId,
    region: Region,
    id: &'a str,
}

impl<'a> Named<'a> {
    /// By an ARN, or by the id of one of the caller's own.
    fn read(look: &Lookup<'_>, text: &'a str) -> Result<Self, Failure> {
        let (account, region) = (look.call().account(), look.call().region());
        let Some((place, id)) = text.rsplit_once('/') else {
            return Ok(Self {
                account,
                region,
                id: text,
            });
        };
        let mut parts = place.split(':').skip(3);
        let (region, account) = (parts.next(), parts.next());
        let region = region.and_then(|region| region.parse().ok());
        let account = account.and_then(|account| account.parse().ok());
        match (region, account, parts.next()) {
            (Some(region), Some(account), Some("backup")) => Ok(Self {
                account,
                region,
                id,
            }),
            _ => Err(errors::no_backup_of_arn(text)),
        }
    }
}

impl Sought {
    /// The caller's own.
    pub(crate) async fn find(look: &Lookup<'_>, id: &str) -> Result<Self, Failure> {
        let (account, region) = (look.call().account(), look.call().region());
        let named = Named {
            account,
            region,
            id,
        };
        Self::of(look, named).await
    }

    /// The caller's own by its id, and anybody's by its ARN: what its owner's policy says is part of the decision.
    pub(crate) async fn anywhere(look: &Lookup<'_>, text: &str) -> Result<Self, Failure> {
        Self::of(look, Named::read(look, text)?).await
    }

    /// The caller's own by its ARN. Nobody else's policy says who may see or set it.
    pub(crate) async fn own(look: &Lookup<'_>, arn: &Option<String>) -> Result<Self, Failure> {
        let arn = arn.as_deref().ok_or_else(errors::resource_arn_missing)?;
        let named = Named::read(look, arn)?;
        match named.account == look.call().account() {
            true => Self::of(look, named).await,
            false => Ok(Self::missing(&named)),
        }
    }

    async fn of(look: &Lookup<'_>, named: Named<'_>) -> Result<Self, Failure> {
        if named.region != look.call().region() {
            return Ok(Self::missing(&named));
        }
        let place = Backup::key_of(named.account, &named.region, named.id);
        Ok(match look.get::<Backup>(&place).await? {
            Some(backup) => Self {
                id: named.id.to_owned(),
                resource: backup.clone(),
                found: Some(backup),
            },
            None => Self::missing(&named),
        })
    }

    fn missing(named: &Named<'_>) -> Self {
        let arn = Backup::arn_of(named.account, &named.region, named.id);
        Self {
            id: named.id.to_owned(),
            found: None,
            resource: Arc::new(NamedResource::new(arn, named.account)),
        }
    }

    /// As policies see it.
    pub(crate) fn resource(&self) -> Arc<dyn Resource> {
        self.resource.clone()
    }

    /// The backup, which must exist.
    pub(crate) fn existing(&self) -> Result<&Backup, Failure> {
        let found = self.found.as_deref();
        found.ok_or_else(|| errors::no_backup(&self.id))
    }
}

impl Resource for Backup {
    fn arn(&self) -> &Arn {
        &self.arn
    }
    fn account(&self) -> AccountId {
        self.account
    }
    fn policy(&self) -> ResourcePolicy<'_> {
        ResourcePolicy::Ordinary(self.policy.as_ref().map(Document::policy))
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
    state: String,
    cluster: String,
    hsm_type: String,
    mode: String,
    /// Not in what was stored before clusters passed it on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    certificate: Option<String>,
    from: Origin,
    copied: Option<(i64, String)>,
    retention_days: u16,
    never_expires: bool,
    deleted_at: Option<i64>,
    tags: Tags,
    /// Not in what was stored before backups could be shared.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    policy: Option<StoredPolicy>,
}

#[derive(Serialize, Deserialize)]
struct StoredPolicy {
    text: String,
    /// The unique ids of the principals that it names by ARN.
    bindings: BTreeMap<String, String>,
}

impl StoredPolicy {
    fn of(policy: &Document) -> Self {
        Self {
            text: policy.text().to_owned(),
            bindings: policy.bindings().clone(),
        }
    }
    fn read(self) -> Result<Document, Unreadable> {
        let read = Document::parse_bound(&self.text, Grammar::Resource, self.bindings);
        read.map_err(|_| stored::bad(Backup::TABLE, "policy"))
    }
}

impl Record for Backup {
    const TABLE: &'static str = "cloudhsm.backup";

    fn key(&self) -> Key {
        Self::key_of(self.account, &self.region, &self.id)
    }

    fn store(&self) -> Vec<u8> {
        let copied = self.copied.as_ref();
        stored::write_v1(&StoredV1 {
            id: self.id.clone(),
            account: self.account.as_str().to_owned(),
            region: self.region.as_str().to_owned(),
            created: self.created.micros(),
            state: self.state.as_str().to_owned(),
            cluster: self.cluster.clone(),
            hsm_type: self.hsm_type.clone(),
            mode: self.mode.as_str().to_owned(),
            certificate: self.certificate.clone(),
            from: self.from.clone(),
            copied: copied.map(|(at, region)| (at.micros(), region.as_str().to_owned())),
            retention_days: self.retention_days,
            never_expires: self.never_expires,
            deleted_at: self.deleted_at.map(Timestamp::micros),
            tags: self.tags.clone(),
            policy: self.policy.as_ref().map(StoredPolicy::of),
        })
    }

    fn load(bytes: &[u8]) -> Result<Self, Unreadable> {
        let form: StoredV1 = stored::read_v1(Self::TABLE, bytes)?;
        let region = |text: String| {
            let region = text.parse::<Region>();
            region.map_err(|_| stored::bad(Self::TABLE, "region"))
        };
        let account = form.account.parse();
        let account = account.map_err(|_| stored::bad(Self::TABLE, "account"))?;
        let copied = form
            .copied
            .map(|(at, from)| Ok::<_, Unreadable>((Timestamp::from_micros(at), region(from)?)));
        let region = region(form.region)?;
        Ok(Self {
            arn: Self::arn_of(account, &region, &form.id),
            id: form.id,
            account,
            region,
            created: Timestamp::from_micros(form.created),
            state: of_set(Self::TABLE, "state", &form.state)?,
            cluster: form.cluster,
            hsm_type: form.hsm_type,
            mode: of_set(Self::TABLE, "mode", &form.mode)?,
            certificate: form.certificate,
            from: form.from,
            copied: copied.transpose()?,
            retention_days: form.retention_days,
            never_expires: form.never_expires,
            deleted_at: form.deleted_at.map(Timestamp::from_micros),
            tags: form.tags,
            policy: form.policy.map(StoredPolicy::read).transpose()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A backup of version 1 stays readable for ever.
    #[test]
    fn golden() {
        let text = r#"{"id":"backup-abcdefgh234","account":"111122223333","region":"us-east-1","created":1,"state":"READY","cluster":"cluster-abcdefgh234","hsm_type":"hsm1.medium","mode":"FIPS","from":{"hsm":"hsm-abcdefgh234"},"copied":[2,"eu-west-1"],"retention_days":90,"never_expires":true,"deleted_at":3,"tags":[]}"#;
        let bytes = [&[1], text.as_bytes()].concat();
        let backup = Backup::load(&bytes).unwrap();
        assert_eq!(backup.store(), bytes);
        assert_eq!(
            backup.arn.as_str(),
            "arn:aws:cloudhsm:us-east-1:111122223333:backup/backup-abcdefgh234"
        );
        assert!(Backup::load(&[2]).is_err());
        let text = text.replace(r#""from""#, r#""certificate":"c","from""#);
        let bytes = [&[1], text.as_bytes()].concat();
        let backup = Backup::load(&bytes).unwrap();
        assert_eq!(backup.certificate.as_deref(), Some("c"));
        assert_eq!(backup.store(), bytes);
        let policy = r#","policy":{"text":"{\"Statement\":{\"Effect\":\"Deny\",\"Principal\":\"*\",\"Action\":\"*\",\"Resource\":\"*\"}}","bindings":{}}}"#;
        let text = format!("{}{policy}", text.strip_suffix('}').unwrap());
        let bytes = [&[1], text.as_bytes()].concat();
        let backup = Backup::load(&bytes).unwrap();
        assert!(backup.policy.is_some());
        assert_eq!(backup.store(), bytes);
    }
}
