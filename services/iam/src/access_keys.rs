//! The access keys of a user, or of the account's root user.

use std::sync::Arc;

use identity::{AccessKey, Account, Owner, User};
use pipeline::{Failure, Lookup, Operation, Permitted};

use crate::errors;
use crate::find::{Subject, account};

/// Access keys that a user, or the root user, may have.
pub(crate) const MOST: usize = 2;

/// Whose access keys a call is about, with the record that lists them.
pub(crate) enum Holder {
    /// The root user.
    Root(Arc<Account>),
    /// A user.
    User(Arc<User>),
}

impl Holder {
    /// The holder behind `subject`; fails when there is no such user.
    pub(crate) async fn of(look: &Lookup<'_>, subject: &Subject) -> Result<Self, Failure> {
        Ok(match subject {
            Subject::Root => Holder::Root(account(look).await?),
            Subject::User(user) => Holder::User(user.found()?.clone()),
        })
    }
    /// Ids of its access keys.
    pub(crate) fn ids(&self) -> &[String] {
        match self {
            Holder::Root(account) => &account.access_keys,
            Holder::User(user) => &user.access_keys,
        }
    }
    /// The user's name; the root user has none.
    pub(crate) fn name(&self) -> Option<&str> {
        match self {
            Holder::Root(_) => None,
            Holder::User(user) => Some(&user.name),
        }
    }
    /// As access keys name it.
    pub(crate) fn owner(&self) -> Owner {
        self.name()
            .map_or(Owner::Root, |name| Owner::User(name.to_owned()))
    }
    /// Keeps the holder with these access keys.
    pub(crate) fn keep<O: Operation>(&self, call: &Permitted<'_, O>, access_keys: Vec<String>) {
        match self {
            Holder::Root(account) => call.put(Account {
                access_keys,
                ..Account::clone(account)
            }),
            Holder::User(user) => call.put(User {
                access_keys,
                ..User::clone(user)
            }),
        }
    }
    /// Its access key of this id.
    pub(crate) async fn key(&self, look: &Lookup<'_>, id: &str) -> Result<Arc<AccessKey>, Failure> {
        if !self.ids().iter().any(|known| known == id) {
            return Err(errors::no_such_access_key(id));
        }
        let key = look.get::<AccessKey>(&AccessKey::key_of(id)).await?;
        key.ok_or_else(|| errors::no_such_access_key(id))
    }
}
