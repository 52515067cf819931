//! Whom the assertion of a SAML provider vouches for.
//!
//! AWS documents: IAM User Guide, "Configure SAML assertions for the authentication response" and "SAML 2.0 federation";
//! AWS Security Token Service API Reference, "AssumeRoleWithSAML".

mod attributes;
mod checks;

use std::sync::Arc;

use base::{AccountId, Arn};
use crypto::{Certificate, DecryptionKey, digest};
use identity::{AssertionEncryption, Claims, SamlIdentity, SamlProvider};
use pipeline::{Failure, Unproved};
use saml::{Assertion, Response, Trust};

use crate::errors;
use attributes::Attributes;

/// What formats of names of SAML 2.0 begin with.
const FORMAT: &str = "urn:oasis:names:tc:SAML:2.0:nameid-format:";
const UNSPECIFIED: &str = "urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified";

/// Proves by `response` who calls for the role `role` of `account`: the provider `provider` must have signed it, and name the
/// two together.
pub(crate) async fn prove(
    response: &str,
    role: &str,
    provider: &str,
    account: AccountId,
    unproved: &Unproved<'_>,
) -> Result<SamlIdentity, Failure> {
    let record = find(provider, account, unproved).await?;
    unproved.concerns(account);
    let now = unproved.now();
    if now >= record.valid_until {
        return Err(errors::saml_metadata_expired());
    }
    let response = Response::decode(response).map_err(|_| errors::no_saml_response())?;
    let trust = trust(&record, response.is_encrypted())?;
    let assertion = response.assertion(&trust).map_err(refused)?;
    if assertion.issuer != record.issuer {
        return Err(errors::other_saml_issuer());
    }
    checks::check_time(&assertion, now)?;
    checks::check_audience(&assertion)?;
    checks::check_recipient(&assertion, &record)?;
    let attributes = Attributes::read(&assertion)?;
    match attributes.has_pair(role, provider) {
        true => identity(&assertion, &record, attributes),
        false => Err(errors::saml_not_authorized()),
    }
}

async fn find(
    text: &str,
    account: AccountId,
    unproved: &Unproved<'_>,
) -> Result<Arc<SamlProvider>, Failure> {
    let arn: Arn = text.parse().map_err(|_| errors::invalid_arn(text))?;
    let name = SamlProvider::name_in(&arn).ok_or_else(errors::no_saml_provider)?;
    let key = SamlProvider::key_of(account, name);
    let provider = unproved.get::<SamlProvider>(&key).await?;
    // Of exactly this ARN: a provider speaks for its own account alone.
    let provider = provider.filter(|provider| provider.arn == arn);
    provider.ok_or_else(errors::no_saml_provider)
}

/// Private keys are checked as they are read, which takes a while: only where they may be needed.
fn trust(provider: &SamlProvider, with_keys: bool) -> Result<Trust, Failure> {
    let unreadable = || Failure::internal("a SAML provider's certificate or key does not parse");
    let certificates = provider.certificates.iter();
    let certificates = certificates.map(|der| Certificate::from_der(der.clone()));
    let keys = provider.private_keys.iter().filter(|_| with_keys);
    let keys = keys.map(|key| DecryptionKey::from_pem(&key.pem));
    Ok(Trust {
        certificates: certificates.collect::<Option<_>>().ok_or_else(unreadable)?,
        private_keys: keys.collect::<Option<_>>().ok_or_else(unreadable)?,
        encryption_required: provider.encryption == Some(AssertionEncryption::Required),
    })
}

fn refused(unproved: saml::Unproved) -> Failure {
    match unproved {
        saml::Unproved::Rejected => errors::idp_rejected(),
        saml::Unproved::NotSigned => errors::saml_not_signed(),
        saml::Unproved::NotEncrypted => errors::saml_not_encrypted(),
        saml::Unproved::Malformed(malformed) => errors::unusable_in_saml(malformed.0),
    }
}

fn identity(
    assertion: &Assertion,
    provider: &SamlProvider,
    attributes: Attributes,
) -> Result<SamlIdentity, Failure> {
    let format = assertion.subject_format.as_deref().unwrap_or(UNSPECIFIED);
    let subject_type = format.strip_prefix(FORMAT).unwrap_or(format);
    let document = format!("{}/{}", provider.account, provider.name);
    let name_qualifier = name_qualifier(assertion, provider);
    let mut claims = Claims::of("saml");
    for (name, values) in attributes.claims {
        claims.add(name, values);
    }
    for (name, value) in [
        ("aud", assertion.recipient.as_str()),
        ("iss", &assertion.issuer),
        ("sub", &assertion.subject),
        ("sub_type", subject_type),
        ("namequalifier", &name_qualifier),
        ("doc", &document),
    ] {
        if value.len() > attributes::LONGEST_VALUE {
            return Err(errors::unusable_in_saml(name));
        }
        claims.add(name, vec![value.to_owned()]);
    }
    Ok(SamlIdentity {
        account: provider.account,
        provider: provider.arn.clone(),
        subject: assertion.subject.clone(),
        subject_type: subject_type.to_owned(),
        issuer: assertion.issuer.clone(),
        recipient: assertion.recipient.clone(),
        name_qualifier,
        claims,
        session_name: attributes.session_name,
        session_seconds: attributes.session_seconds,
        session_ends: assertion.session_ends,
        tags: attributes.tags,
        transitive_tag_keys: attributes.transitive_tag_keys,
        source_identity: attributes.source_identity,
    })
}

/// AWS: `BASE64 ( SHA1 ( issuer + account + "/" + name of the provider ) )`.
fn name_qualifier(assertion: &Assertion, provider: &SamlProvider) -> String {
    use base64::Engine;
    let text = format!("{}{}/{}", assertion.issuer, provider.account, provider.name);
    base64::engine::general_purpose::STANDARD.encode(digest::sha1(text.as_bytes()))
}
