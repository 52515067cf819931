//! X.509 certificates (RFC 5280) in PEM, and the private keys that belong to them.

use aws_lc_rs::rsa;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_ASN1_SIGNING, ECDSA_P384_SHA384_ASN1_SIGNING, ECDSA_P521_SHA512_ASN1_SIGNING,
    EcdsaKeyPair, KeyPair, ParsedPublicKey, UnparsedPublicKey,
};
use base::{Secret, Timestamp};
use x509_parser::pem::Pem;
use zeroize::Zeroizing;

use crate::TokenAlgorithm;

/// Certificates that a chain may have.
const LONGEST_CHAIN: usize = 20;

/// Shortest modulus of an RSA key that signatures are verified with, in bytes.
const SHORTEST_MODULUS: usize = 256;

/// What is read of a certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Certificate {
    /// From when on it holds.
    pub not_before: Timestamp,
    /// Until when it holds.
    pub not_after: Timestamp,
    /// DER of the whole, by which two are told apart.
    pub der: Vec<u8>,
    public_key: Vec<u8>,
}

impl Certificate {
    /// The one certificate of a PEM text.
    pub fn parse(pem: &str) -> Option<Self> {
        let mut all = Self::parse_chain(pem)?;
        let one = all.pop();
        one.filter(|_| all.is_empty())
    }

    /// Every certificate of a PEM text that holds nothing else, at least one.
    pub fn parse_chain(pem: &str) -> Option<Vec<Self>> {
        let mut all = Vec::new();
        for block in Pem::iter_from_buffer(pem.as_bytes()) {
            let block = block.ok().filter(|block| block.label == "CERTIFICATE")?;
            all.push(Self::from_der(block.contents)?);
            if all.len() > LONGEST_CHAIN {
                return None;
            }
        }
        (!all.is_empty()).then_some(all)
    }

    /// Reads one in DER.
    pub fn from_der(der: Vec<u8>) -> Option<Self> {
        let (rest, parsed) = x509_parser::parse_x509_certificate(&der).ok()?;
        let validity = parsed.validity();
        let found = Self {
            not_before: Timestamp::from_seconds(validity.not_before.timestamp()),
            not_after: Timestamp::from_seconds(validity.not_after.timestamp()),
            public_key: parsed.public_key().subject_public_key.data.to_vec(),
            der: Vec::new(),
        };
        if !rest.is_empty() {
            return None;
        }
        Some(Self { der, ..found })
    }

    /// Whether signatures of its key can be verified: RSA of 2,048 bits at least, or a curve of NIST.
    pub fn can_verify(&self) -> bool {
        let curves = [
            TokenAlgorithm::Es256,
            TokenAlgorithm::Es384,
            TokenAlgorithm::Es512,
        ];
        let parses = |algorithm: TokenAlgorithm| {
            ParsedPublicKey::new(algorithm.verification(), &self.public_key).is_ok()
        };
        let long_enough = self.public_key.len() > SHORTEST_MODULUS;
        curves.into_iter().any(parses) || (long_enough && parses(TokenAlgorithm::Rs256))
    }

    /// Whether its key has made `signature`, which for ECDSA is of fixed length (RFC 4050, section 3.3), of `message`.
    /// The dates of the certificate do not count.
    pub fn verifies(&self, algorithm: TokenAlgorithm, message: &[u8], signature: &[u8]) -> bool {
        let algorithm = algorithm.verification();
        let key = UnparsedPublicKey::new(algorithm, &self.public_key);
        key.verify(message, signature).is_ok()
    }

    /// Whether this private key, in PEM and not encrypted, belongs to the certificate; `None` for what is no such key.
    pub fn belongs_to(&self, private_key: &Secret<String>) -> Option<bool> {
        let block = Pem::iter_from_buffer(private_key.expose().as_bytes()).next()?;
        let Pem { label, contents } = block.ok()?;
        let contents = Zeroizing::new(contents);
        let public_key = match &*label {
            "RSA PRIVATE KEY" => rsa_public_key(rsa::KeyPair::from_der(&contents).ok()?),
            "EC PRIVATE KEY" => ec_public_key(&contents)?,
            "PRIVATE KEY" => match rsa::KeyPair::from_pkcs8(&contents) {
                Ok(pair) => rsa_public_key(pair),
                Err(_) => ec_public_key(&contents)?,
            },
            _ => return None,
        };
        Some(public_key == self.public_key)
    }
}

fn rsa_public_key(pair: rsa::KeyPair) -> Vec<u8> {
    pair.public_key().as_ref().to_vec()
}

fn ec_public_key(der: &[u8]) -> Option<Vec<u8>> {
    let curves = [
        &ECDSA_P256_SHA256_ASN1_SIGNING,
        &ECDSA_P384_SHA384_ASN1_SIGNING,
        &ECDSA_P521_SHA512_ASN1_SIGNING,
    ];
    let pair = curves
        .into_iter()
        .find_map(|curve| EcdsaKeyPair::from_private_key_der(curve, der).ok())?;
    Some(pair.public_key().as_ref().to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn made() -> (String, Secret<String>) {
        let key = rcgen::KeyPair::generate().unwrap();
        let names = vec!["alcazar.test".to_owned()];
        let certificate = rcgen::CertificateParams::new(names).unwrap();
        let pem = certificate.self_signed(&key).unwrap().pem();
        (pem, Secret::new(key.serialize_pem()))
    }

    #[test]
    fn a_key_belongs_to_its_certificate() {
        let [(one, key), (other, _)] = [made(), made()];
        let [one, other] = [one, other].map(|pem| Certificate::parse(&pem).unwrap());
        assert_eq!(one.belongs_to(&key), Some(true));
        assert_eq!(other.belongs_to(&key), Some(false));
        for text in [
            "",
            "x",
            "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n",
        ] {
            assert_eq!(one.belongs_to(&Secret::new(text.into())), None);
        }
        assert!(one.not_before < one.not_after);
    }

    #[test]
    fn what_is_no_certificate() {
        let (pem, key) = made();
        let twice = format!("{pem}{pem}");
        assert_eq!(Certificate::parse_chain(&twice).unwrap().len(), 2);
        for text in [
            "",
            "x",
            "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
            &twice,
            key.expose(),
        ] {
            assert!(Certificate::parse(text).is_none(), "{text}");
        }
        assert!(Certificate::parse_chain(&pem.repeat(21)).is_none());
    }
}
