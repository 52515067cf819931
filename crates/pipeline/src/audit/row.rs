//! An event as a row of the store, for calls that changed something.

use base::{AccountId, Region, RequestId, Timestamp};
use storage::{Key, Record, Unreadable};

use super::EventRecord;

/// A row of the table of events, in the order of time.
#[derive(Clone, Debug)]
pub struct EventRow(pub EventRecord);

const V1: u8 = 1;

impl EventRow {
    /// The first key of events from `at` on.
    pub fn key_from(at: Timestamp) -> Key {
        Key::root().then(&format!("{:016x}", at.micros()))
    }
}

/// Version byte, then the form shared with segment frames.
impl Record for EventRow {
    const TABLE: &'static str = "audit.event";
    const CACHED: bool = false;
    fn key(&self) -> Key {
        Self::key_from(self.0.at).then(&self.0.id.to_string())
    }
    fn store(&self) -> Vec<u8> {
        let mut bytes = vec![V1];
        write_form(&self.0, &mut bytes);
        bytes
    }
    fn load(bytes: &[u8]) -> Result<Self, Unreadable> {
        let refuse = |reason: &str| Unreadable {
            table: Self::TABLE,
            reason: reason.to_owned(),
        };
        match bytes.split_first() {
            Some((&V1, form)) => match read_form(form) {
                Some(event) => Ok(Self(event)),
                None => Err(refuse("not an event")),
            },
            _ => Err(refuse("unknown version")),
        }
    }
}

/// Instant (8 bytes), event id (16), account (12, spaces for none), length of the region (1), region, JSON.
pub(super) fn write_form(event: &EventRecord, to: &mut Vec<u8>) {
    write_head(event.at, event.id, event.account, event.region, to);
    to.extend_from_slice(&event.json);
}

/// What comes before the JSON.
pub(super) fn write_head(
    at: Timestamp,
    id: RequestId,
    account: Option<AccountId>,
    region: Region,
    to: &mut Vec<u8>,
) {
    to.extend_from_slice(&at.micros().to_be_bytes());
    to.extend_from_slice(id.bytes());
    match account {
        Some(account) => to.extend_from_slice(account.as_str().as_bytes()),
        None => to.extend_from_slice(&[b' '; 12]),
    }
    let region = region.as_str();
    to.push(region.len() as u8);
    to.extend_from_slice(region.as_bytes());
}

/// Reads what `write_form` wrote.
pub(super) fn read_form(bytes: &[u8]) -> Option<EventRecord> {
    let (at, rest) = bytes.split_first_chunk::<8>()?;
    let (id, rest) = rest.split_first_chunk::<16>()?;
    let (account, rest) = rest.split_first_chunk::<12>()?;
    let (length, rest) = rest.split_first()?;
    let (region, json) = rest.split_at_checked(usize::from(*length))?;
    let region: Region = std::str::from_utf8(region).ok()?.parse().ok()?;
    let account: Option<AccountId> = match account {
        b"            " => None,
        digits => Some(std::str::from_utf8(digits).ok()?.parse().ok()?),
    };
    Some(EventRecord {
        at: Timestamp::from_micros(i64::from_be_bytes(*at)),
        id: RequestId::from_random(*id),
        account,
        region,
        json: json.to_vec(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn golden_bytes() {
        let row = EventRow(EventRecord {
            at: Timestamp::from_micros(0x0102),
            id: RequestId::from_random([0x11; 16]),
            account: Some(AccountId::from_number(7)),
            region: Region::US_EAST_1,
            json: b"{}".to_vec(),
        });
        let stored = b"\x01\x00\x00\x00\x00\x00\x00\x01\x02\x11\x11\x11\x11\x11\x11\x41\x11\x91\x11\x11\x11\x11\x11\x11\x11000000000007\x09us-east-1{}";
        assert_eq!(row.store(), stored);
        let loaded = EventRow::load(stored).unwrap();
        assert_eq!(loaded.store(), stored);
        assert_eq!(loaded.0.account, row.0.account);
        for cut in 0..stored.len() - 2 {
            assert!(EventRow::load(&stored[..cut]).is_err(), "{cut}");
        }
    }
}
