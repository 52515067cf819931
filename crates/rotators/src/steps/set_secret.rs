//! `setSecret`: the database takes the new version.

mod alternating_users;
mod single_user;

use crate::credentials::Credentials;
use crate::database::LogIn;
use crate::failure::Failure;
use crate::rotation::Rotation;
use crate::strategy::{Strategy, alternate};

pub(crate) async fn set_secret(rotation: &Rotation<'_>) -> Result<(), Failure> {
    let pending = rotation.pending().await?;
    let current = rotation.current().await?;
    same_place(&current, &pending, "AWSCURRENT and AWSPENDING")?;
    let user = match rotation.rotator.strategy {
        Strategy::SingleUser => current.username.clone(),
        Strategy::AlternatingUsers => alternate(current.engine, &current.username)?,
    };
    if user != pending.username {
        let what = "AWSPENDING has a user that does not follow from that of AWSCURRENT";
        return Err(Failure::Precondition(what.to_owned()));
    }
    if let LogIn::In(_) = rotation.log_in(&pending).await? {
        return Ok(());
    }
    match rotation.rotator.strategy {
        Strategy::SingleUser => single_user::set(rotation, &current, &pending).await,
        Strategy::AlternatingUsers => alternating_users::set(rotation, &current, &pending).await,
    }
}

/// A password is for one database: it is not shown to another.
fn same_place(one: &Credentials, other: &Credentials, of: &str) -> Result<(), Failure> {
    let of_one = (one.engine, &one.host, one.port);
    match of_one == (other.engine, &other.host, other.port) {
        true => Ok(()),
        false => Err(Failure::Precondition(format!(
            "{of} do not have the same engine, host and port"
        ))),
    }
}
