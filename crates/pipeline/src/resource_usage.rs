//! When resources and parts of them were last used, as KMS keys in cryptographic operations: noted in memory, written
//! down by a worker.
//!
//! A use may be noted, or written down, when its resource is just being deleted. So what was deleted is remembered until
//! every call that can have met it is over, and nothing of it is kept that was noted before.

use base::{Arn, RequestId, Timestamp};
use papaya::HashMap;
use serde::{Deserialize, Serialize};
use smallvec::SmallVec;
use storage::{CommitError, Key, Place, Reads, Record, Records, StorageError, Unreadable, Writes};

use crate::part_use::PartUse;

/// How long deletions are remembered, in seconds: longer than a call takes, and than the worker's pause.
const REMEMBERED: i64 = 150;

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

/// A resource and a part of it, as `ResourceUsage` finds them: without allocation as a rule.
type PartKey = SmallVec<[u8; 256]>;

/// Uses not yet written down, and what was deleted of late.
#[derive(Default)]
pub(crate) struct ResourceUsage {
    uses: HashMap<String, LastUse>,
    parts: HashMap<PartKey, PartUse>,
    deleted: HashMap<Place, Timestamp>,
}

/// One use of a resource, by a call that succeeded.
pub(crate) struct Use<'a> {
    pub(crate) arn: &'a Arn,
    pub(crate) at: Timestamp,
    pub(crate) operation: &'a str,
    pub(crate) request: RequestId,
    /// The record of the call in the account of the resource.
    pub(crate) event: RequestId,
}

impl ResourceUsage {
    /// Notes that a resource was used. Keeps nothing if one was noted within the same minute.
    pub(crate) fn note(&self, used: &Use<'_>) {
        let uses = self.uses.pin();
        let known = uses.get(used.arn.as_str());
        if known.is_none_or(|known| minute(known.at) != minute(used.at)) {
            let last = LastUse {
                arn: used.arn.clone(),
                at: used.at,
                operation: used.operation.to_owned(),
                request: used.request.to_string(),
                event: used.event.to_string(),
            };
            uses.insert(used.arn.to_string(), last);
        }
    }

    /// Notes that a part of a resource was used. Keeps nothing if it was within the same minute.
    pub(crate) fn note_part(&self, arn: &Arn, part: &str, at: Timestamp) {
        let parts = self.parts.pin();
        let key = part_key(arn, part);
        let known = parts.get(&key);
        if known.is_none_or(|known| minute(known.at) != minute(at)) {
            let used = PartUse {
                arn: arn.clone(),
                part: part.to_owned(),
                at,
            };
            parts.insert(key, used);
        }
    }

    /// Last use of the resource, by memory or by record.
    pub(crate) async fn last_use(
        &self,
        records: &Records,
        arn: &Arn,
    ) -> Result<Option<LastUse>, StorageError> {
        let noted = self.uses.pin().get(arn.as_str()).cloned();
        if noted.is_some() {
            return Ok(noted);
        }
        let held = records.get::<LastUse>(&LastUse::key_of(arn)).await?;
        Ok(held.map(|held| LastUse::clone(&held)))
    }

    /// When a part of the resource was last used, by memory or by record.
    pub(crate) async fn last_use_of_part(
        &self,
        records: &Records,
        arn: &Arn,
        part: &str,
    ) -> Result<Option<Timestamp>, StorageError> {
        let noted = self.parts.pin().get(&part_key(arn, part)).map(|it| it.at);
        if noted.is_some() {
            return Ok(noted);
        }
        let held = records.get::<PartUse>(&PartUse::key_of(arn, part)).await?;
        Ok(held.map(|held| held.at))
    }

    /// From when on uses were noted; `now`, if that was never written down.
    pub(crate) async fn since(
        records: &Records,
        now: Timestamp,
    ) -> Result<Timestamp, StorageError> {
        let held = records.get::<Since>(&Key::root()).await?;
        Ok(held.map_or(now, |held| held.0))
    }

    /// Whose last use `writes` deletes: of what is gone once they are committed.
    pub(crate) fn deleted_by(writes: &Writes) -> Vec<Place> {
        let deleted = writes.deleted::<LastUse>();
        deleted
            .chain(writes.deleted::<PartUse>())
            .cloned()
            .collect()
    }

    /// All this is gone.
    pub(crate) fn forget(&self, gone: Vec<Place>, now: Timestamp) {
        let deleted = self.deleted.pin();
        for place in gone {
            deleted.insert(place, now);
        }
    }

    /// Whether this use is of what is gone.
    fn is_over(&self, place: &Place, at: Timestamp) -> bool {
        self.deleted
            .pin()
            .get(place)
            .is_some_and(|gone| at <= *gone)
    }

    /// Writes down what was noted, and since when. What is noted meanwhile stays for the next time.
    pub(crate) async fn write_down(
        &self,
        records: &Records,
        now: Timestamp,
    ) -> Result<(), CommitError> {
        self.drop_what_is_gone();
        let uses: Vec<LastUse> = self.uses.pin().values().cloned().collect();
        let parts: Vec<PartUse> = self.parts.pin().values().cloned().collect();
        let mut writes = Writes::default();
        if records.get::<Since>(&Key::root()).await?.is_none() {
            writes.put(Since(now));
        }
        self.delete_what_is_gone(records, &mut writes).await?;
        uses.iter().cloned().for_each(|used| writes.put(used));
        parts.iter().cloned().for_each(|used| writes.put(used));
        if !writes.is_empty() {
            records.commit(Reads::default(), writes).await?;
        }
        let (noted, noted_parts) = (self.uses.pin(), self.parts.pin());
        for used in &uses {
            let _ = noted.remove_if(used.arn.as_str(), |_: &String, now: &LastUse| now == used);
        }
        for used in &parts {
            let key = part_key(&used.arn, &used.part);
            let _ = noted_parts.remove_if(&key, |_: &PartKey, now: &PartUse| now == used);
        }
        let recent = |gone: &Timestamp| now.seconds_since(*gone) < REMEMBERED;
        self.deleted.pin().retain(|_, gone| recent(gone));
        Ok(())
    }

    /// Uses that were noted when their resource was gone, or was going.
    fn drop_what_is_gone(&self) {
        let over = |used: &LastUse| self.is_over(&place_of(used), used.at);
        self.uses.pin().retain(|_, used| !over(used));
        let over = |used: &PartUse| self.is_over(&place_of(used), used.at);
        self.parts.pin().retain(|_, used| !over(used));
    }

    /// Rows that were written down when their resource was going.
    async fn delete_what_is_gone(
        &self,
        records: &Records,
        writes: &mut Writes,
    ) -> Result<(), StorageError> {
        let gone: Vec<Place> = self.deleted.pin().keys().cloned().collect();
        for place in gone {
            let key = place.key();
            if place.table() == LastUse::TABLE {
                let held = records.get::<LastUse>(&key).await?;
                if held.is_some_and(|held| self.is_over(&place, held.at)) {
                    writes.delete::<LastUse>(&key);
                }
            } else {
                let held = records.get::<PartUse>(&key).await?;
                if held.is_some_and(|held| self.is_over(&place, held.at)) {
                    writes.delete::<PartUse>(&key);
                }
            }
        }
        Ok(())
    }
}

fn minute(at: Timestamp) -> i64 {
    at.seconds().div_euclid(60)
}

/// No ARN has a zero byte.
fn part_key(arn: &Arn, part: &str) -> PartKey {
    let mut key = PartKey::from_slice(arn.as_str().as_bytes());
    key.push(0);
    key.extend_from_slice(part.as_bytes());
    key
}

fn place_of<R: Record>(record: &R) -> Place {
    Place::of(R::TABLE, &record.key())
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

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_seconds(seconds)
    }

    fn arn() -> Arn {
        "arn:aws:kms:us-east-1:111122223333:key/1".parse().unwrap()
    }

    fn use_at(usage: &ResourceUsage, now: i64) {
        usage.note(&Use {
            arn: &arn(),
            at: at(now),
            operation: "Encrypt",
            request: RequestId::from_random([0; 16]),
            event: RequestId::from_random([1; 16]),
        });
        usage.note_part(&arn(), "v", at(now));
    }

    async fn delete(records: &Records, usage: &ResourceUsage, now: i64) {
        let mut writes = Writes::default();
        writes.delete::<LastUse>(&LastUse::key_of(&arn()));
        writes.delete::<PartUse>(&PartUse::key_of(&arn(), "v"));
        let gone = ResourceUsage::deleted_by(&writes);
        records.commit(Reads::default(), writes).await.unwrap();
        usage.forget(gone, at(now));
    }

    async fn rows(records: &Records) -> usize {
        let uses = records.get::<LastUse>(&LastUse::key_of(&arn())).await;
        let parts = records.get::<PartUse>(&PartUse::key_of(&arn(), "v")).await;
        usize::from(uses.unwrap().is_some()) + usize::from(parts.unwrap().is_some())
    }

    fn records() -> Records {
        let keys = std::sync::Arc::new(crypto::KeyRing::ephemeral().unwrap());
        Records::new(std::sync::Arc::new(storage::Memory::default()), keys)
    }

    #[tokio::test]
    async fn nothing_stays_of_what_is_gone() {
        let (records, usage) = (records(), ResourceUsage::default());
        // Used within the minute of its deletion, before and, by a call that had begun, after.
        use_at(&usage, 10);
        delete(&records, &usage, 20).await;
        usage.write_down(&records, at(60)).await.unwrap();
        use_at(&usage, 15);
        usage.write_down(&records, at(120)).await.unwrap();
        assert_eq!(rows(&records).await, 0);
        assert!(usage.uses.pin().is_empty() && usage.parts.pin().is_empty());
        // Written down while it was deleted.
        use_at(&usage, 200);
        usage.write_down(&records, at(201)).await.unwrap();
        assert_eq!(rows(&records).await, 2);
        let places = [
            Place::of(LastUse::TABLE, &LastUse::key_of(&arn())),
            Place::of(PartUse::TABLE, &PartUse::key_of(&arn(), "v")),
        ];
        usage.forget(places.to_vec(), at(202));
        usage.write_down(&records, at(260)).await.unwrap();
        assert_eq!(rows(&records).await, 0);
        // Nothing is remembered for ever, and what is made anew is used anew.
        use_at(&usage, 230);
        usage
            .write_down(&records, at(202 + REMEMBERED))
            .await
            .unwrap();
        assert_eq!(rows(&records).await, 2);
        assert!(usage.deleted.pin().is_empty());
    }

    #[tokio::test]
    async fn a_part_is_used_once_a_minute() {
        let (records, usage) = (records(), ResourceUsage::default());
        let last = async || usage.last_use_of_part(&records, &arn(), "v").await.unwrap();
        assert_eq!(last().await, None);
        use_at(&usage, 61);
        use_at(&usage, 119);
        assert_eq!(last().await, Some(at(61)));
        use_at(&usage, 120);
        assert_eq!(last().await, Some(at(120)));
        usage.write_down(&records, at(121)).await.unwrap();
        assert!(usage.parts.pin().is_empty());
        assert_eq!(last().await, Some(at(120)));
    }
}
