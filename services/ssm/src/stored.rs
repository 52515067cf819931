//! Stored forms: one version byte, then JSON of the version's own struct.

use serde::Serialize;
use serde::de::DeserializeOwned;
use storage::Unreadable;

const V1: u8 = 1;

/// `form` behind version byte 1.
pub(crate) fn write(form: &impl Serialize) -> Vec<u8> {
    let mut bytes = vec![V1];
    match serde_json::to_writer(&mut bytes, form) {
        Ok(()) => bytes,
        // A form of strings, numbers and lists always has JSON; bytes without a body never load.
        Err(_) => Vec::new(),
    }
}

/// Reads what `write` wrote.
pub(crate) fn read<F: DeserializeOwned>(
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
