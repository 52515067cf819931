//! Rows by which a grant is found: by whom it reaches, by who may retire it, by its name.

use std::sync::Arc;

use base::{AccountId, Region};
use crypto::{context, digest};
use identity::Caller;
use pipeline::{Failure, Lookup};
use policy::Malformed;
use serde::{Deserialize, Serialize};
use storage::{Key as Place, Record, Records, StorageError, Unreadable};

use super::party::{self, Party};
use super::{Grant, GrantId, stored, terms};
use crate::key::Key;
use crate::key_id::KeyId;
use crate::stored::{bad, read, write};

/// A grant among those that its grantee has on the key, compiled: what a decision needs.
pub(crate) struct GrantOf {
    /// The grant.
    pub(crate) grant: Grant,
    /// What it permits.
    pub(crate) compiled: Arc<policy::Grant>,
}

impl GrantOf {
    pub(super) fn new(grant: Grant) -> Result<Self, Malformed> {
        let compiled = Arc::new(terms::of(&grant)?);
        Ok(Self { grant, compiled })
    }

    pub(super) fn key_of(grant: &Grant) -> Place {
        let of_grantee = grant.grantee.place(grant.of_key());
        of_grantee.then(&grant.id.to_string())
    }
}

/// The grants on `key` that may reach the caller.
pub(crate) async fn of_caller(look: &Lookup<'_>, key: &Key) -> Result<Vec<Arc<GrantOf>>, Failure> {
    let mut grants = Vec::new();
    let caller = look.call().caller();
    for place in party::places(&Grant::prefix(key), &caller.principal()) {
        grants.extend(look.list::<GrantOf>(&place).await?.iter().cloned());
    }
    Ok(grants)
}

/// The same, read without a call.
pub(crate) async fn to_caller(
    records: &Records,
    caller: &Caller,
    key: &Key,
) -> Result<Vec<Arc<GrantOf>>, StorageError> {
    let mut grants = Vec::new();
    for place in party::places(&Grant::prefix(key), &caller.principal()) {
        grants.extend(records.list::<GrantOf>(&place).await?.iter().cloned());
    }
    Ok(grants)
}

impl Record for GrantOf {
    const TABLE: &'static str = "kms.grant_of";
    const CACHED: bool = false;
    const LISTED: bool = true;
    fn key(&self) -> Place {
        Self::key_of(&self.grant)
    }
    fn store(&self) -> Vec<u8> {
        stored::write(&self.grant)
    }
    fn load(bytes: &[u8]) -> Result<Self, Unreadable> {
        let grant = stored::read(Self::TABLE, bytes)?;
        Self::new(grant).map_err(|_| bad(Self::TABLE, "grantee"))
    }
}

/// That a grant has a retiring principal, by which ListRetirableGrants finds it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Retirable {
    /// The account of the retiring principal; that of the key, where a service retires the grant.
    account: AccountId,
    region: Region,
    /// The retiring principal's ARN or name.
    retiring: String,
    of_key: AccountId,
    key: KeyId,
    grant: GrantId,
}

impl Retirable {
    pub(super) fn of(grant: &Grant) -> Option<Self> {
        let retiring = grant.retiring.as_ref()?;
        let account = match retiring {
            Party::Principal { arn, .. } => arn.account().parse().ok()?,
            Party::Service(_) => grant.account,
        };
        Some(Self {
            account,
            region: grant.region,
            retiring: retiring.text().to_owned(),
            of_key: grant.account,
            key: grant.key,
            grant: grant.id,
        })
    }

    /// What the places of the grants begin with that `retiring` of `account` may retire in `region`.
    pub(crate) fn prefix(account: AccountId, region: &Region, retiring: &str) -> Place {
        let home = Place::root().then(account.as_str()).then(region.as_str());
        home.then(retiring)
    }

    /// The place behind `prefix` that `marker` names: the one of `marker` of an earlier page.
    pub(crate) fn after(prefix: &Place, marker: &str) -> Option<Place> {
        let mut parts = marker.split('/');
        let mut part = || parts.next();
        let (account, key, grant) = (part()?, part()?, part()?);
        Some(prefix.clone().then(account).then(key).then(grant))
    }

    /// Where it lies behind its prefix, for markers.
    pub(crate) fn marker(&self) -> String {
        format!("{}/{}/{}", self.of_key, self.key, self.grant)
    }

    /// Where the grant lies.
    pub(crate) fn of_grant(&self) -> Place {
        let key = Key::key_of(self.of_key, &self.region, &self.key);
        key.then(&self.grant.to_string())
    }
}

#[derive(Serialize, Deserialize)]
struct StoredRetirable {
    account: String,
    region: String,
    retiring: String,
    of_key: String,
    key: String,
    grant: String,
}

impl Record for Retirable {
    const TABLE: &'static str = "kms.retirable_grant";
    const CACHED: bool = false;
    fn key(&self) -> Place {
        let place = Self::prefix(self.account, &self.region, &self.retiring);
        let place = place.then(self.of_key.as_str()).then(&self.key.to_string());
        place.then(&self.grant.to_string())
    }
    fn store(&self) -> Vec<u8> {
        write(&StoredRetirable {
            account: self.account.to_string(),
            region: self.region.to_string(),
            retiring: self.retiring.clone(),
            of_key: self.of_key.to_string(),
            key: self.key.to_string(),
            grant: self.grant.to_string(),
        })
    }
    fn load(bytes: &[u8]) -> Result<Self, Unreadable> {
        let form: StoredRetirable = read(Self::TABLE, bytes)?;
        let bad = |field| move || bad(Self::TABLE, field);
        Ok(Self {
            account: form.account.parse().ok().ok_or_else(bad("account"))?,
            region: form.region.parse().ok().ok_or_else(bad("region"))?,
            retiring: form.retiring,
            of_key: form.of_key.parse().ok().ok_or_else(bad("of_key"))?,
            key: KeyId::parse(&form.key).ok_or_else(bad("key"))?,
            grant: GrantId::parse(&form.grant).ok_or_else(bad("grant"))?,
        })
    }
}

/// That a grant was made under a name, by which a repeated call finds it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct NamedGrant {
    account: AccountId,
    region: Region,
    key: KeyId,
    sameness: [u8; 32],
    /// The grant.
    pub(crate) id: GrantId,
}

impl NamedGrant {
    /// Of a grant that has a name.
    pub(crate) fn of(grant: &Grant) -> Option<Self> {
        grant.name.as_ref()?;
        Some(Self {
            account: grant.account,
            region: grant.region,
            key: grant.key,
            sameness: sameness(grant),
            id: grant.id,
        })
    }
}

/// What two grants of one key have in common whose calls were the same: all but id and instant.
fn sameness(grant: &Grant) -> [u8; 32] {
    let party = |party: &Party| {
        let id = match party {
            Party::Principal { id, .. } => id.clone().unwrap_or_default(),
            Party::Service(_) => "service".to_owned(),
        };
        context::bind(&[party.text().as_bytes(), id.as_bytes()])
    };
    let retiring = grant.retiring.as_ref().map(party).unwrap_or_default();
    let mut operations: Vec<&[u8]> = grant
        .operations
        .iter()
        .map(|it| it.as_str().as_bytes())
        .collect();
    operations.sort_unstable();
    let constraints = &grant.constraints;
    let pairs = constraints.pairs().unwrap_or_default();
    digest::sha256(&context::bind(&[
        grant.issuer.as_str().as_bytes(),
        grant.name.as_deref().unwrap_or_default().as_bytes(),
        &party(&grant.grantee),
        &retiring,
        &context::bind(&operations),
        constraints.name().unwrap_or_default().as_bytes(),
        &context::canonical(&pairs),
        constraints
            .source_arn
            .as_deref()
            .unwrap_or_default()
            .as_bytes(),
    ]))
}

#[derive(Serialize, Deserialize)]
struct StoredNamed {
    account: String,
    region: String,
    key: String,
    #[serde(with = "hex::serde")]
    sameness: [u8; 32],
    grant: String,
}

impl Record for NamedGrant {
    const TABLE: &'static str = "kms.named_grant";
    const CACHED: bool = false;
    fn key(&self) -> Place {
        let key = Key::key_of(self.account, &self.region, &self.key);
        key.then(&hex::encode(self.sameness))
    }
    fn store(&self) -> Vec<u8> {
        write(&StoredNamed {
            account: self.account.to_string(),
            region: self.region.to_string(),
            key: self.key.to_string(),
            sameness: self.sameness,
            grant: self.id.to_string(),
        })
    }
    fn load(bytes: &[u8]) -> Result<Self, Unreadable> {
        let form: StoredNamed = read(Self::TABLE, bytes)?;
        let bad = |field| move || bad(Self::TABLE, field);
        Ok(Self {
            account: form.account.parse().ok().ok_or_else(bad("account"))?,
            region: form.region.parse().ok().ok_or_else(bad("region"))?,
            key: KeyId::parse(&form.key).ok_or_else(bad("key"))?,
            sameness: form.sameness,
            id: GrantId::parse(&form.grant).ok_or_else(bad("grant"))?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::grant::stored::tests::some_grant;
    use crate::grant::{Constraints, ContextConstraint};
    use kms_api::shapes::GrantOperation;

    #[test]
    fn golden_bytes() {
        let key = "11111111-1111-1111-1111-111111111111";
        let id = "22".repeat(32);
        let grant = some_grant();
        let retirable = Retirable::of(&grant).unwrap();
        let stored = format!(
            "\x01{{\"account\":\"444455556666\",\"region\":\"us-east-1\",\"retiring\":\"arn:aws:iam::444455556666:user/eve\",\"of_key\":\"111122223333\",\"key\":\"{key}\",\"grant\":\"{id}\"}}"
        );
        assert_eq!(String::from_utf8(retirable.store()).unwrap(), stored);
        assert_eq!(Retirable::load(stored.as_bytes()).unwrap(), retirable);
        let named = NamedGrant::of(&grant).unwrap();
        let stored = format!(
            "\x01{{\"account\":\"111122223333\",\"region\":\"us-east-1\",\"key\":\"{key}\",\"sameness\":\"{}\",\"grant\":\"{id}\"}}",
            hex::encode(sameness(&grant))
        );
        assert_eq!(String::from_utf8(named.store()).unwrap(), stored);
        assert_eq!(NamedGrant::load(stored.as_bytes()).unwrap(), named);
        let of = GrantOf::new(grant.clone()).unwrap();
        assert_eq!(GrantOf::load(&of.store()).unwrap().grant, grant);
    }

    #[test]
    fn a_marker_leads_behind_the_row() {
        let row = Retirable::of(&some_grant()).unwrap();
        let prefix = Retirable::prefix(row.account, &row.region, &row.retiring);
        assert_eq!(Retirable::after(&prefix, &row.marker()), Some(row.key()));
        assert_eq!(Retirable::after(&prefix, "1/2"), None);
    }

    #[test]
    fn the_same_call_but_for_id_and_instant() {
        let one = some_grant();
        let same = Grant {
            id: GrantId::random(),
            created: base::Timestamp::from_seconds(9),
            operations: one.operations.iter().rev().copied().collect(),
            ..one.clone()
        };
        assert_eq!(sameness(&one), sameness(&same));
        let context = |context| Constraints {
            context: Some(context),
            source_arn: None,
        };
        let pairs = one.constraints.pairs().unwrap();
        let recreated = match one.grantee.clone() {
            Party::Principal { arn, .. } => Party::Principal {
                arn,
                id: Some("AROA2".into()),
            },
            service => service,
        };
        for other in [
            Grant {
                name: Some("other".into()),
                ..one.clone()
            },
            Grant {
                issuer: AccountId::from_number(1),
                ..one.clone()
            },
            Grant {
                grantee: recreated,
                ..one.clone()
            },
            Grant {
                retiring: None,
                ..one.clone()
            },
            Grant {
                operations: vec![GrantOperation::Encrypt],
                ..one.clone()
            },
            Grant {
                constraints: context(ContextConstraint::Equals(pairs)),
                ..one.clone()
            },
            Grant {
                constraints: Constraints::default(),
                ..one.clone()
            },
        ] {
            assert_ne!(sameness(&one), sameness(&other), "{other:?}");
        }
    }
}
