//! What the attributes of an assertion say.

use base::Tags;
use pipeline::Failure;
use saml::{Assertion, Malformed};

use crate::errors;
use crate::session_tags::{self, MOST_TAGS, SessionTags};

/// Longest value of a condition key, in bytes: matching costs the product of the lengths of value and pattern.
pub(super) const LONGEST_VALUE: usize = 1024;

/// What AWS's own attributes begin with.
const AWS: &str = "https://aws.amazon.com/SAML/Attributes/";
/// How long a session may last, in seconds.
const SESSION_SECONDS: std::ops::RangeInclusive<i32> = 900..=43_200;

/// Attributes and the condition keys that they are. AWS: IAM User Guide, "Configure SAML assertions for the authentication
/// response", "Mapping SAML attributes to AWS trust policy context keys".
const MAPPED: [(&str, &str); 30] = [
    ("urn:oid:1.3.6.1.4.1.5923.1.1.1.1", "edupersonaffiliation"),
    ("urn:oid:1.3.6.1.4.1.5923.1.1.1.2", "edupersonnickname"),
    ("urn:oid:1.3.6.1.4.1.5923.1.1.1.3", "edupersonorgdn"),
    ("urn:oid:1.3.6.1.4.1.5923.1.1.1.4", "edupersonorgunitdn"),
    (
        "urn:oid:1.3.6.1.4.1.5923.1.1.1.5",
        "edupersonprimaryaffiliation",
    ),
    ("urn:oid:1.3.6.1.4.1.5923.1.1.1.6", "edupersonprincipalname"),
    ("urn:oid:1.3.6.1.4.1.5923.1.1.1.7", "edupersonentitlement"),
    (
        "urn:oid:1.3.6.1.4.1.5923.1.1.1.8",
        "edupersonprimaryorgunitdn",
    ),
    (
        "urn:oid:1.3.6.1.4.1.5923.1.1.1.9",
        "edupersonscopedaffiliation",
    ),
    ("urn:oid:1.3.6.1.4.1.5923.1.1.1.10", "edupersontargetedid"),
    ("urn:oid:1.3.6.1.4.1.5923.1.1.1.11", "edupersonassurance"),
    ("urn:oid:1.3.6.1.4.1.5923.1.2.1.2", "eduorghomepageuri"),
    (
        "urn:oid:1.3.6.1.4.1.5923.1.2.1.3",
        "eduorgidentityauthnpolicyuri",
    ),
    ("urn:oid:1.3.6.1.4.1.5923.1.2.1.4", "eduorglegalname"),
    ("urn:oid:1.3.6.1.4.1.5923.1.2.1.5", "eduorgsuperioruri"),
    ("urn:oid:1.3.6.1.4.1.5923.1.2.1.6", "eduorgwhitepagesuri"),
    ("urn:oid:2.5.4.3", "cn"),
    (
        "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/name",
        "name",
    ),
    ("http://schemas.xmlsoap.org/claims/CommonName", "commonname"),
    (
        "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/givenname",
        "givenname",
    ),
    (
        "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/surname",
        "surname",
    ),
    (
        "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress",
        "mail",
    ),
    (
        "http://schemas.microsoft.com/ws/2008/06/identity/claims/primarygroupsid",
        "primarygroupsid",
    ),
    ("2.5.4.3", "commonname"),
    ("2.5.4.4", "surname"),
    ("2.4.5.42", "givenname"),
    ("2.5.4.45", "x500uniqueidentifier"),
    ("0.9.2342.19200300100.1.1", "uid"),
    ("0.9.2342.19200300100.1.3", "mail"),
    ("0.9.2342.19200300.100.1.45", "organizationstatus"),
];

/// What is read of them.
pub(super) struct Attributes {
    /// Pairs of a role and a provider, in either order.
    pairs: Vec<(String, String)>,
    pub(super) session_name: String,
    pub(super) session_seconds: Option<i32>,
    pub(super) source_identity: Option<String>,
    pub(super) tags: Tags,
    pub(super) transitive_tag_keys: Vec<String>,
    /// Names of condition keys, without their prefix, and their values.
    pub(super) claims: Vec<(&'static str, Vec<String>)>,
}

impl Attributes {
    /// Reads what AWS knows; whatever else is there does not count.
    pub(super) fn read(assertion: &Assertion) -> Result<Self, Failure> {
        let tags = tags(assertion)?;
        Ok(Self {
            pairs: pairs(assertion)?,
            session_name: session_name(assertion)?,
            session_seconds: session_seconds(assertion)?,
            source_identity: source_identity(assertion)?,
            tags: tags.given,
            transitive_tag_keys: tags.transitive,
            claims: claims(assertion)?,
        })
    }

    /// Whether the provider lets its user have this role.
    pub(super) fn has_pair(&self, role: &str, provider: &str) -> bool {
        let mut pairs = self.pairs.iter();
        pairs.any(|(one, other)| {
            (one == role && other == provider) || (one == provider && other == role)
        })
    }
}

fn values<'a>(assertion: &'a Assertion, name: &str) -> Result<Vec<&'a str>, Failure> {
    let values = assertion.values(&format!("{AWS}{name}"));
    values.map_err(|Malformed(_)| errors::unusable_in_saml(name))
}

/// The one value of an attribute, where it is there.
fn value<'a>(assertion: &'a Assertion, name: &str) -> Result<Option<&'a str>, Failure> {
    match values(assertion, name)?.as_slice() {
        [] => Ok(None),
        [value] => Ok(Some(value)),
        _ => Err(errors::unusable_in_saml(name)),
    }
}

fn pairs(assertion: &Assertion) -> Result<Vec<(String, String)>, Failure> {
    let values = values(assertion, "Role")?;
    if values.is_empty() {
        return Err(errors::required_in_saml("Role"));
    }
    let pairs = values.into_iter().filter_map(|value| {
        let (one, other) = value.split_once(',')?;
        Some((one.trim().to_owned(), other.trim().to_owned()))
    });
    Ok(pairs.collect())
}

/// 2 to 64 characters of few kinds, as of `RoleSessionName` and `SourceIdentity`.
fn is_plain(text: &str) -> bool {
    let sign = |byte: u8| byte.is_ascii_alphanumeric() || b"_+=,.@-".contains(&byte);
    (2..=64).contains(&text.len()) && text.bytes().all(sign)
}

fn session_name(assertion: &Assertion) -> Result<String, Failure> {
    let name = value(assertion, "RoleSessionName")?;
    let name = name.ok_or_else(|| errors::required_in_saml("RoleSessionName"))?;
    match is_plain(name) {
        true => Ok(name.to_owned()),
        false => Err(errors::saml_session_name()),
    }
}

fn source_identity(assertion: &Assertion) -> Result<Option<String>, Failure> {
    let identity = value(assertion, "SourceIdentity")?;
    match identity.is_none_or(is_plain) {
        true => Ok(identity.map(str::to_owned)),
        false => Err(errors::saml_source_identity()),
    }
}

fn session_seconds(assertion: &Assertion) -> Result<Option<i32>, Failure> {
    let Some(text) = value(assertion, "SessionDuration")? else {
        return Ok(None);
    };
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    let seconds = text.parse().ok().filter(|_| digits);
    let seconds = seconds.filter(|seconds| SESSION_SECONDS.contains(seconds));
    let invalid = || errors::unusable_in_saml("SessionDuration");
    seconds.map(Some).ok_or_else(invalid)
}

/// AWS: each tag is an attribute of its own with one value.
fn tags(assertion: &Assertion) -> Result<SessionTags, Failure> {
    let invalid = || errors::unusable_in_saml("PrincipalTag");
    let mut tags = Vec::new();
    for attribute in &assertion.attributes {
        let key = attribute.name.strip_prefix(AWS);
        let Some(key) = key.and_then(|name| name.strip_prefix("PrincipalTag:")) else {
            continue;
        };
        let Some([value]) = attribute.values.as_deref() else {
            return Err(invalid());
        };
        tags.push(session_tags::tag(key, value).ok_or_else(invalid)?);
    }
    if tags.len() > MOST_TAGS {
        return Err(invalid());
    }
    let transitive = values(assertion, "TransitiveTagKeys")?;
    let transitive: Vec<_> = transitive.into_iter().map(str::to_owned).collect();
    SessionTags::given(Some(&tags))?.handing_down(Some(&transitive))
}

/// AWS: of several attributes of one key, one counts.
fn claims(assertion: &Assertion) -> Result<Vec<(&'static str, Vec<String>)>, Failure> {
    let mut claims: Vec<(&str, Vec<String>)> = Vec::new();
    for attribute in &assertion.attributes {
        let mut mapped = MAPPED.iter();
        let Some((name, key)) = mapped.find(|(name, _)| *name == attribute.name) else {
            continue;
        };
        let short = |value: &String| value.len() <= LONGEST_VALUE;
        let values = attribute.values.as_ref();
        let values = values.filter(|values| values.iter().all(short));
        let values = values.ok_or_else(|| errors::unusable_in_saml(name))?;
        if !claims.iter().any(|(other, _)| other == key) {
            claims.push((key, values.clone()));
        }
    }
    Ok(claims)
}
