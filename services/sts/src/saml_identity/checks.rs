//! Whether a signed assertion is for us and for now.

use base::Timestamp;
use identity::{AssertionEncryption, SamlProvider};
use pipeline::Failure;
use saml::Assertion;

use crate::errors;

/// How long after it was issued an assertion is taken. AWS: `Token must be redeemed within 5 minutes of issuance`.
const REDEEMED_WITHIN_SECONDS: i64 = 300;
/// How far the clock of an issuer may be ahead of ours.
const AHEAD_SECONDS: i64 = 60;
/// Who AWS is to those who assert.
const AUDIENCES: [&str; 2] = ["urn:amazon:webservices", SIGN_IN];
const SIGN_IN: &str = "https://signin.aws.amazon.com/saml";

/// It is neither over nor of a time to come.
pub(super) fn check_time(assertion: &Assertion, now: Timestamp) -> Result<(), Failure> {
    let begins = assertion.not_before.max(Some(assertion.issued));
    let begins = begins.unwrap_or(assertion.issued);
    if begins > now.plus_seconds(AHEAD_SECONDS) {
        return Err(errors::saml_not_yet_valid());
    }
    let redeemed = assertion.issued.plus_seconds(REDEEMED_WITHIN_SECONDS);
    let ends = [Some(assertion.not_on_or_after), assertion.session_ends];
    let over = ends.into_iter().flatten().any(|end| now >= end);
    match now > redeemed || over {
        true => Err(errors::saml_expired()),
        false => Ok(()),
    }
}

/// Each restriction that it has, and at least one, names AWS.
pub(super) fn check_audience(assertion: &Assertion) -> Result<(), Failure> {
    let names_aws = |all: &Vec<String>| {
        let mut all = all.iter();
        all.any(|audience| AUDIENCES.contains(&audience.as_str()))
    };
    let audiences = &assertion.audiences;
    match !audiences.is_empty() && audiences.iter().all(names_aws) {
        true => Ok(()),
        false => Err(errors::other_saml_audience()),
    }
}

/// AWS: it is to be sent to a sign-in endpoint, with the provider's id where encryption is required.
pub(super) fn check_recipient(
    assertion: &Assertion,
    provider: &SamlProvider,
) -> Result<(), Failure> {
    let path = assertion.recipient.strip_prefix("https://");
    let path = path.and_then(|rest| rest.split_once("signin.aws.amazon.com/"));
    let (region, path) = path.ok_or_else(|| errors::unusable_in_saml("Recipient"))?;
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    let is_region = |label: &str| !label.is_empty() && label.bytes().all(plain);
    let of_region = region.is_empty() || region.strip_suffix('.').is_some_and(is_region);
    let own = path
        .strip_prefix("saml/acs/")
        .is_some_and(|id| id == provider.id);
    let required = provider.encryption == Some(AssertionEncryption::Required);
    match of_region && (own || (!required && path == "saml")) {
        true => Ok(()),
        false => Err(errors::unusable_in_saml("Recipient")),
    }
}
