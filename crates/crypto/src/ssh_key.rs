//! RSA public keys as SSH writes them (RFC 4253, section 6.6) and as PEM of a SubjectPublicKeyInfo (RFC 5280).

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use md5::{Digest, Md5};
use x509_parser::pem::Pem;
use x509_parser::prelude::FromDer;
use x509_parser::public_key::PublicKey;
use x509_parser::x509::SubjectPublicKeyInfo;

const RSA: &str = "ssh-rsa";
/// DER of the algorithm `rsaEncryption` with its null parameters (RFC 8017, appendix A.1).
const RSA_ENCRYPTION: [u8; 15] = [
    0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00,
];
/// Bits of the largest modulus that is read.
const LARGEST_BITS: usize = 16_384;

/// An RSA public key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SshPublicKey {
    /// Without leading zeros.
    exponent: Vec<u8>,
    modulus: Vec<u8>,
}

impl SshPublicKey {
    /// From one line of SSH, or from PEM.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let key = match text.strip_prefix(RSA) {
            Some(rest) => Self::from_ssh(rest),
            None => Self::from_pem(text),
        }?;
        let fits = key.bits() <= LARGEST_BITS && !key.exponent.is_empty();
        fits.then_some(key)
    }

    fn from_ssh(rest: &str) -> Option<Self> {
        let body = rest.split_ascii_whitespace().next()?;
        let blob = STANDARD.decode(body).ok()?;
        let (kind, rest) = part(&blob)?;
        let (exponent, rest) = part(rest)?;
        let (modulus, rest) = part(rest)?;
        let is_rsa = kind == RSA.as_bytes() && rest.is_empty();
        is_rsa.then(|| Self {
            exponent: significant(exponent).to_vec(),
            modulus: significant(modulus).to_vec(),
        })
    }

    fn from_pem(text: &str) -> Option<Self> {
        let block = Pem::iter_from_buffer(text.as_bytes()).next()?.ok()?;
        let (rest, info) = SubjectPublicKeyInfo::from_der(&block.contents).ok()?;
        let PublicKey::RSA(key) = info.parsed().ok()? else {
            return None;
        };
        let is_key = block.label == "PUBLIC KEY" && rest.is_empty();
        is_key.then(|| Self {
            exponent: significant(key.exponent).to_vec(),
            modulus: significant(key.modulus).to_vec(),
        })
    }

    /// Bits of the modulus.
    pub fn bits(&self) -> usize {
        let first = self.modulus.first().map_or(0, |byte| byte.leading_zeros());
        (self.modulus.len() * 8).saturating_sub(first as usize)
    }

    /// As one line of SSH, without a comment.
    pub fn ssh(&self) -> String {
        format!("{RSA} {}", STANDARD.encode(self.blob()))
    }

    /// As PEM.
    pub fn pem(&self) -> String {
        let numbers = [integer(&self.modulus), integer(&self.exponent)].concat();
        let key = [vec![0], element(0x30, &numbers)].concat();
        let info = [RSA_ENCRYPTION.to_vec(), element(0x03, &key)].concat();
        let body = STANDARD.encode(element(0x30, &info));
        let lines = body.as_bytes().chunks(64);
        let lines: Vec<_> = lines.map(String::from_utf8_lossy).collect();
        format!(
            "-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n",
            lines.join("\n")
        )
    }

    /// The MD5 digest of the key as SSH sends it, in pairs of hexadecimal digits: what `ssh-keygen -l -E md5` shows.
    pub fn fingerprint(&self) -> String {
        let digest = Md5::digest(self.blob());
        let pairs: Vec<_> = digest.iter().map(|byte| format!("{byte:02x}")).collect();
        pairs.join(":")
    }

    fn blob(&self) -> Vec<u8> {
        let parts = [
            RSA.as_bytes().to_vec(),
            positive(&self.exponent),
            positive(&self.modulus),
        ];
        let framed = parts.iter().flat_map(|part| {
            let length = u32::try_from(part.len()).unwrap_or(u32::MAX);
            length.to_be_bytes().into_iter().chain(part.iter().copied())
        });
        framed.collect()
    }
}

/// A length of four bytes, and as many bytes.
fn part(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = bytes.split_first_chunk::<4>()?;
    let length = usize::try_from(u32::from_be_bytes(*length)).ok()?;
    rest.split_at_checked(length)
}

fn significant(number: &[u8]) -> &[u8] {
    let zeros = number.iter().take_while(|byte| **byte == 0).count();
    number.get(zeros..).unwrap_or_default()
}

/// A number that must not be read as negative.
fn positive(number: &[u8]) -> Vec<u8> {
    let negative = number.first().is_some_and(|byte| *byte >= 0x80);
    let sign: &[u8] = if negative { &[0] } else { &[] };
    [sign, number].concat()
}

fn integer(number: &[u8]) -> Vec<u8> {
    element(0x02, &positive(number))
}

/// An element of DER (ITU-T X.690, section 8.1).
fn element(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = content.len().to_be_bytes();
    let length = significant(&length);
    let head = match u8::try_from(content.len()) {
        Ok(short) if short < 0x80 => vec![tag, short],
        _ => {
            let octets = u8::try_from(length.len()).unwrap_or_default();
            [&[tag, 0x80 | octets], length].concat()
        }
    };
    [head, content.to_vec()].concat()
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_lc_rs::encoding::{AsDer, PublicKeyX509Der};
    use aws_lc_rs::rsa::{KeyPair, KeySize};
    use aws_lc_rs::signature::KeyPair as _;

    #[test]
    fn goes_there_and_back() {
        let pair = KeyPair::generate(KeySize::Rsa2048).unwrap();
        let der: PublicKeyX509Der<'_> = pair.public_key().as_der().unwrap();
        let pem = format!(
            "-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n",
            STANDARD.encode(der.as_ref())
        );
        let key = SshPublicKey::parse(&pem).unwrap();
        assert_eq!(key.bits(), 2048);
        assert_eq!(key.pem().replace('\n', ""), pem.replace('\n', ""));
        let commented = format!("{} ann@laptop\n", key.ssh());
        assert_eq!(SshPublicKey::parse(&commented).unwrap(), key);
        assert_eq!(key.fingerprint().len(), 47);
    }

    #[test]
    fn what_is_no_key() {
        let framed = |parts: &[&[u8]]| {
            let bytes: Vec<u8> = parts
                .iter()
                .flat_map(|part| [&(part.len() as u32).to_be_bytes(), *part].concat())
                .collect();
            format!("ssh-rsa {}", STANDARD.encode(bytes))
        };
        assert!(SshPublicKey::parse(&framed(&[b"ssh-rsa", &[3], &[0x7f]])).is_some());
        for text in [
            String::new(),
            "ssh-rsa".into(),
            "ssh-rsa !".into(),
            "ssh-rsa AAAA/////w==".into(),
            framed(&[b"ssh-dss", &[3], &[0x7f]]),
            framed(&[b"ssh-rsa", &[3]]),
            framed(&[b"ssh-rsa", &[0], &[0x7f]]),
            framed(&[b"ssh-rsa", &[3], &[0x7f], &[1]]),
            framed(&[b"ssh-rsa", &[3], &[0x7f; 4096]]),
            "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIA==".into(),
            "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n".into(),
        ] {
            assert!(SshPublicKey::parse(&text).is_none(), "{text}");
        }
    }
}
