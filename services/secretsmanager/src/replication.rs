//! A secret's relatives in other regions.
//!
//! AWS document: AWS Secrets Manager User Guide, "Replicate AWS Secrets Manager secrets across Regions".

use base::{Arn, Region};
use pipeline::Failure;
use secretsmanager_api::shapes::{ReplicaRegionType, ReplicationStatusType, StatusType};
use serde::{Deserialize, Serialize};

use crate::secret::Secret;
use crate::{encryption, errors};

/// What is said of a replica that is as its primary.
const SUCCEEDED: &str = "Replication succeeded";

/// Where else the secret is.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) enum Replication {
    /// Nowhere.
    #[default]
    None,
    /// It is copied to these regions, at least one.
    To(Vec<Replica>),
    /// It is the copy of a secret in this region.
    ReplicaOf(Region),
}

/// A copy of a secret, as its primary knows it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Replica {
    /// Where it is.
    pub(crate) region: Region,
    /// Its key as the caller named it; none for `aws/secretsmanager`.
    pub(crate) kms_key_id: Option<String>,
    /// Why it is not as the primary is, if it is not.
    pub(crate) failure: Option<String>,
}

impl Replication {
    /// The copies.
    pub(crate) fn replicas(&self) -> &[Replica] {
        match self {
            Self::To(replicas) => replicas,
            Self::None | Self::ReplicaOf(_) => &[],
        }
    }

    /// Copies to these regions.
    pub(crate) fn to(replicas: Vec<Replica>) -> Self {
        match replicas.is_empty() {
            true => Self::None,
            false => Self::To(replicas),
        }
    }
}

/// Regions that a secret is copied to at most.
const MOST: usize = 50;

/// The replicas that a caller asks for, of a secret in `home`.
pub(crate) fn requested(
    given: &[ReplicaRegionType],
    home: Region,
) -> Result<Vec<Replica>, Failure> {
    let mut replicas: Vec<Replica> = Vec::new();
    for asked in given {
        let region = asked
            .region
            .as_deref()
            .and_then(|region| region.parse().ok());
        let region = region.ok_or_else(errors::invalid_replica_region)?;
        let known = replicas.iter().any(|replica| replica.region == region);
        if region == home || known || replicas.len() == MOST {
            return Err(errors::invalid_replica_region());
        }
        let kms_key_id = encryption::named(asked.kms_key_id.as_deref());
        replicas.push(Replica {
            region,
            kms_key_id: kms_key_id.map(str::to_owned),
            failure: None,
        });
    }
    Ok(replicas)
}

/// `secretsmanager:AddReplicaRegions`: the regions as a caller names them.
pub(crate) fn region_names(given: &[ReplicaRegionType]) -> Option<Vec<String>> {
    let names = given.iter().filter_map(|asked| asked.region.clone());
    Some(names.collect()).filter(|names: &Vec<_>| !names.is_empty())
}

/// `ReplicationStatus`; none where there are no replicas.
pub(crate) fn status(secret: &Secret) -> Option<Vec<ReplicationStatusType>> {
    let replicas = secret.replication.replicas();
    let status = replicas.iter().map(|replica| ReplicationStatusType {
        region: Some(replica.region.to_string()),
        kms_key_id: replica.kms_key_id.clone(),
        status: Some(match replica.failure {
            Some(_) => StatusType::Failed,
            None => StatusType::InSync,
        }),
        status_message: Some(match &replica.failure {
            Some(failure) => failure.clone(),
            None => SUCCEEDED.to_owned(),
        }),
        last_accessed_date: None,
    });
    Some(status.collect()).filter(|status: &Vec<_>| !status.is_empty())
}

/// The ARN that a secret has, or would have, in another region.
pub(crate) fn arn_in(secret: &Secret, region: Option<&str>) -> Arn {
    let (region, account) = (region.unwrap_or_default(), secret.account);
    let resource = secret.arn.resource();
    Arn::new("secretsmanager", region, account.as_str(), resource)
}

/// `PrimaryRegion`: of secrets that are in several regions.
pub(crate) fn primary_region(secret: &Secret) -> Option<String> {
    match &secret.replication {
        Replication::None => None,
        Replication::To(_) => Some(secret.region.to_string()),
        Replication::ReplicaOf(primary) => Some(primary.to_string()),
    }
}

#[derive(Serialize, Deserialize)]
pub(crate) struct StoredReplication {
    primary: Option<String>,
    replicas: Vec<StoredReplica>,
}

#[derive(Serialize, Deserialize)]
struct StoredReplica {
    region: String,
    kms_key_id: Option<String>,
    failure: Option<String>,
}

impl StoredReplication {
    pub(crate) fn of(replication: &Replication) -> Option<Self> {
        match replication {
            Replication::None => None,
            Replication::ReplicaOf(primary) => Some(Self {
                primary: Some(primary.to_string()),
                replicas: Vec::new(),
            }),
            Replication::To(replicas) => Some(Self {
                primary: None,
                replicas: replicas.iter().map(StoredReplica::of).collect(),
            }),
        }
    }

    pub(crate) fn read(stored: Option<Self>) -> Option<Replication> {
        let Some(stored) = stored else {
            return Some(Replication::None);
        };
        if let Some(primary) = stored.primary {
            return Some(Replication::ReplicaOf(primary.parse().ok()?));
        }
        let replicas = stored.replicas.into_iter().map(StoredReplica::read);
        Some(Replication::to(replicas.collect::<Option<_>>()?))
    }
}

impl StoredReplica {
    fn of(replica: &Replica) -> Self {
        Self {
            region: replica.region.to_string(),
            kms_key_id: replica.kms_key_id.clone(),
            failure: replica.failure.clone(),
        }
    }

    fn read(self) -> Option<Replica> {
        Some(Replica {
            region: self.region.parse().ok()?,
            kms_key_id: self.kms_key_id,
            failure: self.failure,
        })
    }
}
