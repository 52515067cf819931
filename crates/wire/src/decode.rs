//! From the bytes of a body to a shape: parse, hold against the table, take.

use crate::{Protocol, Rejection, Schema, Shape, Value, cbor_read, check, json_read, query_read};

/// Values, members and entries one body may hold, in any protocol.
pub(crate) const MOST_VALUES: u32 = 100_000;
/// How deep values may lie in one another, in any protocol.
pub(crate) const MOST_DEPTH: u32 = 64;

/// Reads the input of an operation: parses `body`, checks every type and constraint of its table.
///
/// An empty JSON or CBOR body is `{}`. Unknown members are ignored, of repeated ones the last counts, as AWS does. In Query,
/// `Action` and `Version` are the router's and are unknown members here.
///
/// # Errors
/// [`Rejection::Serialization`] where the body is not of the protocol, a value is of the wrong type, or a limit is
/// passed (100,000 values, 64 levels); [`Rejection::Validation`] with up to ten broken constraints in AWS's words.
pub fn decode<T: Shape>(protocol: Protocol, body: &[u8]) -> Result<T, Rejection> {
    T::decode(read(protocol, body, T::SCHEMA)?, T::SCHEMA)
}

fn read<'a>(
    protocol: Protocol,
    body: &'a [u8],
    schema: &'static Schema,
) -> Result<Value<'a>, Rejection> {
    let value = match protocol {
        Protocol::Json10 | Protocol::Json11 => json_read::read(body, schema)?,
        Protocol::Query => query_read::read(body, schema)?,
        Protocol::Cbor => cbor_read::read(body, schema)?,
    };
    check::check(&value, schema)?;
    Ok(value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_shapes::{Everything, facts, full, request_id};
    use crate::{Empty, encode};
    use base::Secret;
    use proptest::prelude::*;

    #[test]
    fn a_full_value_comes_back() {
        let reply = encode(&facts(Protocol::Json11), &full(), &request_id());
        let body = std::str::from_utf8(&reply.body).unwrap();
        let valid = body.replace(r#""Hints":["hunter3"]"#, r#""Hints":["hunter4"]"#);
        let read = decode::<Everything>(Protocol::Json11, valid.as_bytes()).unwrap();
        assert_eq!(read.hints, Some(vec![Secret::new(String::from("hunter4"))]));
        assert_eq!(
            Everything {
                hints: full().hints,
                ..read
            },
            full()
        );
    }

    #[test]
    fn nothing_is_input_enough_for_an_operation_without() {
        for (protocol, body) in [
            (Protocol::Json10, ""),
            (Protocol::Json11, "{}"),
            (Protocol::Json11, r#"{"Anything":[{}]}"#),
            (Protocol::Query, ""),
            (Protocol::Query, "Action=X&Version=Y&Anything.member.1=z"),
        ] {
            assert_eq!(
                decode::<Empty>(protocol, body.as_bytes()),
                Ok(Empty),
                "{body}"
            );
        }
        assert!(decode::<Empty>(Protocol::Json11, b"{").is_err());
    }

    proptest! {
        #[test]
        fn no_body_makes_it_panic(body in any::<Vec<u8>>()) {
            for protocol in [
                Protocol::Json10,
                Protocol::Json11,
                Protocol::Query,
                Protocol::Cbor,
            ] {
                let _whatever = decode::<Everything>(protocol, &body);
            }
        }

        #[test]
        fn no_json_makes_it_panic(body in r#"(\{|\}|\[|\]|,|:|"KeyId"|"Tags"|"TagKey"|"Context"|"Child"|"x"|null|1|-2.5e9|true|"eHg="){0,30}"#) {
            let _whatever = decode::<Everything>(Protocol::Json11, body.as_bytes());
        }

        #[test]
        fn no_form_makes_it_panic(body in r"((KeyId|Tags|TagKey|Flat|Context|TagMap|member|entry|key|value|Name|Child|1|4294967295|99999999999|\.|%2|%ff|\+)+(=|&)){0,30}") {
            let _whatever = decode::<Everything>(Protocol::Query, body.as_bytes());
        }
    }
}
