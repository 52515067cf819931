//! A session with a database of any kind.

use std::path::Path;
use std::time::Duration;

use base::Secret;

use crate::credentials::Credentials;
use crate::engine::Engine;
use crate::failure::Failure;
use crate::{mysql, postgresql};

/// From the search for the host to the end of the log-in.
pub(crate) const LOG_IN_WITHIN: Duration = Duration::from_secs(5);
/// Of what is asked in a session.
const ASK_WITHIN: Duration = Duration::from_secs(10);

/// Somebody logged in.
pub(crate) enum Session {
    PostgreSql(postgresql::Session),
    MySql(mysql::Session),
}

/// What a database says to a user and password.
pub(crate) enum LogIn {
    /// They are taken.
    In(Session),
    /// They are not; in its words.
    Refused(String),
}

impl LogIn {
    /// The session.
    ///
    /// # Errors
    /// That the database refused the user and password of `whose`.
    pub(crate) fn session(self, whose: &str) -> Result<Session, Failure> {
        match self {
            LogIn::In(session) => Ok(session),
            LogIn::Refused(why) => Err(Failure::Database(format!(
                "the database does not take the user and password of {whose}: {why}"
            ))),
        }
    }
}

/// What a database answers in a session, if it does in time.
///
/// # Errors
/// It does not.
pub(crate) async fn in_time<T>(asked: impl Future<Output = T>) -> Result<T, Failure> {
    let answer = tokio::time::timeout(ASK_WITHIN, asked).await;
    answer.map_err(|_| Failure::Database("the database did not answer in time".to_owned()))
}

/// Logs in.
///
/// # Errors
/// A database that cannot be reached or does not answer as one.
pub(crate) async fn log_in(
    credentials: &Credentials,
    authorities: &Path,
) -> Result<LogIn, Failure> {
    match credentials.engine {
        Engine::PostgreSql => postgresql::log_in(credentials, authorities).await,
        Engine::MySql | Engine::MariaDb => mysql::log_in(credentials, authorities).await,
    }
}

impl Session {
    /// Asks something, to see that the database answers.
    pub(crate) async fn probe(&mut self) -> Result<(), Failure> {
        match self {
            Session::PostgreSql(session) => session.probe().await,
            Session::MySql(session) => session.probe().await,
        }
    }

    /// Sets the password of the user that is logged in.
    pub(crate) async fn set_own_password(
        &mut self,
        password: &Secret<String>,
    ) -> Result<(), Failure> {
        match self {
            Session::PostgreSql(session) => session.set_own_password(password).await,
            Session::MySql(session) => session.set_own_password(password).await,
        }
    }

    /// Sets the password of `alternate`, which is made if it is not there and may do what `original` may.
    pub(crate) async fn set_alternate(
        &mut self,
        original: &str,
        alternate: &str,
        password: &Secret<String>,
    ) -> Result<(), Failure> {
        match self {
            Session::PostgreSql(session) => {
                session.set_alternate(original, alternate, password).await
            }
            Session::MySql(session) => session.set_alternate(original, alternate, password).await,
        }
    }
}
