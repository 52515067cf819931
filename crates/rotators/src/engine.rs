//! The kinds of database that rotators know.

/// What a rotator can speak with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Family {
    /// PostgreSQL.
    PostgreSql,
    /// MySQL and MariaDB.
    MySql,
}

/// A kind of database, as a secret names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Engine {
    /// PostgreSQL.
    PostgreSql,
    /// MySQL.
    MySql,
    /// MariaDB.
    MariaDb,
}

impl Family {
    /// What a secret's `engine` may say, and what it means.
    pub(crate) fn engines(self) -> &'static [(&'static str, Engine)] {
        match self {
            Family::PostgreSql => &[
                ("postgres", Engine::PostgreSql),
                ("aurora-postgresql", Engine::PostgreSql),
            ],
            Family::MySql => &[
                ("mysql", Engine::MySql),
                ("aurora-mysql", Engine::MySql),
                ("mariadb", Engine::MariaDb),
            ],
        }
    }
}

impl Engine {
    /// The port where a secret names none.
    pub(crate) fn port(self) -> u16 {
        match self {
            Engine::PostgreSql => 5432,
            Engine::MySql | Engine::MariaDb => 3306,
        }
    }

    /// Whether the database keeps this name of a user as it is.
    pub(crate) fn holds_name(self, name: &str) -> bool {
        match self {
            // Bytes, beyond which it cuts without a word.
            Engine::PostgreSql => name.len() <= 63,
            Engine::MySql => name.chars().count() <= 32,
            Engine::MariaDb => name.chars().count() <= 80,
        }
    }
}
