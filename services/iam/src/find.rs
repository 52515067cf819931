//! Finding users, groups and roles by name, and naming those that are not there.

use std::sync::Arc;

use base::{AccountId, Arn};
use identity::{Account, Group, Identity, InstanceProfile, Role, User};
use pipeline::{Failure, Lookup};
use policy::{Called, NamedResource, Resource};
use storage::{Key, Record};

use crate::{errors, names, service_linked_role};

/// A record that has a name within its account.
pub(crate) trait Entity: Record {
    /// What messages call it, as `user`.
    const KIND: &'static str;
    /// Where the one of this name lies.
    fn key_of(account: AccountId, name: &str) -> Key;
    /// The ARN that one of this path and name has.
    fn arn_of(account: AccountId, path: &str, name: &str) -> Arn;
    /// What policies on calls to IAM see of it.
    fn resource(record: &Arc<Self>) -> Arc<dyn Resource>;
    /// The error when there is none of this name.
    fn missing(name: &str) -> Failure {
        errors::no_such(Self::KIND, name)
    }
    /// The error when there is one of this name already.
    fn taken(name: &str) -> Failure {
        errors::already_exists(&titled(Self::KIND), name)
    }
}

impl Entity for User {
    const KIND: &'static str = "user";
    fn key_of(account: AccountId, name: &str) -> Key {
        Self::key_of(account, name)
    }
    fn arn_of(account: AccountId, path: &str, name: &str) -> Arn {
        Self::arn_of(account, path, name)
    }
    fn resource(record: &Arc<Self>) -> Arc<dyn Resource> {
        record.clone()
    }
}

impl Entity for Group {
    const KIND: &'static str = "group";
    fn key_of(account: AccountId, name: &str) -> Key {
        Self::key_of(account, name)
    }
    fn arn_of(account: AccountId, path: &str, name: &str) -> Arn {
        Self::arn_of(account, path, name)
    }
    fn resource(record: &Arc<Self>) -> Arc<dyn Resource> {
        Arc::new(NamedResource::new(record.arn.clone(), record.account))
    }
}

impl Entity for Role {
    const KIND: &'static str = "role";
    fn key_of(account: AccountId, name: &str) -> Key {
        Self::key_of(account, name)
    }
    fn arn_of(account: AccountId, path: &str, name: &str) -> Arn {
        Self::arn_of(account, path, name)
    }
    /// To IAM a role is a resource without a policy: its trust policy says who may assume it, not who may change it.
    fn resource(record: &Arc<Self>) -> Arc<dyn Resource> {
        let (arn, tags) = (record.arn.clone(), record.tags.clone());
        Arc::new(NamedResource::tagged(arn, record.account, tags))
    }
}

impl Entity for InstanceProfile {
    const KIND: &'static str = "instance profile";
    fn key_of(account: AccountId, name: &str) -> Key {
        Self::key_of(account, name)
    }
    fn arn_of(account: AccountId, path: &str, name: &str) -> Arn {
        Self::arn_of(account, path, name)
    }
    fn resource(record: &Arc<Self>) -> Arc<dyn Resource> {
        record.clone()
    }
    fn missing(name: &str) -> Failure {
        errors::no_such_instance_profile(name)
    }
    fn taken(name: &str) -> Failure {
        errors::instance_profile_exists(name)
    }
}

/// An entity that a call names, be it there or not.
pub(crate) struct Named<R> {
    name: String,
    record: Option<Arc<R>>,
    resource: Arc<dyn Resource>,
}

impl<R: Entity> Named<R> {
    /// The entity of this name in the caller's account. One that is not there is named as if it lay at path `/`.
    pub(crate) async fn find(look: &Lookup<'_>, name: &str) -> Result<Self, Failure> {
        let mut named = Self::wanted(look, "/", name).await?;
        let found = named.record.as_ref().map(R::resource);
        named.resource = Arc::new(Called {
            words: format!("{} {name}", R::KIND),
            resource: found.unwrap_or(named.resource),
        });
        Ok(named)
    }

    /// An entity that is about to get this path and name; `record` is the one that has the name already.
    pub(crate) async fn wanted(look: &Lookup<'_>, path: &str, name: &str) -> Result<Self, Failure> {
        names::check_path(path)?;
        let account = look.call().account();
        let arn = R::arn_of(account, path, name);
        Ok(Self {
            name: name.to_owned(),
            record: look.get::<R>(&R::key_of(account, name)).await?,
            resource: Arc::new(NamedResource::new(arn, account)),
        })
    }

    /// What policies see of it.
    pub(crate) fn resource(&self) -> Arc<dyn Resource> {
        self.resource.clone()
    }
    /// The record, if there is one.
    pub(crate) fn record(&self) -> Option<&Arc<R>> {
        self.record.as_ref()
    }
    /// The record, or the error that there is none.
    pub(crate) fn found(&self) -> Result<&Arc<R>, Failure> {
        self.record.as_ref().ok_or_else(|| R::missing(&self.name))
    }
    /// Fails when there is one: its name is taken.
    pub(crate) fn free(&self) -> Result<(), Failure> {
        match &self.record {
            None => Ok(()),
            Some(_) => Err(R::taken(&self.name)),
        }
    }
}

impl Named<Role> {
    /// The role, or the error that there is none or that it is its service's alone to change.
    pub(crate) fn modifiable(&self) -> Result<&Arc<Role>, Failure> {
        let role = self.found()?;
        service_linked_role::check_modifiable(role)?;
        Ok(role)
    }
}

/// As messages begin: `User`, `Instance Profile`.
fn titled(kind: &str) -> String {
    let words = kind.split(' ').map(|word| {
        let mut letters = word.chars();
        let first = letters.next().map(|letter| letter.to_ascii_uppercase());
        first.into_iter().chain(letters).collect::<String>()
    });
    words.collect::<Vec<_>>().join(" ")
}

/// Whose credentials a call is about.
pub(crate) enum Subject {
    /// The root user of the caller's account.
    Root,
    /// A user of the caller's account.
    User(Named<User>),
}

impl Subject {
    /// The user of this name; without a name the one that calls.
    /// AWS: "If a user name is not specified, IAM determines the user name implicitly based on the AWS access key ID
    /// signing the request."
    pub(crate) async fn find(look: &Lookup<'_>, name: Option<&str>) -> Result<Self, Failure> {
        let name = match (name, &look.call().caller().identity) {
            (Some(name), _) => name,
            (None, Identity::Root) => return Ok(Subject::Root),
            (None, Identity::User(user)) => &user.name,
            (None, _) => return Err(errors::not_a_user()),
        };
        Ok(Subject::User(Named::find(look, name).await?))
    }

    /// The user, where only users have what is asked for: the root user signs in elsewhere.
    pub(crate) fn user(&self) -> Result<&Arc<User>, Failure> {
        match self {
            Subject::Root => Err(errors::no_login_profile("root")),
            Subject::User(user) => user.found(),
        }
    }

    /// The user who holds credentials; the root user holds none but access keys.
    pub(crate) fn holder(&self) -> Result<&Arc<User>, Failure> {
        match self {
            Subject::Root => Err(errors::not_a_user()),
            Subject::User(user) => user.found(),
        }
    }

    /// The user's record, if there is one.
    pub(crate) fn record(&self) -> Option<&Arc<User>> {
        match self {
            Subject::Root => None,
            Subject::User(user) => user.record(),
        }
    }

    /// What policies see of it.
    pub(crate) fn resource(&self, account: AccountId) -> Arc<dyn Resource> {
        match self {
            Subject::Root => Arc::new(NamedResource::new(Account::root_arn(account), account)),
            Subject::User(user) => user.resource(),
        }
    }
}

/// The caller's account, which is there as long as it calls.
pub(crate) async fn account(look: &Lookup<'_>) -> Result<Arc<Account>, Failure> {
    let id = look.call().account();
    let account = look.get::<Account>(&Account::key_of(id)).await?;
    account.ok_or_else(|| Failure::internal(format!("account {id} has no record")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_as_messages_begin() {
        assert_eq!(titled("user"), "User");
        assert_eq!(titled("instance profile"), "Instance Profile");
    }
}
