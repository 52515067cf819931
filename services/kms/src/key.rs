//! A KMS key.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use base::{AccountId, Arn, Region, Tags, Timestamp};
use identity::Document;
use kms_api::shapes::{KeyManagerType, KeySpec, KeyUsageType, OriginType};
use pipeline::Failure;
use policy::{ConditionKey, Grammar, Resource, ResourcePolicy, Value};
use serde::{Deserialize, Serialize};
use storage::{Record, Unreadable};

use crate::custom_key_store::custody::{Custody, Elsewhere};
use crate::key_id::KeyId;
use crate::key_policy;
use crate::key_state::{KeyState, StoredState};
use crate::materials::Materials;
use crate::multi_region::MultiRegion;
use crate::public_half::PublicHalf;
use crate::rotation::Schedule;
use crate::{errors, stored};

/// A key with everything a call on it needs to know.
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
    /// What it is for.
    pub(crate) usage: KeyUsageType,
    /// What kind of key it is.
    pub(crate) spec: KeySpec,
    /// Where its material is from.
    pub(crate) origin: OriginType,
    /// Whether the account manages it, or a service on the account's behalf.
    pub(crate) manager: KeyManagerType,
    /// Where it is kept.
    pub(crate) custody: Custody,
    /// Its relatives in other regions, for a multi-Region key.
    pub(crate) multi_region: Option<MultiRegion>,
    /// Whether and when it is rotated by itself. Related keys have the schedule of the primary key.
    pub(crate) rotation: Option<Schedule>,
    /// Whether there ever was a grant on it.
    pub(crate) granted: bool,
    /// Its public key, of a key pair. One that was kept before public keys were has none: the pair tells it.
    pub(crate) public: Option<PublicHalf>,
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

    /// The key's name as it is authenticated with what it seals: related keys of several regions share it.
    pub(crate) fn sealing_name(&self) -> Cow<'_, str> {
        match self.id.is_multi_region() {
            true => Cow::Owned(format!("arn:aws:kms:*:{}:key/{}", self.account, self.id)),
            false => Cow::Borrowed(self.arn.as_str()),
        }
    }

    /// Whether it is a replica of a primary key in another region.
    pub(crate) fn is_replica(&self) -> bool {
        let related = self.multi_region.as_ref();
        related.is_some_and(|related| related.primary != self.region)
    }

    /// Whether it is a primary key with replicas in other regions.
    pub(crate) fn has_replicas(&self) -> bool {
        let related = self.multi_region.as_ref();
        related
            .is_some_and(|related| related.primary == self.region && !related.replicas.is_empty())
    }

    /// The material, of an enabled key only. Material that expired before `now` counts as deleted, whether or not it
    /// is yet.
    pub(crate) fn materials(&self, now: Timestamp) -> Result<&Materials, Failure> {
        match &self.state {
            KeyState::Enabled(materials) if materials.expires().is_none_or(|at| now < at) => {
                Ok(materials)
            }
            KeyState::Enabled(_) | KeyState::PendingImport(_) => {
                Err(errors::pending_import(&self.arn))
            }
            KeyState::Disabled(_) => Err(errors::disabled(&self.arn)),
            KeyState::PendingDeletion { .. } | KeyState::PendingReplicaDeletion { .. } => {
                Err(self.pending_deletion())
            }
        }
    }

    /// Refuses a key that is going to be deleted.
    pub(crate) fn not_pending_deletion(&self) -> Result<(), Failure> {
        match &self.state {
            KeyState::PendingDeletion { .. } | KeyState::PendingReplicaDeletion { .. } => {
                Err(self.pending_deletion())
            }
            KeyState::Enabled(_) | KeyState::Disabled(_) | KeyState::PendingImport(_) => Ok(()),
        }
    }

    /// Refuses a key that lacks material.
    pub(crate) fn not_pending_import(&self) -> Result<(), Failure> {
        match &self.state {
            KeyState::PendingImport(_) => Err(errors::pending_import(&self.arn)),
            _ => Ok(()),
        }
    }

    fn pending_deletion(&self) -> Failure {
        match &self.state {
            KeyState::PendingReplicaDeletion { .. } => errors::pending_replica_deletion(&self.arn),
            _ => errors::pending_deletion(&self.arn),
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
            // AWS: the deprecated names work as the new ones.
            "kms:keyspec" | "kms:customermasterkeyspec" => each(Value::Text(self.spec.as_str())),
            "kms:keyusage" | "kms:customermasterkeyusage" => each(Value::Text(self.usage.as_str())),
            "kms:keyorigin" => each(Value::Text(self.origin.as_str())),
            "kms:multiregion" => each(Value::Bool(self.multi_region.is_some())),
            "kms:multiregionkeytype" => match &self.multi_region {
                Some(related) => each(Value::Text(related.key_type(self.region).as_str())),
                None => return false,
            },
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
    /// Absent where it is the one of keys that are made without one: most are, and lists read less.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    policy: Option<String>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    policy_bindings: BTreeMap<String, String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    kind: Option<StoredKind>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    elsewhere: Option<Elsewhere>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    multi_region: Option<StoredMultiRegion>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    rotation: Option<StoredSchedule>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    granted: bool,
    /// Hexadecimal digits of the DER.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    public_key: Option<String>,
    state: StoredState,
}

/// What a key is; absent for a symmetric encryption key of the account's own whose material was made here.
#[derive(Serialize, Deserialize)]
struct StoredKind {
    spec: String,
    usage: String,
    origin: String,
    manager: String,
}

#[derive(Serialize, Deserialize)]
struct StoredMultiRegion {
    primary: String,
    replicas: Vec<String>,
}

#[derive(Serialize, Deserialize)]
struct StoredSchedule {
    period_in_days: i64,
    /// Microseconds since the epoch.
    next: i64,
}

/// What a key is, of those that are stored without saying so.
const PLAIN: (KeySpec, KeyUsageType, OriginType, KeyManagerType) = (
    KeySpec::SymmetricDefault,
    KeyUsageType::EncryptDecrypt,
    OriginType::AwsKms,
    KeyManagerType::Customer,
);

impl StoredKind {
    fn of(key: &Key) -> Option<Self> {
        let kind = (key.spec, key.usage, key.origin, key.manager);
        (kind != PLAIN).then(|| Self {
            spec: key.spec.as_str().to_owned(),
            usage: key.usage.as_str().to_owned(),
            origin: key.origin.as_str().to_owned(),
            manager: key.manager.as_str().to_owned(),
        })
    }

    fn read(&self) -> Option<(KeySpec, KeyUsageType, OriginType, KeyManagerType)> {
        Some((
            stored::named(&self.spec)?,
            stored::named(&self.usage)?,
            stored::named(&self.origin)?,
            stored::named(&self.manager)?,
        ))
    }
}

impl StoredMultiRegion {
    fn of(related: &MultiRegion) -> Self {
        Self {
            primary: related.primary.to_string(),
            replicas: related.replicas.iter().map(Region::to_string).collect(),
        }
    }

    fn read(&self) -> Option<MultiRegion> {
        let replicas = self.replicas.iter().map(|region| region.parse().ok());
        Some(MultiRegion {
            primary: self.primary.parse().ok()?,
            replicas: replicas.collect::<Option<_>>()?,
        })
    }
}

impl StoredSchedule {
    fn of(schedule: Schedule) -> Self {
        Self {
            period_in_days: schedule.period_in_days,
            next: schedule.next.micros(),
        }
    }

    fn read(self) -> Schedule {
        Schedule {
            period_in_days: self.period_in_days,
            next: Timestamp::from_micros(self.next),
        }
    }
}

impl Record for Key {
    const TABLE: &'static str = "kms.key";
    const COUNTED: bool = true;
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
            policy: (!key_policy::is_default(&self.policy, self.account))
                .then(|| self.policy.text().to_owned()),
            policy_bindings: self.policy.bindings().clone(),
            kind: StoredKind::of(self),
            elsewhere: self.custody.elsewhere().cloned(),
            multi_region: self.multi_region.as_ref().map(StoredMultiRegion::of),
            rotation: self.rotation.map(StoredSchedule::of),
            granted: self.granted,
            public_key: self.public.as_ref().map(|it| hex::encode(it.der())),
            state: StoredState::from(&self.state),
        })
    }
    fn load(bytes: &[u8]) -> Result<Self, Unreadable> {
        let form: StoredV1 = stored::read(Self::TABLE, bytes)?;
        let bad = |field| move || stored::bad(Self::TABLE, field);
        let id = KeyId::parse(&form.id).ok_or_else(bad("id"))?;
        let account = form.account.parse().ok().ok_or_else(bad("account"))?;
        let region = form.region.parse().ok().ok_or_else(bad("region"))?;
        let policy = match form.policy {
            Some(text) => Document::parse_bound(&text, Grammar::Key, form.policy_bindings).ok(),
            None => key_policy::default(account).ok(),
        };
        let kind = form.kind.map_or(Some(PLAIN), |kind| kind.read());
        let (spec, usage, origin, manager) = kind.ok_or_else(bad("kind"))?;
        let multi_region = form.multi_region.map(|related| related.read());
        let multi_region = multi_region.map(|related| related.ok_or_else(bad("multi_region")));
        let public = form.public_key.map(hex::decode).transpose().ok();
        let public = public.ok_or_else(bad("public_key"))?;
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
            usage,
            spec,
            origin,
            manager,
            custody: form.elsewhere.map_or(Custody::Here, |place| {
                Custody::Elsewhere(std::sync::Arc::new(place))
            }),
            multi_region: multi_region.transpose()?,
            rotation: form.rotation.map(StoredSchedule::read),
            granted: form.granted,
            public: public.map(PublicHalf::stored),
            state: form.state.read().ok_or_else(bad("state"))?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::some_key;

    const DENY: &str =
        r#"{"Statement":{"Effect":"Deny","Principal":"*","Action":"kms:*","Resource":"*"}}"#;

    fn golden(state: &str, deletion: &str) -> Vec<u8> {
        let form = format!(
            "\x01{{\"id\":\"11111111-1111-1111-1111-111111111111\",\"account\":\"111122223333\",\
             \"region\":\"us-east-1\",\"created\":1000000,\"description\":\"d\",\
             \"tags\":[{{\"key\":\"team\",\"value\":\"red\"}}],\"aliases\":[\"alias/a\"],\
             \"policy\":\"{{\\\"Statement\\\":{{\\\"Effect\\\":\\\"Deny\\\",\\\"Principal\\\":\\\"*\\\",\
             \\\"Action\\\":\\\"kms:*\\\",\\\"Resource\\\":\\\"*\\\"}}}}\",\
             \"state\":{{\"name\":\"{state}\",\"deletion\":{deletion},\"version\":1,\
             \"material_id\":\"ab\",\"wrapped\":\"0102\"}}}}"
        );
        form.into_bytes()
    }

    #[test]
    fn golden_bytes() {
        let enabled = Key {
            tags: [("team", "red")].into_iter().collect(),
            aliases: ["alias/a".to_owned()].into(),
            policy: Document::parse(DENY, Grammar::Key).unwrap(),
            ..some_key()
        };
        let at = Timestamp::from_seconds(2);
        for (state, name, deletion) in [
            (enabled.state.enabled(), "enabled", "null"),
            (enabled.state.disabled(), "disabled", "null"),
            (
                enabled.state.pending_deletion(at),
                "pending_deletion",
                "2000000",
            ),
        ] {
            let key = Key {
                state,
                ..enabled.clone()
            };
            let stored = golden(name, deletion);
            assert_eq!(
                String::from_utf8(key.store()).unwrap(),
                String::from_utf8(stored.clone()).unwrap()
            );
            assert_eq!(Key::load(&stored).unwrap(), key);
        }
    }

    #[test]
    fn golden_bytes_of_the_policy_of_keys_made_without_one() {
        let key = Key {
            tags: [("team", "red")].into_iter().collect(),
            aliases: ["alias/a".to_owned()].into(),
            ..some_key()
        };
        let text = String::from_utf8(golden("enabled", "null")).unwrap();
        let (before, rest) = text.split_once(r#""policy":"#).unwrap();
        let (_, after) = rest.split_once(r#","state""#).unwrap();
        let stored = format!(r#"{before}"state"{after}"#);
        assert_eq!(String::from_utf8(key.store()).unwrap(), stored);
        assert_eq!(Key::load(stored.as_bytes()).unwrap(), key);
        // As it was stored before.
        let policy = serde_json::to_string(key.policy.text()).unwrap();
        let stored = format!(r#"{before}"policy":{policy},"state"{after}"#);
        assert_eq!(Key::load(stored.as_bytes()).unwrap(), key);
    }

    #[test]
    fn golden_bytes_of_a_bound_policy() {
        let ann = "arn:aws:iam::111122223333:user/ann";
        let policy = DENY.replace(
            r#""Principal":"*""#,
            &format!(r#""Principal":{{"AWS":"{ann}"}}"#),
        );
        let bindings = BTreeMap::from([(ann.to_owned(), "AIDA1".to_owned())]);
        let key = Key {
            tags: [("team", "red")].into_iter().collect(),
            aliases: ["alias/a".to_owned()].into(),
            policy: Document::parse_bound(&policy, Grammar::Key, bindings).unwrap(),
            ..some_key()
        };
        let stored = String::from_utf8(golden("enabled", "null")).unwrap();
        let stored = stored
            .replace(
                r#"\"Principal\":\"*\""#,
                &format!(r#"\"Principal\":{{\"AWS\":\"{ann}\"}}"#),
            )
            .replace(
                r#","state""#,
                &format!(r#","policy_bindings":{{"{ann}":"AIDA1"}},"state""#),
            );
        assert_eq!(String::from_utf8(key.store()).unwrap(), stored);
        assert_eq!(Key::load(stored.as_bytes()).unwrap(), key);
    }

    #[test]
    fn golden_bytes_of_a_multi_region_mac_key() {
        let key = Key {
            id: KeyId::from_bytes([0x11; 16], true),
            arn: Arn::new(
                "kms",
                "us-east-1",
                "111122223333",
                "key/mrk-11111111111111111111111111111111",
            ),
            tags: [("team", "red")].into_iter().collect(),
            aliases: ["alias/a".to_owned()].into(),
            policy: Document::parse(DENY, Grammar::Key).unwrap(),
            spec: KeySpec::Hmac256,
            usage: KeyUsageType::GenerateVerifyMac,
            origin: OriginType::External,
            multi_region: Some(MultiRegion {
                primary: Region::US_EAST_1,
                replicas: ["eu-west-1".parse().unwrap()].into(),
            }),
            rotation: Some(Schedule {
                period_in_days: 90,
                next: Timestamp::from_seconds(3),
            }),
            granted: true,
            ..some_key()
        };
        let stored = String::from_utf8(golden("enabled", "null")).unwrap();
        let stored = stored
            .replace("11111111-1111-1111-1111-111111111111", "mrk-11111111111111111111111111111111")
            .replace(
                r#","state""#,
                r#","kind":{"spec":"HMAC_256","usage":"GENERATE_VERIFY_MAC","origin":"EXTERNAL","manager":"CUSTOMER"},"multi_region":{"primary":"us-east-1","replicas":["eu-west-1"]},"rotation":{"period_in_days":90,"next":3000000},"granted":true,"state""#,
            );
        assert_eq!(String::from_utf8(key.store()).unwrap(), stored);
        assert_eq!(Key::load(stored.as_bytes()).unwrap(), key);
        let unknown = stored.replace("HMAC_256", "HMAC_257");
        assert!(Key::load(unknown.as_bytes()).is_err());
    }

    #[test]
    fn only_an_enabled_key_has_material() {
        let key = some_key();
        let now = Timestamp::from_seconds(1);
        let code = |key: &Key| match key.materials(now) {
            Ok(_) => "",
            Err(Failure::Fault(fault)) => fault.facts.code,
            Err(other) => panic!("{other:?}"),
        };
        let with = |state| Key {
            state,
            ..some_key()
        };
        assert_eq!(code(&key), "");
        assert_eq!(code(&with(key.state.disabled())), "DisabledException");
        let pending = with(key.state.pending_deletion(Timestamp::from_seconds(2)));
        assert_eq!(code(&pending), "KMSInvalidStateException");
        assert_eq!(code(&with(pending.state.enabled())), "");
    }

    #[test]
    fn what_does_not_load() {
        let stored = golden("pending_deletion", "null");
        assert!(Key::load(&stored).is_err(), "no date of deletion");
        assert!(Key::load(&golden("lost", "null")).is_err());
        assert!(Key::load(b"\x02{}").is_err());
        assert!(Key::load(b"").is_err());
    }

    #[test]
    fn describes_itself_to_policies() {
        let values = |key: &Key, name: &str| {
            let mut values = Vec::new();
            let present = key.condition(&ConditionKey::new(name), &mut |value| {
                values.push(format!("{value:?}"));
            });
            assert_eq!(present, !values.is_empty());
            values.join(" ")
        };
        let named = Key {
            aliases: ["alias/a".into(), "alias/b".into()].into(),
            ..some_key()
        };
        for (name, expected) in [
            ("kms:KeySpec", "Text(\"SYMMETRIC_DEFAULT\")"),
            ("kms:KeyUsage", "Text(\"ENCRYPT_DECRYPT\")"),
            ("kms:KeyOrigin", "Text(\"AWS_KMS\")"),
            ("kms:MultiRegion", "Bool(false)"),
            ("kms:ResourceAliases", "Text(\"alias/a\") Text(\"alias/b\")"),
            ("kms:MultiRegionKeyType", ""),
        ] {
            assert_eq!(values(&named, name), expected, "{name}");
        }
        assert_eq!(values(&some_key(), "kms:ResourceAliases"), "");
    }
}
