//! How a tool ends.

use std::error::Error;
use std::fmt::Display;

/// Done, or why not.
pub type Outcome<T = ()> = Result<T, Box<dyn Error>>;

/// Says what was being done when something failed.
pub trait During<T> {
    /// Puts `what` before the cause.
    fn during(self, what: impl Display) -> Outcome<T>;
}

impl<T, E: Display> During<T> for Result<T, E> {
    fn during(self, what: impl Display) -> Outcome<T> {
        self.map_err(|cause| format!("{what}: {cause}").into())
    }
}
