//! Certificates and keys as anybody may upload them: read or refused, and what was read is written as it was.
#![allow(clippy::unwrap_used, reason = "tests")]

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bolero::check;
use crypto::{Certificate, SshPublicKey};

/// `bytes` as the body of a PEM block.
fn pem(label: &str, bytes: &[u8]) -> String {
    let body = STANDARD.encode(bytes);
    format!("-----BEGIN {label}-----\n{body}\n-----END {label}-----\n")
}

#[test]
fn certificates() {
    check!().for_each(|bytes: &[u8]| {
        let text = String::from_utf8_lossy(bytes);
        Certificate::parse_chain(&text);
        if let Some(found) = Certificate::parse(&pem("CERTIFICATE", bytes)) {
            assert_eq!(found.der, bytes);
        }
    });
}

#[test]
fn private_keys() {
    let key = rcgen::KeyPair::generate().unwrap();
    let names = vec!["alcazar.test".to_owned()];
    let made = rcgen::CertificateParams::new(names).unwrap();
    let certificate = Certificate::parse(&made.self_signed(&key).unwrap().pem()).unwrap();
    check!().for_each(|bytes: &[u8]| {
        for label in ["PRIVATE KEY", "RSA PRIVATE KEY", "EC PRIVATE KEY"] {
            let belongs = certificate.belongs_to(&base::Secret::new(pem(label, bytes)));
            assert_ne!(belongs, Some(true));
        }
    });
}

#[test]
fn keys_for_ssh() {
    check!().for_each(|bytes: &[u8]| {
        let texts = [
            String::from_utf8_lossy(bytes).into_owned(),
            format!("ssh-rsa {}", STANDARD.encode(bytes)),
            pem("PUBLIC KEY", bytes),
        ];
        for key in texts.iter().filter_map(|text| SshPublicKey::parse(text)) {
            assert_eq!(SshPublicKey::parse(&key.ssh()), Some(key.clone()));
            assert_eq!(SshPublicKey::parse(&key.pem()), Some(key));
        }
    });
}
