//! What the claims of a verified token say, as of a given time.

use base::{Tags, Timestamp};
use identity::{Claims, OpenIdConnectProvider, WebIdentity};
use pipeline::Failure;
use serde_json::{Map, Value};
use sts_api::shapes::Tag;

use crate::errors;
use crate::session_tags::{self, MOST_TAGS, SessionTags};

/// How far the clocks of issuer and server may differ, in seconds. AWS: IAM User Guide, "OIDC federation": a window of
/// five minutes behind the expiration.
const SKEW_SECONDS: i64 = 300;
/// Longest subject, in characters. AWS: AWS Security Token Service API Reference, "AssumeRoleWithWebIdentity".
const LONGEST_SUBJECT: usize = 255;
/// Longest value of a condition key, in bytes: matching costs the product of the lengths of value and pattern.
const LONGEST_VALUE: usize = 1024;

const TAGS: &str = "https://aws.amazon.com/tags";
const SOURCE_IDENTITY: &str = "https://aws.amazon.com/source_identity";

type Object = Map<String, Value>;

/// Whom the claims vouch for.
pub(super) fn identity(
    claims: &Object,
    provider: &OpenIdConnectProvider,
    now: Timestamp,
) -> Result<WebIdentity, Failure> {
    check_time(claims, now)?;
    let subject = text(claims, "sub").ok_or_else(|| errors::missing_claim("sub"))?;
    if subject.is_empty() || subject.chars().count() > LONGEST_SUBJECT {
        return Err(errors::invalid_claim("sub"));
    }
    let audience = audience(claims, provider)?;
    let (tags, transitive_tag_keys) = tags(claims)?;
    Ok(WebIdentity {
        account: provider.account,
        provider: provider.arn.clone(),
        subject: subject.to_owned(),
        claims: conditions(claims, provider, &audience)?,
        audience,
        tags,
        transitive_tag_keys,
        source_identity: source_identity(claims)?,
    })
}

fn text<'a>(claims: &'a Object, name: &str) -> Option<&'a str> {
    claims.get(name).and_then(Value::as_str)
}

/// It is neither expired nor of a time to come.
fn check_time(claims: &Object, now: Timestamp) -> Result<(), Failure> {
    let now = now.seconds();
    let expires = required_time(claims, "exp")?;
    if now >= expires.saturating_add(SKEW_SECONDS) {
        return Err(errors::token_expired(now, expires));
    }
    let issued = required_time(claims, "iat")?;
    let begins = match claims.get("nbf") {
        None => issued,
        Some(_) => required_time(claims, "nbf")?,
    };
    match issued.max(begins).saturating_sub(SKEW_SECONDS) > now {
        true => Err(errors::not_yet_valid()),
        false => Ok(()),
    }
}

/// Seconds since 1970, as RFC 7519 has dates: whole or not.
fn required_time(claims: &Object, name: &str) -> Result<i64, Failure> {
    let value = claims.get(name);
    let value = value.ok_or_else(|| errors::missing_claim(name))?;
    let whole = value.as_i64();
    // Far beyond any date a number with a fraction is cut to the last one there is.
    let seconds = whole.or_else(|| value.as_f64().map(|seconds| seconds as i64));
    seconds.ok_or_else(|| errors::invalid_claim(name))
}

/// Who the token is for: `azp`, or else the first of `aud` that the provider knows.
fn audience(claims: &Object, provider: &OpenIdConnectProvider) -> Result<String, Failure> {
    let audiences = match claims.get("aud") {
        None => return Err(errors::missing_claim("aud")),
        Some(value) => texts(value).ok_or_else(|| errors::invalid_claim("aud"))?,
    };
    let candidates = match claims.get("azp") {
        None => audiences,
        Some(Value::String(party)) => vec![party.clone()],
        Some(_) => return Err(errors::invalid_claim("azp")),
    };
    let mut candidates = candidates.into_iter();
    let known = candidates.find(|candidate| provider.client_ids.contains(candidate));
    known.ok_or_else(errors::wrong_audience)
}

/// A text, or a list of nothing but texts.
fn texts(value: &Value) -> Option<Vec<String>> {
    match value {
        Value::String(text) => Some(vec![text.clone()]),
        Value::Array(items) => {
            let items = items.iter().map(|item| item.as_str().map(str::to_owned));
            items.collect()
        }
        _ => None,
    }
}

/// The claims that conditions can ask for. AWS: `aud` is the authorized party where there is one, and `oaud` then the
/// audience. A claim that cannot be told as it is refuses the token: without it, a condition may hold that should not.
fn conditions(
    claims: &Object,
    provider: &OpenIdConnectProvider,
    audience: &str,
) -> Result<Claims, Failure> {
    let mut conditions = Claims::of(&provider.url);
    for (name, value) in claims {
        let values = match value {
            Value::Bool(_) | Value::Number(_) => vec![value.to_string()],
            Value::Null | Value::Object(_) => continue,
            Value::Array(items) if !items.iter().any(Value::is_string) => continue,
            told => texts(told).ok_or_else(|| errors::invalid_claim(name))?,
        };
        let twice = claims
            .keys()
            .any(|other| other != name && other.eq_ignore_ascii_case(name));
        let disguised = name != "azp" && name.eq_ignore_ascii_case("azp");
        let too_long = values.iter().any(|it| it.len() > LONGEST_VALUE);
        if twice || disguised || too_long {
            return Err(errors::invalid_claim(name));
        }
        // The server's own word, below.
        if !name.eq_ignore_ascii_case("oaud") {
            conditions.add(name, values);
        }
    }
    if claims.contains_key("azp") {
        let audiences = claims.get("aud").and_then(texts);
        conditions.add("oaud", audiences.unwrap_or_default());
    }
    conditions.add("aud", vec![audience.to_owned()]);
    Ok(conditions)
}

/// The session tags of a token, in one claim or in one for each tag, and the keys of those that pass on.
fn tags(claims: &Object) -> Result<(Tags, Vec<String>), Failure> {
    let mut tags = Vec::new();
    let mut transitive = Vec::new();
    if let Some(nested) = claims.get(TAGS) {
        let nested = nested.as_object().ok_or_else(invalid_tags)?;
        if let Some(given) = nested.get("principal_tags") {
            let given = given.as_object().ok_or_else(invalid_tags)?;
            for (key, value) in given {
                tags.push(tag(key, value)?);
            }
        }
        transitive.extend(keys(nested.get("transitive_tag_keys"))?);
    }
    for (name, value) in claims {
        let flat = name.strip_prefix(TAGS).and_then(|it| it.strip_prefix('/'));
        match flat.map(|name| name.strip_prefix("principal_tags/").ok_or(name)) {
            Some(Ok(key)) => tags.push(tag(key, value)?),
            Some(Err("transitive_tag_keys")) => transitive.extend(keys(Some(value))?),
            _ => {}
        }
    }
    if tags.len() > MOST_TAGS {
        return Err(invalid_tags());
    }
    let given = SessionTags::given(Some(&tags))?.handing_down(Some(&transitive))?;
    Ok((given.given, given.transitive))
}

fn invalid_tags() -> Failure {
    errors::invalid_claim(TAGS)
}

/// AWS: each tag has one value, which may stand in a list.
fn tag(key: &str, value: &Value) -> Result<Tag, Failure> {
    let values = texts(value).ok_or_else(invalid_tags)?;
    let [value] = values.as_slice() else {
        return Err(invalid_tags());
    };
    session_tags::tag(key, value).ok_or_else(invalid_tags)
}

fn keys(value: Option<&Value>) -> Result<Vec<String>, Failure> {
    match value {
        None => Ok(Vec::new()),
        Some(value) => texts(value).ok_or_else(invalid_tags),
    }
}

/// As `SourceIdentity` of AssumeRole has it: 2 to 64 characters of few kinds.
fn source_identity(claims: &Object) -> Result<Option<String>, Failure> {
    let Some(value) = claims.get(SOURCE_IDENTITY) else {
        return Ok(None);
    };
    let sign = |byte: u8| byte.is_ascii_alphanumeric() || b"_+=,.@-".contains(&byte);
    let fits = |text: &&str| (2..=64).contains(&text.len()) && text.bytes().all(sign);
    let found = value.as_str().filter(fits);
    let found = found.ok_or_else(|| errors::invalid_claim(SOURCE_IDENTITY))?;
    Ok(Some(found.to_owned()))
}

#[cfg(test)]
mod tests;
