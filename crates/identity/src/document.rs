//! A policy document: the text as given, and what it compiles to.

use std::sync::Arc;

use policy::{Grammar, Malformed, Policy};

/// A policy document that parsed. Cloning is cheap.
#[derive(Clone)]
pub struct Document {
    text: Arc<str>,
    policy: Arc<Policy>,
}

impl Document {
    /// Parses and compiles `text`, which must follow `grammar`.
    pub fn parse(text: &str, grammar: Grammar) -> Result<Self, Malformed> {
        let policy = Policy::parse(text, grammar)?;
        Ok(Self {
            text: text.into(),
            policy: Arc::new(policy),
        })
    }
    /// The document as it was given.
    pub fn text(&self) -> &str {
        &self.text
    }
    /// The compiled policy.
    pub fn policy(&self) -> &Policy {
        &self.policy
    }
}

impl std::fmt::Debug for Document {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.text)
    }
}

impl PartialEq for Document {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}
