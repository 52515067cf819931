//! How a record lies in a row: `0x01 || revision (8, big-endian) || sealed record`.
//!
//! The revision is the store's version when the record was sealed. Table, key and revision are authenticated, so a
//! row copied to another place does not open.

use crate::{Place, StorageError, Version};
use base::Secret;
use crypto::{KeyRing, SEALED_OVERHEAD};
use std::sync::Arc;

const FORMAT: u8 = 1;

/// The row for `record` at `place`, sealed when the store was at `revision`.
pub(crate) fn seal(
    keys: &KeyRing,
    place: &Place,
    revision: Version,
    record: &[u8],
) -> Result<Arc<[u8]>, StorageError> {
    let revision = revision.number();
    let (table, key) = place.split();
    let mut row = Vec::with_capacity(1 + 8 + record.len() + SEALED_OVERHEAD);
    row.push(FORMAT);
    row.extend_from_slice(&revision.to_be_bytes());
    keys.records()
        .seal(table, key, revision, record, &mut row)?;
    Ok(row.into())
}

/// The record in the row at `place`.
pub(crate) fn open(
    keys: &KeyRing,
    place: &Place,
    row: &[u8],
) -> Result<Secret<Vec<u8>>, StorageError> {
    let (table, key) = place.split();
    let parts = || {
        let (format, rest) = row.split_first()?;
        let (revision, sealed) = rest.split_first_chunk::<8>()?;
        (*format == FORMAT).then_some((u64::from_be_bytes(*revision), sealed))
    };
    parts()
        .and_then(|(revision, sealed)| keys.records().open(table, key, revision, sealed).ok())
        .ok_or_else(|| StorageError::NotAuthentic {
            table: table.to_string(),
        })
}
