//! A name for a key, and the rules for such names.
//!
//! AWS document: AWS KMS Developer Guide, "Aliases in AWS KMS"; API reference, CreateAlias.

use std::sync::Arc;

use base::{AccountId, Arn, Region, Timestamp};
use pipeline::{Call, Failure, Lookup};
use policy::{NamedResource, Resource};
use serde::{Deserialize, Serialize};
use storage::{Key as Place, Record, Unreadable};

use crate::key::Key;
use crate::key_id::KeyId;
use crate::{errors, stored};

/// What every name begins with.
pub(crate) const PREFIX: &str = "alias/";
/// What the names of AWS's own aliases begin with.
const RESERVED: &str = "alias/aws/";
/// A name in one account and region, and the key it leads to.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Alias {
    /// `alias/…`
    pub(crate) name: String,
    /// The account it and its key belong to.
    pub(crate) account: AccountId,
    /// The region it and its key are in.
    pub(crate) region: Region,
    /// The key it leads to.
    pub(crate) target: KeyId,
    /// When it was made.
    pub(crate) created: Timestamp,
    /// When it was made to lead where it leads.
    pub(crate) updated: Timestamp,
}

impl Alias {
    /// Where the alias of this name lies.
    pub(crate) fn key_of(account: AccountId, region: &Region, name: &str) -> Place {
        Self::prefix(account, region).then(name)
    }

    /// What the places of an account's aliases in a region begin with.
    pub(crate) fn prefix(account: AccountId, region: &Region) -> Place {
        Place::root().then(account.as_str()).then(region.as_str())
    }

    /// The ARN that the alias of this name has.
    pub(crate) fn arn_of(account: AccountId, region: &Region, name: &str) -> Arn {
        Arn::new("kms", region.as_str(), account.as_str(), name)
    }
}

/// Refuses names that no caller can give to an alias.
pub(crate) fn check_name(name: &str) -> Result<(), Failure> {
    let Some(rest) = name.strip_prefix(PREFIX) else {
        return Err(errors::alias_prefix());
    };
    if rest.is_empty() {
        return Err(errors::alias_without_name());
    }
    if name.starts_with(RESERVED) {
        return Err(errors::alias_reserved());
    }
    if rest.contains(':') {
        return Err(errors::alias_characters(name));
    }
    Ok(())
}

/// Refuses to let an alias lead to an alias.
pub(crate) fn check_target(text: &str) -> Result<(), Failure> {
    match text.starts_with(PREFIX) || text.contains(":alias/") {
        true => Err(errors::alias_of_alias()),
        false => Ok(()),
    }
}

/// The caller's alias of one name, be there one or not, and the key it leads to.
pub(crate) struct Named {
    /// Its ARN.
    pub(crate) arn: Arn,
    /// The alias.
    pub(crate) alias: Option<Arc<Alias>>,
    /// The key it leads to.
    pub(crate) target: Option<Arc<Key>>,
    resource: Arc<NamedResource>,
}

impl Named {
    /// Looks for the caller's alias `name` in the region of the call.
    pub(crate) async fn find(look: &Lookup<'_>, name: &str) -> Result<Self, Failure> {
        let (account, region) = (look.call().account(), look.call().region());
        let arn = Alias::arn_of(account, &region, name);
        let alias = look
            .get::<Alias>(&Alias::key_of(account, &region, name))
            .await?;
        let target = match &alias {
            Some(alias) => {
                look.get(&Key::key_of(account, &region, &alias.target))
                    .await?
            }
            None => None,
        };
        let resource = Arc::new(NamedResource::new(arn.clone(), account));
        Ok(Self {
            arn,
            alias,
            target,
            resource,
        })
    }

    /// The alias as policies see it.
    pub(crate) fn resource(&self) -> Arc<dyn Resource> {
        self.resource.clone()
    }

    /// The key it leads to as policies see it; the alias itself where it leads nowhere.
    pub(crate) fn target_resource(&self) -> Arc<dyn Resource> {
        match &self.target {
            Some(key) => key.clone(),
            None => self.resource(),
        }
    }

    /// The alias, which must exist.
    pub(crate) fn existing(&self) -> Result<&Arc<Alias>, Failure> {
        self.alias
            .as_ref()
            .ok_or_else(|| errors::no_such_alias(&self.arn))
    }
}

/// A new alias `name` in the account and region of `call`.
pub(crate) fn new(call: &Call<'_>, name: &str, target: KeyId) -> Alias {
    Alias {
        name: name.to_owned(),
        account: call.account(),
        region: call.region(),
        target,
        created: call.now(),
        updated: call.now(),
    }
}

#[derive(Serialize, Deserialize)]
struct StoredV1 {
    name: String,
    account: String,
    region: String,
    target: String,
    created: i64,
    updated: i64,
}

impl Record for Alias {
    const TABLE: &'static str = "kms.alias";
    fn key(&self) -> Place {
        Self::key_of(self.account, &self.region, &self.name)
    }
    fn store(&self) -> Vec<u8> {
        stored::write(&StoredV1 {
            name: self.name.clone(),
            account: self.account.to_string(),
            region: self.region.to_string(),
            target: self.target.to_string(),
            created: self.created.micros(),
            updated: self.updated.micros(),
        })
    }
    fn load(bytes: &[u8]) -> Result<Self, Unreadable> {
        let form: StoredV1 = stored::read(Self::TABLE, bytes)?;
        let bad = |field| move || stored::bad(Self::TABLE, field);
        Ok(Self {
            name: form.name,
            account: form.account.parse().ok().ok_or_else(bad("account"))?,
            region: form.region.parse().ok().ok_or_else(bad("region"))?,
            target: KeyId::parse(&form.target).ok_or_else(bad("target"))?,
            created: Timestamp::from_micros(form.created),
            updated: Timestamp::from_micros(form.updated),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn golden_bytes() {
        let alias = Alias {
            name: "alias/a".into(),
            account: AccountId::from_number(1),
            region: Region::US_EAST_1,
            target: KeyId::from_bytes([0x11; 16], false),
            created: Timestamp::from_seconds(1),
            updated: Timestamp::from_seconds(2),
        };
        let stored = b"\x01{\"name\":\"alias/a\",\"account\":\"000000000001\",\"region\":\"us-east-1\",\"target\":\"11111111-1111-1111-1111-111111111111\",\"created\":1000000,\"updated\":2000000}";
        assert_eq!(alias.store(), stored);
        assert_eq!(Alias::load(stored).unwrap(), alias);
    }

    #[test]
    fn names() {
        for (name, code) in [
            ("alias/a", ""),
            ("alias/aws", ""),
            ("alias/a/b-c_d", ""),
            ("a", "ValidationException"),
            ("aliases/a", "ValidationException"),
            ("alias/a:b", "ValidationException"),
            ("alias/", "InvalidAliasNameException"),
            ("alias/aws/s3", "NotAuthorizedException"),
        ] {
            let found = match check_name(name) {
                Ok(()) => "",
                Err(Failure::Fault(fault)) => fault.facts.code,
                Err(other) => panic!("{other:?}"),
            };
            assert_eq!(found, code, "{name}");
        }
    }
}
