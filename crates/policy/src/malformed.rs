//! Why a policy document is refused.

/// The document is no policy of its grammar. `message` is AWS's wording for
/// `MalformedPolicyDocument`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Malformed {
    /// What the caller is told.
    pub message: String,
}

impl Malformed {
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
        }
    }
    /// IAM's answer to whatever is not a policy by form.
    pub(crate) fn syntax() -> Self {
        Self::new("Syntax errors in policy.")
    }
    /// IAM's answer to what its older parser trips over.
    pub(crate) fn legacy() -> Self {
        Self::new("The policy failed legacy parsing")
    }
}
