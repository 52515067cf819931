//! XML signatures as SAML has them: one reference, to the element that holds the signature (SAML 2.0 Core, 5.4).

use std::collections::BTreeSet;

use base::same_bytes;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use crypto::{Certificate, Hash, TokenAlgorithm, digest};

use crate::canonical::{Part, find};
use crate::names::{EXCLUSIVE, SIGNATURE};
use crate::xml::{self, Element};

const ENVELOPED: &str = "http://www.w3.org/2000/09/xmldsig#enveloped-signature";
/// How attributes are called that are identifiers to one implementation or another.
const IDENTIFIERS: [&str; 4] = ["ID", "Id", "id", "AssertionID"];

/// Elements of `SignedInfo`, which is read before anybody has proved to have signed it.
const MOST_IN_SIGNED_INFO: usize = 32;
/// Prefixes that a signature may ask to be declared; there are one or two.
const MOST_PREFIXES: usize = 16;

/// What no certificate's owner has signed, or not as SAML demands it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not signed as it should be")]
pub(crate) struct NotSigned;

impl From<xml::Refused> for NotSigned {
    fn from(_: xml::Refused) -> Self {
        Self
    }
}

/// `element` of the document `root`, read anew from the bytes that were signed; `None` if it has no signature.
pub(crate) fn signed(
    root: &Element,
    element: &Element,
    certificates: &[Certificate],
) -> Result<Option<Element>, NotSigned> {
    let Some(signature) = element.only(SIGNATURE, "Signature")? else {
        return Ok(None);
    };
    let bytes = signed_bytes(root, element, signature, certificates)?;
    Ok(Some(xml::parse(&bytes, &[])?))
}

fn signed_bytes(
    root: &Element,
    element: &Element,
    signature: &Element,
    certificates: &[Certificate],
) -> Result<String, NotSigned> {
    let info = signature.only(SIGNATURE, "SignedInfo")?.ok_or(NotSigned)?;
    if info.count(&|_| true) > MOST_IN_SIGNED_INFO {
        return Err(NotSigned);
    }
    let method = info.only(SIGNATURE, "CanonicalizationMethod")?;
    let signed_info = canonical(root, info, None, inclusive(method.ok_or(NotSigned)?)?)?;
    let value = signature.only(SIGNATURE, "SignatureValue")?;
    let value = bytes(value.ok_or(NotSigned)?)?;
    // From here on the reference is what was signed, not what the document says.
    let reference = Reference::read(&xml::parse(&signed_info, &[])?)?;
    let by = |certificate: &Certificate| {
        certificate.verifies(reference.algorithm, signed_info.as_bytes(), &value)
    };
    if !certificates.iter().any(by) {
        return Err(NotSigned);
    }
    let id = element.attribute("ID").ok_or(NotSigned)?;
    if reference.id != id || root.count(&|it| has_identifier(it, id)) != 1 {
        return Err(NotSigned);
    }
    let bytes = canonical(root, element, Some(signature), reference.inclusive)?;
    let found = digest::of(reference.hash, bytes.as_bytes());
    match same_bytes(&found, &reference.digest) {
        true => Ok(bytes),
        false => Err(NotSigned),
    }
}

fn has_identifier(element: &Element, id: &str) -> bool {
    let mut attributes = element.attributes.iter();
    attributes.any(|(name, value)| value == id && IDENTIFIERS.contains(&name.local.as_str()))
}

fn canonical(
    root: &Element,
    element: &Element,
    without: Option<&Element>,
    inclusive: Vec<String>,
) -> Result<String, NotSigned> {
    let (element, scope) = find(root, element).ok_or(NotSigned)?;
    let part = Part {
        element,
        without,
        scope,
        inclusive,
    };
    part.canonical().ok_or(NotSigned)
}

/// Base64 with any white space.
pub(crate) fn bytes(element: &Element) -> Result<Vec<u8>, NotSigned> {
    let text: String = element.text().ok_or(NotSigned)?;
    let dense: String = text.split_ascii_whitespace().collect();
    STANDARD.decode(dense).map_err(|_| NotSigned)
}

/// The prefixes that exclusive canonicalisation, which alone is taken, is to declare as in Canonical XML.
fn inclusive(method: &Element) -> Result<Vec<String>, NotSigned> {
    if method.attribute("Algorithm") != Some(EXCLUSIVE) {
        return Err(NotSigned);
    }
    let Some(list) = method.only(EXCLUSIVE, "InclusiveNamespaces")? else {
        return Ok(Vec::new());
    };
    let listed = list.attribute("PrefixList").unwrap_or_default();
    let prefixes: BTreeSet<&str> = listed.split_ascii_whitespace().collect();
    if prefixes.len() > MOST_PREFIXES {
        return Err(NotSigned);
    }
    let prefixes = prefixes.into_iter().map(|prefix| match prefix {
        "#default" => String::new(),
        prefix => prefix.to_owned(),
    });
    Ok(prefixes.collect())
}

/// What `SignedInfo` says.
struct Reference {
    algorithm: TokenAlgorithm,
    id: String,
    inclusive: Vec<String>,
    hash: Hash,
    digest: Vec<u8>,
}

impl Reference {
    fn read(info: &Element) -> Result<Self, NotSigned> {
        if !info.is(SIGNATURE, "SignedInfo") {
            return Err(NotSigned);
        }
        let only = |element: &Element, name: &'static str| {
            let found = element.only(SIGNATURE, name).map_err(NotSigned::from);
            found.and_then(|found| found.cloned().ok_or(NotSigned))
        };
        inclusive(&only(info, "CanonicalizationMethod")?)?;
        let algorithm = only(info, "SignatureMethod")?;
        let algorithm = algorithm.attribute("Algorithm").and_then(algorithm_named);
        let reference = only(info, "Reference")?;
        let id = reference
            .attribute("URI")
            .and_then(|uri| uri.strip_prefix('#'));
        let transforms = only(&reference, "Transforms")?;
        let transforms: Vec<_> = transforms.elements().collect();
        let [enveloped, exclusive] = transforms.as_slice() else {
            return Err(NotSigned);
        };
        let both = [enveloped, exclusive];
        let known = both.iter().all(|it| it.is(SIGNATURE, "Transform"));
        if !known || enveloped.attribute("Algorithm") != Some(ENVELOPED) {
            return Err(NotSigned);
        }
        let hash = only(&reference, "DigestMethod")?;
        let hash = hash.attribute("Algorithm").and_then(hash_named);
        Ok(Self {
            algorithm: algorithm.ok_or(NotSigned)?,
            id: id.filter(|id| !id.is_empty()).ok_or(NotSigned)?.to_owned(),
            inclusive: inclusive(exclusive)?,
            hash: hash.ok_or(NotSigned)?,
            digest: bytes(&only(&reference, "DigestValue")?)?,
        })
    }
}

/// XML Signature 1.1, section 6.4. SHA-1 is not among them.
fn algorithm_named(uri: &str) -> Option<TokenAlgorithm> {
    let name = uri.strip_prefix("http://www.w3.org/2001/04/xmldsig-more#")?;
    Some(match name {
        "rsa-sha256" => TokenAlgorithm::Rs256,
        "rsa-sha384" => TokenAlgorithm::Rs384,
        "rsa-sha512" => TokenAlgorithm::Rs512,
        "ecdsa-sha256" => TokenAlgorithm::Es256,
        "ecdsa-sha384" => TokenAlgorithm::Es384,
        "ecdsa-sha512" => TokenAlgorithm::Es512,
        _ => return None,
    })
}

/// XML Signature 1.1, section 6.2.
fn hash_named(uri: &str) -> Option<Hash> {
    Some(match uri {
        "http://www.w3.org/2001/04/xmlenc#sha256" => Hash::Sha256,
        "http://www.w3.org/2001/04/xmldsig-more#sha384" => Hash::Sha384,
        "http://www.w3.org/2001/04/xmlenc#sha512" => Hash::Sha512,
        _ => return None,
    })
}
