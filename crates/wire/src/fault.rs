//! An AWS error as the wire sees it.

use std::borrow::Cow;

/// Facts about one error of a service, from its public model.
#[derive(Debug, PartialEq, Eq)]
pub struct ErrorFacts {
    /// The code a client sees: `__type` in JSON, `Code` in XML.
    pub code: &'static str,
    /// HTTP status.
    pub status: u16,
    /// Whether the caller is at fault (`Sender` in XML) rather than the service (`Receiver`).
    pub sender: bool,
}

impl ErrorFacts {
    /// This error, said with `message`.
    pub fn says(&'static self, message: impl Into<Cow<'static, str>>) -> Fault {
        Fault {
            facts: self,
            message: message.into(),
            reason: None,
        }
    }
}

/// An error on its way to the caller.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Which error.
    pub facts: &'static ErrorFacts,
    /// AWS's words for it.
    pub message: Cow<'static, str>,
    /// Which of several causes of the error it is, where the error's shape has a `Reason`. Written in JSON alone.
    pub reason: Option<&'static str>,
}

impl Fault {
    /// This error, with its `Reason`.
    #[must_use]
    pub fn because(self, reason: &'static str) -> Self {
        Self {
            reason: Some(reason),
            ..self
        }
    }
}
