//! What must hold for any request.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on stops")]

mod common;

use base::Timestamp;
use common::prove;
use proptest::prelude::*;
use proptest::sample::Index;
use sigv4::{
    Credentials, Expected, Headers, PathStyle, Payload, Presented, RequestParts, Signer,
    SigningKey, Unsigned,
};

const SECRET: &str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";

fn at() -> Timestamp {
    Timestamp::parse_basic("20261123T063813Z").unwrap()
}

#[derive(Clone, Debug)]
struct Request {
    method: String,
    path: String,
    query: String,
    headers: Vec<(String, Vec<u8>)>,
    body: Vec<u8>,
}

impl Request {
    fn parts(&self) -> RequestParts<'_> {
        let Self {
            method,
            path,
            query,
            headers,
            ..
        } = self;
        RequestParts {
            method,
            path,
            query,
            headers,
        }
    }
    fn is_proved(&self) -> bool {
        prove(&self.parts(), &self.body, SECRET, "kms", at()).is_ok()
    }
}

fn plain_header() -> impl Strategy<Value = (String, String)> {
    ("[a-z][a-z0-9-]{0,10}", "[!-~]{1,20}").prop_map(|(name, value)| (format!("my-{name}"), value))
}

prop_compose! {
    fn plain_request()(
        method in "[A-Z]{3,7}",
        path in "(/[a-z0-9]{1,6}){1,4}",
        query in "([a-z]{1,4}=[a-z0-9]{0,4}(&[a-z]{1,4}=[a-z0-9]{0,4}){0,3})?",
        headers in proptest::collection::vec(plain_header(), 0..5),
        body in proptest::collection::vec(any::<u8>(), 1..200),
    ) -> (String, String, String, Vec<(String, String)>, Vec<u8>) {
        (method, path, query, headers, body)
    }
}

fn signed(
    plain: (String, String, String, Vec<(String, String)>, Vec<u8>),
    presigned: bool,
) -> Request {
    let (method, path, mut query, headers, body) = plain;
    let borrowed: Vec<_> = headers
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    let unsigned = Unsigned {
        method: &method,
        host: "localhost",
        path: &path,
        query: &query,
        headers: &borrowed,
        body: &body,
    };
    let credentials = Credentials {
        access_key_id: "AKID",
        secret_access_key: SECRET,
        session_token: Some("token"),
    };
    let signer = Signer::new(credentials, "eu-central-1", "kms", at());
    let mut all: Vec<(String, Vec<u8>)> = vec![("host".into(), b"localhost".into())];
    if presigned {
        query = signer.presign(&unsigned, 60).unwrap();
    } else {
        let added = signer.sign(&unsigned).unwrap().headers;
        all.extend(
            added
                .into_iter()
                .map(|(name, value)| (name.into(), value.into_bytes())),
        );
    }
    all.extend(
        headers
            .into_iter()
            .map(|(name, value)| (name, value.into_bytes())),
    );
    Request {
        method,
        path,
        query,
        headers: all,
        body,
    }
}

fn flip(bytes: &mut [u8], index: Index, bit: u8) {
    let place = index.get_mut(bytes);
    *place ^= 1 << bit;
}

fn flip_text(text: &mut String, index: Index, bit: u8) {
    let mut bytes = std::mem::take(text).into_bytes();
    flip(&mut bytes, index, bit);
    *text = String::from_utf8(bytes).unwrap();
}

proptest! {
    #[test]
    fn signed_is_proved(
        method in "[A-Z]{1,7}",
        path in "/\\PC{0,30}",
        query in "([a-zA-Z0-9._~*/+ é=&]|%2[0-9A-F]){0,40}",
        headers in proptest::collection::vec(("[a-zA-Z]{1,8}", "[ -~]{0,30}"), 0..6),
        body in proptest::collection::vec(any::<u8>(), 0..3000),
        presigned: bool,
    ) {
        let headers = headers.into_iter().map(|(name, value)| (format!("x-amz-meta-{name}").to_lowercase(), value));
        let request = signed((method, path, query, headers.collect(), body), presigned);
        prop_assert!(request.is_proved());
    }

    #[test]
    fn any_flipped_bit_is_noticed(
        plain in plain_request(), presigned: bool, part in 0..4, index: Index, bit in 0..7u8,
    ) {
        let mut request = signed(plain, presigned);
        prop_assert!(request.is_proved());
        match part {
            0 => flip_text(&mut request.method, index, bit),
            1 => flip_text(&mut request.path, index, bit),
            2 => flip(&mut request.body, index, bit),
            _ => {
                let signed: Vec<usize> = (0..request.headers.len())
                    .filter(|i| request.headers[*i].0 != "authorization")
                    .collect();
                let header = *index.get(&signed);
                flip(&mut request.headers[header].1, index, bit);
            }
        }
        prop_assert!(!request.is_proved(), "{request:?}");
    }

    #[test]
    fn any_flipped_bit_of_the_query_is_noticed(plain in plain_request(), index: Index, bit in 0..7u8) {
        let mut request = signed(plain, false);
        prop_assume!(!request.query.is_empty());
        flip_text(&mut request.query, index, bit);
        prop_assert!(!request.is_proved(), "{request:?}");
    }

    /// The key id alone is not signed: another one names another secret.
    #[test]
    fn any_flipped_bit_of_the_authorization_is_noticed(
        plain in plain_request(), index: Index, bit in 0..8u8,
    ) {
        let mut request = signed(plain, false);
        let place = request.headers.iter().position(|(name, _)| name == "authorization").unwrap();
        flip(&mut request.headers[place].1, index, bit);
        if let Ok(checked) = prove(&request.parts(), &request.body, SECRET, "kms", at()) {
            prop_assert_ne!(checked.presented().access_key_id(), "AKID");
        }
    }

    #[test]
    fn any_bytes_are_refused_in_peace(
        method in "\\PC{0,8}",
        path in ".{0,40}",
        query in "(X-Amz-(Algorithm|Credential|Signature|SignedHeaders|Date|Expires|Security-Token)=.{0,20}&|.{0,20}&){0,8}",
        authorization in "(AWS4-HMAC-SHA256 )?((Credential|SignedHeaders|Signature)=[^&]{0,30}[, ]?){0,4}.{0,20}",
        date in "(20261123T063813Z|.{0,30})",
        headers in proptest::collection::vec((".{0,20}", proptest::collection::vec(any::<u8>(), 0..40)), 0..6),
        in_header: bool,
    ) {
        let mut headers = headers;
        if in_header {
            headers.push(("authorization".into(), authorization.into_bytes()));
            headers.push(("x-amz-date".into(), date.into_bytes()));
        }
        let request = Request { method, path, query, headers, body: vec![] };
        prop_assert!(!request.is_proved());
        let headers: &dyn Headers = &request.headers;
        let parts = RequestParts { headers, ..request.parts() };
        if let Ok(Some(presented)) = Presented::parse(&parts) {
            let (service, at) = (presented.scope().service.to_owned(), presented.signed_at());
            let expected = Expected { service: &service, region: None, path_style: PathStyle::Literal };
            let key = SigningKey::derive("", "", "", "");
            if let Ok(checked) = presented.check(at, &expected) {
                prop_assert!(checked.verify(&parts, Payload::Signed(b""), &key).is_err());
            }
        }
    }
}
