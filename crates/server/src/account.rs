//! `alcazar account`.

use base::Secret;
use clap::Subcommand;

use crate::ask::environment;
use crate::command::DataOption;
use crate::control::Question;
use crate::failure::Failure;
use crate::output::say;

/// Commands about accounts.
#[derive(Subcommand, Debug)]
pub(crate) enum AccountCommand {
    /// Add an account to the running server and print its root access key.
    Create {
        /// A name for people.
        name: String,
        /// Its number: twelve digits. [default: random]
        #[arg(long, value_name = "ID")]
        account_id: Option<String>,
        /// Id of its root access key: 3 to 128 word characters. [default: random]
        #[arg(long, value_name = "ID", requires = "secret_access_key")]
        access_key_id: Option<String>,
        /// Secret of its root access key. [default: random]
        #[arg(long, value_name = "KEY", requires = "access_key_id")]
        secret_access_key: Option<Secret<String>>,
        #[command(flatten)]
        data: DataOption,
    },
}

/// Runs a command about accounts.
pub(crate) fn account(command: AccountCommand) -> Result<(), Failure> {
    let AccountCommand::Create {
        name,
        account_id,
        access_key_id,
        secret_access_key,
        data,
    } = command;
    let question = Question::CreateAccount {
        name: name.clone(),
        id: account_id,
        access_key_id,
        secret_access_key: secret_access_key.map(|secret| secret.expose().clone()),
    };
    let made = environment(&data, &question)?;
    say(format_args!(
        "Account {} ({name}) is there. Its root access key:",
        made.account
    ));
    say(format_args!("  AWS_ACCESS_KEY_ID={}", made.access_key_id));
    say(format_args!(
        "  AWS_SECRET_ACCESS_KEY={}",
        made.secret_access_key
    ));
    say(format_args!(
        "Use it with: eval \"$(alcazar env --account {})\"",
        made.account
    ));
    Ok(())
}
