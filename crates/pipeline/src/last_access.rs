//! When principals last called which operation of which service: taken from the audit trail, never noted by a call.
//!
//! A worker reads the trail on from where it stopped and keeps the latest call of each kind. What is kept can be taken in
//! again without harm, so each round reads a little more than it must, and nothing is lost by a crash.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};

use base::{AccountId, Region, Timestamp};
use serde::{Deserialize, Serialize};
use storage::{Key, Reads, Record, Records, Unreadable, Writes};

use crate::Failure;
use crate::audit::{EventRecord, Replay, Trail};

/// Principals and services in memory before they are written down.
const AT_ONCE: usize = 5_000;
/// Events taken in before other work goes on.
const IN_A_ROW: usize = 500;

/// A call that was made: tried, be it that it was denied.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Accessed {
    /// When.
    pub at: Timestamp,
    /// The region its record is of.
    pub region: Region,
}

/// The last calls of one principal to one service.
#[derive(Clone, Debug, PartialEq)]
pub struct LastAccess {
    /// The principal's account.
    pub account: AccountId,
    /// Unique id of the user or role, of whose sessions all calls are; the account's id for the root user.
    pub principal: String,
    /// `eventSource`, as `kms.amazonaws.com`.
    pub source: String,
    /// The last of all.
    pub last: Accessed,
    /// The last of each operation.
    pub operations: BTreeMap<String, Accessed>,
}

/// Everything recorded before this instant was taken in.
struct Until(Timestamp);

/// Takes in the trail; one at a time.
#[derive(Default)]
pub(crate) struct LastAccesses(tokio::sync::Mutex<()>);

type Gathered = HashMap<(AccountId, String, String), LastAccess>;

impl LastAccesses {
    /// Takes in all that is recorded by now.
    pub(crate) async fn catch_up(
        &self,
        trail: &Trail,
        records: &Records,
        known: &Known<'_>,
        now: Timestamp,
    ) -> Result<(), Failure> {
        let _alone = self.0.lock().await;
        let until = records.get::<Until>(&Key::root()).await?;
        let from = until.map_or(Timestamp::from_micros(0), |until| until.0);
        let mut replay = Replay::new(trail, records, from)?;
        let mut gathered = Gathered::new();
        while let Some(part) = replay.next().await? {
            for some in part.events.chunks(IN_A_ROW) {
                for event in some {
                    take_in(&mut gathered, event, known)?;
                }
                tokio::task::yield_now().await;
            }
            if part.until.is_some() || gathered.len() >= AT_ONCE {
                write_down(records, std::mem::take(&mut gathered), part.until).await?;
            }
        }
        write_down(records, gathered, Some(now)).await
    }
}

/// What an event tells of its caller.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Told<'a> {
    #[serde(borrow)]
    user_identity: Who<'a>,
    #[serde(borrow)]
    event_source: Cow<'a, str>,
    #[serde(borrow)]
    event_name: Cow<'a, str>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Who<'a> {
    /// An operator has none.
    #[serde(borrow, rename = "type", default)]
    kind: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    principal_id: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    session_context: Option<Session<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Session<'a> {
    #[serde(borrow, default)]
    session_issuer: Option<Issuer<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Issuer<'a> {
    #[serde(borrow)]
    principal_id: Cow<'a, str>,
}

impl<'a> Who<'a> {
    /// Unique id of the principal whose permissions the call used; none for services and for who proved nothing.
    fn principal(self) -> Option<Cow<'a, str>> {
        match self.kind.as_deref() {
            Some("IAMUser" | "Root") => self.principal_id,
            Some("AssumedRole" | "FederatedUser") => {
                let issuer = self.session_context?.session_issuer?;
                Some(issuer.principal_id)
            }
            _ => None,
        }
    }
}

/// Whether a service, by its `eventSource`, has an operation: callers choose the names of those that there are not.
type Known<'k> = dyn Fn(&str, &str) -> bool + Sync + 'k;

fn take_in(gathered: &mut Gathered, event: &EventRecord, known: &Known<'_>) -> Result<(), Failure> {
    let Some(account) = event.account else {
        return Ok(());
    };
    let told: Told<'_> = serde_json::from_slice(&event.json).map_err(Failure::internal)?;
    if !known(&told.event_source, &told.event_name) {
        return Ok(());
    }
    let Some(principal) = told.user_identity.principal() else {
        return Ok(());
    };
    let accessed = Accessed {
        at: event.at,
        region: event.region,
    };
    let key = (
        account,
        principal.to_string(),
        told.event_source.to_string(),
    );
    let access = gathered.entry(key).or_insert_with_key(|key| LastAccess {
        account,
        principal: key.1.clone(),
        source: key.2.clone(),
        last: accessed,
        operations: BTreeMap::new(),
    });
    access.add(&told.event_name, accessed);
    Ok(())
}

/// Keeps the later of what was gathered and what is kept, and from where to read on.
async fn write_down(
    records: &Records,
    gathered: Gathered,
    until: Option<Timestamp>,
) -> Result<(), Failure> {
    let mut writes = Writes::default();
    for mut access in gathered.into_values() {
        if let Some(known) = records.get::<LastAccess>(&access.key()).await? {
            let mut merged = LastAccess::clone(&known);
            let operations = std::mem::take(&mut access.operations);
            for (operation, accessed) in operations {
                merged.add(&operation, accessed);
            }
            if merged == *known {
                continue;
            }
            access = merged;
        }
        writes.put(access);
    }
    until.into_iter().for_each(|until| writes.put(Until(until)));
    let written = records.commit(Reads::default(), writes).await;
    written.map_err(Failure::internal).map(drop)
}

impl LastAccess {
    /// What the keys of a principal's accesses begin with.
    pub fn prefix(account: AccountId, principal: &str) -> Key {
        Self::prefix_of_account(account).then(principal)
    }

    /// What the keys of the accesses of all principals of an account begin with.
    pub fn prefix_of_account(account: AccountId) -> Key {
        Key::root().then(account.as_str())
    }

    fn add(&mut self, operation: &str, accessed: Accessed) {
        if accessed.at > self.last.at {
            self.last = accessed;
        }
        let known = self.operations.get(operation);
        if known.is_none_or(|known| accessed.at > known.at) {
            self.operations.insert(operation.to_owned(), accessed);
        }
    }
}

const V1: u8 = 1;

#[derive(Serialize, Deserialize)]
struct StoredV1 {
    account: String,
    principal: String,
    source: String,
    last: (i64, String),
    operations: BTreeMap<String, (i64, String)>,
}

fn refuse(table: &'static str, reason: &str) -> Unreadable {
    Unreadable {
        table,
        reason: reason.to_owned(),
    }
}

impl Accessed {
    fn stored(self) -> (i64, String) {
        (self.at.micros(), self.region.to_string())
    }
    fn loaded((at, region): &(i64, String)) -> Result<Self, Unreadable> {
        let region = region.parse();
        Ok(Self {
            at: Timestamp::from_micros(*at),
            region: region.map_err(|_| refuse(LastAccess::TABLE, "region"))?,
        })
    }
}

impl Record for LastAccess {
    const TABLE: &'static str = "pipeline.last_access";
    const CACHED: bool = false;
    fn key(&self) -> Key {
        Self::prefix(self.account, &self.principal).then(&self.source)
    }
    fn store(&self) -> Vec<u8> {
        let operations = self.operations.iter();
        let operations = operations.map(|(name, accessed)| (name.clone(), accessed.stored()));
        let form = StoredV1 {
            account: self.account.to_string(),
            principal: self.principal.clone(),
            source: self.source.clone(),
            last: self.last.stored(),
            operations: operations.collect(),
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
        let account = form.account.parse();
        let operations = form.operations.into_iter();
        let operations = operations.map(|(name, stored)| Ok((name, Accessed::loaded(&stored)?)));
        Ok(Self {
            account: account.map_err(|_| refuse(Self::TABLE, "account"))?,
            principal: form.principal,
            source: form.source,
            last: Accessed::loaded(&form.last)?,
            operations: operations.collect::<Result<_, _>>()?,
        })
    }
}

impl Record for Until {
    const TABLE: &'static str = "pipeline.last_access_until";
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
    use base::RequestId;

    fn event(at: i64, identity: &str, operation: &str) -> EventRecord {
        let json = format!(
            r#"{{"eventVersion":"1.11","userIdentity":{identity},"eventTime":"x","eventSource":"kms.amazonaws.com","eventName":"{operation}"}}"#
        );
        EventRecord {
            at: Timestamp::from_seconds(at),
            id: RequestId::from_random([0; 16]),
            account: Some(AccountId::from_number(1)),
            region: Region::US_EAST_1,
            json: json.into_bytes(),
        }
    }

    #[test]
    fn whose_a_call_is() {
        for (identity, principal) in [
            (r#"{"type":"IAMUser","principalId":"AIDA1"}"#, Some("AIDA1")),
            (
                r#"{"type":"Root","principalId":"000000000001"}"#,
                Some("000000000001"),
            ),
            (
                r#"{"type":"AssumedRole","principalId":"AROA1:s","sessionContext":{"sessionIssuer":{"type":"Role","principalId":"AROA1"},"attributes":{}}}"#,
                Some("AROA1"),
            ),
            (r#"{"type":"AWSAccount","principalId":"AIDA1"}"#, None),
            (r#"{"type":"AWSService","invokedBy":"x"}"#, None),
            (r#"{"type":"Unknown"}"#, None),
            (r#"{"invokedBy":"operator"}"#, None),
        ] {
            let mut gathered = Gathered::new();
            take_in(&mut gathered, &event(1, identity, "Encrypt"), &|_, _| true).unwrap();
            let found: Vec<_> = gathered.into_values().map(|it| it.principal).collect();
            assert_eq!(found, Vec::from_iter(principal), "{identity}");
        }
    }

    /// Anybody with credentials can call them, and by as many names as he likes.
    #[test]
    fn calls_of_what_there_is_not_are_not_kept() {
        let mut gathered = Gathered::new();
        let ann = r#"{"type":"IAMUser","principalId":"AIDA1"}"#;
        let known = |_: &str, name: &str| name == "Encrypt";
        for operation in ["Encrypt", "Encrypt2", "encrypt"] {
            take_in(&mut gathered, &event(1, ann, operation), &known).unwrap();
        }
        let access = gathered.into_values().next().unwrap();
        assert!(access.operations.keys().eq(["Encrypt"]));
    }

    #[test]
    fn the_latest_of_each_operation_counts() {
        let mut gathered = Gathered::new();
        let ann = r#"{"type":"IAMUser","principalId":"AIDA1"}"#;
        for (at, operation) in [
            (5, "Encrypt"),
            (9, "Decrypt"),
            (3, "Encrypt"),
            (7, "Encrypt"),
        ] {
            take_in(&mut gathered, &event(at, ann, operation), &|_, _| true).unwrap();
        }
        let access = gathered.into_values().next().unwrap();
        assert_eq!(access.last.at, Timestamp::from_seconds(9));
        assert_eq!(access.operations["Encrypt"].at, Timestamp::from_seconds(7));
        assert_eq!(access.operations["Decrypt"].at, Timestamp::from_seconds(9));
    }

    #[test]
    fn golden_bytes() {
        let accessed = Accessed {
            at: Timestamp::from_seconds(1),
            region: Region::US_EAST_1,
        };
        let access = LastAccess {
            account: AccountId::from_number(1),
            principal: "AIDA1".into(),
            source: "kms.amazonaws.com".into(),
            last: accessed,
            operations: [("Encrypt".to_owned(), accessed)].into(),
        };
        let stored = b"\x01{\"account\":\"000000000001\",\"principal\":\"AIDA1\",\"source\":\"kms.amazonaws.com\",\"last\":[1000000,\"us-east-1\"],\"operations\":{\"Encrypt\":[1000000,\"us-east-1\"]}}";
        assert_eq!(access.store(), stored);
        assert_eq!(LastAccess::load(stored).unwrap(), access);
        let until = [1, 0, 0, 0, 0, 0, 15, 66, 64];
        assert_eq!(Until(Timestamp::from_seconds(1)).store(), until);
        assert_eq!(Until::load(&until).unwrap().0, Timestamp::from_seconds(1));
        for bytes in [&[][..], b"\x02{}", b"\x01{}", b"\x01"] {
            assert!(LastAccess::load(bytes).is_err() && Until::load(bytes).is_err());
        }
    }
}
