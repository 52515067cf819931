//! The public test vectors: made, and proved.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on stops")]

mod common;

use base::Timestamp;
use common::prove;
use serde_json::Value;
use sigv4::{Credentials, Refusal, RequestParts, Signer, Unsigned};

const SECRET: &str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
const HOST: &str = "example.amazonaws.com";

fn at() -> Timestamp {
    Timestamp::parse_basic("20150830T123600Z").unwrap()
}

fn text<'v>(vector: &'v Value, member: &str) -> &'v str {
    vector[member].as_str().unwrap_or_default()
}

fn given_headers(vector: &Value) -> Vec<(&str, &str)> {
    let headers = vector["headers"].as_array().unwrap().iter();
    headers
        .map(|pair| (pair[0].as_str().unwrap(), pair[1].as_str().unwrap()))
        .collect()
}

fn credentials(session_token: Option<&str>) -> Credentials<'_> {
    Credentials {
        access_key_id: "AKIDEXAMPLE",
        secret_access_key: SECRET,
        session_token,
    }
}

fn each_vector(test: impl Fn(&str, &Value, &Unsigned<'_>, &Signer<'_>)) {
    let table: Value = serde_json::from_str(include_str!("vectors.json")).unwrap();
    let vectors = table.get("vectors").and_then(Value::as_array).unwrap();
    assert_eq!(vectors.len(), 38);
    for vector in vectors {
        let headers = given_headers(vector);
        let request = Unsigned {
            method: text(vector, "method"),
            host: HOST,
            path: text(vector, "path"),
            query: text(vector, "query"),
            headers: &headers,
            body: text(vector, "body").as_bytes(),
        };
        let signer = Signer::new(
            credentials(vector["token"].as_str()),
            "us-east-1",
            "service",
            at(),
        );
        test(text(vector, "name"), vector, &request, &signer);
    }
}

/// Headers as a server sees them: with lower-case names, and those the signer added.
fn received(request: &Unsigned<'_>, added: &[(&'static str, String)]) -> Vec<(String, String)> {
    let given = request
        .headers
        .iter()
        .map(|(name, value)| (name.to_lowercase(), value.to_string()));
    let added = added
        .iter()
        .map(|(name, value)| (name.to_string(), value.clone()));
    given
        .chain(added)
        .chain([("host".into(), HOST.into())])
        .collect()
}

#[test]
fn in_the_header() {
    each_vector(|name, vector, request, signer| {
        let signed = signer.sign(request).unwrap();
        let (_, authorization) = signed.headers.last().unwrap();
        if let Some(signature) = vector["signature"].as_str() {
            let own = authorization.rsplit_once("Signature=").unwrap().1;
            assert_eq!(own, signature, "{name}");
        }

        let headers = received(request, &signed.headers);
        let Unsigned {
            method,
            path,
            query,
            body,
            ..
        } = *request;
        let request = RequestParts {
            method,
            path,
            query,
            headers: &headers,
        };
        let checked = prove(&request, body, SECRET, "service", at()).unwrap();
        assert_eq!(checked.presented().access_key_id(), "AKIDEXAMPLE");
        assert_eq!(
            checked.presented().security_token(),
            vector["token"].as_str(),
            "{name}"
        );
        assert!(!checked.presented().is_presigned());
        let wrong = prove(&request, body, "wJalrXUtnFEMI", "service", at());
        assert_eq!(wrong.err(), Some(Refusal::SignatureMismatch), "{name}");
    });
}

#[test]
fn in_the_query() {
    each_vector(|name, vector, request, signer| {
        let query = signer.presign(request, 3600).unwrap();
        if let Some(signature) = vector["presigned"].as_str() {
            assert_eq!(
                query.rsplit_once("Signature=").unwrap().1,
                signature,
                "{name}"
            );
        }
        let headers = received(request, &[]);
        let Unsigned {
            method, path, body, ..
        } = *request;
        let request = RequestParts {
            method,
            path,
            query: &query,
            headers: &headers,
        };
        let later = at().plus_seconds(3600);
        let checked = prove(&request, body, SECRET, "service", later).unwrap();
        assert_eq!(
            checked.presented().security_token(),
            vector["token"].as_str(),
            "{name}"
        );
        assert_eq!(checked.presented().expires(), Some(3600));
        let expired = prove(&request, body, SECRET, "service", later.plus_seconds(1));
        assert_eq!(
            expired.err(),
            Some(Refusal::RequestExpired(later)),
            "{name}"
        );
    });
}

/// `post-sts-header-after` adds the session token after signing, as one or another service wants it.
/// Here it must be signed like every `x-amz-` header.
#[test]
fn token_added_after_signing() {
    let request = Unsigned {
        method: "POST",
        host: HOST,
        path: "/",
        query: "",
        headers: &[],
        body: b"",
    };
    let signer = Signer::new(credentials(None), "us-east-1", "service", at());
    let mut added = signer.sign(&request).unwrap().headers;
    added.push(("x-amz-security-token", "token".into()));
    let headers = received(&request, &added);
    let request = RequestParts {
        method: "POST",
        path: "/",
        query: "",
        headers: &headers,
    };
    let refusal = prove(&request, b"", SECRET, "service", at()).err();
    assert_eq!(
        refusal,
        Some(Refusal::HeaderNotSigned("x-amz-security-token".into()))
    );
}

/// The example of the IAM User Guide, ListUsers, signed in both ways.
#[test]
fn documented_example() {
    let request = Unsigned {
        method: "GET",
        host: "iam.amazonaws.com",
        path: "/",
        query: "Action=ListUsers&Version=2010-05-08",
        headers: &[(
            "Content-Type",
            "application/x-www-form-urlencoded; charset=utf-8",
        )],
        body: b"",
    };
    let signer = Signer::new(credentials(None), "us-east-1", "iam", at());
    let signed = signer.sign(&request).unwrap();
    assert_eq!(
        signed.headers.last().unwrap().1,
        "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/iam/aws4_request, \
         SignedHeaders=content-type;host;x-amz-date, \
         Signature=5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7"
    );
    assert_eq!(
        signer.presign(&request, 60).unwrap(),
        "Action=ListUsers&Version=2010-05-08&X-Amz-Algorithm=AWS4-HMAC-SHA256\
         &X-Amz-Credential=AKIDEXAMPLE%2F20150830%2Fus-east-1%2Fiam%2Faws4_request\
         &X-Amz-Date=20150830T123600Z&X-Amz-Expires=60&X-Amz-SignedHeaders=content-type%3Bhost\
         &X-Amz-Signature=37ac2f4fde00b0ac9bd9eadeb459b1bbee224158d66e7ae5fcadb70b2d181d02"
    );
}
