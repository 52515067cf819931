//! A session with MySQL or MariaDB.
//!
//! MariaDB gets a new password in the form that it keeps, so that no log of statements has it; MySQL leaves passwords out
//! of its logs by itself.
//!
//! Source: MySQL Reference Manual, "ALTER USER Statement", "Passwords and Logging", "Server Error Message Reference";
//! MariaDB documentation, "SET PASSWORD", "CREATE USER".

use std::path::Path;

use base::Secret;
use mysql_async::prelude::Queryable;
use mysql_async::{Conn, DriverError, Error, OptsBuilder, SslOpts};
use tokio::time::timeout;
use zeroize::Zeroizing;

use super::grants::{Grant, are_within};
use super::native_password::{NOBODY, kept};
use super::quoting::{Account, literal};
use crate::credentials::{Credentials, Tls};
use crate::database::{self, LOG_IN_WITHIN, LogIn};
use crate::failure::Failure;

/// The largest answer that is read, in bytes, and the seconds after which the server ends an idle session.
const LIMITS: (usize, usize) = (1 << 20, 60);
/// How quoted texts are read, and what `SHOW GRANTS` looks like, is as this code expects.
const MODE: &str = "SET SESSION sql_mode = ''";
/// How MySQL says of an account that it lets nobody in and that its password is no more than a beginning.
const CLOSED: &str = "PASSWORD EXPIRE ACCOUNT LOCK";
/// The codes of `ER_ACCESS_DENIED_ERROR`, and of the two for accounts without a password or with another log-in.
const REFUSALS: [u16; 3] = [1045, 1698, 1130];
/// `ER_PARSE_ERROR`, which repeats a part of the statement.
const PARSE_ERROR: u16 = 1064;

/// Somebody logged in.
pub(crate) struct Session {
    connection: Conn,
    mariadb: bool,
}

/// Logs in.
///
/// # Errors
/// A database that cannot be reached or does not answer as one.
pub(crate) async fn log_in(
    credentials: &Credentials,
    authorities: &Path,
) -> Result<LogIn, Failure> {
    let anybody = SslOpts::default().with_danger_accept_invalid_certs(true);
    let vouched = SslOpts::default()
        .with_disable_built_in_roots(true)
        .with_root_certs(vec![authorities.to_owned().into()]);
    let opened = match credentials.tls {
        Tls::Required => open(credentials, Some(vouched)).await?,
        Tls::Off => open(credentials, None).await?,
        Tls::Offered => match open(credentials, Some(anybody)).await? {
            Err(error) if is_tls(&error) => open(credentials, None).await?,
            opened => opened,
        },
    };
    match opened {
        Ok(session) => Ok(LogIn::In(database::Session::MySql(session))),
        Err(Error::Server(error)) if REFUSALS.contains(&error.code) => {
            Ok(LogIn::Refused(error.message))
        }
        Err(error) => Err(failure(&error)),
    }
}

/// Whether it may be TLS that kept from logging in.
fn is_tls(error: &Error) -> bool {
    matches!(
        error,
        Error::Driver(DriverError::NoClientSslFlagFromServer) | Error::Io(_)
    )
}

async fn open(
    credentials: &Credentials,
    tls: Option<SslOpts>,
) -> Result<Result<Session, Error>, Failure> {
    let options = OptsBuilder::default()
        .ip_or_hostname(credentials.host.clone())
        .tcp_port(credentials.port)
        .user(Some(credentials.username.clone()))
        .pass(Some(credentials.password.expose().clone()))
        .db_name(credentials.dbname.clone())
        .ssl_opts(tls)
        // By TCP only: by a socket the database may ask for no password.
        .prefer_socket(false)
        .max_allowed_packet(Some(LIMITS.0))
        .wait_timeout(Some(LIMITS.1))
        .stmt_cache_size(0);
    let opened = timeout(LOG_IN_WITHIN, async {
        let mut connection = Conn::new(options).await?;
        connection.query_drop(MODE).await?;
        let version: Option<String> = connection.query_first("SELECT VERSION()").await?;
        let mariadb = version.is_some_and(|version| version.contains("MariaDB"));
        Ok(Session {
            connection,
            mariadb,
        })
    });
    let late = |_| Failure::Database("the database did not let in in time".to_owned());
    opened.await.map_err(late)
}

impl Session {
    /// Asks something, to see that the database answers.
    pub(crate) async fn probe(&mut self) -> Result<(), Failure> {
        self.run("SELECT NOW()").await
    }

    /// Sets the password of the user that is logged in.
    pub(crate) async fn set_own_password(
        &mut self,
        password: &Secret<String>,
    ) -> Result<(), Failure> {
        let statement = match self.mariadb {
            true => Zeroizing::new(format!("SET PASSWORD = {}", *literal(&kept(password)))),
            false => {
                let password = literal(password.expose());
                Zeroizing::new(format!("ALTER USER USER() IDENTIFIED BY {}", *password))
            }
        };
        self.run(&statement).await
    }

    /// Sets the password of `alternate` at every host of `original`. Where it is not there it is made, and given what
    /// `original` has; the password comes last, so that it lets in only who may do everything.
    pub(crate) async fn set_alternate(
        &mut self,
        original: &str,
        alternate: &str,
        password: &Secret<String>,
    ) -> Result<(), Failure> {
        let known = "SELECT Host FROM mysql.user WHERE BINARY User = BINARY ?";
        let hosts: Vec<String> = self.ask(known, original).await?;
        let there: Vec<String> = self.ask(known, alternate).await?;
        for host in &hosts {
            let [original, alternate] = [original, alternate].map(|user| Account { user, host });
            let new = !there.contains(host) || self.is_half_made(&alternate).await?;
            match new {
                true => self.make(&original, &alternate, password).await?,
                false => self.check_no_more(&original, &alternate).await?,
            }
            self.set_password(&alternate, password, new).await?;
        }
        Ok(())
    }

    /// Refuses an `alternate` that may do what `original` may not: whoever may make users can make one whose name another's
    /// is the clone of, and would be told that one's new password.
    async fn check_no_more(
        &mut self,
        original: &Account<'_>,
        alternate: &Account<'_>,
    ) -> Result<(), Failure> {
        let (has, wants) = (self.grants(original).await?, self.grants(alternate).await?);
        match are_within(&wants, &has) {
            true => Ok(()),
            false => Err(Failure::Database(format!(
                "{} may do what {} may not; if it is the other half of it, give both the same",
                alternate.quoted(),
                original.quoted()
            ))),
        }
    }

    async fn grants(&mut self, account: &Account<'_>) -> Result<Vec<Grant>, Failure> {
        let shown = format!("SHOW GRANTS FOR {}", account.quoted());
        let lines = self.rows(&shown).await?;
        let grants: Option<Vec<Grant>> = lines.iter().map(|line| Grant::parse(line)).collect();
        grants.ok_or_else(|| {
            let what = format!("of the grants of {} one is not known", account.quoted());
            Failure::Database(what)
        })
    }

    /// Whether an account was made and not yet given everything.
    async fn is_half_made(&mut self, account: &Account<'_>) -> Result<bool, Failure> {
        let made = format!("SHOW CREATE USER {}", account.quoted());
        let made = self.rows(&made).await?;
        let mark = if self.mariadb { NOBODY } else { CLOSED };
        Ok(made.iter().any(|made| made.contains(mark)))
    }

    /// Makes `alternate`, which lets nobody in yet, and gives it what `original` has.
    async fn make(
        &mut self,
        original: &Account<'_>,
        alternate: &Account<'_>,
        password: &Secret<String>,
    ) -> Result<(), Failure> {
        let name = alternate.quoted();
        let made = format!("CREATE USER IF NOT EXISTS {name} IDENTIFIED BY");
        let made = match self.mariadb {
            true => Zeroizing::new(format!("{made} PASSWORD '{NOBODY}'")),
            false => Zeroizing::new(format!("{made} {} {CLOSED}", *literal(password.expose()))),
        };
        self.run(&made).await?;
        let mut roles = false;
        for grant in self.grants(original).await? {
            roles |= grant.of_role;
            self.run(&grant.to(&name)).await?;
        }
        match roles && !self.mariadb {
            // MySQL does not show which roles are in force from the start.
            true => self.run(&format!("SET DEFAULT ROLE ALL TO {name}")).await,
            false => Ok(()),
        }
    }

    async fn set_password(
        &mut self,
        account: &Account<'_>,
        password: &Secret<String>,
        new: bool,
    ) -> Result<(), Failure> {
        let name = account.quoted();
        let open = if new { " ACCOUNT UNLOCK" } else { "" };
        let statement = match self.mariadb {
            true => Zeroizing::new(format!(
                "SET PASSWORD FOR {name} = {}",
                *literal(&kept(password))
            )),
            false => {
                let password = literal(password.expose());
                Zeroizing::new(format!(
                    "ALTER USER {name} IDENTIFIED BY {}{open}",
                    *password
                ))
            }
        };
        self.run(&statement).await
    }

    async fn run(&mut self, statement: &str) -> Result<(), Failure> {
        in_time(self.connection.query_drop(statement)).await
    }

    /// The first column of what a statement tells.
    async fn rows(&mut self, statement: &str) -> Result<Vec<String>, Failure> {
        in_time(self.connection.query(statement)).await
    }

    /// The first column of what a statement with a parameter tells.
    async fn ask(&mut self, statement: &str, parameter: &str) -> Result<Vec<String>, Failure> {
        in_time(self.connection.exec(statement, (parameter,))).await
    }
}

async fn in_time<T>(asked: impl Future<Output = Result<T, Error>>) -> Result<T, Failure> {
    database::in_time(asked)
        .await?
        .map_err(|error| failure(&error))
}

/// An error in the database's words, unless they repeat a statement, which may hold a password.
fn failure(error: &Error) -> Failure {
    let told = match error {
        Error::Server(error) if error.code == PARSE_ERROR => {
            "it could not read a statement".to_owned()
        }
        Error::Server(error) => format!("{} ({})", error.message, error.code),
        Error::Io(error) => {
            return Failure::Database(format!("the database cannot be reached: {error}"));
        }
        Error::Driver(DriverError::UnknownAuthPlugin { name }) => {
            format!("it wants a log-in by {name}, which is not known here")
        }
        Error::Driver(DriverError::NoClientSslFlagFromServer) => "it has no TLS".to_owned(),
        Error::Driver(DriverError::CleartextPluginDisabled) => {
            "it wants the password itself, which it does not get".to_owned()
        }
        Error::Driver(_) | Error::Other(_) | Error::Url(_) => {
            "no answer as it should be".to_owned()
        }
    };
    Failure::Database(format!("MySQL: {told}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use mysql_async::ServerError;

    #[test]
    fn no_statement_is_repeated() {
        let message = "You have an error near 'hunter2'".to_owned();
        let error = Error::Server(ServerError {
            code: PARSE_ERROR,
            message,
            state: "42000".to_owned(),
        });
        assert_eq!(
            failure(&error).to_string(),
            "MySQL: it could not read a statement"
        );
    }
}
