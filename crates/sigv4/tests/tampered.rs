//! One good KMS request, and everything that may be done to it on the way.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on stops")]

mod common;

use base::Timestamp;
use common::prove;
use sigv4::{Credentials, Refusal, RequestParts, ScopeFault, Signer, Unsigned};

const SECRET: &str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
const BODY: &[u8] = br#"{"KeyId":"alias/a","Plaintext":"AAAA"}"#;

#[derive(Clone)]
struct Request {
    method: String,
    path: String,
    query: String,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

fn at() -> Timestamp {
    Timestamp::parse_basic("20261123T063813Z").unwrap()
}

fn signed(more: &[(&str, &str)]) -> Request {
    let mut headers = vec![
        ("content-type", "application/x-amz-json-1.1"),
        ("x-amz-target", "TrentService.Encrypt"),
        ("amz-sdk-invocation-id", "a  b"),
    ];
    headers.extend_from_slice(more);
    let credentials = Credentials {
        access_key_id: "AKIDEXAMPLE",
        secret_access_key: SECRET,
        session_token: Some("session"),
    };
    let unsigned = Unsigned {
        method: "POST",
        host: "localhost:4566",
        path: "/",
        query: "b=2&a=1",
        headers: &headers,
        body: BODY,
    };
    let added = Signer::new(credentials, "eu-central-1", "kms", at())
        .sign(&unsigned)
        .unwrap()
        .headers;
    let own = |(name, value): &(&str, &str)| (name.to_string(), value.to_string());
    let mut all: Vec<_> = headers.iter().map(own).collect();
    all.extend(
        added
            .into_iter()
            .map(|(name, value)| (name.to_string(), value)),
    );
    all.push(("host".into(), "localhost:4566".into()));
    all.push(("user-agent".into(), "test".into()));
    Request {
        method: "POST".into(),
        path: "/".into(),
        query: "b=2&a=1".into(),
        headers: all,
        body: BODY.into(),
    }
}

impl Request {
    fn header(&mut self, name: &str) -> &mut String {
        &mut self
            .headers
            .iter_mut()
            .find(|(own, _)| own == name)
            .unwrap()
            .1
    }
    fn replace(&mut self, name: &str, from: &str, to: &str) {
        let value = self.header(name);
        assert!(value.contains(from), "{value} has no {from}");
        *value = value.replace(from, to);
    }
    fn remove(&mut self, name: &str) {
        self.headers.retain(|(own, _)| own != name);
    }
    fn add(&mut self, name: &str, value: &str) {
        self.headers.push((name.into(), value.into()));
    }
    fn refusal(&self, now: Timestamp) -> Option<Refusal> {
        let parts = RequestParts {
            method: &self.method,
            path: &self.path,
            query: &self.query,
            headers: &self.headers,
        };
        prove(&parts, &self.body, SECRET, "kms", now).err()
    }
}

type Change = fn(&mut Request);

#[test]
fn what_changes_nothing_that_is_signed() {
    let changes: [(&str, Change); 7] = [
        ("nothing", |_| {}),
        ("an unsigned header", |r| {
            *r.header("user-agent") = "other".into()
        }),
        ("a new unsigned header", |r| r.add("via", "proxy")),
        ("blanks", |r| {
            *r.header("amz-sdk-invocation-id") = " a b ".into()
        }),
        ("order of the query", |r| r.query = "a=1&b=2".into()),
        ("spelling of the query", |r| r.query = "%61=1&b=%32".into()),
        ("order of headers", |r| r.headers.reverse()),
    ];
    for (name, change) in changes {
        let mut request = signed(&[]);
        change(&mut request);
        assert_eq!(request.refusal(at()), None, "{name}");
    }
}

#[test]
fn what_breaks_the_signature() {
    let changes: [(&str, Change); 16] = [
        ("method", |r| r.method = "GET".into()),
        ("path", |r| r.path = "/a".into()),
        ("query value", |r| r.query = "b=2&a=2".into()),
        ("query parameter more", |r| r.query += "&c"),
        ("query parameter less", |r| r.query = "a=1".into()),
        ("body", |r| r.body[10] ^= 1),
        ("body longer", |r| r.body.push(b' ')),
        ("body gone", |r| r.body.clear()),
        ("host", |r| *r.header("host") = "localhost:4567".into()),
        ("target", |r| {
            r.replace("x-amz-target", "Encrypt", "Decrypt")
        }),
        ("token", |r| {
            *r.header("x-amz-security-token") = "other".into()
        }),
        ("second value", |r| r.add("content-type", "text/xml")),
        ("signed header gone", |r| r.remove("content-type")),
        ("signature in upper case", |r| {
            let (head, signature) = r.header("authorization").rsplit_once('=').unwrap();
            *r.header("authorization") = format!("{head}={}", signature.to_uppercase());
        }),
        ("signature empty", |r| {
            let (head, _) = r.header("authorization").rsplit_once('=').unwrap();
            *r.header("authorization") = format!("{head}=");
        }),
        ("a header less in the list", |r| {
            r.replace("authorization", "content-type;", "");
        }),
    ];
    for (name, change) in changes {
        let mut request = signed(&[]);
        change(&mut request);
        assert_eq!(
            request.refusal(at()),
            Some(Refusal::SignatureMismatch),
            "{name}"
        );
    }
}

#[test]
fn what_has_a_refusal_of_its_own() {
    let not_signed = |name: &str| Refusal::HeaderNotSigned(name.into());
    let changes: Vec<(Change, Refusal)> = vec![
        (
            |r| r.replace("authorization", ";host", ""),
            not_signed("host"),
        ),
        (
            |r| r.replace("authorization", ";x-amz-target", ""),
            not_signed("x-amz-target"),
        ),
        (
            |r| r.replace("authorization", ";x-amz-date", ""),
            not_signed("x-amz-date"),
        ),
        (
            |r| r.add("x-amz-content-sha256", &own_hash()),
            not_signed("x-amz-content-sha256"),
        ),
        (
            |r| r.replace("authorization", "/kms/", "/sts/"),
            Refusal::WrongScope(vec![ScopeFault::Service {
                expected: "kms".into(),
            }]),
        ),
        (
            |r| r.replace("authorization", "eu-central-1", "nowhere"),
            Refusal::WrongScope(vec![ScopeFault::Region]),
        ),
        (
            |r| r.replace("authorization", "aws4_request", "aws5_request"),
            Refusal::WrongScope(vec![ScopeFault::Terminator {
                given: "aws5_request".into(),
            }]),
        ),
        (
            |r| r.replace("authorization", "/20261123/", "/20261122/"),
            Refusal::WrongScope(vec![ScopeFault::Date {
                given: "20261122".into(),
                expected: "20261123".into(),
                signed_at: "20261123T063813Z".into(),
            }]),
        ),
        (|r| r.query += "&d=%", Refusal::QuerySyntax),
        (|r| r.query += "&X-Amz-Signature=1", Refusal::TwoSignatures),
        (|r| r.remove("authorization"), Refusal::MissingToken),
    ];
    for (change, expected) in changes {
        let mut request = signed(&[]);
        change(&mut request);
        assert_eq!(request.refusal(at()), Some(expected));
    }
}

#[test]
fn content_hash_must_be_that_of_the_body() {
    let zeros = "0".repeat(64);
    for (header, body, expected) in [
        (zeros.as_str(), BODY, Some(Refusal::PayloadMismatch)),
        ("UNSIGNED-PAYLOAD", BODY, Some(Refusal::PayloadMismatch)),
        (
            "STREAMING-AWS4-HMAC-SHA256-PAYLOAD",
            BODY,
            Some(Refusal::PayloadMismatch),
        ),
        ("", BODY, Some(Refusal::PayloadMismatch)),
        (&own_hash(), BODY, None),
        (&own_hash(), b"other", Some(Refusal::PayloadMismatch)),
    ] {
        let mut request = signed(&[("x-amz-content-sha256", header)]);
        request.body = body.into();
        assert_eq!(request.refusal(at()), expected, "{header}");
    }
}

fn own_hash() -> String {
    hex::encode(aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, BODY))
}

#[test]
fn times() {
    let request = signed(&[]);
    for (seconds, expected) in [
        (
            -301,
            Some(Refusal::NotYetCurrent {
                signed_at: at(),
                now: at().plus_seconds(-301),
            }),
        ),
        (-300, None),
        (0, None),
        (300, None),
        (
            301,
            Some(Refusal::Expired {
                signed_at: at(),
                now: at().plus_seconds(301),
            }),
        ),
        (
            86_400,
            Some(Refusal::Expired {
                signed_at: at(),
                now: at().plus_seconds(86_400),
            }),
        ),
    ] {
        assert_eq!(
            request.refusal(at().plus_seconds(seconds)),
            expected,
            "{seconds}"
        );
    }
    let within_the_second = Timestamp::from_micros(at().plus_seconds(300).micros() + 999_999);
    assert_eq!(request.refusal(within_the_second), None);
}

#[test]
fn time_comes_before_scope_and_scope_before_signature() {
    let mut request = signed(&[]);
    request.body.clear();
    assert_eq!(request.refusal(at()), Some(Refusal::SignatureMismatch));
    request.replace("authorization", "/kms/", "/sts/");
    assert!(matches!(
        request.refusal(at()),
        Some(Refusal::WrongScope(_))
    ));
    let late = at().plus_seconds(400);
    assert!(matches!(
        request.refusal(late),
        Some(Refusal::Expired { .. })
    ));
}
