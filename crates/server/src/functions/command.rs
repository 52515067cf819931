//! `alcazar functions`.

use std::io::Read;
use std::path::PathBuf;

use clap::Subcommand;

use crate::ask::ask;
use crate::command::DataOption;
use crate::control::{Answer, Question};
use crate::failure::Failure;
use crate::output::say;

/// Longest event, in bytes: with what quoting adds it has to be a question.
const LONGEST_EVENT: u64 = 24 * 1024;

/// Commands about functions.
#[derive(Subcommand, Debug)]
pub(crate) enum FunctionsCommand {
    /// List the functions of the running server.
    List {
        #[command(flatten)]
        data: DataOption,
    },
    /// Have the running server run a function once, and print its result. Recorded.
    Invoke {
        /// Its ARN.
        function: String,
        /// A file with the event, in JSON; - for standard input. [default: an empty object]
        #[arg(long, value_name = "FILE")]
        payload: Option<PathBuf>,
        #[command(flatten)]
        data: DataOption,
    },
}

/// Runs a command about functions.
pub(crate) fn functions(command: FunctionsCommand) -> Result<(), Failure> {
    let (data, question) = match command {
        FunctionsCommand::List { data } => (data, Question::Functions),
        FunctionsCommand::Invoke {
            function,
            payload,
            data,
        } => {
            let payload = event(payload)?;
            (data, Question::Invoke { function, payload })
        }
    };
    match ask(&data, &question)? {
        Answer::Functions(arns) => arns.iter().for_each(say),
        Answer::Invoked(result) => say(result),
        _ => {
            return Err(Failure::Refused(
                "the server answered another question".into(),
            ));
        }
    }
    Ok(())
}

fn event(path: Option<PathBuf>) -> Result<String, Failure> {
    let Some(path) = path else {
        return Ok("{}".to_owned());
    };
    let mut text = String::new();
    let most = LONGEST_EVENT + 1;
    let read = match path.as_os_str() == "-" {
        true => std::io::stdin().take(most).read_to_string(&mut text),
        false => {
            std::fs::File::open(&path).and_then(|file| file.take(most).read_to_string(&mut text))
        }
    };
    read.map_err(Failure::file(&path))?;
    let event = serde_json::from_str::<serde_json::Value>(&text);
    if text.len() as u64 > LONGEST_EVENT {
        return Err(Failure::Refused(format!(
            "{} has more than {LONGEST_EVENT} bytes, which is more than the control socket takes",
            path.display()
        )));
    }
    // On one line, as questions are.
    event
        .map(|event| event.to_string())
        .map_err(|error| Failure::Refused(format!("{} is not JSON: {error}", path.display())))
}
