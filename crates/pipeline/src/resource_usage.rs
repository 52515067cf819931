//! When resources were last used, as KMS keys in cryptographic operations: noted in memory, written down by a worker.

use base::{AccountId, Arn, Timestamp};
use papaya::HashMap;
use serde::{Deserialize, Serialize};
use storage::{CommitError, Key, Reads, Record, Records, StorageError, Unreadable, Writes};

use crate::audit::Ledger;

/// The last use of a resource that is known of, to the minute: of several uses within a minute the first counts.
#[derive(Clone, Debug, PartialEq)]
pub struct LastUse {
    /// Which resource.
    pub arn: Arn,
    /// When.
    pub at: Timestamp,
    /// The operation, as `Encrypt`.
    pub operation: String,
    /// `requestID` of its record.
    pub request: String,
    /// `eventID` of its record in the account of the resource.
    pub event: String,
}

/// From when on uses were noted.
struct Since(Timestamp);

/// Uses not yet written down.
#[derive(Default)]
pub(crate) struct ResourceUsage(HashMap<String, LastUse>);

impl ResourceUsage {
    /// Notes that a call which succeeded has used its resources, if it has. Writes nothing for those that were used
    /// within the same minute.
    pub(crate) fn note(&self, call: &Ledger<'_>) {
        for (arn, account) in call.used() {
            self.note_one(call, arn, *account);
        }
    }

    fn note_one(&self, call: &Ledger<'_>, arn: &Arn, account: AccountId) {
        let minute = |at: Timestamp| at.seconds().div_euclid(60);
        let at = call.received().at;
        let uses = self.0.pin();
        let known = uses.get(arn.as_str());
        if known.is_some_and(|known| minute(known.at) == minute(at)) {
            return;
        }
        let Some(event) = call.event_id(account) else {
            return;
        };
        let used = LastUse {
            arn: arn.clone(),
            at,
            operation: call.operation.to_string(),
            request: call.id().to_string(),
            event: event.to_string(),
        };
        uses.insert(arn.to_string(), used);
    }

    /// Last use of the resource, by memory or by record.
    pub(crate) async fn last_use(
        &self,
        records: &Records,
        arn: &Arn,
    ) -> Result<Option<LastUse>, StorageError> {
        let noted = self.0.pin().get(arn.as_str()).cloned();
        if noted.is_some() {
            return Ok(noted);
        }
        let held = records.get::<LastUse>(&LastUse::key_of(arn)).await?;
        Ok(held.map(|held| LastUse::clone(&held)))
    }

    /// From when on uses were noted; `now`, if that was never written down.
    pub(crate) async fn since(
        records: &Records,
        now: Timestamp,
    ) -> Result<Timestamp, StorageError> {
        let held = records.get::<Since>(&Key::root()).await?;
        Ok(held.map_or(now, |held| held.0))
    }

    /// Writes down what was noted, and since when. What is noted meanwhile stays for the next time.
    pub(crate) async fn write_down(
        &self,
        records: &Records,
        now: Timestamp,
    ) -> Result<(), CommitError> {
        let noted: Vec<LastUse> = self.0.pin().values().cloned().collect();
        let mut writes = Writes::default();
        if records.get::<Since>(&Key::root()).await?.is_none() {
            writes.put(Since(now));
        }
        noted.iter().cloned().for_each(|used| writes.put(used));
        if writes.is_empty() {
            return Ok(());
        }
        records.commit(Reads::default(), writes).await?;
        let uses = self.0.pin();
        for used in &noted {
            let _ = uses.remove_if(used.arn.as_str(), |_: &String, now: &LastUse| now == used);
        }
        Ok(())
    }
}

impl LastUse {
    /// Where the last use of a resource lies.
    pub fn key_of(arn: &Arn) -> Key {
        Key::root().then(arn.as_str())
    }
}

const V1: u8 = 1;

#[derive(Serialize, Deserialize)]
struct StoredV1 {
    arn: String,
    at: i64,
    operation: String,
    request: String,
    event: String,
}

fn refuse(table: &'static str, reason: &str) -> Unreadable {
    Unreadable {
        table,
        reason: reason.to_owned(),
    }
}

impl Record for LastUse {
    const TABLE: &'static str = "pipeline.resource_use";
    const CACHED: bool = false;
    fn key(&self) -> Key {
        Self::key_of(&self.arn)
    }
    fn store(&self) -> Vec<u8> {
        let form = StoredV1 {
            arn: self.arn.to_string(),
            at: self.at.micros(),
            operation: self.operation.clone(),
            request: self.request.clone(),
            event: self.event.clone(),
        };
        let mut bytes = vec![V1];
        // A form of strings and numbers always has JSON; bytes without a body never load.
        let written = serde_json::to_writer(&mut bytes, &form);
        written.map_or_else(|_| Vec::new(), |()| bytes)
    }
    fn load(bytes: &[u8]) -> Result<Self, Unreadable> {
        let body = match bytes.split_first() {
            Some((&V1, body)) => body,
            _ => return Err(refuse(Self::TABLE, "unknown version")),
        };
        let form: StoredV1 =
            serde_json::from_slice(body).map_err(|_| refuse(Self::TABLE, "not its form"))?;
        Ok(Self {
            arn: form.arn.parse().map_err(|_| refuse(Self::TABLE, "arn"))?,
            at: Timestamp::from_micros(form.at),
            operation: form.operation,
            request: form.request,
            event: form.event,
        })
    }
}

impl Record for Since {
    const TABLE: &'static str = "pipeline.resource_use_since";
    fn key(&self) -> Key {
        Key::root()
    }
    fn store(&self) -> Vec<u8> {
        let mut bytes = vec![V1];
        bytes.extend_from_slice(&self.0.micros().to_be_bytes());
        bytes
    }
    fn load(bytes: &[u8]) -> Result<Self, Unreadable> {
        match bytes.split_first() {
            Some((&V1, body)) => {
                let micros = body.try_into().map(i64::from_be_bytes);
                let micros = micros.map_err(|_| refuse(Self::TABLE, "not eight bytes"))?;
                Ok(Self(Timestamp::from_micros(micros)))
            }
            _ => Err(refuse(Self::TABLE, "unknown version")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn golden_bytes() {
        let used = LastUse {
            arn: "arn:aws:kms:us-east-1:111122223333:key/1".parse().unwrap(),
            at: Timestamp::from_seconds(1),
            operation: "Encrypt".into(),
            request: "r".into(),
            event: "e".into(),
        };
        let stored = b"\x01{\"arn\":\"arn:aws:kms:us-east-1:111122223333:key/1\",\"at\":1000000,\"operation\":\"Encrypt\",\"request\":\"r\",\"event\":\"e\"}";
        assert_eq!(used.store(), stored);
        assert_eq!(LastUse::load(stored).unwrap(), used);
        let since = [1, 0, 0, 0, 0, 0, 15, 66, 64];
        assert_eq!(Since(Timestamp::from_seconds(1)).store(), since);
        assert_eq!(Since::load(&since).unwrap().0, Timestamp::from_seconds(1));
        for bytes in [&[][..], b"\x02{}", b"\x01{}", b"\x01"] {
            assert!(LastUse::load(bytes).is_err() && Since::load(bytes).is_err());
        }
    }
}
