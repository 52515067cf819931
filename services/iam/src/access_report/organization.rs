//! Reports on how the accounts of an organization use the services that its policies leave to them.
//!
//! AWS document: IAM API Reference, "GenerateOrganizationsAccessReport".

use std::sync::Arc;

use base::AccountId;
use identity::Document;
use identity::organization::{
    Child, ChildKind, FeatureSet, Member, Membership, OrganizationPolicy, OrganizationalUnit,
    PolicyKind,
};
use identity::{Reported, ReportedKind};
use pipeline::{Failure, Lookup};

use crate::errors;
use crate::simulation::organization::{attached, membership};

/// A part of the caller's organization: its root, a unit or an account.
pub(crate) struct Part {
    membership: Membership,
    /// What it lies in, itself included: ids of the root and of units.
    parents: Vec<String>,
    account: Option<AccountId>,
}

impl Part {
    /// The part at this path: `o-…/r-…`, then units, then perhaps an account. The caller's account must manage it.
    pub(crate) async fn find(look: &Lookup<'_>, path: &str) -> Result<Self, Failure> {
        let membership = membership(look, look.call().account()).await?;
        let membership = membership
            .filter(|it| it.is_management() && it.organization().features == FeatureSet::All);
        let membership = membership.ok_or_else(errors::management_only)?;
        let missing = || errors::no_such_entity_path(path);
        let mut ids = path.split('/').map(str::to_owned);
        if ids.next().as_ref() != Some(&membership.organization().id) {
            return Err(missing());
        }
        let mut parents: Vec<String> = ids.collect();
        let account: Option<AccountId> = parents.last().and_then(|last| last.parse().ok());
        if account.is_some() {
            parents.pop();
        }
        let part = Self {
            membership,
            parents,
            account,
        };
        match part.is_there(look).await? {
            true => Ok(part),
            false => Err(missing()),
        }
    }

    async fn is_there(&self, look: &Lookup<'_>) -> Result<bool, Failure> {
        let organization = self.membership.organization();
        if let Some(account) = self.account {
            let member = look.glimpse::<Member>(&Member::key_of(account)).await?;
            return Ok(member.is_some_and(|it| {
                it.organization == organization.id && it.parents == self.parents && !it.is_gone()
            }));
        }
        match self.parents.split_last() {
            Some((root, [])) => Ok(*root == organization.root),
            Some((unit, above)) => {
                let key = OrganizationalUnit::key_of(&organization.id, unit);
                let unit = look.glimpse::<OrganizationalUnit>(&key).await?;
                Ok(unit.is_some_and(|unit| unit.parents == above))
            }
            None => Ok(false),
        }
    }

    /// Every account of it.
    pub(crate) async fn accounts(&self, look: &Lookup<'_>) -> Result<Vec<Reported>, Failure> {
        let organization = self.membership.organization();
        let mut accounts: Vec<AccountId> = self.account.into_iter().collect();
        let unit = self.parents.last().filter(|_| self.account.is_none());
        let mut below: Vec<String> = unit.cloned().into_iter().collect();
        while let Some(parent) = below.pop() {
            let prefix = Child::prefix(&organization.id, &parent);
            for child in look.survey::<Child>(&prefix).await?.iter() {
                match child.kind {
                    ChildKind::Account => accounts.extend(child.id.parse::<AccountId>()),
                    ChildKind::Unit => below.push(child.id.clone()),
                }
            }
        }
        let mut reported = Vec::with_capacity(accounts.len());
        for account in accounts {
            let member = look.glimpse::<Member>(&Member::key_of(account)).await?;
            reported.extend(member.map(|member| account_of(&organization.id, &member)));
        }
        Ok(reported)
    }

    /// What service control policies leave to it: one of each level must allow an action.
    pub(crate) async fn allowing(&self, look: &Lookup<'_>) -> Result<Vec<Vec<Document>>, Failure> {
        let organization = self.membership.organization();
        let in_force = organization.enabled.contains(&PolicyKind::ServiceControl);
        if !in_force || self.account == Some(organization.management) {
            return Ok(Vec::new());
        }
        let account = self.account.map(|account| account.to_string());
        let mut levels = Vec::new();
        for target in self.parents.iter().chain(&account) {
            let sources = attached(look, &organization.id, target).await?;
            levels.push(sources.into_iter().map(|source| source.document).collect());
        }
        Ok(levels)
    }

    /// The one policy of this id.
    pub(crate) async fn policy(&self, look: &Lookup<'_>, id: &str) -> Result<Document, Failure> {
        let found = match OrganizationPolicy::aws_managed(id) {
            Some(policy) => Some(policy),
            None => {
                let key = OrganizationPolicy::key_of(&self.membership.organization().id, id);
                look.glimpse::<OrganizationPolicy>(&key).await?
            }
        };
        let control = |policy: Arc<OrganizationPolicy>| {
            let controls = policy.kind == PolicyKind::ServiceControl;
            policy.content.control().filter(|_| controls).cloned()
        };
        let document = found.and_then(control);
        document.ok_or_else(|| errors::no_such_control_policy(id))
    }
}

fn account_of(organization: &str, member: &Member) -> Reported {
    let account = member.account.to_string();
    let mut path = vec![organization.to_owned()];
    path.extend(member.parents.iter().cloned());
    path.push(account.clone());
    Reported {
        kind: ReportedKind::Account,
        id: account.clone(),
        arn: path.join("/"),
        name: account,
        path: String::new(),
    }
}
