//! `alcazar audit`.

use base::Timestamp;
use clap::{Args, Subcommand};
use serde_json::Value;

use crate::ask::ask;
use crate::command::DataOption;
use crate::control::{Answer, Question, account_id};
use crate::failure::Failure;
use crate::output::say;

/// Commands about the record of calls.
#[derive(Subcommand, Debug)]
pub(crate) enum AuditCommand {
    /// The latest events, oldest first.
    Tail {
        /// How many.
        #[arg(short = 'n', long, default_value_t = 20)]
        lines: usize,
        #[command(flatten)]
        shown: Shown,
    },
    /// Events that fit, newest first.
    Query {
        /// Recorded for this account.
        #[arg(long, value_name = "ID")]
        account: Option<String>,
        /// In this region.
        #[arg(long, value_name = "NAME")]
        region: Option<String>,
        /// Of this operation, as Encrypt.
        #[arg(long, value_name = "NAME")]
        event_name: Option<String>,
        /// By a caller whose ARN contains this.
        #[arg(long, value_name = "TEXT")]
        caller: Option<String>,
        /// With an error code that contains this, as AccessDenied.
        #[arg(long, value_name = "TEXT")]
        error: Option<String>,
        /// The call with this request id.
        #[arg(long, value_name = "ID")]
        request_id: Option<String>,
        /// From this instant on, as 2026-11-23T06:00:00Z.
        #[arg(long, value_name = "TIME")]
        from: Option<String>,
        /// Up to this instant.
        #[arg(long, value_name = "TIME")]
        to: Option<String>,
        /// At most this many.
        #[arg(long, default_value_t = 100)]
        limit: usize,
        #[command(flatten)]
        shown: Shown,
    },
}

/// How events are shown.
#[derive(Args, Debug)]
pub(crate) struct Shown {
    /// Whole events, one JSON object a line.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    data: DataOption,
}

/// Runs a command about the record of calls.
pub(crate) fn audit(command: AuditCommand) -> Result<(), Failure> {
    match command {
        AuditCommand::Tail { lines, shown } => {
            let mut events = events(&shown, &everything(lines))?;
            events.reverse();
            show(&shown, &events);
        }
        AuditCommand::Query { .. } => {
            let (question, shown) = question(command)?;
            show(&shown, &events(&shown, &question)?);
        }
    }
    Ok(())
}

fn everything(limit: usize) -> Question {
    Question::Events {
        account: None,
        region: None,
        from: None,
        to: None,
        containing: Vec::new(),
        limit,
    }
}

fn question(command: AuditCommand) -> Result<(Question, Shown), Failure> {
    let AuditCommand::Query {
        account,
        region,
        event_name,
        caller,
        error,
        request_id,
        from,
        to,
        limit,
        shown,
    } = command
    else {
        return Err(Failure::Refused("not a query".into()));
    };
    if let Some(account) = &account {
        account_id(account)?;
    }
    let wanted = [
        ("/eventName", event_name),
        ("/userIdentity/arn", caller),
        ("/errorCode", error),
        ("/requestID", request_id),
    ];
    let wanted = wanted.into_iter();
    let containing = wanted.filter_map(|(pointer, text)| Some((pointer.to_owned(), text?)));
    let question = Question::Events {
        account,
        region,
        from: from.as_deref().map(instant).transpose()?,
        to: to.as_deref().map(instant).transpose()?,
        containing: containing.collect(),
        limit,
    };
    Ok((question, shown))
}

/// Microseconds since the epoch.
fn instant(text: &str) -> Result<i64, Failure> {
    let parsed = Timestamp::parse_rfc3339(text);
    let refused = |_| Failure::Refused(format!("{text} is no instant; write 2026-11-23T06:00:00Z"));
    parsed.map(Timestamp::micros).map_err(refused)
}

fn events(shown: &Shown, question: &Question) -> Result<Vec<Value>, Failure> {
    match ask(&shown.data, question)? {
        Answer::Events(events) => Ok(events),
        _ => Err(Failure::Refused(
            "the server answered another question".into(),
        )),
    }
}

fn show(shown: &Shown, events: &[Value]) {
    for event in events {
        if shown.json {
            say(event);
        } else {
            say(plain(&line(event)));
        }
    }
}

/// Time, account, region, operation, caller, and the error if there was one.
fn line(event: &Value) -> String {
    let text = |pointer: &str| {
        event
            .pointer(pointer)
            .and_then(Value::as_str)
            .unwrap_or("-")
    };
    let service = text("/eventSource").split('.').next().unwrap_or("-");
    let mut line = format!(
        "{}  {}  {}  {service}:{}  {}",
        text("/eventTime"),
        text("/recipientAccountId"),
        text("/awsRegion"),
        text("/eventName"),
        caller(event),
    );
    if let Some(code) = event.pointer("/errorCode").and_then(Value::as_str) {
        line += &format!("  {code}: {}", text("/errorMessage"));
    }
    line
}

/// A line that stays one: callers choose what much of an event says, and a terminal or the next line obeys them.
pub(crate) fn plain(line: &str) -> String {
    let obeyed = |c: char| {
        c.is_control()
            || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    let mut shown = String::with_capacity(line.len());
    for c in line.chars() {
        match obeyed(c) {
            true => shown.extend(c.escape_default()),
            false => shown.push(c),
        }
    }
    shown
}

fn caller(event: &Value) -> &str {
    let text = |pointer: &str| event.pointer(pointer).and_then(Value::as_str);
    text("/userIdentity/arn")
        .or_else(|| text("/userIdentity/principalId"))
        .or_else(|| text("/userIdentity/invokedBy"))
        .or_else(|| text("/userIdentity/accessKeyId"))
        .unwrap_or("unknown")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_stays_one() {
        for (said, shown) in [
            ("kms:Decrypt é", "kms:Decrypt é"),
            ("x\r\n2026-11-23", "x\\r\\n2026-11-23"),
            ("\u{1b}[2J\u{9b}1m\u{7f}", "\\u{1b}[2J\\u{9b}1m\\u{7f}"),
            ("\u{202e}nna", "\\u{202e}nna"),
        ] {
            assert_eq!(plain(said), shown);
        }
    }

    #[test]
    fn a_line_for_people() {
        let event = serde_json::json!({
            "eventTime": "2026-11-23T06:38:13Z",
            "eventSource": "kms.amazonaws.com",
            "eventName": "Encrypt",
            "awsRegion": "us-east-1",
            "recipientAccountId": "111122223333",
            "userIdentity": {"arn": "arn:aws:iam::111122223333:user/ann"},
            "errorCode": "AccessDenied",
            "errorMessage": "no",
        });
        assert_eq!(
            line(&event),
            "2026-11-23T06:38:13Z  111122223333  us-east-1  kms:Encrypt  \
             arn:aws:iam::111122223333:user/ann  AccessDenied: no"
        );
    }
}
