//! What services keep.

use crate::Key;

/// Stored bytes that no version of the record's form can read.
#[derive(Debug, thiserror::Error)]
#[error("a record of table {table} is not readable: {reason}")]
pub struct Unreadable {
    /// The record's table.
    pub table: &'static str,
    /// What did not fit; never the content.
    pub reason: String,
}

/// A domain type with an explicit stored form. `store` writes a version byte first; `load` reads every version
/// ever written. Each implementation has a golden-bytes test.
pub trait Record: Sized + Send + Sync + 'static {
    /// Name of the table: `service.noun`, as `kms.key`. One type has it, and it holds no zero byte.
    const TABLE: &'static str;
    /// Whether what was read or written stays in memory. False for rows that are written once and seldom read.
    const CACHED: bool = true;
    /// Whether the records below one key (all parts but the last) may be kept in memory together, as `Records::list`
    /// does: few of them, read often.
    const LISTED: bool = false;
    /// Whether memory keeps how many records there are below one key (all parts but the last) once `Records::count` was
    /// asked: for quotas of many thousands.
    const COUNTED: bool = false;
    /// Where this record lies in the table.
    fn key(&self) -> Key;
    /// The stored form of today: a version byte, then (usually) JSON of a private `StoredV1` struct.
    fn store(&self) -> Vec<u8>;
    /// From any stored form.
    fn load(bytes: &[u8]) -> Result<Self, Unreadable>;
}
