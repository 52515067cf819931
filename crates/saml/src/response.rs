//! A response of an identity provider, and the one assertion in it that was signed.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use crypto::{Certificate, DecryptionKey};

use crate::assertion::{Assertion, Malformed};
use crate::encryption;
use crate::names::{ASSERTION, ENCRYPTION, PROTOCOL};
use crate::signature::{NotSigned, signed};
use crate::xml::{self, Declaration, Element};

const SUCCESS: &str = "urn:oasis:names:tc:SAML:2.0:status:Success";

/// What is no response in base64.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a SAML 2.0 response in base64")]
pub struct NotAResponse;

/// Why nothing of a response is believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unproved {
    /// The identity provider says that it did not authenticate anybody.
    #[error("the identity provider reports that authentication failed")]
    Rejected,
    /// Nothing is signed by the issuer; it is not told whether it could not be decrypted instead.
    #[error("not signed by the issuer")]
    NotSigned,
    /// The assertion lies open, and must not.
    #[error("not encrypted")]
    NotEncrypted,
    /// What was signed is no usable assertion.
    #[error(transparent)]
    Malformed(#[from] Malformed),
}

impl From<NotSigned> for Unproved {
    fn from(_: NotSigned) -> Self {
        Self::NotSigned
    }
}

impl From<xml::Refused> for Unproved {
    fn from(_: xml::Refused) -> Self {
        Self::NotSigned
    }
}

/// Whom a response is to be signed by, and what opens an encrypted one.
#[derive(Default)]
pub struct Trust {
    /// Certificates of the issuer. Their dates do not count.
    pub certificates: Vec<Certificate>,
    /// Our keys.
    pub private_keys: Vec<DecryptionKey>,
    /// Whether assertions must be encrypted.
    pub encryption_required: bool,
}

/// A response. What it says is told to whoever has the certificates of its issuer.
pub struct Response {
    root: Element,
}

impl Response {
    /// Reads a response; nothing of it is proved yet.
    ///
    /// # Errors
    /// If it is none.
    pub fn decode(base64: &str) -> Result<Self, NotAResponse> {
        let dense: String = base64.split_ascii_whitespace().collect();
        let bytes = STANDARD.decode(dense).map_err(|_| NotAResponse)?;
        let text = std::str::from_utf8(&bytes).map_err(|_| NotAResponse)?;
        let root = xml::parse(text, &[]).map_err(|_| NotAResponse)?;
        let ours = root.is(PROTOCOL, "Response") && root.attribute("Version") == Some("2.0");
        ours.then_some(Self { root }).ok_or(NotAResponse)
    }

    /// Whether our keys may be needed.
    pub fn is_encrypted(&self) -> bool {
        let mut encrypted = self.root.all(ASSERTION, "EncryptedAssertion");
        encrypted.next().is_some()
    }

    /// The assertion. The response is signed, or the assertion, or both; every signature of theirs must be right.
    ///
    /// # Errors
    /// If there is not exactly one assertion, if it is not signed by one of the certificates, or if it is not usable.
    pub fn assertion(&self, trust: &Trust) -> Result<Assertion, Unproved> {
        let read_anew = signed(&self.root, &self.root, &trust.certificates)?;
        let is_signed = read_anew.is_some();
        let response = read_anew.as_ref().unwrap_or(&self.root);
        if !response.is(PROTOCOL, "Response") {
            return Err(Unproved::NotSigned);
        }
        check_status(response)?;
        let plain = response.only(ASSERTION, "Assertion")?;
        let encrypted = response.only(ASSERTION, "EncryptedAssertion")?;
        match (plain, encrypted) {
            (Some(_), None) if trust.encryption_required => Err(Unproved::NotEncrypted),
            (Some(plain), None) => proved(response, plain, is_signed, trust),
            (None, Some(encrypted)) => {
                let text = encryption::opened(encrypted, &trust.private_keys);
                let text = text.ok_or(Unproved::NotSigned)?;
                let text = std::str::from_utf8(text.expose()).map_err(|_| NotSigned)?;
                let opened = xml::parse(text, &scope(response, encrypted))?;
                proved(&opened, &opened, is_signed, trust)
            }
            _ => Err(Unproved::NotSigned),
        }
    }
}

/// `element` of `document`, which is believed without a signature of its own if all around it `is_signed`.
fn proved(
    document: &Element,
    element: &Element,
    is_signed: bool,
    trust: &Trust,
) -> Result<Assertion, Unproved> {
    match signed(document, element, &trust.certificates)? {
        Some(read_anew) => Ok(Assertion::read(&read_anew)?),
        None if is_signed => Ok(Assertion::read(element)?),
        None => Err(Unproved::NotSigned),
    }
}

fn check_status(response: &Element) -> Result<(), Unproved> {
    let status = response.only(PROTOCOL, "Status")?;
    let code = match status {
        Some(status) => status.only(PROTOCOL, "StatusCode")?,
        None => None,
    };
    match code.and_then(|code| code.attribute("Value")) {
        Some(SUCCESS) => Ok(()),
        _ => Err(Unproved::Rejected),
    }
}

/// Namespaces that are in scope where encrypted data stands.
fn scope(response: &Element, encrypted: &Element) -> Vec<Declaration> {
    let data = encrypted.all(ENCRYPTION, "EncryptedData");
    let around = [response, encrypted].into_iter().chain(data);
    around.flat_map(|it| it.declarations.clone()).collect()
}

#[cfg(test)]
mod tests;
