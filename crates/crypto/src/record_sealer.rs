//! Sealing of stored records.

use crate::{Material, ModuleFailure, NotAuthentic, context};
use base::Secret;

/// Seals a record so that it opens in its own place only.
#[derive(Debug)]
pub struct RecordSealer(Material);

impl RecordSealer {
    pub(crate) fn new(material: Material) -> Self {
        Self(material)
    }

    /// `record` sealed for `table`, `key` and `revision`, behind the bytes that `sealed` has already.
    pub fn seal(
        &self,
        table: &str,
        key: &[u8],
        revision: u64,
        record: &[u8],
        sealed: &mut Vec<u8>,
    ) -> Result<(), ModuleFailure> {
        self.0
            .seal_onto(&place(table, key, revision), record, sealed)
    }

    /// The record that was sealed for the same place and revision.
    pub fn open(
        &self,
        table: &str,
        key: &[u8],
        revision: u64,
        sealed: &[u8],
    ) -> Result<Secret<Vec<u8>>, NotAuthentic> {
        self.0.open(&place(table, key, revision), sealed)
    }
}

fn place(table: &str, key: &[u8], revision: u64) -> Vec<u8> {
    context::bind(&[table.as_bytes(), key, &revision.to_be_bytes()])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn opens_in_its_own_place_only() {
        let sealer = RecordSealer::new(Material::generate());
        let mut sealed = vec![];
        sealer
            .seal("kms.key", b"a", 3, b"record", &mut sealed)
            .unwrap();
        assert_eq!(
            sealer.open("kms.key", b"a", 3, &sealed).unwrap().expose(),
            b"record"
        );
        for (table, key, revision) in [
            ("kms.alias", b"a".as_slice(), 3),
            ("kms.key", b"b", 3),
            ("kms.key", b"a", 4),
            ("kms.keya", b"", 3),
        ] {
            assert_eq!(
                sealer.open(table, key, revision, &sealed),
                Err(NotAuthentic)
            );
        }
    }
}
