//! Keys that are the same in several regions.
//!
//! AWS document: AWS KMS Developer Guide, "Multi-Region keys in AWS KMS".

use std::collections::BTreeSet;

use base::Region;
use kms_api::shapes::MultiRegionKeyType;

/// Which regions hold a multi-Region key. Every one of the related keys knows them all.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct MultiRegion {
    /// The region of the primary key.
    pub(crate) primary: Region,
    /// The regions of its replicas.
    pub(crate) replicas: BTreeSet<Region>,
}

impl MultiRegion {
    /// `kms:MultiRegionKeyType` and `MultiRegionKeyType` of the key in `region`.
    pub(crate) fn key_type(&self, region: Region) -> MultiRegionKeyType {
        match region == self.primary {
            true => MultiRegionKeyType::Primary,
            false => MultiRegionKeyType::Replica,
        }
    }
}
