//! When a part of a resource was last used, as a version of a secret.

use base::{Arn, Timestamp};
use serde::{Deserialize, Serialize};
use storage::{Key, Record, Unreadable};

/// The last use of a part of a resource that is known of, to the minute: of several uses within a minute the first counts.
#[derive(Clone, Debug, PartialEq)]
pub struct PartUse {
    /// The resource.
    pub arn: Arn,
    /// Which part of it.
    pub part: String,
    /// When.
    pub at: Timestamp,
}

impl PartUse {
    /// Where the last use of a part of a resource lies.
    pub fn key_of(arn: &Arn, part: &str) -> Key {
        Key::root().then(arn.as_str()).then(part)
    }
}

const V1: u8 = 1;

#[derive(Serialize, Deserialize)]
struct StoredV1 {
    arn: String,
    part: String,
    at: i64,
}

fn refuse(reason: &str) -> Unreadable {
    Unreadable {
        table: PartUse::TABLE,
        reason: reason.to_owned(),
    }
}

impl Record for PartUse {
    const TABLE: &'static str = "pipeline.part_use";
    const CACHED: bool = false;
    fn key(&self) -> Key {
        Self::key_of(&self.arn, &self.part)
    }
    fn store(&self) -> Vec<u8> {
        let form = StoredV1 {
            arn: self.arn.to_string(),
            part: self.part.clone(),
            at: self.at.micros(),
        };
        let mut bytes = vec![V1];
        // A form of strings and numbers always has JSON; bytes without a body never load.
        let written = serde_json::to_writer(&mut bytes, &form);
        written.map_or_else(|_| Vec::new(), |()| bytes)
    }
    fn load(bytes: &[u8]) -> Result<Self, Unreadable> {
        let body = match bytes.split_first() {
            Some((&V1, body)) => body,
            _ => return Err(refuse("unknown version")),
        };
        let form: StoredV1 = serde_json::from_slice(body).map_err(|_| refuse("not its form"))?;
        Ok(Self {
            arn: form.arn.parse().map_err(|_| refuse("arn"))?,
            part: form.part,
            at: Timestamp::from_micros(form.at),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn golden_bytes() {
        let used = PartUse {
            arn: "arn:aws:secretsmanager:us-east-1:111122223333:secret:a-AbCdEf"
                .parse()
                .unwrap(),
            part: "v1".into(),
            at: Timestamp::from_seconds(1),
        };
        let stored = b"\x01{\"arn\":\"arn:aws:secretsmanager:us-east-1:111122223333:secret:a-AbCdEf\",\"part\":\"v1\",\"at\":1000000}";
        assert_eq!(used.store(), stored);
        assert_eq!(PartUse::load(stored).unwrap(), used);
        for bytes in [&[][..], b"\x02{}", b"\x01{}", b"\x01"] {
            assert!(PartUse::load(bytes).is_err());
        }
    }
}
