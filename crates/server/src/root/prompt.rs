//! Questions at the terminal.

use std::io::{BufRead, IsTerminal, Write, stderr, stdin};

use base::Secret;
use rustix::termios::{LocalModes, OptionalActions, tcgetattr, tcsetattr};

use crate::failure::Failure;

/// A secret typed without being shown; none where standard input is no terminal.
pub(super) fn secret(question: &str) -> Result<Option<Secret<String>>, Failure> {
    if !stdin().is_terminal() {
        return Ok(None);
    }
    ask(question);
    let shown = tcgetattr(stdin()).map_err(failed)?;
    let mut hidden = shown.clone();
    hidden.local_modes.remove(LocalModes::ECHO);
    tcsetattr(stdin(), OptionalActions::Flush, &hidden).map_err(failed)?;
    let typed = line();
    tcsetattr(stdin(), OptionalActions::Now, &shown).map_err(failed)?;
    ask("\n");
    typed.map(Some)
}

/// A line in answer to a question, wherever standard input comes from.
pub(super) fn plain(question: &str) -> Result<String, Failure> {
    ask(question);
    Ok(line()?.expose().clone())
}

fn ask(question: &str) {
    // Whoever closed standard error does not want to see it.
    let _ = write!(stderr(), "{question}");
    let _ = stderr().flush();
}

fn line() -> Result<Secret<String>, Failure> {
    let mut text = String::new();
    stdin().lock().read_line(&mut text).map_err(failed)?;
    let text = Secret::new(text);
    Ok(Secret::new(
        text.expose().trim_end_matches(['\r', '\n']).to_owned(),
    ))
}

fn failed(error: impl Into<std::io::Error>) -> Failure {
    Failure::Refused(format!("standard input cannot be read: {}", error.into()))
}
