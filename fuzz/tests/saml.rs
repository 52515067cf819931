//! Responses and metadata of SAML: whatever comes, it is refused or understood, and nothing is proved by it.

use base::Timestamp;
use base64::Engine;
use bolero::check;
use harness::{SamlClaims, SamlIssuer, saml_response};
use saml::{Metadata, Response, Trust};

#[test]
fn metadata() {
    let good = SamlIssuer::new().metadata(&[]);
    check!()
        .with_type::<(usize, usize, String)>()
        .for_each(|(from, to, text)| {
            let _ = Metadata::parse(text);
            let _ = Metadata::parse(&spliced(&good, *from, *to, text));
        });
}

#[test]
fn responses_prove_nothing_else() {
    let issuer = SamlIssuer::new();
    let claims = SamlClaims::at(Timestamp::from_seconds(0));
    let good = saml_response(&issuer.signed(&claims.assertion("_one")));
    let certificate = crypto::Certificate::from_der(issuer.certificate.clone());
    let trust = Trust {
        certificates: certificate.into_iter().collect(),
        ..Trust::default()
    };
    let assertion = |text: &str| {
        let text = base64::engine::general_purpose::STANDARD.encode(text);
        Response::decode(&text).ok()?.assertion(&trust).ok()
    };
    let proved = assertion(&good);
    assert!(proved.is_some());
    check!()
        .with_type::<(usize, usize, String)>()
        .for_each(|(from, to, text)| {
            let _ = Response::decode(text);
            let changed = assertion(&spliced(&good, *from, *to, text));
            assert!(changed.is_none() || changed == proved);
        });
}

/// `good` with `text` in place of some of it.
fn spliced(good: &str, from: usize, to: usize, text: &str) -> String {
    let at = |place: usize| good.floor_char_boundary(place % (good.len() + 1));
    let (from, to) = (at(from), at(to));
    let (head, _) = good.split_at(from.min(to));
    let (_, tail) = good.split_at(from.max(to));
    format!("{head}{text}{tail}")
}
