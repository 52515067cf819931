//! When, where and for which service an access key last signed.

use base::{Region, Timestamp};
use serde::{Deserialize, Serialize};
use storage::{Key, Record, Unreadable};

use crate::stored::{bad, read_v1, write_v1};

/// Last use of one access key.
#[derive(Clone, Debug, PartialEq)]
pub struct LastUsed {
    /// The access key.
    pub access_key_id: String,
    /// When.
    pub at: Timestamp,
    /// Region of the credential scope.
    pub region: Region,
    /// Service of the credential scope.
    pub service: String,
}

impl LastUsed {
    /// Where the last use of this access key lies.
    pub fn key_of(access_key_id: &str) -> Key {
        Key::root().then(access_key_id)
    }
}

#[derive(Serialize, Deserialize)]
struct StoredV1 {
    access_key_id: String,
    at: i64,
    region: String,
    service: String,
}

impl Record for LastUsed {
    const TABLE: &'static str = "identity.last_used";
    fn key(&self) -> Key {
        Self::key_of(&self.access_key_id)
    }
    fn store(&self) -> Vec<u8> {
        write_v1(&StoredV1 {
            access_key_id: self.access_key_id.clone(),
            at: self.at.micros(),
            region: self.region.to_string(),
            service: self.service.clone(),
        })
    }
    fn load(bytes: &[u8]) -> Result<Self, Unreadable> {
        let form: StoredV1 = read_v1(Self::TABLE, bytes)?;
        let region = form.region.parse();
        Ok(Self {
            access_key_id: form.access_key_id,
            at: Timestamp::from_micros(form.at),
            region: region.map_err(|_| bad(Self::TABLE, "region"))?,
            service: form.service,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn golden_bytes() {
        let used = LastUsed {
            access_key_id: "AKIA1".into(),
            at: Timestamp::from_seconds(1),
            region: Region::US_EAST_1,
            service: "kms".into(),
        };
        let stored = b"\x01{\"access_key_id\":\"AKIA1\",\"at\":1000000,\"region\":\"us-east-1\",\"service\":\"kms\"}";
        assert_eq!(used.store(), stored);
        assert_eq!(LastUsed::load(stored).unwrap(), used);
    }
}
