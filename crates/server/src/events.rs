//! `alcazar events`: the event bus as it goes by.

use std::io::{BufRead, BufReader, Write};
use std::os::unix::net::UnixStream;

use clap::Args;
use pipeline::{BusEvent, Core};
use serde::{Deserialize, Serialize};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::sync::broadcast::error::RecvError;

use crate::ask::connect;
use crate::command::DataOption;
use crate::control::{Answer, Question};
use crate::failure::Failure;
use crate::output::warn;

/// What `alcazar events` takes.
///
/// Prints what the services of every account tell of their changes from now on, one JSON object a line, as EventBridge has
/// them. Events of before are not shown; `alcazar audit` tells what was.
#[derive(Args, Debug)]
#[command(after_help = "Examples:\n  alcazar events\n  alcazar events --count 1 | jq .detail")]
pub(crate) struct EventsOptions {
    /// End after so many.
    #[arg(long, value_name = "N")]
    count: Option<u64>,
    #[command(flatten)]
    data: DataOption,
}

/// A line that a follower is sent.
#[derive(Serialize, Deserialize)]
enum Line {
    Event(Box<BusEvent>),
    /// So many, because it did not read them in time.
    Missed(u64),
}

/// Prints the events of the running server.
pub(crate) fn events(options: &EventsOptions) -> Result<(), Failure> {
    let mut stream = connect(&options.data)?;
    let gone = |_| Failure::Refused("the server ended".into());
    let mut lines = follow(&mut stream).map_err(gone)?;
    match read::<Answer>(&mut lines).map_err(gone)? {
        Answer::Following => {}
        Answer::Refused(reason) => return Err(Failure::Refused(reason)),
        _ => {
            return Err(Failure::Refused(
                "the server answered another question".into(),
            ));
        }
    }
    let _ = writeln!(
        std::io::stderr().lock(),
        "Following the events of the server."
    );
    let mut left = options.count;
    while left != Some(0) {
        match read::<Line>(&mut lines).map_err(gone)? {
            Line::Missed(number) => warn(format_args!("{number} events were missed")),
            Line::Event(event) => {
                left = left.map(|left| left - 1);
                if !print(&event) {
                    return Ok(());
                }
            }
        }
    }
    Ok(())
}

/// Whether there was still a reader.
fn print(event: &BusEvent) -> bool {
    let text = serde_json::to_string(event).unwrap_or_default();
    writeln!(std::io::stdout().lock(), "{text}").is_ok()
}

fn follow(stream: &mut UnixStream) -> std::io::Result<BufReader<&mut UnixStream>> {
    let question = serde_json::to_string(&Question::Follow)?;
    writeln!(stream, "{question}")?;
    Ok(BufReader::new(stream))
}

fn read<T: for<'de> Deserialize<'de>>(lines: &mut impl BufRead) -> std::io::Result<T> {
    let mut line = String::new();
    lines.read_line(&mut line)?;
    Ok(serde_json::from_str(&line)?)
}

/// Sends a caller of the control socket what is committed, until it goes away.
pub(crate) async fn tell(
    core: &Core,
    mut caller: impl AsyncRead + Unpin,
    mut to: impl AsyncWrite + Unpin,
) -> std::io::Result<()> {
    let mut events = core.follow_events();
    send(&mut to, &Answer::Following).await?;
    loop {
        let event = tokio::select! {
            event = events.recv() => event,
            // It has nothing more to say: it went away.
            _ = caller.read_u8() => return Ok(()),
        };
        let line = match event {
            Ok(event) => Line::Event(Box::new(BusEvent::clone(&event))),
            Err(RecvError::Lagged(number)) => Line::Missed(number),
            Err(RecvError::Closed) => return Ok(()),
        };
        send(&mut to, &line).await?;
    }
}

async fn send(to: &mut (impl AsyncWrite + Unpin), line: &impl Serialize) -> std::io::Result<()> {
    let mut text = serde_json::to_vec(line)?;
    text.push(b'\n');
    to.write_all(&text).await?;
    to.flush().await
}
