//! A KMS key.

use std::collections::BTreeSet;

use base::{AccountId, Arn, Region, Tags, Timestamp};
use identity::Document;
use pipeline::Failure;
use policy::{ConditionKey, Grammar, Resource, ResourcePolicy, Value};
use serde::{Deserialize, Serialize};
use storage::{Record, Unreadable};

use crate::key_id::KeyId;
use crate::key_material::KeyMaterial;
use crate::key_state::{KeyState, StoredState};
use crate::{errors, stored};

/// `KeySpec` and `CustomerMasterKeySpec` of every key that is built.
pub(crate) const KEY_SPEC: &str = "SYMMETRIC_DEFAULT";
/// `KeyUsage` of every key that is built.
pub(crate) const KEY_USAGE: &str = "ENCRYPT_DECRYPT";
/// `Origin` of every key that is built.
pub(crate) const KEY_ORIGIN: &str = "AWS_KMS";

/// `kms:TrailingDaysWithoutKeyUsage` of every key. When a key was used last is not kept yet; so that a policy against
/// the deletion of keys in use holds, each counts as used today.
pub(crate) const DAYS_WITHOUT_USE: i64 = 0;

/// A symmetric encryption key whose material was made here, with everything a call on it needs to know.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Key {
    /// Its id.
    pub(crate) id: KeyId,
    /// `arn:aws:kms:REGION:ACCOUNT:key/ID`
    pub(crate) arn: Arn,
    /// The account it belongs to.
    pub(crate) account: AccountId,
    /// The only region it is visible in.
    pub(crate) region: Region,
    /// When it was made.
    pub(crate) created: Timestamp,
    /// The caller's own words.
    pub(crate) description: String,
    /// Its tags.
    pub(crate) tags: Tags,
    /// Names of the aliases that lead to it, `alias/` included.
    pub(crate) aliases: BTreeSet<String>,
    /// Its key policy.
    pub(crate) policy: Document,
    /// Whether it may be used, and the material.
    pub(crate) state: KeyState,
}

impl Key {
    /// Where the key of this id lies.
    pub(crate) fn key_of(account: AccountId, region: &Region, id: &KeyId) -> storage::Key {
        id.with_text(|id| Self::prefix(account, region).then(id))
    }

    /// What the places of an account's keys in a region begin with.
    pub(crate) fn prefix(account: AccountId, region: &Region) -> storage::Key {
        storage::Key::root()
            .then(account.as_str())
            .then(region.as_str())
    }

    /// The ARN that the key of this id has.
    pub(crate) fn arn_of(account: AccountId, region: &Region, id: impl std::fmt::Display) -> Arn {
        Arn::new(
            "kms",
            region.as_str(),
            account.as_str(),
            format_args!("key/{id}"),
        )
    }

    /// The material, of an enabled key only.
    pub(crate) fn material(&self) -> Result<&KeyMaterial, Failure> {
        match &self.state {
            KeyState::Enabled(material) => Ok(material),
            KeyState::Disabled(_) => Err(errors::disabled(&self.arn)),
            KeyState::PendingDeletion { .. } => Err(errors::pending_deletion(&self.arn)),
        }
    }

    /// Refuses a key that is going to be deleted.
    pub(crate) fn not_pending_deletion(&self) -> Result<(), Failure> {
        match &self.state {
            KeyState::PendingDeletion { .. } => Err(errors::pending_deletion(&self.arn)),
            KeyState::Enabled(_) | KeyState::Disabled(_) => Ok(()),
        }
    }
}

impl Resource for Key {
    fn arn(&self) -> &Arn {
        &self.arn
    }
    fn account(&self) -> AccountId {
        self.account
    }
    fn policy(&self) -> ResourcePolicy<'_> {
        ResourcePolicy::Key(self.policy.policy())
    }
    fn tags(&self) -> &Tags {
        &self.tags
    }
    fn condition(&self, key: &ConditionKey, each: &mut dyn FnMut(Value<'_>)) -> bool {
        match key.name() {
            "kms:keyspec" => each(Value::Text(KEY_SPEC)),
            "kms:keyusage" => each(Value::Text(KEY_USAGE)),
            "kms:keyorigin" => each(Value::Text(KEY_ORIGIN)),
            "kms:multiregion" => each(Value::Bool(false)),
            "kms:resourcealiases" => {
                self.aliases
                    .iter()
                    .for_each(|alias| each(Value::Text(alias)));
                return !self.aliases.is_empty();
            }
            _ => return false,
        }
        true
    }
}

#[derive(Serialize, Deserialize)]
struct StoredV1 {
    id: String,
    account: String,
    region: String,
    created: i64,
    description: String,
    tags: Tags,
    aliases: BTreeSet<String>,
    policy: String,
    #[serde(flatten)]
    state: StoredState,
}

impl Record for Key {
    const TABLE: &'static str = "kms.key";
    fn key(&self) -> storage::Key {
        Self::key_of(self.account, &self.region, &self.id)
    }
    fn store(&self) -> Vec<u8> {
        stored::write(&StoredV1 {
            id: self.id.to_string(),
            account: self.account.to_string(),
            region: self.region.to_string(),
            created: self.created.micros(),
            description: self.description.clone(),
            tags: self.tags.clone(),
            aliases: self.aliases.clone(),
            policy: self.policy.text().to_owned(),
            state: StoredState::from(&self.state),
        })
    }
    fn load(bytes: &[u8]) -> Result<Self, Unreadable> {
        let form: StoredV1 = stored::read(Self::TABLE, bytes)?;
        let bad = |field| move || stored::bad(Self::TABLE, field);
        let id = KeyId::parse(&form.id).ok_or_else(bad("id"))?;
        let account = form.account.parse().ok().ok_or_else(bad("account"))?;
        let region = form.region.parse().ok().ok_or_else(bad("region"))?;
        let policy = Document::parse(&form.policy, Grammar::Key).ok();
        Ok(Self {
            id,
            arn: Self::arn_of(account, &region, id),
            account,
            region,
            created: Timestamp::from_micros(form.created),
            description: form.description,
            tags: form.tags,
            aliases: form.aliases,
            policy: policy.ok_or_else(bad("policy"))?,
            state: form.state.read().ok_or_else(bad("deletion"))?,
        })
    }
}
