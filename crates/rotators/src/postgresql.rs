//! PostgreSQL.

mod quoting;
mod session;
mod tls;

pub(crate) use session::{Session, log_in};
