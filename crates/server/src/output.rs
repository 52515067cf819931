//! What the command line prints.

use std::fmt::Display;
use std::io::Write;

use crate::failure::Failure;

/// A line to standard output. A reader that went away is no error.
pub(crate) fn say(line: impl Display) {
    let _ = writeln!(std::io::stdout().lock(), "{line}");
}

/// A warning to standard error.
pub(crate) fn warn(line: impl Display) {
    let _ = writeln!(std::io::stderr().lock(), "Warning: {line}");
}

/// A failure to standard error.
pub(crate) fn complain(failure: &Failure) {
    // It may quote what a file or a record holds.
    let failure = crate::audit::plain(&failure.to_string());
    let _ = writeln!(std::io::stderr().lock(), "alcazar: {failure}");
}
