//! Users, groups and roles by ARN: whose policies are simulated, and who calls.

use std::sync::Arc;

use base::{AccountId, Arn};
use identity::{Group, Role, User};
use pipeline::{Failure, Lookup};
use policy::{Principal, PrincipalKind, Resource};

use super::refusals;
use crate::find::Named;

/// The kinds of entity that have policies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    User,
    Group,
    Role,
}

impl Kind {
    /// As ARNs have it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Group => "group",
            Self::Role => "role",
        }
    }
}

/// What the ARN of a user, group or role says.
#[derive(Debug)]
struct EntityArn {
    arn: Arn,
    account: AccountId,
    kind: Kind,
}

impl EntityArn {
    fn parse(text: &str) -> Option<Self> {
        let arn: Arn = text.parse().ok()?;
        let is_iam = arn.partition() == "aws" && arn.service() == "iam" && arn.region().is_empty();
        let (kind, path) = arn.resource().split_once('/')?;
        let kinds = [Kind::User, Kind::Group, Kind::Role];
        let kind = kinds.into_iter().find(|known| known.name() == kind)?;
        let named = is_iam && !path.is_empty() && !path.ends_with('/');
        let account = arn.account().parse().ok().filter(|_| named)?;
        Some(Self { arn, account, kind })
    }

    fn name(&self) -> &str {
        let resource = self.arn.resource();
        resource.rsplit_once('/').map_or("", |(_, name)| name)
    }
}

/// The entity whose policies are simulated, be it there or not.
pub(crate) enum PolicySource {
    User(Named<User>),
    Group(Named<Group>),
    Role(Named<Role>),
}

/// The entity as a permission has it: group, role, user.
pub(crate) type Resources = [Option<Arc<dyn Resource>>; 3];

impl PolicySource {
    /// The entity of this ARN, which must be of the caller's account. AWS finds it by its name, whatever its path.
    pub(crate) async fn find(look: &Lookup<'_>, text: &str) -> Result<Self, Failure> {
        let entity = EntityArn::parse(text).ok_or_else(|| refusals::unclear_entity(text))?;
        let own = look.call().account();
        if entity.account != own {
            return Err(refusals::foreign_source(own, entity.account));
        }
        Ok(match entity.kind {
            Kind::User => Self::User(Named::find(look, entity.name()).await?),
            Kind::Group => Self::Group(Named::find(look, entity.name()).await?),
            Kind::Role => Self::Role(Named::find(look, entity.name()).await?),
        })
    }

    /// What policies on the call see of it.
    pub(crate) fn resources(&self) -> Resources {
        match self {
            Self::User(user) => [None, None, Some(user.resource())],
            Self::Group(group) => [Some(group.resource()), None, None],
            Self::Role(role) => [None, Some(role.resource()), None],
        }
    }

    /// The entity as a caller, or the error that there is none.
    pub(crate) fn caller(&self) -> Result<Caller, Failure> {
        let (kind, arn, id, account) = match self {
            Self::User(named) => named
                .found()
                .map(|it| (Kind::User, &it.arn, &it.id, it.account)),
            Self::Group(named) => named
                .found()
                .map(|it| (Kind::Group, &it.arn, &it.id, it.account)),
            Self::Role(named) => named
                .found()
                .map(|it| (Kind::Role, &it.arn, &it.id, it.account)),
        }?;
        let id = Some(id.clone());
        let arn = arn.clone();
        Ok(Caller::Entity {
            kind,
            arn,
            id,
            account,
        })
    }
}

/// Who calls in a simulation.
#[derive(Debug)]
pub(crate) enum Caller {
    /// Nobody in particular, of this account: only policies that are given are asked.
    Anybody(AccountId),
    /// A user, group or role.
    Entity {
        kind: Kind,
        arn: Arn,
        /// Where its record was looked up.
        id: Option<String>,
        account: AccountId,
    },
}

impl Caller {
    /// The one of this ARN, which need not exist, in place of `self`.
    pub(crate) fn or_named(self, arn: Option<&str>) -> Result<Self, Failure> {
        let Some(text) = arn else {
            return Ok(self);
        };
        if self.arn() == text {
            return Ok(self);
        }
        let entity = EntityArn::parse(text).ok_or_else(refusals::invalid_caller)?;
        Ok(Self::Entity {
            kind: entity.kind,
            arn: entity.arn,
            id: None,
            account: entity.account,
        })
    }

    /// Its account.
    pub(crate) fn account(&self) -> AccountId {
        match self {
            Self::Anybody(account) | Self::Entity { account, .. } => *account,
        }
    }

    /// Its ARN; empty for nobody in particular.
    pub(crate) fn arn(&self) -> &str {
        match self {
            Self::Anybody(_) => "",
            Self::Entity { arn, .. } => arn.as_str(),
        }
    }

    /// Its name, if it is a user.
    pub(crate) fn user_name(&self) -> Option<&str> {
        match self {
            Self::Entity {
                kind: Kind::User,
                arn,
                ..
            } => arn.as_str().rsplit('/').next(),
            _ => None,
        }
    }

    /// `aws:userid`, where it is known: that of a role has the name of a session in it.
    pub(crate) fn user_id(&self) -> Option<&str> {
        match self {
            Self::Entity {
                kind: Kind::User,
                id,
                ..
            } => id.as_deref(),
            _ => None,
        }
    }

    /// As policies see it. No policy can name a group, nor the session of a role which is not assumed.
    pub(crate) fn principal(&self) -> Principal<'_> {
        let kind = match self {
            Self::Entity {
                kind: Kind::Role,
                arn,
                id,
                ..
            } if is_linked_to_service(arn) => PrincipalKind::ServiceLinkedRole {
                role_arn: arn.as_str(),
                role_id: id.as_deref().unwrap_or_default(),
                session_arn: "",
            },
            Self::Entity {
                kind: Kind::Role,
                arn,
                id,
                ..
            } => PrincipalKind::AssumedRole {
                role_arn: arn.as_str(),
                role_id: id.as_deref().unwrap_or_default(),
                session_arn: "",
            },
            Self::Entity { arn, id, .. } => PrincipalKind::User {
                arn: arn.as_str(),
                id: id.as_deref().unwrap_or_default(),
            },
            Self::Anybody(_) => PrincipalKind::User { arn: "", id: "" },
        };
        Principal {
            account: self.account(),
            kind,
        }
    }
}

/// Whether it is the ARN of a role that a service alone makes and uses.
fn is_linked_to_service(arn: &Arn) -> bool {
    let path = arn.resource().strip_prefix("role");
    path.is_some_and(|path| path.starts_with(Role::LINKED_TO_SERVICE))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arns_of_entities() {
        for (text, kind, name) in [
            ("arn:aws:iam::111122223333:user/ann", Kind::User, "ann"),
            ("arn:aws:iam::111122223333:role/a/b/r", Kind::Role, "r"),
            ("arn:aws:iam::111122223333:group/g", Kind::Group, "g"),
        ] {
            let entity = EntityArn::parse(text).unwrap();
            assert_eq!((entity.kind, entity.name()), (kind, name));
        }
        for text in [
            "arn:aws:iam::111122223333:root",
            "arn:aws:iam::111122223333:user/",
            "arn:aws:iam::111122223333:user/a/",
            "arn:aws:iam::111122223333:policy/p",
            "arn:aws:iam::1111:user/ann",
            "arn:aws:sts::111122223333:assumed-role/r/s",
            "arn:aws-cn:iam::111122223333:user/ann",
            "ann",
        ] {
            assert!(EntityArn::parse(text).is_none(), "{text}");
        }
    }
}
