//! `alcazar explain`.

mod answer;
mod asked;
mod caller;
mod context;
mod issuing;
mod resource;
mod show;
#[cfg(test)]
mod tests;

use std::io::IsTerminal;

use clap::Args;

use crate::ask::ask;
use crate::command::DataOption;
use crate::control::{Answer, Question};
use crate::failure::Failure;
use crate::output::say;

pub(crate) use answer::{Explained, answer};
use asked::Asked;
pub(crate) use asked::Asking;

/// What `alcazar explain` takes.
#[derive(Args, Debug)]
pub(crate) struct ExplainOptions {
    /// The call with this event id or request id, as `alcazar audit query` shows them.
    #[arg(value_name = "EVENT_ID", required_unless_present = "principal")]
    event: Option<String>,
    /// Or a call that nobody has made: the ARN of its caller.
    #[arg(
        long,
        value_name = "ARN",
        conflicts_with = "event",
        requires = "action"
    )]
    principal: Option<String>,
    /// What the caller asks for, as kms:Encrypt.
    #[arg(long, value_name = "ACTION", requires = "principal")]
    action: Option<String>,
    /// The ARN of what it is asked on. [default: what the record says; none without record]
    #[arg(long, value_name = "ARN")]
    resource: Option<String>,
    /// A condition key and its value, as aws:SourceIp=10.0.0.1; may be repeated.
    #[arg(long, value_name = "KEY=VALUE", value_parser = pair)]
    context: Vec<(String, String)>,
    /// The whole explanation as JSON.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    data: DataOption,
}

/// A condition key and its value; a key has no `=`.
fn pair(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((key, value)) if key.contains(':') => Ok((key.to_owned(), value.to_owned())),
        _ => Err("write KEY=VALUE, as aws:SourceIp=10.0.0.1".to_owned()),
    }
}

/// Asks the running server and prints what it says.
pub(crate) fn explain(options: ExplainOptions) -> Result<(), Failure> {
    let (json, data) = (options.json, options.data);
    let asking = match (options.event, options.principal, options.action) {
        (Some(id), ..) => Asking::Event {
            id,
            resource: options.resource,
            context: options.context,
        },
        (None, Some(principal), Some(action)) => Asking::Call(Asked {
            principal,
            issuer: None,
            id: None,
            access_key_id: None,
            at: None,
            action,
            resource: options.resource,
            context: options.context,
        }),
        _ => {
            return Err(Failure::Refused(
                "name an event, or --principal and --action".into(),
            ));
        }
    };
    let Answer::Explained(explained) = ask(&data, &Question::Explain(asking))? else {
        return Err(Failure::Refused(
            "the server answered another question".into(),
        ));
    };
    if json {
        let text = serde_json::to_string_pretty(&explained);
        say(text.map_err(|error| Failure::Refused(error.to_string()))?);
    } else {
        let colours = std::io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none();
        say(show::show(&explained, colours).trim_end());
    }
    Ok(())
}

#[cfg(test)]
mod options {
    use super::*;

    #[test]
    fn a_condition_key_is_a_pair() {
        let owned = |key: &str, value: &str| Ok((key.to_owned(), value.to_owned()));
        assert_eq!(pair("aws:SourceIp=::1"), owned("aws:SourceIp", "::1"));
        assert_eq!(
            pair("aws:RequestTag/a=b=c"),
            owned("aws:RequestTag/a", "b=c")
        );
        assert!(pair("aws:SourceIp").is_err());
        assert!(pair("SourceIp=1").is_err());
    }
}
