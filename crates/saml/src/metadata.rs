//! The metadata of an identity provider: SAML 2.0 Metadata, as much as a service provider needs.

use base::Timestamp;
use crypto::Certificate;

use crate::names::{METADATA, PROTOCOL, SIGNATURE};
use crate::signature::bytes;
use crate::xml::{self, Element};

/// Longest entity id, in characters. Source: SAML 2.0 Metadata, section 2.2.1.
const LONGEST_ENTITY_ID: usize = 1024;

/// What is no metadata of an identity provider, or is of no use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not the metadata of a SAML 2.0 identity provider with its signing certificates")]
pub struct UnusableMetadata;

impl From<xml::Refused> for UnusableMetadata {
    fn from(_: xml::Refused) -> Self {
        Self
    }
}

/// What an identity provider says of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Metadata {
    /// Entity id: the issuer of its assertions.
    pub issuer: String,
    /// Certificates that it signs with, each once, in their order; at least one.
    pub certificates: Vec<Certificate>,
    /// Until when this holds, where it says so.
    pub valid_until: Option<Timestamp>,
}

impl Metadata {
    /// Reads the metadata of one entity.
    ///
    /// # Errors
    /// If it is none, or no identity provider's, or if it has no certificate, or one that signs with neither RSA nor a
    /// curve of NIST.
    pub fn parse(text: &str) -> Result<Self, UnusableMetadata> {
        let root = xml::parse(text, &[])?;
        if !root.is(METADATA, "EntityDescriptor") {
            return Err(UnusableMetadata);
        }
        let issuer = root.attribute("entityID").unwrap_or_default();
        let roles = root.all(METADATA, "IDPSSODescriptor").filter(|role| {
            let protocols = role.attribute("protocolSupportEnumeration");
            let mut protocols = protocols.unwrap_or_default().split_ascii_whitespace();
            protocols.any(|protocol| protocol == PROTOCOL)
        });
        let mut certificates: Vec<Certificate> = Vec::new();
        let mut ends = vec![valid_until(&root)?];
        for role in roles {
            ends.push(valid_until(role)?);
            for certificate in signing(role)? {
                if !certificates.contains(&certificate) {
                    certificates.push(certificate);
                }
            }
        }
        let length = issuer.chars().count();
        if certificates.is_empty() || !(1..=LONGEST_ENTITY_ID).contains(&length) {
            return Err(UnusableMetadata);
        }
        Ok(Self {
            issuer: issuer.to_owned(),
            certificates,
            valid_until: ends.into_iter().flatten().min(),
        })
    }
}

fn valid_until(element: &Element) -> Result<Option<Timestamp>, UnusableMetadata> {
    let text = element.attribute("validUntil");
    let time = text.map(|text| Timestamp::parse_rfc3339(text).map_err(|_| UnusableMetadata));
    time.transpose()
}

/// Certificates of the keys that are for signing, or for everything.
fn signing(role: &Element) -> Result<Vec<Certificate>, UnusableMetadata> {
    let keys = role.all(METADATA, "KeyDescriptor");
    let keys = keys.filter(|key| {
        key.attribute("use")
            .is_none_or(|use_for| use_for == "signing")
    });
    let infos = keys.flat_map(|key| key.all(SIGNATURE, "KeyInfo"));
    let data = infos.flat_map(|info| info.all(SIGNATURE, "X509Data"));
    let certificates = data.flat_map(|data| data.all(SIGNATURE, "X509Certificate"));
    let certificates = certificates.map(|element| {
        let der = bytes(element).map_err(|_| UnusableMetadata)?;
        let certificate = Certificate::from_der(der).ok_or(UnusableMetadata)?;
        match certificate.can_verify() {
            true => Ok(certificate),
            false => Err(UnusableMetadata),
        }
    });
    certificates.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::certificate;
    use harness::SamlIssuer;

    #[test]
    fn reads() {
        let (one, two) = (SamlIssuer::new(), SamlIssuer::new());
        let text = one.metadata(&[&two, &one]);
        let found = Metadata::parse(&text).unwrap();
        assert_eq!(found.issuer, SamlIssuer::ENTITY);
        assert_eq!(found.certificates, [certificate(&one), certificate(&two)]);
        assert_eq!(found.valid_until, None);
        let text = text.replacen(
            " entityID",
            " validUntil='2030-01-01T00:00:00Z' entityID",
            1,
        );
        let until = Metadata::parse(&text).unwrap().valid_until.unwrap();
        assert_eq!(until.rfc3339().to_string(), "2030-01-01T00:00:00Z");
        let for_all = text.replace(" use=\"signing\"", "");
        assert_eq!(Metadata::parse(&for_all).unwrap().certificates.len(), 2);
    }

    #[test]
    fn refuses() {
        let good = SamlIssuer::new().metadata(&[]);
        for (from, to) in [
            ("md:EntityDescriptor", "md:EntitiesDescriptor"),
            ("md:IDPSSODescriptor", "md:SPSSODescriptor"),
            ("SAML:2.0:protocol\"", "SAML:1.1:protocol\""),
            ("use=\"signing\"", "use=\"encryption\""),
            ("<ds:X509Certificate>", "<ds:X509Certificate>AAAA"),
            ("<ds:X509Certificate>", "<ds:X509Certificate>!"),
            (SamlIssuer::ENTITY, ""),
            (" entityID", " validUntil='soon' entityID"),
            ("<md:EntityDescriptor", "<!DOCTYPE a><md:EntityDescriptor"),
        ] {
            let changed = good.replace(from, to);
            assert_ne!(changed, good, "{from}");
            assert_eq!(Metadata::parse(&changed), Err(UnusableMetadata), "{to}");
        }
    }
}
