//! An identity provider that speaks SAML: one key on P-256, its certificate, and what it signs. All is written in
//! canonical form, so that what is digested is what is written.

use std::fmt::Write;

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair};
use base::Timestamp;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

const DS: &str = "http://www.w3.org/2000/09/xmldsig#";
const SAML: &str = "urn:oasis:names:tc:SAML:2.0:assertion";

/// Signs what it is told to.
pub struct SamlIssuer {
    /// Its certificate, in DER.
    pub certificate: Vec<u8>,
    pair: EcdsaKeyPair,
}

impl SamlIssuer {
    /// Its entity id.
    pub const ENTITY: &str = "https://id.example.com/saml";

    /// With a new key.
    #[expect(clippy::new_without_default, reason = "each is another")]
    pub fn new() -> Self {
        let key = rcgen::KeyPair::generate().expect("a key");
        let names = vec!["id.example.com".to_owned()];
        let certificate = rcgen::CertificateParams::new(names).expect("names");
        let certificate = certificate.self_signed(&key).expect("a certificate");
        let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, key.serialized_der());
        Self {
            certificate: certificate.der().to_vec(),
            pair: pair.expect("a pair"),
        }
    }

    /// Its metadata, with the certificates of others beside its own.
    pub fn metadata(&self, others: &[&SamlIssuer]) -> String {
        let mut keys = String::new();
        for issuer in [self].iter().chain(others) {
            let certificate = STANDARD.encode(&issuer.certificate);
            let _ = write!(
                keys,
                "<md:KeyDescriptor use=\"signing\"><ds:KeyInfo xmlns:ds=\"{DS}\"><ds:X509Data><ds:X509Certificate>\
                 {certificate}</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>"
            );
        }
        format!(
            "<?xml version=\"1.0\"?>\n<!-- {} -->\n<md:EntityDescriptor \
             xmlns:md=\"urn:oasis:names:tc:SAML:2.0:metadata\" entityID=\"{}\"><md:IDPSSODescriptor \
             protocolSupportEnumeration=\"urn:oasis:names:tc:SAML:2.0:protocol\">{keys}<md:SingleSignOnService \
             Binding=\"urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect\" \
             Location=\"https://id.example.com/sso\"/></md:IDPSSODescriptor></md:EntityDescriptor>",
            "An identity provider of tests. ".repeat(20),
            Self::ENTITY,
        )
    }

    /// `element`, in canonical form, with a signature behind its issuer.
    pub fn signed(&self, element: &str) -> String {
        let id = element.split(" ID=\"").nth(1).expect("an id");
        let id = id.split('"').next().expect("an id");
        let digested = STANDARD.encode(digest(&SHA256, element.as_bytes()));
        let info = format!(
            "<ds:SignedInfo xmlns:ds=\"{DS}\"><ds:CanonicalizationMethod \
             Algorithm=\"http://www.w3.org/2001/10/xml-exc-c14n#\"></ds:CanonicalizationMethod><ds:SignatureMethod \
             Algorithm=\"http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256\"></ds:SignatureMethod><ds:Reference \
             URI=\"#{id}\"><ds:Transforms><ds:Transform \
             Algorithm=\"http://www.w3.org/2000/09/xmldsig#enveloped-signature\"></ds:Transform><ds:Transform \
             Algorithm=\"http://www.w3.org/2001/10/xml-exc-c14n#\"></ds:Transform></ds:Transforms><ds:DigestMethod \
             Algorithm=\"http://www.w3.org/2001/04/xmlenc#sha256\"></ds:DigestMethod><ds:DigestValue>{digested}\
             </ds:DigestValue></ds:Reference></ds:SignedInfo>"
        );
        self.signed_as(element, &info)
    }

    /// As `signed`, by these words about what is signed.
    pub fn signed_as(&self, element: &str, info: &str) -> String {
        let signature = self.pair.sign(&SystemRandom::new(), info.as_bytes());
        let signature = STANDARD.encode(signature.expect("a signature"));
        let issuer = "</saml:Issuer>";
        // Around it the prefix is declared already.
        let info = info.replacen(&format!(" xmlns:ds=\"{DS}\""), "", 1);
        element.replacen(
            issuer,
            &format!(
                "{issuer}<ds:Signature xmlns:ds=\"{DS}\">{info}<ds:SignatureValue>{signature}</ds:SignatureValue>\
                 </ds:Signature>"
            ),
            1,
        )
    }
}

/// A successful response that holds `content`.
pub fn saml_response(content: &str) -> String {
    format!(
        "<samlp:Response xmlns:samlp=\"urn:oasis:names:tc:SAML:2.0:protocol\" ID=\"_response\" \
         IssueInstant=\"2026-11-29T18:00:00Z\" Version=\"2.0\"><saml:Issuer xmlns:saml=\"{SAML}\">{}</saml:Issuer>\
         <samlp:Status><samlp:StatusCode Value=\"urn:oasis:names:tc:SAML:2.0:status:Success\"></samlp:StatusCode>\
         </samlp:Status>{content}</samlp:Response>",
        SamlIssuer::ENTITY,
    )
}

/// What an assertion says.
#[derive(Clone)]
pub struct SamlClaims {
    /// `IssueInstant` and `NotBefore`
    pub issued: Timestamp,
    /// `NotOnOrAfter`
    pub ends: Timestamp,
    /// `Issuer`
    pub issuer: String,
    /// `NameID`
    pub subject: String,
    /// `Recipient`
    pub recipient: String,
    /// `Audience`
    pub audience: String,
    /// `SessionNotOnOrAfter`
    pub session_ends: Option<Timestamp>,
    /// Names and values.
    pub attributes: Vec<(String, Vec<String>)>,
}

impl SamlClaims {
    /// What AWS demands, for five minutes from `now`.
    pub fn at(now: Timestamp) -> Self {
        Self {
            issued: now,
            ends: now.plus_seconds(300),
            issuer: SamlIssuer::ENTITY.into(),
            subject: "ann".into(),
            recipient: "https://signin.aws.amazon.com/saml".into(),
            audience: "urn:amazon:webservices".into(),
            session_ends: None,
            attributes: Vec::new(),
        }
    }

    /// With one attribute more.
    #[must_use]
    pub fn saying(mut self, name: &str, values: &[&str]) -> Self {
        let values = values.iter().map(|value| (*value).to_owned());
        self.attributes.push((name.to_owned(), values.collect()));
        self
    }

    /// The assertion in canonical form, not signed.
    pub fn assertion(&self, id: &str) -> String {
        let (issued, ends) = (self.issued.rfc3339(), self.ends.rfc3339());
        let mut attributes = String::new();
        for (name, values) in &self.attributes {
            let _ = write!(attributes, "<saml:Attribute Name=\"{name}\">");
            for value in values {
                let _ = write!(
                    attributes,
                    "<saml:AttributeValue>{value}</saml:AttributeValue>"
                );
            }
            attributes.push_str("</saml:Attribute>");
        }
        let session = match self.session_ends {
            Some(ends) => format!(" SessionNotOnOrAfter=\"{}\"", ends.rfc3339()),
            None => String::new(),
        };
        format!(
            "<saml:Assertion xmlns:saml=\"{SAML}\" ID=\"{id}\" IssueInstant=\"{issued}\" Version=\"2.0\"><saml:Issuer>{}\
             </saml:Issuer><saml:Subject><saml:NameID \
             Format=\"urn:oasis:names:tc:SAML:2.0:nameid-format:persistent\">{}</saml:NameID><saml:SubjectConfirmation \
             Method=\"urn:oasis:names:tc:SAML:2.0:cm:bearer\"><saml:SubjectConfirmationData NotOnOrAfter=\"{ends}\" \
             Recipient=\"{}\"></saml:SubjectConfirmationData></saml:SubjectConfirmation></saml:Subject><saml:Conditions \
             NotBefore=\"{issued}\" NotOnOrAfter=\"{ends}\"><saml:AudienceRestriction><saml:Audience>{}</saml:Audience>\
             </saml:AudienceRestriction></saml:Conditions><saml:AuthnStatement AuthnInstant=\"{issued}\"{session}>\
             </saml:AuthnStatement><saml:AttributeStatement>{attributes}</saml:AttributeStatement></saml:Assertion>",
            self.issuer, self.subject, self.recipient, self.audience
        )
    }
}
