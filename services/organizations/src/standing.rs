//! What the caller's account is in which organization.

use std::collections::BTreeSet;
use std::sync::Arc;

use base::{AccountId, Tags};
use identity::organization::{FeatureSet, Member, Organization};
use pipeline::{Failure, Lookup};
use policy::{NamedResource, Resource};

use crate::delegation::DelegatedAdministrator;
use crate::{errors, service_access};

/// Whether the organization still trusts one of the services that an account administers.
async fn administers(
    look: &Lookup<'_>,
    organization: &str,
    administrator: &DelegatedAdministrator,
) -> Result<bool, Failure> {
    let trusted = service_access::find(look, organization).await?;
    let mut services = administrator.services.keys();
    Ok(services.any(|service| trusted.services.contains_key(service)))
}

/// The caller's account, its membership and its organization, if it has any.
#[derive(Clone)]
pub(crate) struct Standing {
    account: AccountId,
    /// The membership of the caller's account.
    pub(crate) member: Option<Arc<Member>>,
    /// Its organization, or one without parts that stands for none.
    named: Arc<Organization>,
    delegated: bool,
}

impl Standing {
    /// Of whoever calls.
    pub(crate) async fn of_caller(look: &Lookup<'_>) -> Result<Self, Failure> {
        let account = look.call().account();
        let member = look.get::<Member>(&Member::key_of(account)).await?;
        let member = member.filter(|member| !member.is_gone());
        let Some(organization) = member.as_ref().map(|member| &member.organization) else {
            return Ok(Self::of_none(look, account));
        };
        let key = DelegatedAdministrator::key_of(organization, account);
        let delegated = look.get::<DelegatedAdministrator>(&key).await?;
        let delegated = match delegated {
            Some(found) => administers(look, organization, &found).await?,
            None => false,
        };
        let named = look
            .get::<Organization>(&Organization::key_of(organization))
            .await?;
        Ok(Self {
            account,
            named: named.ok_or_else(|| Failure::internal("a member without an organization"))?,
            member,
            delegated,
        })
    }

    fn of_none(look: &Lookup<'_>, account: AccountId) -> Self {
        let named = Organization {
            id: "o-none".into(),
            management: account,
            root: "r-none".into(),
            features: FeatureSet::All,
            enabled: BTreeSet::new(),
            root_tags: Tags::default(),
            created: look.call().now(),
        };
        Self {
            account,
            member: None,
            named: Arc::new(named),
            delegated: false,
        }
    }

    /// The organization if there is one: what it holds may be looked up for a decision.
    pub(crate) fn known(&self) -> Option<&Arc<Organization>> {
        self.member.as_ref().map(|_| &self.named)
    }
    /// For ARNs: the organization, or one that stands for none.
    pub(crate) fn named(&self) -> &Organization {
        &self.named
    }
    /// For what every member account may.
    pub(crate) fn joined(&self) -> Result<&Arc<Organization>, Failure> {
        self.known().ok_or_else(errors::not_in_use)
    }
    /// For what the management account alone may.
    pub(crate) fn manages(&self) -> Result<&Arc<Organization>, Failure> {
        let organization = self.joined()?;
        match organization.management == self.account {
            true => Ok(organization),
            false => Err(errors::access_denied()),
        }
    }
    /// For what the management account may, and accounts that it made administrators of some service.
    pub(crate) fn reads(&self) -> Result<&Arc<Organization>, Failure> {
        match self.delegated {
            true => self.joined(),
            false => self.manages(),
        }
    }
    /// A part of the organization as decisions see it. It counts as the caller's: whether the caller may reach it is
    /// decided by the account's standing, not by policies on it.
    pub(crate) fn resource(&self, arn: base::Arn, tags: Tags) -> Arc<dyn Resource> {
        Arc::new(NamedResource::tagged(arn, self.account, tags))
    }
}
