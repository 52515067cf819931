//! A grant: permission to use one key that no policy gives.
//!
//! AWS document: AWS KMS Developer Guide, "Grants in AWS KMS".

mod constraints;
mod id;
mod operations;
mod party;
mod rows;
mod stored;
mod terms;
pub(crate) mod token;

use std::sync::Arc;

use base::{AccountId, Arn, Region, Timestamp};
use kms_api::shapes::{GrantListEntry, GrantOperation};
use pipeline::{Failure, Lookup};
use storage::{Key as Place, Record, Unreadable, Writes};

pub(crate) use constraints::{Constraints, ContextConstraint};
pub(crate) use id::GrantId;
pub(crate) use operations::supported;
pub(crate) use party::Party;
pub(crate) use rows::{GrantOf, NamedGrant, Retirable, of_caller, to_caller};
pub(crate) use terms::retiring;

use crate::key::Key;
use crate::key_id::KeyId;
use identity::Account;

/// What a grantee may do with one key until the grant is retired or revoked.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Grant {
    /// Its id.
    pub(crate) id: GrantId,
    /// The account of the key it is on.
    pub(crate) account: AccountId,
    /// The region of the key.
    pub(crate) region: Region,
    /// The key.
    pub(crate) key: KeyId,
    /// The account of the caller who made it.
    pub(crate) issuer: AccountId,
    /// The name by which a repeated call is known.
    pub(crate) name: Option<String>,
    /// When it was made.
    pub(crate) created: Timestamp,
    /// Who may do it.
    pub(crate) grantee: Party,
    /// Who may end it, besides.
    pub(crate) retiring: Option<Party>,
    /// What it permits, without repetition.
    pub(crate) operations: Vec<GrantOperation>,
    /// What must hold of a request.
    pub(crate) constraints: Constraints,
}

impl Grant {
    /// Where the grant of this id lies.
    pub(crate) fn key_of(key: &Key, id: GrantId) -> Place {
        Self::prefix(key).then(&id.to_string())
    }

    /// What the places of a key's grants begin with.
    pub(crate) fn prefix(key: &Key) -> Place {
        Key::key_of(key.account, &key.region, &key.id)
    }

    /// The grant of this id on `key`.
    pub(crate) async fn find(
        look: &Lookup<'_>,
        key: &Key,
        id: GrantId,
    ) -> Result<Option<Arc<Self>>, Failure> {
        look.get(&Self::key_of(key, id)).await
    }

    /// Where the key lies that it is on.
    pub(crate) fn of_key(&self) -> Place {
        Key::key_of(self.account, &self.region, &self.key)
    }

    /// The ARN of the key it is on.
    pub(crate) fn key_arn(&self) -> Arn {
        Key::arn_of(self.account, &self.region, self.key)
    }

    /// Whether it permits `operation`.
    pub(crate) fn permits(&self, operation: GrantOperation) -> bool {
        self.operations.contains(&operation)
    }

    /// Everything that is kept of it.
    pub(crate) fn kept(self) -> Result<Writes, Failure> {
        let mut writes = Writes::none();
        if let Some(named) = NamedGrant::of(&self) {
            writes.put(named);
        }
        if let Some(retirable) = Retirable::of(&self) {
            writes.put(retirable);
        }
        writes.put(GrantOf::new(self.clone()).map_err(Failure::internal)?);
        writes.add(self);
        Ok(writes)
    }

    /// That nothing is kept of it any more.
    pub(crate) fn removed(&self) -> Writes {
        let mut writes = Writes::none();
        if let Some(named) = NamedGrant::of(self) {
            writes.delete::<NamedGrant>(&named.key());
        }
        if let Some(retirable) = Retirable::of(self) {
            writes.delete::<Retirable>(&retirable.key());
        }
        writes.delete::<GrantOf>(&GrantOf::key_of(self));
        writes.delete::<Self>(&self.key());
        writes
    }

    /// The grant as ListGrants tells of it.
    pub(crate) fn entry(&self) -> GrantListEntry {
        let principal = |party: &Party| party.principal().map(str::to_owned);
        let service = |party: &Party| party.service().map(str::to_owned);
        let retiring = self.retiring.as_ref();
        GrantListEntry {
            key_id: Some(self.key_arn().to_string()),
            grant_id: Some(self.id.to_string()),
            // AWS: a grant without a name has an empty one.
            name: Some(self.name.clone().unwrap_or_default()),
            creation_date: Some(self.created),
            grantee_principal: principal(&self.grantee),
            retiring_principal: retiring.and_then(principal),
            issuing_account: Some(Account::root_arn(self.issuer).to_string()),
            operations: Some(self.operations.clone()),
            constraints: self.constraints.shape(),
            grantee_service_principal: service(&self.grantee),
            retiring_service_principal: retiring.and_then(service),
        }
    }
}

impl Record for Grant {
    const TABLE: &'static str = "kms.grant";
    const CACHED: bool = false;
    const COUNTED: bool = true;
    fn key(&self) -> Place {
        self.of_key().then(&self.id.to_string())
    }
    fn store(&self) -> Vec<u8> {
        stored::write(self)
    }
    fn load(bytes: &[u8]) -> Result<Self, Unreadable> {
        stored::read(Self::TABLE, bytes)
    }
}
