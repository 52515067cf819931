//! Which events are wanted, and what was found.

use base::{AccountId, Region, RequestId, Timestamp};

use super::EventRecord;

/// Where an event lies among all others: no two have the same place.
pub type Place = (Timestamp, RequestId);

/// A condition on the JSON of an event.
pub type Matches = Box<dyn Fn(&serde_json::Value) -> bool + Send + Sync>;

/// Which events are wanted.
#[derive(Default)]
pub struct Query {
    /// Of this account only.
    pub account: Option<AccountId>,
    /// Of this region only.
    pub region: Option<Region>,
    /// From this instant on.
    pub from: Option<Timestamp>,
    /// Up to and with this instant.
    pub to: Option<Timestamp>,
    /// Only events older than this one: where the page before ended.
    pub before: Option<Place>,
    /// A further condition on the event's JSON.
    pub matches: Option<Matches>,
    /// At most this many.
    pub limit: usize,
}

/// An event found.
#[derive(Clone, Debug)]
pub struct Found {
    /// When it was.
    pub at: Timestamp,
    /// `eventID`
    pub id: RequestId,
    /// The event as recorded.
    pub json: String,
    /// The same, parsed.
    pub event: serde_json::Value,
}

/// What one look at the trail came to.
#[derive(Debug, Default)]
pub struct Page {
    /// The events found, newest first.
    pub found: Vec<Found>,
    /// Where to look on: `Query::before` of the next page. None when there is nothing older.
    pub next: Option<Place>,
}

impl Found {
    pub(super) fn place(&self) -> Place {
        (self.at, self.id)
    }
}

impl Query {
    pub(super) fn wants_place(&self, event: &EventRecord, before: Option<Place>) -> bool {
        let place = (event.at, event.id);
        self.account
            .is_none_or(|account| event.account == Some(account))
            && self.region.is_none_or(|region| event.region == region)
            && self.from.is_none_or(|from| event.at >= from)
            && self.to.is_none_or(|to| event.at <= to)
            && before.is_none_or(|before| place < before)
    }

    /// The event as it is told, if its content is wanted. One that is no JSON is told too: it is null.
    pub(super) fn found(&self, event: &EventRecord) -> Option<Found> {
        let parsed: serde_json::Value = serde_json::from_slice(&event.json).unwrap_or_default();
        let matches = self.matches.as_ref().is_none_or(|matches| matches(&parsed));
        matches.then(|| Found {
            at: event.at,
            id: event.id,
            json: String::from_utf8_lossy(&event.json).into_owned(),
            event: parsed,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_json_is_not_hidden() {
        let event = EventRecord {
            at: Timestamp::from_seconds(1),
            id: RequestId::from_random([1; 16]),
            account: None,
            region: Region::US_EAST_1,
            json: b"{\"eventVersion\"".to_vec(),
        };
        let found = Query::default().found(&event);
        assert_eq!(
            found.map(|found| found.json).as_deref(),
            Some("{\"eventVersion\"")
        );
        let none = Query {
            matches: Some(Box::new(|event| !event.is_null())),
            ..Query::default()
        };
        assert!(none.found(&event).is_none());
    }
}
