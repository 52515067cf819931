//! Where the next page begins, and of which query.

use base::{RequestId, Timestamp};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use cloudtrail_api::shapes::LookupEventsRequest;
use pipeline::Failure;
use pipeline::audit::Place;

use crate::errors;

const V1: u8 = 1;

/// The token that continues `query` behind `place`: version, instant, event id, and the query itself.
pub(crate) fn write(query: &LookupEventsRequest, (at, id): Place) -> String {
    let mut bytes = vec![V1];
    bytes.extend_from_slice(&at.micros().to_be_bytes());
    bytes.extend_from_slice(id.bytes());
    bytes.extend_from_slice(&identity(query));
    STANDARD.encode(bytes)
}

/// The place behind which `token` continues `query`.
pub(crate) fn read(query: &LookupEventsRequest, token: &str) -> Result<Place, Failure> {
    parse(query, token).ok_or_else(errors::next_token)
}

fn parse(query: &LookupEventsRequest, token: &str) -> Option<Place> {
    let bytes = STANDARD.decode(token).ok()?;
    let rest = bytes.strip_prefix(&[V1])?;
    let (at, rest) = rest.split_first_chunk::<8>()?;
    let (id, rest) = rest.split_first_chunk::<16>()?;
    let place = (
        Timestamp::from_micros(i64::from_be_bytes(*at)),
        RequestId::from_random(*id),
    );
    (rest == identity(query)).then_some(place)
}

/// What must stay the same from page to page: all but the number of results.
fn identity(query: &LookupEventsRequest) -> Vec<u8> {
    let mut bytes = Vec::new();
    for at in [query.start_time, query.end_time] {
        let at = at.map_or(i64::MIN, Timestamp::micros);
        bytes.extend_from_slice(&at.to_be_bytes());
    }
    for attribute in query.lookup_attributes.iter().flatten() {
        bytes.extend_from_slice(attribute.attribute_key.as_str().as_bytes());
        bytes.push(b'=');
        bytes.extend_from_slice(attribute.attribute_value.as_bytes());
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;
    use cloudtrail_api::shapes::{LookupAttribute, LookupAttributeKey};

    fn query(key: LookupAttributeKey, value: &str) -> LookupEventsRequest {
        LookupEventsRequest {
            lookup_attributes: Some(vec![LookupAttribute {
                attribute_key: key,
                attribute_value: value.to_owned(),
            }]),
            ..LookupEventsRequest::default()
        }
    }

    #[test]
    fn continues_its_own_query_alone() {
        let own = query(LookupAttributeKey::EventName, "Encrypt");
        let place = (Timestamp::from_micros(7), RequestId::from_random([9; 16]));
        let token = write(&own, place);
        assert_eq!(parse(&own, &token), Some(place));
        let more = LookupEventsRequest {
            max_results: Some(3),
            ..own.clone()
        };
        assert_eq!(parse(&more, &token), Some(place));
        let later = LookupEventsRequest {
            start_time: Some(Timestamp::from_seconds(0)),
            ..own.clone()
        };
        for other in [
            query(LookupAttributeKey::EventName, "Decrypt"),
            query(LookupAttributeKey::EventSource, "Encrypt"),
            LookupEventsRequest::default(),
            later,
        ] {
            assert_eq!(parse(&other, &token), None, "{other:?}");
        }
    }

    #[test]
    fn what_is_no_token() {
        let query = LookupEventsRequest::default();
        let token = write(
            &query,
            (Timestamp::from_micros(7), RequestId::from_random([9; 16])),
        );
        assert!(parse(&query, &token).is_some());
        let bytes = STANDARD.decode(&token).unwrap();
        for cut in 0..bytes.len() {
            assert_eq!(
                parse(&query, &STANDARD.encode(&bytes[..cut])),
                None,
                "{cut}"
            );
        }
        assert_eq!(parse(&query, "no base64!"), None);
        let other_version = STANDARD.encode([&[2], &bytes[1..]].concat());
        assert_eq!(parse(&query, &other_version), None);
    }
}
