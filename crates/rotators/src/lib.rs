//! Alcazar's own rotators: functions that change the password of a database and of its secret together.
//!
//! Each is the program of a function like any user's: a process of its own that takes events from the AWS Lambda Runtime
//! API and calls Secrets Manager on Alcazar's endpoint, signed with the credentials of its execution role. Nothing in here
//! has a way around policy or audit. The drivers of databases stay in this crate.
//!
//! Differs from AWS: a setting in a secret that is neither true nor false is refused, where AWS's templates take it as
//! absent; TLS that a secret does not ask for is spoken without a look at the certificate, where they go on without TLS;
//! a database that cannot be reached ends a step at once; an alternate user that is there already must belong to the other,
//! or whoever may make users could have somebody else's password set: in PostgreSQL `_clone` has to be a member of the one
//! without, in MySQL and MariaDB it may have no grant that the other has not; the secret of a superuser has the engine and
//! the port of the other, and not its host alone.
//!
//! Sources: AWS Secrets Manager User Guide, "Lambda rotation functions", "AWS Secrets Manager rotation function templates",
//! "JSON structure of AWS Secrets Manager secrets"; AWS Lambda Developer Guide, "Using the Lambda runtime API for custom
//! runtimes".

mod authorities;
mod credentials;
mod database;
mod endpoint;
mod engine;
mod event;
mod failure;
mod http;
mod mysql;
mod password_rules;
mod postgresql;
mod rotation;
mod rotator;
mod runtime;
mod secrets_manager;
mod settings;
mod steps;
mod strategy;

pub use failure::Failure;
pub use rotator::Rotator;

/// Serves invocations of `rotator`, as the environment of a Lambda function says, until the process is ended.
///
/// # Errors
/// What keeps it from serving: an incomplete environment, or a Runtime API that cannot be reached.
pub fn run(rotator: Rotator) -> Result<(), Failure> {
    let settings = settings::Settings::of(&|name| std::env::var(name).ok())?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::Environment(error.to_string()))?;
    runtime.block_on(runtime::serve(rotator, settings))
}

/// For the fuzzer: reads what others wrote, and gives nothing back.
#[doc(hidden)]
pub fn read_anything(bytes: &[u8]) {
    let _ = event::Event::parse(bytes);
    if let Ok(text) = std::str::from_utf8(bytes) {
        let _ = mysql::Grant::parse(text).map(|grant| grant.to("'a'@'%'"));
        for rotator in Rotator::ALL {
            let _ = credentials::Credentials::parse(rotator.family, text.to_owned());
        }
    }
}
