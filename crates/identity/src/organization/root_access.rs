//! Centralized root access: what an organization lets its management account do as the root users of its members.
//!
//! AWS document: IAM User Guide, "Centrally manage root access for member accounts".

use std::sync::Arc;

use base::AccountId;
use serde::{Deserialize, Serialize};
use storage::{Key, Look, Record, StorageError, Unreadable};

use super::{DelegatedAdministrator, FeatureSet, Member, Organization, ServiceAccess};
use crate::stored::{read_v1, write_v1};

/// What an organization must trust for it, and what a delegated administrator administers.
const SERVICE: &str = "iam.amazonaws.com";

/// The features that one organization has enabled.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RootAccess {
    /// Id of the organization.
    pub organization: String,
    /// Credentials of members' root users are managed: `RootCredentialsManagement`.
    pub credentials: bool,
    /// Tasks are done as members' root users: `RootSessions`.
    pub sessions: bool,
}

impl RootAccess {
    /// Where those of this organization lie.
    pub fn key_of(organization: &str) -> Key {
        Key::root().then(organization)
    }
}

/// Where an account stands in its organization, for centralized root access.
#[derive(Clone, Debug)]
pub struct RootStanding {
    /// The organization.
    pub organization: Arc<Organization>,
    /// Whether the account manages it.
    pub is_management: bool,
    /// Whether the account administers IAM for it.
    pub is_delegated: bool,
    /// Whether the organization trusts IAM.
    pub is_trusted: bool,
    /// What is enabled.
    pub enabled: RootAccess,
}

impl RootStanding {
    /// Of `account`; `None` where it is in no organization.
    pub async fn load(
        records: &impl Look,
        account: AccountId,
    ) -> Result<Option<Self>, StorageError> {
        let member = records.look::<Member>(&Member::key_of(account)).await?;
        let Some(member) = member.filter(|member| !member.is_gone()) else {
            return Ok(None);
        };
        let id = &member.organization;
        let key = Organization::key_of(id);
        let organization = records.look::<Organization>(&key).await?;
        let organization =
            organization.ok_or(StorageError::Missing("organization.organization"))?;
        let key = DelegatedAdministrator::key_of(id, account);
        let delegated = records.look::<DelegatedAdministrator>(&key).await?;
        let trusted = records
            .look::<ServiceAccess>(&ServiceAccess::key_of(id))
            .await?;
        let enabled = records.look::<RootAccess>(&RootAccess::key_of(id)).await?;
        Ok(Some(Self {
            is_management: organization.management == account,
            is_delegated: delegated.is_some_and(|it| it.services.contains_key(SERVICE)),
            is_trusted: trusted.is_some_and(|it| it.services.contains_key(SERVICE)),
            enabled: match enabled {
                Some(enabled) => RootAccess::clone(&enabled),
                None => RootAccess {
                    organization: id.clone(),
                    ..RootAccess::default()
                },
            },
            organization,
        }))
    }

    /// Whether the organization has policies and not bills alone.
    pub fn has_all_features(&self) -> bool {
        self.organization.features == FeatureSet::All
    }

    /// Whether the account may work with members' root users, where that is enabled.
    pub fn governs(&self) -> bool {
        self.has_all_features() && self.is_trusted && (self.is_management || self.is_delegated)
    }
}

#[derive(Serialize, Deserialize)]
struct StoredV1 {
    organization: String,
    credentials: bool,
    sessions: bool,
}

impl Record for RootAccess {
    const TABLE: &'static str = "organization.root_access";
    fn key(&self) -> Key {
        Self::key_of(&self.organization)
    }
    fn store(&self) -> Vec<u8> {
        write_v1(&StoredV1 {
            organization: self.organization.clone(),
            credentials: self.credentials,
            sessions: self.sessions,
        })
    }
    fn load(bytes: &[u8]) -> Result<Self, Unreadable> {
        let form: StoredV1 = read_v1(Self::TABLE, bytes)?;
        Ok(Self {
            organization: form.organization,
            credentials: form.credentials,
            sessions: form.sessions,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn golden_bytes() {
        let record = RootAccess {
            organization: "o-1".into(),
            credentials: true,
            sessions: false,
        };
        let stored = b"\x01{\"organization\":\"o-1\",\"credentials\":true,\"sessions\":false}";
        assert_eq!(record.store(), stored);
        assert_eq!(RootAccess::load(stored).unwrap(), record);
    }
}
