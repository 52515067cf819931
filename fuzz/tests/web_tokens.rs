//! Identity tokens and their issuers' keys: whatever comes, it is refused or understood, and nothing is proved by it.

use bolero::check;
use crypto::{KeySet, WebToken};
use harness::TokenIssuer;

#[test]
fn key_sets() {
    check!().for_each(|input: &[u8]| {
        let _ = KeySet::parse(input);
    });
}

#[test]
fn tokens_prove_nothing() {
    let issuer = TokenIssuer::new("one");
    let keys = KeySet::parse(issuer.key_set().to_string().as_bytes()).unwrap_or_default();
    let good = issuer.token(&serde_json::json!({"iss": "https://id.example.com"}));
    check!()
        .with_type::<(usize, String)>()
        .for_each(|(at, text)| {
            let cut = good.floor_char_boundary(at % (good.len() + 1));
            let (head, _) = good.split_at(cut);
            for token in [text.clone(), format!("{head}{text}")] {
                if token != good
                    && let Ok(parsed) = WebToken::parse(&token)
                {
                    assert!(parsed.verified(&keys).is_err());
                }
            }
        });
}
