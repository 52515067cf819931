//! Every way in which a request fails to prove who sent it: code and status in JSON and in Query, and its record.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "what goes wrong here shall end the test"
)]

use std::net::{IpAddr, Ipv4Addr};

use base::{RequestId, Secret};
use harness::{ACCOUNT, Alcazar};
use http::{HeaderMap, HeaderName, Method};
use identity::{AccessKey, AccessKeyStatus, LastUsed, Owner, User};
use pipeline::{Body, Received, Reply};
use serde_json::{Value, json};
use sigv4::{Credentials, Signer, Unsigned};

const SECRET: &str = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
const KEY: &str = "AKIDEXAMPLE";
const HOST: &str = "localhost:4566";
const SERVICES: [&str; 2] = ["cloudtrail", "sts"];

type Tamper = fn(&mut HeaderMap, &mut Vec<u8>);

/// How a request is signed, and what is done to it on the way.
struct Attempt {
    service: &'static str,
    scope_service: &'static str,
    region: &'static str,
    key: String,
    secret: String,
    token: Option<String>,
    /// Seconds by which the signer's clock is ahead.
    ahead: i64,
    tamper: Tamper,
}

impl Attempt {
    fn new(service: &'static str) -> Self {
        Self {
            service,
            scope_service: service,
            region: "us-east-1",
            key: KEY.to_owned(),
            secret: SECRET.to_owned(),
            token: None,
            ahead: 0,
            tamper: |_, _| {},
        }
    }

    fn body(&self) -> Vec<u8> {
        match self.service {
            "sts" => b"Action=GetCallerIdentity&Version=2011-06-15".to_vec(),
            _ => b"{}".to_vec(),
        }
    }

    fn headers(&self) -> Vec<(&'static str, &'static str)> {
        let target = "com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101.LookupEvents";
        match self.service {
            "sts" => vec![("content-type", "application/x-www-form-urlencoded")],
            _ => vec![
                ("content-type", "application/x-amz-json-1.1"),
                ("x-amz-target", target),
            ],
        }
    }

    fn signer(&self, alcazar: &Alcazar) -> Signer<'_> {
        let credentials = Credentials {
            access_key_id: &self.key,
            secret_access_key: &self.secret,
            session_token: self.token.as_deref(),
        };
        let at = alcazar.core.clock.now().plus_seconds(self.ahead);
        Signer::new(credentials, self.region, self.scope_service, at)
    }

    async fn send(&self, alcazar: &Alcazar) -> Reply {
        let (mut body, plain) = (self.body(), self.headers());
        let unsigned = unsigned("POST", "", &plain, &body);
        let signed = self.signer(alcazar).sign(&unsigned).unwrap();
        let mut headers = HeaderMap::new();
        let pairs = plain
            .iter()
            .map(|(name, value)| (*name, (*value).to_owned()));
        for (name, value) in pairs
            .chain(signed.headers)
            .chain([("host", HOST.to_owned())])
        {
            headers.insert(HeaderName::from_static(name), value.parse().unwrap());
        }
        (self.tamper)(&mut headers, &mut body);
        receive(alcazar, Method::POST, "", headers, body).await
    }
}

fn unsigned<'a>(
    method: &'a str,
    query: &'a str,
    headers: &'a [(&'a str, &'a str)],
    body: &'a [u8],
) -> Unsigned<'a> {
    Unsigned {
        method,
        host: HOST,
        path: "/",
        query,
        headers,
        body,
    }
}

async fn receive(
    alcazar: &Alcazar,
    method: Method,
    query: &str,
    headers: HeaderMap,
    body: Vec<u8>,
) -> Reply {
    let received = Received {
        method,
        path: "/".to_owned(),
        query: query.to_owned(),
        headers,
        body: Body::Whole(body.into()),
        source: IpAddr::V4(Ipv4Addr::LOCALHOST),
        tls: None,
        endpoint: None,
        id: RequestId::from_random(crypto::random::bytes()),
        at: alcazar.core.clock.now(),
    };
    alcazar.core.handle(received).await
}

/// A server with one more access key of the root user.
async fn server() -> Alcazar {
    let alcazar = Alcazar::new(&[&sts::SERVICE, &cloudtrail::SERVICE]).await;
    alcazar
        .keep(key(KEY, Owner::Root, AccessKeyStatus::Active))
        .await;
    alcazar
}

fn key(id: &str, owner: Owner, status: AccessKeyStatus) -> AccessKey {
    AccessKey {
        id: id.to_owned(),
        secret: Secret::new(SECRET.to_owned()),
        account: ACCOUNT.parse().unwrap(),
        owner,
        status,
        created: base::Timestamp::from_seconds(0),
    }
}

fn text(reply: &Reply) -> String {
    String::from_utf8(reply.wire.body.clone()).unwrap()
}

/// The error's code, in either protocol.
fn code(reply: &Reply) -> String {
    let text = text(reply);
    if let Ok(json) = serde_json::from_str::<Value>(&text) {
        return json["__type"].as_str().unwrap_or_default().to_owned();
    }
    let after = text.split("<Code>").nth(1).unwrap_or_default();
    after.split("</Code>").next().unwrap_or_default().to_owned()
}

type Expected = [(&'static str, u16); 2];
const UNKNOWN: Expected = [
    ("UnrecognizedClientException", 400),
    ("InvalidClientTokenId", 403),
];
const WRONG: Expected = [
    ("InvalidSignatureException", 400),
    ("SignatureDoesNotMatch", 403),
];
const INCOMPLETE: Expected = [
    ("IncompleteSignatureException", 400),
    ("IncompleteSignature", 400),
];
const MISSING: Expected = [
    ("MissingAuthenticationTokenException", 400),
    ("MissingAuthenticationToken", 403),
];
const EXPIRED: Expected = [("ExpiredTokenException", 400), ("ExpiredToken", 403)];

/// Sends what `change` makes of a good request, in both protocols, and looks at the answer and at the record.
/// Answers with the body of the last.
async fn fails(alcazar: &Alcazar, expected: Expected, change: impl Fn(&mut Attempt)) -> String {
    let mut last = String::new();
    for (service, (expected, status)) in SERVICES.into_iter().zip(expected) {
        let mut attempt = Attempt::new(service);
        change(&mut attempt);
        let before = alcazar.events().await.len();
        let reply = attempt.send(alcazar).await;
        last = text(&reply);
        assert_eq!(
            (code(&reply).as_str(), reply.wire.status),
            (expected, status),
            "{last}"
        );
        let events = alcazar.events().await;
        assert_eq!(events.len(), before + 1);
        let id = reply.id.to_string();
        let record = events
            .iter()
            .find(|event| event["requestID"] == id)
            .unwrap();
        assert_eq!(record["errorCode"], expected);
        assert_eq!(record["userIdentity"]["type"], "Unknown");
        assert_eq!(record["responseElements"], Value::Null);
        assert!(!record.to_string().contains(SECRET));
    }
    last
}

fn authorization(headers: &mut HeaderMap, change: impl Fn(&str) -> String) {
    let text = headers["authorization"].to_str().unwrap().to_owned();
    headers.insert("authorization", change(&text).parse().unwrap());
}

fn replaced(headers: &mut HeaderMap, from: &str, to: &str) {
    authorization(headers, |text| text.replace(from, to));
}

fn set(headers: &mut HeaderMap, name: &'static str, value: &str) {
    headers.insert(name, value.parse().unwrap());
}

#[tokio::test]
async fn a_good_request_passes() {
    let alcazar = server().await;
    for service in SERVICES {
        for ahead in [0, -300, 300] {
            let mut attempt = Attempt::new(service);
            attempt.ahead = ahead;
            let reply = attempt.send(&alcazar).await;
            assert_eq!(reply.wire.status, 200, "{}", text(&reply));
        }
    }
}

#[tokio::test]
async fn without_a_signature() {
    let alcazar = server().await;
    let unsigned: Tamper = |headers, _| {
        headers.remove("authorization");
    };
    let message = fails(&alcazar, MISSING, |attempt| attempt.tamper = unsigned).await;
    assert!(
        message.contains("Request is missing Authentication Token"),
        "{message}"
    );
    let basic: Tamper = |headers, _| set(headers, "authorization", "Basic dXNlcjpwYXNz");
    fails(&alcazar, MISSING, |attempt| attempt.tamper = basic).await;
}

#[tokio::test]
async fn with_parts_of_a_signature() {
    let alcazar = server().await;
    let cuts: [Tamper; 6] = [
        |headers, _| {
            authorization(headers, |text| {
                text.split(", Signature").next().unwrap().to_owned()
            });
        },
        |headers, _| replaced(headers, "SignedHeaders=", "Headers="),
        |headers, _| replaced(headers, "Credential=", "Cred="),
        |headers, _| replaced(headers, "/aws4_request", ""),
        |headers, _| replaced(headers, ", Signature=", ", Signature"),
        |headers, _| {
            headers.remove("x-amz-date");
        },
    ];
    for tamper in cuts {
        fails(&alcazar, INCOMPLETE, |attempt| attempt.tamper = tamper).await;
    }
}

#[tokio::test]
async fn with_a_key_that_is_none() {
    let alcazar = server().await;
    alcazar
        .keep(key("INACTIVE", Owner::Root, AccessKeyStatus::Inactive))
        .await;
    let gone = Owner::User("gone".to_owned());
    alcazar
        .keep(key("OWNERLESS", gone, AccessKeyStatus::Active))
        .await;
    for id in ["NOBODYS", "INACTIVE", "OWNERLESS", "akidexample"] {
        let message = fails(&alcazar, UNKNOWN, |attempt| attempt.key = id.to_owned()).await;
        let words = "The security token included in the request is invalid.";
        assert!(message.contains(words), "{message}");
    }
}

#[tokio::test]
async fn with_a_wrong_signature() {
    let alcazar = server().await;
    fails(&alcazar, WRONG, |attempt| {
        attempt.secret = SECRET.to_lowercase()
    })
    .await;
    let changes: [Tamper; 4] = [
        |_, body| body.extend(b"&X=1"),
        |headers, _| set(headers, "content-type", "application/x-amz-json-1.0"),
        |headers, _| set(headers, "host", "elsewhere"),
        |headers, _| {
            authorization(headers, |text| {
                let (front, signature) = text.rsplit_once('=').unwrap();
                format!("{front}={}", "0".repeat(signature.len()))
            });
        },
    ];
    for tamper in changes {
        fails(&alcazar, WRONG, |attempt| attempt.tamper = tamper).await;
    }
}

#[tokio::test]
async fn with_a_scope_of_something_else() {
    let alcazar = server().await;
    let service = fails(&alcazar, WRONG, |attempt| attempt.scope_service = "kms").await;
    assert!(
        service.contains("Credential should be scoped to correct service: "),
        "{service}"
    );
    let region = fails(&alcazar, WRONG, |attempt| attempt.region = "Atlantis").await;
    assert!(
        region.contains("Credential should be scoped to a valid region."),
        "{region}"
    );
    let day: Tamper = |headers, _| replaced(headers, "/20261123/", "/20261122/");
    let day = fails(&alcazar, WRONG, |attempt| attempt.tamper = day).await;
    assert!(
        day.contains("Date in Credential scope does not match"),
        "{day}"
    );
    // A signature for one region is none for another.
    let moved: Tamper = |headers, _| replaced(headers, "us-east-1", "eu-west-1");
    fails(&alcazar, WRONG, |attempt| attempt.tamper = moved).await;
}

#[tokio::test]
async fn too_early_and_too_late() {
    let alcazar = server().await;
    let late = fails(&alcazar, WRONG, |attempt| attempt.ahead = -301).await;
    assert!(
        late.contains("Signature expired: 20261123T063312Z"),
        "{late}"
    );
    let early = fails(&alcazar, WRONG, |attempt| attempt.ahead = 301).await;
    assert!(early.contains("Signature not yet current: "), "{early}");
    let events = alcazar.events().await;
    let mut refused = events
        .iter()
        .filter(|event| event["errorCode"] != Value::Null);
    assert!(refused.all(|event| event["userIdentity"]["accessKeyId"] == KEY));
}

/// JSON needs six bytes for each of these, twice in one record.
#[tokio::test]
async fn a_huge_name_of_an_operation_hides_no_record() {
    let alcazar = server().await;
    let mut body = b"Version=2011-06-15&Action=".to_vec();
    body.resize(pipeline::BODY_LIMIT, 1);
    let attempt = Attempt::new("sts");
    let signed = attempt.signer(&alcazar);
    let signed = signed.sign(&unsigned("POST", "", &[], &body)).unwrap();
    let mut headers = HeaderMap::new();
    for (name, value) in signed.headers {
        set(&mut headers, name, &value);
    }
    set(&mut headers, "host", HOST);
    let reply = receive(&alcazar, Method::POST, "", headers, body).await;
    assert_eq!(code(&reply), "InvalidAction");
    let event = alcazar.event(&"\u{1}".repeat(1024)).await;
    assert_eq!(event["requestID"], reply.id.to_string());
    assert_eq!(event["errorMessage"].as_str().unwrap().len(), 1024);
}

#[tokio::test]
async fn with_a_session_that_is_over_or_of_another_key() {
    let alcazar = server().await;
    let root = alcazar.root();
    let get = || root.call("sts", "GetSessionToken", json!({"DurationSeconds": 900}));
    let (one, other) = (get().await.ok(), get().await.ok());
    let session = |attempt: &mut Attempt| {
        attempt.key = one.field("AccessKeyId");
        attempt.secret = one.field("SecretAccessKey");
        attempt.token = Some(one.field("SessionToken"));
    };
    for token in [
        Some(other.field("SessionToken")),
        Some("x".to_owned()),
        None,
    ] {
        let mixed = |attempt: &mut Attempt| {
            session(attempt);
            attempt.token.clone_from(&token);
        };
        fails(&alcazar, UNKNOWN, mixed).await;
    }
    // The token of a session beside a long-term key.
    let borrowed = |attempt: &mut Attempt| attempt.token = Some(one.field("SessionToken"));
    fails(&alcazar, UNKNOWN, borrowed).await;
    alcazar.clock.advance_seconds(900);
    let message = fails(&alcazar, EXPIRED, session).await;
    assert!(message.contains("is expired"), "{message}");
    // Whoever cannot sign does not learn that it is over.
    let forged = |attempt: &mut Attempt| {
        session(attempt);
        attempt.secret = "another".to_owned();
    };
    fails(&alcazar, WRONG, forged).await;
}

#[tokio::test]
async fn the_last_use_of_a_session_is_not_kept() {
    let alcazar = server().await;
    let root = alcazar.root();
    let answer = root.call("sts", "GetSessionToken", json!({})).await.ok();
    let session = root.with_credentials_of(&answer);
    session
        .call("sts", "GetCallerIdentity", json!({}))
        .await
        .ok();
    assert!(
        alcazar
            .core
            .run_worker("access key last use")
            .await
            .unwrap()
    );
    for (id, kept) in [(root.access_key_id, true), (session.access_key_id, false)] {
        let used = alcazar
            .core
            .records
            .get::<LastUsed>(&LastUsed::key_of(&id))
            .await;
        assert_eq!(used.unwrap().is_some(), kept, "{id}");
    }
}

#[tokio::test]
async fn a_user_who_is_deleted_signs_no_more() {
    let alcazar = server().await;
    let ann = alcazar.powerless().await;
    let call = || ann.call("sts", "GetCallerIdentity", json!({}));
    call().await.ok();
    alcazar
        .remove::<User>(&User::key_of(ACCOUNT.parse().unwrap(), "powerless"))
        .await;
    call().await.fails("InvalidClientTokenId");
}

/// Sends GetCallerIdentity presigned for `expires` seconds a minute later, and changed by `tamper`.
async fn presigned(alcazar: &Alcazar, expires: u32, tamper: fn(String) -> String) -> Reply {
    let attempt = Attempt::new("sts");
    let unsigned = unsigned(
        "GET",
        "Action=GetCallerIdentity&Version=2011-06-15",
        &[],
        b"",
    );
    let query = attempt.signer(alcazar).presign(&unsigned, expires).unwrap();
    let mut headers = HeaderMap::new();
    set(&mut headers, "host", HOST);
    alcazar.clock.advance_seconds(60);
    receive(alcazar, Method::GET, &tamper(query), headers, Vec::new()).await
}

#[tokio::test]
async fn presigned_in_the_query() {
    type Case = (u32, fn(String) -> String, &'static str, u16);
    let alcazar = server().await;
    let cases: [Case; 7] = [
        (900, |query| query, "", 200),
        (60, |query| query, "", 200),
        (59, |query| query, "RequestExpired", 400),
        (
            900,
            |query| query.replace("Expires=900", "Expires=901"),
            "SignatureDoesNotMatch",
            403,
        ),
        (
            900,
            |query| format!("{query}&Extra=1"),
            "SignatureDoesNotMatch",
            403,
        ),
        (
            900,
            |query| query.replace("X-Amz-Date", "X-Amz-Day"),
            "IncompleteSignature",
            400,
        ),
        (
            900,
            |query| format!("{query}&a=%zz"),
            "MalformedQueryString",
            404,
        ),
    ];
    for (expires, tamper, expected, status) in cases {
        let reply = presigned(&alcazar, expires, tamper).await;
        let found = (code(&reply), reply.wire.status);
        assert_eq!(found, (expected.to_owned(), status), "{}", text(&reply));
    }
}

#[tokio::test]
async fn signed_twice_over() {
    let alcazar = server().await;
    let attempt = Attempt::new("sts");
    let unsigned = unsigned("POST", "", &[], b"");
    let query = attempt.signer(&alcazar).presign(&unsigned, 60).unwrap();
    let mut headers = HeaderMap::new();
    for (name, value) in attempt.signer(&alcazar).sign(&unsigned).unwrap().headers {
        set(&mut headers, name, &value);
    }
    set(&mut headers, "host", HOST);
    let reply = receive(&alcazar, Method::POST, &query, headers, attempt.body()).await;
    assert_eq!(code(&reply), "SignatureDoesNotMatch", "{}", text(&reply));
}
