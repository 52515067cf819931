//! A policy document: the text as given, and what it compiles to.

use std::collections::BTreeMap;
use std::sync::Arc;

use policy::{Grammar, Malformed, Policy};

/// A policy document that parsed. Cloning is cheap.
#[derive(Clone)]
pub struct Document {
    policy: Arc<Policy>,
    bindings: Arc<BTreeMap<String, String>>,
}

impl Document {
    /// Parses and compiles `text`, which must follow `grammar`.
    pub fn parse(text: &str, grammar: Grammar) -> Result<Self, Malformed> {
        Self::parse_bound(text, grammar, BTreeMap::new())
    }
    /// As `parse`, with `bindings` from ARNs of principals, as written, to the unique ids of who had them when the
    /// document was saved: nobody else is named by these ARNs.
    pub fn parse_bound(
        text: &str,
        grammar: Grammar,
        bindings: BTreeMap<String, String>,
    ) -> Result<Self, Malformed> {
        let policy = Policy::parse_bound(text, grammar, &bindings)?;
        Ok(Self {
            policy: Arc::new(policy),
            bindings: Arc::new(bindings),
        })
    }
    /// The document as it was given.
    pub fn text(&self) -> &str {
        self.policy.text()
    }
    /// Unique ids by the ARNs that are bound to them.
    pub fn bindings(&self) -> &BTreeMap<String, String> {
        &self.bindings
    }
    /// The compiled policy.
    pub fn policy(&self) -> &Policy {
        &self.policy
    }
}

impl std::fmt::Debug for Document {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.text())
    }
}

impl PartialEq for Document {
    fn eq(&self, other: &Self) -> bool {
        self.text() == other.text() && self.bindings == other.bindings
    }
}
