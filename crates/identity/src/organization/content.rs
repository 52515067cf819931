//! What a policy of an organization says.

use policy::Grammar;

use super::{ManagementDocument, PolicyKind};
use crate::Document;

/// The document of a policy, of whichever kind.
#[derive(Clone, Debug, PartialEq)]
pub enum Content {
    /// Of a service or resource control policy.
    Control(Document),
    /// Of a policy that sets up services.
    Management(ManagementDocument),
}

/// Why a document is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MalformedContent {
    /// It does not follow the grammar of its kind.
    Grammar,
    /// A tag policy shall be enforced (`enforced_for`), which no service here does.
    Enforcement,
}

impl Content {
    /// Reads the document of a policy of this kind.
    ///
    /// # Errors
    /// The document does not follow the grammar of the kind, or asks for what nobody here does.
    pub fn parse(kind: PolicyKind, text: &str) -> Result<Self, MalformedContent> {
        let control = |grammar| {
            let document = Document::parse(text, grammar);
            document
                .map(Self::Control)
                .map_err(|_| MalformedContent::Grammar)
        };
        match kind {
            PolicyKind::ServiceControl => control(Grammar::ServiceControl),
            PolicyKind::ResourceControl => control(Grammar::ResourceControl),
            PolicyKind::Management(kind) => {
                let document = ManagementDocument::parse(kind, text);
                document.map(Self::Management)
            }
        }
    }

    /// The document as it was given.
    pub fn text(&self) -> &str {
        match self {
            Self::Control(document) => document.text(),
            Self::Management(document) => document.text(),
        }
    }
    /// What decisions look at.
    pub fn control(&self) -> Option<&Document> {
        match self {
            Self::Control(document) => Some(document),
            Self::Management(_) => None,
        }
    }
    /// What sets up services.
    pub fn management(&self) -> Option<&ManagementDocument> {
        match self {
            Self::Management(document) => Some(document),
            Self::Control(_) => None,
        }
    }
}
