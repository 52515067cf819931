//! Decoders on their own: whatever comes, they answer and do not panic.

use bolero::check;
use policy::{Grammar, Policy};
use sigv4::{Presented, RequestParts};
use wire::Protocol;

#[test]
fn json_bodies() {
    check!().for_each(|bytes| {
        let _ = wire::decode::<kms_api::shapes::EncryptRequest>(Protocol::Json11, bytes);
        let _ = wire::decode::<kms_api::shapes::CreateKeyRequest>(Protocol::Json10, bytes);
    });
}

#[test]
fn cbor_bodies() {
    check!().for_each(|bytes| {
        let _ = wire::decode::<kms_api::shapes::EncryptRequest>(Protocol::Cbor, bytes);
        let _ = wire::decode::<kms_api::shapes::CreateKeyRequest>(Protocol::Cbor, bytes);
    });
}

#[test]
fn query_bodies() {
    check!().for_each(|bytes| {
        let _ = wire::decode::<iam_api::shapes::CreateRoleRequest>(Protocol::Query, bytes);
        let _ = wire::decode::<iam_api::shapes::TagUserRequest>(Protocol::Query, bytes);
    });
}

#[test]
fn signatures() {
    check!()
        .with_type::<(String, String, Vec<(String, Vec<u8>)>)>()
        .for_each(|(path, query, headers)| {
            let mut named = vec![("authorization".to_owned(), query.clone().into_bytes())];
            named.extend(headers.iter().cloned());
            for (query, headers) in [(query.as_str(), headers), ("", &named)] {
                let parts = RequestParts {
                    method: "POST",
                    path,
                    query,
                    headers,
                };
                let _ = Presented::parse(&parts);
            }
        });
}

#[test]
fn policies() {
    check!().for_each(|bytes| {
        let Ok(text) = std::str::from_utf8(bytes) else {
            return;
        };
        for grammar in [
            Grammar::Identity,
            Grammar::Key,
            Grammar::Trust,
            Grammar::Session,
        ] {
            let _ = Policy::parse(text, grammar);
        }
    });
}

#[test]
fn events_and_secrets_of_rotators() {
    check!().for_each(rotators::read_anything);
}
