//! A session with PostgreSQL.
//!
//! A new password never leaves this process: what is sent is what the database would make of it, so that no log of
//! statements has it.
//!
//! Source: PostgreSQL documentation, "CREATE ROLE", "Password Authentication", "PostgreSQL Error Codes".

use std::path::Path;

use base::Secret;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_postgres::config::SslMode;
use tokio_postgres::error::SqlState;
use tokio_postgres::types::Type;
use tokio_postgres::{Client, Config, Error, SimpleQueryMessage};

use super::quoting::{identifier, literal};
use super::tls::Connect;
use crate::authorities;
use crate::credentials::{Credentials, Tls};
use crate::database::{self, LOG_IN_WITHIN, LogIn};
use crate::failure::Failure;

/// Where a secret names no database.
const DATABASE: &str = "postgres";

/// Names mean what the system's catalogue says: nobody else's functions run with a superuser's power.
const OWN_NAMES: &str = "SET search_path = pg_catalog, pg_temp";

/// Whether there is a role, and whether of a pair the second was granted the first.
const RELATED: &str = "SELECT EXISTS (
    SELECT 1 FROM pg_catalog.pg_auth_members m
    JOIN pg_catalog.pg_roles b ON b.oid = m.roleid
    JOIN pg_catalog.pg_roles c ON c.oid = m.member
    WHERE b.rolname::text = $2 AND c.rolname::text = $3)
FROM pg_catalog.pg_roles r WHERE r.rolname::text = $1";

/// Somebody logged in.
pub(crate) struct Session {
    client: Client,
    username: String,
}

/// Logs in.
///
/// # Errors
/// A database that cannot be reached or does not answer as one.
pub(crate) async fn log_in(
    credentials: &Credentials,
    authorities: &Path,
) -> Result<LogIn, Failure> {
    let connector = match credentials.tls {
        Tls::Required => authorities::vouched(authorities),
        Tls::Offered | Tls::Off => authorities::anybody(),
    };
    let connector = connector.map_err(Failure::Environment)?;
    let connect = || Connect {
        connector: connector.clone(),
        host: credentials.host.clone(),
    };
    let opened = match credentials.tls {
        Tls::Required => open(credentials, connect(), SslMode::Require).await?,
        Tls::Off => open(credentials, connect(), SslMode::Disable).await?,
        Tls::Offered => match open(credentials, connect(), SslMode::Prefer).await? {
            Err(error) if may_be_tls(&error) => {
                open(credentials, connect(), SslMode::Disable).await?
            }
            opened => opened,
        },
    };
    let username = credentials.username.clone();
    match opened {
        Ok(client) => Ok(LogIn::In(crate::database::Session::PostgreSql(Session {
            client,
            username,
        }))),
        Err(error) => match error.as_db_error() {
            Some(told) if refuses(told.code()) => Ok(LogIn::Refused(told.message().to_owned())),
            _ => Err(failure(&error)),
        },
    }
}

/// Whether it may be TLS that kept from logging in.
fn may_be_tls(error: &Error) -> bool {
    let code = error.code();
    code.is_none_or(|code| *code == SqlState::INVALID_AUTHORIZATION_SPECIFICATION)
}

fn refuses(code: &SqlState) -> bool {
    *code == SqlState::INVALID_PASSWORD || *code == SqlState::INVALID_AUTHORIZATION_SPECIFICATION
}

type Opened = Result<Client, Error>;

async fn open(credentials: &Credentials, tls: Connect, mode: SslMode) -> Result<Opened, Failure> {
    let late = |_| Failure::Database("the database did not let in in time".to_owned());
    timeout(LOG_IN_WITHIN, open_in_time(credentials, tls, mode))
        .await
        .map_err(late)?
}

async fn open_in_time(
    credentials: &Credentials,
    tls: Connect,
    mode: SslMode,
) -> Result<Opened, Failure> {
    // By TCP only: a path as a host would be a socket, where the database may ask for no password.
    let stream = TcpStream::connect((credentials.host.as_str(), credentials.port)).await;
    let unreachable = |error| Failure::Database(format!("the database cannot be reached: {error}"));
    let stream = stream.map_err(unreachable)?;
    let mut configuration = Config::new();
    configuration
        .user(&credentials.username)
        .password(credentials.password.expose())
        .dbname(credentials.dbname.as_deref().unwrap_or(DATABASE))
        .application_name("alcazar rotation")
        .ssl_mode(mode);
    let (client, connection) = match configuration.connect_raw(stream, tls).await {
        Ok(opened) => opened,
        Err(error) => return Ok(Err(error)),
    };
    // It ends with the client.
    tokio::spawn(connection);
    Ok(client.batch_execute(OWN_NAMES).await.map(|()| client))
}

impl Session {
    /// Asks something, to see that the database answers.
    pub(crate) async fn probe(&mut self) -> Result<(), Failure> {
        in_time(self.client.simple_query("SELECT NOW()")).await?;
        Ok(())
    }

    /// Sets the password of the user that is logged in.
    pub(crate) async fn set_own_password(
        &mut self,
        password: &Secret<String>,
    ) -> Result<(), Failure> {
        let kept = self.kept_form(&self.username, password).await?;
        let user = identifier(&self.username);
        let statement = format!("ALTER ROLE {user} WITH PASSWORD {}", literal(&kept));
        in_time(self.client.batch_execute(&statement)).await
    }

    /// Sets the password of `alternate`, which is made a member of `original` if it is not there.
    pub(crate) async fn set_alternate(
        &mut self,
        original: &str,
        alternate: &str,
        password: &Secret<String>,
    ) -> Result<(), Failure> {
        let kept = literal(&self.kept_form(alternate, password).await?);
        let (base, clone) = base_and_clone(original, alternate);
        let user = identifier(alternate);
        let grant = format!("GRANT {} TO {}", identifier(base), identifier(clone));
        let statement = match self.related(alternate, base, clone).await? {
            // One batch is one transaction.
            None if clone == alternate => {
                format!("CREATE ROLE {user} WITH LOGIN PASSWORD {kept}; {grant}")
            }
            None => {
                let told = format!("there is no role {user}, whose clone the user would be");
                return Err(Failure::Database(told));
            }
            Some(true) => format!("ALTER ROLE {user} WITH PASSWORD {kept}"),
            Some(false) => {
                return Err(Failure::Database(format!(
                    "there is a role {user} already, and the clone was not granted its original; if they belong \
                     together, {grant}"
                )));
            }
        };
        in_time(self.client.batch_execute(&statement)).await
    }

    /// Whether `clone` was granted `base`; none if there is no role `one`.
    async fn related(&self, one: &str, base: &str, clone: &str) -> Result<Option<bool>, Failure> {
        let names = [
            (&one as _, Type::TEXT),
            (&base as _, Type::TEXT),
            (&clone as _, Type::TEXT),
        ];
        let rows = in_time(self.client.query_typed(RELATED, &names)).await?;
        let related = rows.first().map(|row| row.try_get(0)).transpose();
        related.map_err(|error| failure(&error))
    }

    /// What the database keeps of a password.
    async fn kept_form(&self, user: &str, password: &Secret<String>) -> Result<String, Failure> {
        let asked = self.client.simple_query("SHOW password_encryption");
        let answer = in_time(asked).await?;
        let form = answer.iter().find_map(|message| match message {
            SimpleQueryMessage::Row(row) => row.get(0),
            _ => None,
        });
        let password = password.expose().as_bytes();
        match form {
            Some("scram-sha-256") => Ok(postgres_protocol::password::scram_sha_256(password)),
            Some("md5" | "on") => Ok(postgres_protocol::password::md5(password, user)),
            _ => Err(Failure::Database(
                "the database keeps passwords in a form that is not known".to_owned(),
            )),
        }
    }
}

/// Which of two alternating users the other was made of. Whoever may make roles may make a clone, but cannot grant it what
/// is not theirs: only that direction shows that both are one user's.
fn base_and_clone<'a>(original: &'a str, alternate: &'a str) -> (&'a str, &'a str) {
    match alternate.strip_suffix("_clone") == Some(original) {
        true => (original, alternate),
        false => (alternate, original),
    }
}

async fn in_time<T>(asked: impl Future<Output = Result<T, Error>>) -> Result<T, Failure> {
    database::in_time(asked)
        .await?
        .map_err(|error| failure(&error))
}

/// An error in the database's words. A statement of ours has no secret that could be in them.
fn failure(error: &Error) -> Failure {
    let told = match error.as_db_error() {
        Some(told) => format!("{} ({})", told.message(), told.code().code()),
        None => match std::error::Error::source(error) {
            Some(source) => format!("{error}: {source}"),
            None => error.to_string(),
        },
    };
    Failure::Database(format!("PostgreSQL: {told}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn which_refusals_are_those_of_a_password() {
        assert!(refuses(&SqlState::INVALID_PASSWORD));
        assert!(refuses(&SqlState::INVALID_AUTHORIZATION_SPECIFICATION));
        assert!(!refuses(&SqlState::TOO_MANY_CONNECTIONS));
        assert!(!refuses(&SqlState::CANNOT_CONNECT_NOW));
    }

    #[test]
    fn the_clone_is_the_one_that_is_named_so() {
        let pair = ("app", "app_clone");
        assert_eq!(base_and_clone("app", "app_clone"), pair);
        assert_eq!(base_and_clone("app_clone", "app"), pair);
    }
}
