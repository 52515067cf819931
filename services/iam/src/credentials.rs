//! What a user has beside access keys, and what becomes of it.

use identity::{LoginProfile, User};
use pipeline::{Failure, Lookup};

use crate::{errors, held, mfa_devices};

/// Fails while the user has a credential beside access keys.
pub(crate) async fn none_left(look: &Lookup<'_>, user: &User) -> Result<(), Failure> {
    let key = LoginProfile::key_of(user.account, &user.id);
    if look.get::<LoginProfile>(&key).await?.is_some() {
        return Err(errors::must_first("delete login profile"));
    }
    if !mfa_devices::held(look, user).await?.is_empty() {
        return Err(errors::must_first("delete MFA device"));
    }
    let kinds: [(held::Kind, &str); 3] = [
        (held::is_ssh_key, "delete SSH public keys"),
        (held::is_certificate, "delete signing certificates"),
        (
            held::is_service_password,
            "delete service specific credentials",
        ),
    ];
    for (kind, first) in kinds {
        if !held::of(look, user, kind).await?.is_empty() {
            return Err(errors::must_first(first));
        }
    }
    Ok(())
}
