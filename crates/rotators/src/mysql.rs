//! MySQL and MariaDB.

mod grants;
mod native_password;
mod quoting;
mod session;

pub(crate) use grants::Grant;
pub(crate) use session::{Session, log_in};
