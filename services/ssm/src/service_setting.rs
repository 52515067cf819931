//! What an account chooses for all its parameters in a region.
//!
//! AWS document: AWS Systems Manager API Reference, UpdateServiceSetting; User Guide, "Specifying a default parameter
//! tier" and "Changing Parameter Store throughput".

use std::sync::Arc;

use base::{AccountId, Arn, Region, Timestamp};
use pipeline::{Failure, Lookup};
use policy::{NamedResource, Resource};
use serde::{Deserialize, Serialize};
use ssm_api::shapes::{self, ParameterTier};
use storage::{Key, Record, Unreadable};
use wire::ClosedSet;

use crate::{errors, stored};

/// What stands before an id in its ARN.
const IN_ARN: &str = "servicesetting";
/// Settings of what is not Parameter Store.
const NOT_BUILT: &[&str] = &[
    "/ssm/appmanager/appmanager-enabled",
    "/ssm/automation/customer-script-log-destination",
    "/ssm/automation/customer-script-log-group-name",
    "/ssm/automation/enable-adaptive-concurrency",
    "/ssm/documents/console/public-sharing-permission",
    "/ssm/managed-instance/activation-tier",
    "/ssm/managed-instance/default-ec2-instance-management-role",
    "/ssm/opsinsights/opscenter",
];

/// Which setting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Setting {
    /// The tier of parameters that are put without one.
    DefaultTier,
    /// Whether parameters may be read more often.
    HighThroughput,
}

impl Setting {
    const ALL: [Self; 2] = [Self::DefaultTier, Self::HighThroughput];

    /// `SettingId`
    pub(crate) fn id(self) -> &'static str {
        match self {
            Self::DefaultTier => "/ssm/parameter-store/default-parameter-tier",
            Self::HighThroughput => "/ssm/parameter-store/high-throughput-enabled",
        }
    }

    fn of_id(id: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|setting| setting.id() == id)
    }

    fn default_value(self) -> &'static str {
        match self {
            Self::DefaultTier => ParameterTier::Standard.as_str(),
            Self::HighThroughput => "false",
        }
    }

    /// Refuses a value that it cannot have.
    pub(crate) fn check(self, value: &str) -> Result<(), Failure> {
        let valid = match self {
            Self::DefaultTier => <ParameterTier as ClosedSet>::NAMES,
            Self::HighThroughput => &["true", "false"],
        };
        match valid.contains(&value) {
            true => Ok(()),
            false => Err(errors::setting_value(value, &valid.join(", "))),
        }
    }

    /// As its account knows it, where it was never chosen.
    pub(crate) fn told_by_default(self, arn: &Arn) -> shapes::ServiceSetting {
        shapes::ServiceSetting {
            setting_id: Some(self.id().to_owned()),
            setting_value: Some(self.default_value().to_owned()),
            last_modified_user: Some("System".to_owned()),
            last_modified_date: None,
            arn: Some(arn.to_string()),
            status: Some("Default".to_owned()),
        }
    }
}

/// A setting that a caller names, by id or ARN, be there such a one or not.
pub(crate) struct Named {
    id: String,
    arn: Arn,
    account: AccountId,
    /// Whether it is of the region that is asked.
    is_here: bool,
}

impl Named {
    /// Reads `SettingId`.
    pub(crate) fn read(text: &str, look: &Lookup<'_>) -> Result<Self, Failure> {
        let (account, region) = (look.call().account(), look.call().region());
        if !text.starts_with("arn:") {
            return Ok(Self {
                id: text.to_owned(),
                arn: arn(account, region, text),
                account,
                is_here: true,
            });
        }
        let named: Arn = text.parse().map_err(|_| errors::no_such_setting(text))?;
        let of: Option<AccountId> = named.account().parse().ok();
        let id = named.resource().strip_prefix(IN_ARN).map(str::to_owned);
        match (of, id, named.service()) {
            (Some(of), Some(id), "ssm") => Ok(Self {
                is_here: of == account && named.region() == region.as_str(),
                id,
                account: of,
                arn: named,
            }),
            _ => Err(errors::no_such_setting(text)),
        }
    }

    /// As policies see it.
    pub(crate) fn resource(&self) -> Arc<dyn Resource> {
        Arc::new(NamedResource::new(self.arn.clone(), self.account))
    }

    pub(crate) fn arn(&self) -> &Arn {
        &self.arn
    }

    /// The setting, which must exist.
    pub(crate) fn existing(&self) -> Result<Setting, Failure> {
        match Setting::of_id(&self.id).filter(|_| self.is_here) {
            Some(setting) => Ok(setting),
            None if NOT_BUILT.contains(&&*self.id) => Err(errors::not_built(&self.id)),
            None => Err(errors::no_such_setting(&self.id)),
        }
    }
}

fn arn(account: AccountId, region: Region, id: &str) -> Arn {
    let id = id.strip_prefix('/').unwrap_or(id);
    Arn::new(
        "ssm",
        region.as_str(),
        account.as_str(),
        format_args!("{IN_ARN}/{id}"),
    )
}

/// What an account has chosen.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Chosen {
    pub(crate) setting: Setting,
    pub(crate) account: AccountId,
    pub(crate) region: Region,
    pub(crate) value: String,
    pub(crate) modified: Timestamp,
    pub(crate) modified_by: String,
}

impl Chosen {
    /// Where the choice of an account in a region lies.
    pub(crate) fn key_of(setting: Setting, account: AccountId, region: Region) -> Key {
        let of = Key::root().then(account.as_str()).then(region.as_str());
        of.then(setting.id())
    }

    /// As its account knows it.
    pub(crate) fn told(&self) -> shapes::ServiceSetting {
        shapes::ServiceSetting {
            setting_id: Some(self.setting.id().to_owned()),
            setting_value: Some(self.value.clone()),
            last_modified_date: Some(self.modified),
            last_modified_user: Some(self.modified_by.clone()),
            arn: Some(arn(self.account, self.region, self.setting.id()).to_string()),
            status: Some("Customized".to_owned()),
        }
    }
}

/// The tier of parameters that are put without one. Nothing is expected of it at commit.
pub(crate) async fn default_tier(look: &Lookup<'_>) -> Result<ParameterTier, Failure> {
    let (account, region) = (look.call().account(), look.call().region());
    let place = Chosen::key_of(Setting::DefaultTier, account, region);
    let Some(chosen) = look.glimpse::<Chosen>(&place).await? else {
        return Ok(ParameterTier::Standard);
    };
    let tiers = ParameterTier::ALL.iter().copied();
    let tier = tiers.into_iter().find(|tier| tier.as_str() == chosen.value);
    tier.ok_or_else(|| Failure::internal("a default tier that is none"))
}

#[derive(Serialize, Deserialize)]
struct StoredV1 {
    id: String,
    account: String,
    region: String,
    value: String,
    modified: i64,
    modified_by: String,
}

impl Record for Chosen {
    const TABLE: &'static str = "ssm.service-setting";
    fn key(&self) -> Key {
        Self::key_of(self.setting, self.account, self.region)
    }
    fn store(&self) -> Vec<u8> {
        stored::write(&StoredV1 {
            id: self.setting.id().to_owned(),
            account: self.account.to_string(),
            region: self.region.to_string(),
            value: self.value.clone(),
            modified: self.modified.micros(),
            modified_by: self.modified_by.clone(),
        })
    }
    fn load(bytes: &[u8]) -> Result<Self, Unreadable> {
        let form: StoredV1 = stored::read(Self::TABLE, bytes)?;
        let bad = |field| move || stored::bad(Self::TABLE, field);
        Ok(Self {
            setting: Setting::of_id(&form.id).ok_or_else(bad("id"))?,
            account: form.account.parse().ok().ok_or_else(bad("account"))?,
            region: form.region.parse().ok().ok_or_else(bad("region"))?,
            value: form.value,
            modified: Timestamp::from_micros(form.modified),
            modified_by: form.modified_by,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn golden_bytes() {
        let chosen = Chosen {
            setting: Setting::HighThroughput,
            account: AccountId::from_number(1),
            region: Region::US_EAST_1,
            value: "true".into(),
            modified: Timestamp::from_seconds(1),
            modified_by: "a".into(),
        };
        let stored = b"\x01{\"id\":\"/ssm/parameter-store/high-throughput-enabled\",\"account\":\"000000000001\",\"region\":\"us-east-1\",\"value\":\"true\",\"modified\":1000000,\"modified_by\":\"a\"}";
        assert_eq!(chosen.store(), stored);
        assert_eq!(Chosen::load(stored).unwrap(), chosen);
    }
}
