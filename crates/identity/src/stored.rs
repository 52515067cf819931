//! Stored forms: one version byte, then JSON of the version's own struct.

use std::collections::BTreeMap;

use base::Secret;
use policy::Grammar;
use serde::Serialize;
use serde::de::DeserializeOwned;
use storage::Unreadable;

use crate::Document;

pub(crate) const V1: u8 = 1;

/// `form` behind version byte 1.
pub(crate) fn write_v1(form: &impl Serialize) -> Vec<u8> {
    let mut bytes = vec![V1];
    match serde_json::to_writer(&mut bytes, form) {
        Ok(()) => bytes,
        // A form of strings, numbers and lists always has JSON; bytes without a body never load.
        Err(_) => Vec::new(),
    }
}

/// As `write_v1`, of a form that holds a secret.
pub(crate) fn write_secret_v1(form: &impl Serialize) -> Secret<Vec<u8>> {
    let mut bytes = Secret::new(vec![V1]);
    match serde_json::to_writer(&mut bytes, form) {
        Ok(()) => bytes,
        Err(_) => Secret::default(),
    }
}

/// Reads what `write_v1` wrote.
pub(crate) fn read_v1<F: DeserializeOwned>(
    table: &'static str,
    bytes: &[u8],
) -> Result<F, Unreadable> {
    let refuse = |reason: String| Unreadable { table, reason };
    match bytes.split_first() {
        Some((&V1, body)) => serde_json::from_slice(body)
            .map_err(|error| refuse(format!("line {} column {}", error.line(), error.column()))),
        Some((version, _)) => Err(refuse(format!("unknown version {version}"))),
        None => Err(refuse("no bytes".into())),
    }
}

/// A field of a stored form that does not parse.
pub(crate) fn bad(table: &'static str, field: &str) -> Unreadable {
    Unreadable {
        table,
        reason: format!("field {field}"),
    }
}

/// Inline policies as stored.
pub(crate) fn inline_text(inline: &BTreeMap<String, Document>) -> BTreeMap<String, String> {
    let texts = inline.iter();
    texts
        .map(|(name, document)| (name.clone(), document.text().to_owned()))
        .collect()
}

/// Inline policies from their stored texts.
pub(crate) fn inline_from(
    table: &'static str,
    texts: BTreeMap<String, String>,
    grammar: Grammar,
) -> Result<BTreeMap<String, Document>, Unreadable> {
    let documents = texts.into_iter().map(|(name, text)| {
        let document = Document::parse(&text, grammar).map_err(|_| bad(table, "inline"))?;
        Ok((name, document))
    });
    documents.collect()
}
