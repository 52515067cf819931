//! What a user has beside access keys, and what becomes of it.

use identity::{LoginProfile, User};
use pipeline::{Failure, Lookup};

use crate::errors;

/// Fails while the user has a credential beside access keys.
pub(crate) async fn none_left(look: &Lookup<'_>, user: &User) -> Result<(), Failure> {
    let key = LoginProfile::key_of(user.account, &user.id);
    match look.get::<LoginProfile>(&key).await? {
        Some(_) => Err(errors::must_first("delete login profile")),
        None => Ok(()),
    }
}
