//! What a report is about: a user, group, role or managed policy; whose calls count, and what its policies allow.

use std::collections::BTreeSet;
use std::sync::Arc;

use base::AccountId;
use identity::{Attachment, EntityKind, GroupMember, Reported, ReportedKind, Role, User};
use pipeline::{Failure, Lookup};
use policy::{Policy, Resource};

use crate::managed_policy;
use crate::simulation::entity::PolicySource;
use crate::simulation::source::Sources;

/// What a report is about, be it there or not.
pub(crate) enum About {
    /// An entity with policies.
    Entity(PolicySource),
    /// A managed policy.
    Policy(managed_policy::Named),
}

/// As a permission has it: group, policy, role, user.
pub(crate) type Resources = [Option<Arc<dyn Resource>>; 4];

impl About {
    /// What has this ARN.
    pub(crate) async fn find(look: &Lookup<'_>, arn: &str) -> Result<Self, Failure> {
        let is_policy = arn.split(':').nth(5);
        match is_policy.is_some_and(|resource| resource.starts_with("policy/")) {
            true => Ok(Self::Policy(managed_policy::Named::find(look, arn).await?)),
            false => Ok(Self::Entity(PolicySource::find(look, arn).await?)),
        }
    }

    /// What policies on the call see of it.
    pub(crate) fn resources(&self, look: &Lookup<'_>) -> Resources {
        match self {
            Self::Entity(source) => {
                let [group, role, user] = source.resources();
                [group, None, role, user]
            }
            Self::Policy(policy) => [None, Some(policy.readable(look)), None, None],
        }
    }

    /// Whether one of its policies is about `action` in a statement that allows, whatever its resources and conditions.
    pub(crate) async fn allowing(&self, look: &Lookup<'_>) -> Result<Allowing, Failure> {
        let documents = match self {
            Self::Entity(source) => {
                let sources = Sources::of(look, source).await?.identity;
                sources.into_iter().map(|it| it.document).collect()
            }
            Self::Policy(named) => {
                let version = named.found()?.default();
                version.map(|it| it.document.clone()).into_iter().collect()
            }
        };
        Ok(Allowing(documents))
    }

    /// Whose calls count.
    pub(crate) async fn reported(&self, look: &Lookup<'_>) -> Result<Vec<Reported>, Failure> {
        match self {
            Self::Entity(PolicySource::User(named)) => Ok(vec![user(named.found()?)]),
            Self::Entity(PolicySource::Role(named)) => Ok(vec![role(named.found()?)]),
            Self::Entity(PolicySource::Group(named)) => {
                let group = named.found()?;
                let names = members(look, group.account, &group.name).await?;
                users(look, group.account, names).await
            }
            Self::Policy(named) => holders(look, named.found()?.arn.as_str()).await,
        }
    }
}

/// The documents that may allow something.
pub(crate) struct Allowing(Vec<identity::Document>);

impl Allowing {
    /// Whether one of them is about `action` in a statement that allows.
    pub(crate) fn names(&self, action: &str) -> bool {
        let mut policies = self.0.iter().map(identity::Document::policy);
        policies.any(|policy: &Policy| policy.names_as_allowed(action))
    }
}

/// Users and roles that have the policy, users through their groups too.
async fn holders(look: &Lookup<'_>, policy: &str) -> Result<Vec<Reported>, Failure> {
    let account = look.call().account();
    let prefix = Attachment::prefix(account, policy, false);
    let (mut names, mut roles) = (BTreeSet::new(), Vec::new());
    for row in look.survey::<Attachment>(&prefix).await?.iter() {
        match row.kind {
            EntityKind::User => drop(names.insert(row.name.to_ascii_lowercase())),
            EntityKind::Group => names.extend(members(look, account, &row.name).await?),
            EntityKind::Role => {
                let key = Role::key_of(account, &row.name);
                roles.extend(look.glimpse::<Role>(&key).await?.map(|it| role(&it)));
            }
        }
    }
    let mut all = users(look, account, names).await?;
    all.extend(roles);
    Ok(all)
}

async fn members(
    look: &Lookup<'_>,
    account: AccountId,
    group: &str,
) -> Result<BTreeSet<String>, Failure> {
    let prefix = GroupMember::prefix(account, group);
    let members = look.survey::<GroupMember>(&prefix).await?;
    let names = members
        .iter()
        .map(|member| member.user.to_ascii_lowercase());
    Ok(names.collect())
}

async fn users(
    look: &Lookup<'_>,
    account: AccountId,
    names: BTreeSet<String>,
) -> Result<Vec<Reported>, Failure> {
    let mut users = Vec::with_capacity(names.len());
    for name in names {
        let found = look.glimpse::<User>(&User::key_of(account, &name)).await?;
        users.extend(found.map(|it| user(&it)));
    }
    Ok(users)
}

fn user(user: &User) -> Reported {
    Reported {
        kind: ReportedKind::User,
        id: user.id.clone(),
        arn: user.arn.to_string(),
        name: user.name.clone(),
        path: user.path.clone(),
    }
}

fn role(role: &Role) -> Reported {
    Reported {
        kind: ReportedKind::Role,
        id: role.id.clone(),
        arn: role.arn.to_string(),
        name: role.name.clone(),
        path: role.path.clone(),
    }
}
