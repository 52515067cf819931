//! Claims as issuers write them, and as they must not be.

use base::AccountId;
use serde_json::json;

use super::*;

const NOW: i64 = 1_800_000_000;

fn provider() -> OpenIdConnectProvider {
    let account = AccountId::from_number(1);
    OpenIdConnectProvider {
        account,
        url: "id.example.com".into(),
        arn: OpenIdConnectProvider::arn_of(account, "id.example.com"),
        client_ids: vec!["app".into(), "web".into()],
        thumbprints: vec![],
        created: Timestamp::from_seconds(0),
        tags: Tags::default(),
    }
}

fn of(more: Value) -> Result<WebIdentity, (&'static str, String)> {
    let mut claims = json!({"iss": "https://id.example.com", "sub": "repo:a/b", "aud": "app",
        "exp": NOW + 60, "iat": NOW - 60});
    for (name, value) in more.as_object().unwrap() {
        match value {
            Value::Null => drop(claims.as_object_mut().unwrap().remove(name)),
            value => claims[name] = value.clone(),
        }
    }
    let now = Timestamp::from_seconds(NOW);
    identity(claims.as_object().unwrap(), &provider(), now).map_err(|failure| match failure {
        Failure::Fault(fault) => (fault.facts.code, fault.message.to_string()),
        _ => ("other", String::new()),
    })
}

fn code(more: Value) -> &'static str {
    of(more).map_or_else(|(code, _)| code, |_| "")
}

#[test]
fn times_have_five_minutes_of_grace() {
    const INVALID: &str = "InvalidIdentityToken";
    for (claims, expected) in [
        (json!({"exp": NOW - 299}), ""),
        (json!({"exp": NOW - 300}), "ExpiredTokenException"),
        (json!({"exp": 1.5}), "ExpiredTokenException"),
        (json!({"exp": 1e300}), ""),
        (json!({"exp": "1"}), INVALID),
        (json!({"exp": null}), INVALID),
        (json!({"iat": null}), INVALID),
        (json!({"iat": NOW + 300}), ""),
        (json!({"iat": NOW + 301}), INVALID),
        (json!({"nbf": NOW + 300}), ""),
        (json!({"nbf": NOW + 301}), INVALID),
        (json!({"nbf": true}), INVALID),
        (json!({"exp": i64::MAX, "iat": i64::MIN}), ""),
        (json!({"exp": i64::MIN}), "ExpiredTokenException"),
    ] {
        assert_eq!(code(claims.clone()), expected, "{claims}");
    }
}

#[test]
fn the_audience_is_one_that_the_provider_knows() {
    let audience = |claims: Value| of(claims).map(|found| found.audience);
    let wrong = || {
        Err((
            "InvalidIdentityToken",
            "Incorrect token audience".to_owned(),
        ))
    };
    assert_eq!(audience(json!({})).unwrap(), "app");
    assert_eq!(audience(json!({"aud": ["x", "web"]})).unwrap(), "web");
    assert_eq!(audience(json!({"aud": "x"})), wrong());
    assert_eq!(audience(json!({"aud": []})), wrong());
    assert_eq!(audience(json!({"aud": "x", "azp": "web"})).unwrap(), "web");
    assert_eq!(audience(json!({"aud": "app", "azp": "x"})), wrong());
    for claims in [
        json!({"aud": null}),
        json!({"aud": 1}),
        json!({"aud": [1]}),
        json!({"azp": ["app"]}),
        json!({"sub": null}),
        json!({"sub": ""}),
        json!({"sub": "x".repeat(256)}),
    ] {
        assert_eq!(code(claims.clone()), "InvalidIdentityToken", "{claims}");
    }
}

#[test]
fn claims_become_condition_keys() {
    let found = of(
        json!({"azp": "web", "aud": ["x", "y"], "amr": ["mfa", "pwd"],
        "ref_protected": true, "run": 7, "nested": {"a": 1}, "identities": [{"id": 1}], "long": "x".repeat(1024)}),
    );
    let claims = found.unwrap().claims;
    let get = |name: &str| {
        let found = claims.get(&format!("id.example.com:{name}"));
        found.unwrap_or_default().join(" ")
    };
    for (name, expected) in [
        ("sub", "repo:a/b"),
        ("aud", "web"),
        ("oaud", "x y"),
        ("amr", "mfa pwd"),
        ("ref_protected", "true"),
        ("run", "7"),
        ("nested", ""),
        ("identities", ""),
        ("long", &"x".repeat(1024)),
    ] {
        assert_eq!(get(name), expected, "{name}");
    }
}

/// Left out, they would let pass what a condition refuses.
#[test]
fn claims_that_cannot_be_told_refuse_the_token() {
    for claims in [
        json!({"groups": ["a", 1]}),
        json!({"groups": ["a", {"b": 1}]}),
        json!({"groups": ["a", "x".repeat(1025)]}),
        json!({"long": "x".repeat(1025)}),
        json!({"isAdmin": "no", "isadmin": "yes"}),
        json!({"SUB": "repo:a/b"}),
        json!({"AZP": "web"}),
    ] {
        assert_eq!(code(claims.clone()), "InvalidIdentityToken", "{claims}");
    }
    let alone = of(json!({"oaud": "x"})).unwrap();
    assert_eq!(alone.claims.get("id.example.com:oaud"), None);
}

#[test]
fn tags_stand_in_one_claim_or_in_many() {
    let nested = json!({TAGS: {"principal_tags": {"Team": ["a"], "Cost": "7"},
        "transitive_tag_keys": ["Team"]}});
    let flat = json!({format!("{TAGS}/principal_tags/Team"): ["a"],
        format!("{TAGS}/principal_tags/Cost"): "7",
        format!("{TAGS}/transitive_tag_keys"): ["Team"]});
    for claims in [nested, flat] {
        let found = of(claims).unwrap();
        assert_eq!(found.tags.get("Team"), Some("a"));
        assert_eq!(found.tags.get("Cost"), Some("7"));
        assert_eq!(found.transitive_tag_keys, ["Team"]);
    }
    let with = |tags: Value| json!({TAGS: {"principal_tags": tags}});
    let many: Map<_, _> = (0..51).map(|n| (n.to_string(), json!(""))).collect();
    for claims in [
        json!({TAGS: "a"}),
        with(json!(["a"])),
        with(json!({"a": ["1", "2"]})),
        with(json!({"a": 1})),
        with(json!({"": "1"})),
        with(json!({"a": "<"})),
        with(json!({"a".repeat(129): "1"})),
        with(json!({"a": "1".repeat(257)})),
        with(Value::Object(many)),
        json!({TAGS: {"transitive_tag_keys": 1}}),
    ] {
        assert_eq!(code(claims.clone()), "InvalidIdentityToken", "{claims}");
    }
    for claims in [
        with(json!({"aws:a": "1"})),
        with(json!({"a": "1", "A": "1"})),
        json!({TAGS: {"transitive_tag_keys": ["a"]}}),
    ] {
        assert_eq!(code(claims.clone()), "InvalidParameterValue", "{claims}");
    }
}

#[test]
fn a_source_identity_is_as_assume_role_has_it() {
    let found = of(json!({SOURCE_IDENTITY: "ann@example.com"})).unwrap();
    assert_eq!(found.source_identity.as_deref(), Some("ann@example.com"));
    for wrong in [json!("a"), json!("a b"), json!("a".repeat(65)), json!(1)] {
        assert_eq!(
            code(json!({SOURCE_IDENTITY: wrong})),
            "InvalidIdentityToken"
        );
    }
}
