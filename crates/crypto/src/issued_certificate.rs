//! Certificates that others signed for keys kept here.

use x509_parser::certificate::X509Certificate;
use x509_parser::certification_request::X509CertificationRequest;
use x509_parser::pem::Pem;
use x509_parser::prelude::FromDer;
use x509_parser::time::ASN1Time;

/// What does not fit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CertificateFault {
    /// No certificate in PEM, or more than one.
    #[error("the certificate is not one certificate in PEM format")]
    Unreadable,
    /// The trust anchor is none.
    #[error(
        "the trust anchor is not one self-signed certificate of a certificate authority in PEM format"
    )]
    UnreadableAnchor,
    /// It is for another key.
    #[error("the certificate is not for the key of the certificate signing request")]
    OtherKey,
    /// The anchor did not sign it.
    #[error("the certificate was not signed by the trust anchor")]
    OtherSigner,
    /// Before its time or after it.
    #[error("the certificate or its trust anchor is not valid now")]
    OutOfTime,
}

/// Holds `certificate`, which was signed for `request`, against `anchor`: all in PEM. `now` is in seconds since the epoch.
/// The anchor must be self-signed and of a certificate authority.
/// Source: RFC 5280, section 6.1, for a path of one certificate.
pub fn check_issued(
    request: &str,
    certificate: &str,
    anchor: &str,
    now: i64,
) -> Result<(), CertificateFault> {
    use CertificateFault::{OtherKey, OtherSigner, OutOfTime, Unreadable, UnreadableAnchor};
    let request = pem(request).ok_or(OtherKey)?;
    let (_, request) = X509CertificationRequest::from_der(&request).map_err(|_| OtherKey)?;
    let certificate = pem(certificate).ok_or(Unreadable)?;
    let certificate = parsed(&certificate).ok_or(Unreadable)?;
    let anchor = pem(anchor).ok_or(UnreadableAnchor)?;
    let anchor = parsed(&anchor).ok_or(UnreadableAnchor)?;
    let wanted = &request.certification_request_info.subject_pki;
    if certificate.public_key().raw != wanted.raw {
        return Err(OtherKey);
    }
    let named_after_itself = anchor.subject() == anchor.issuer();
    if !anchor.is_ca() || !named_after_itself || anchor.verify_signature(None).is_err() {
        return Err(UnreadableAnchor);
    }
    let signed = certificate.verify_signature(Some(anchor.public_key()));
    if certificate.issuer() != anchor.subject() || signed.is_err() {
        return Err(OtherSigner);
    }
    let now = ASN1Time::from_timestamp(now).map_err(|_| OutOfTime)?;
    match certificate.validity().is_valid_at(now) && anchor.validity().is_valid_at(now) {
        true => Ok(()),
        false => Err(OutOfTime),
    }
}

/// Whether `anchor` signed `certificate`, both in PEM, whenever that was. The anchor must be of a certificate authority.
pub fn is_issued_by(certificate: &str, anchor: &str) -> bool {
    let (Some(certificate), Some(anchor)) = (pem(certificate), pem(anchor)) else {
        return false;
    };
    let (Some(certificate), Some(anchor)) = (parsed(&certificate), parsed(&anchor)) else {
        return false;
    };
    let signed = certificate.verify_signature(Some(anchor.public_key()));
    anchor.is_ca() && certificate.issuer() == anchor.subject() && signed.is_ok()
}

/// The one block of a PEM text.
fn pem(text: &str) -> Option<Vec<u8>> {
    let mut blocks = Pem::iter_from_buffer(text.as_bytes());
    let block = blocks.next()?.ok()?;
    blocks.next().is_none().then_some(block.contents)
}

fn parsed(der: &[u8]) -> Option<X509Certificate<'_>> {
    match X509Certificate::from_der(der) {
        Ok(([], certificate)) => Some(certificate),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};

    const NOW: i64 = 1_795_502_293;

    fn authority(name: &str) -> (String, Issuer<'static, KeyPair>) {
        let key = KeyPair::generate().unwrap();
        let mut parameters = CertificateParams::new(vec![]).unwrap();
        parameters.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        parameters
            .distinguished_name
            .push(rcgen::DnType::CommonName, name);
        let pem = parameters.self_signed(&key).unwrap().pem();
        (pem, Issuer::new(parameters, key))
    }

    fn request(key: &KeyPair) -> String {
        let parameters = CertificateParams::new(vec![]).unwrap();
        parameters.serialize_request(key).unwrap().pem().unwrap()
    }

    fn issued(key: &KeyPair, by: &Issuer<'static, KeyPair>, until: i32) -> String {
        let mut parameters = CertificateParams::new(vec![]).unwrap();
        parameters.not_after = rcgen::date_time_ymd(until, 1, 1);
        parameters.signed_by(key, by).unwrap().pem()
    }

    #[test]
    fn only_what_the_anchor_signed_for_this_key() {
        let key = KeyPair::generate().unwrap();
        let (anchor, issuer) = authority("ours");
        let (other_anchor, other_issuer) = authority("ours");
        let request = request(&key);
        let good = issued(&key, &issuer, 2050);
        let other_key = KeyPair::generate().unwrap();
        let leaf = issued(&other_key, &issuer, 2050);
        assert!(is_issued_by(&good, &anchor));
        for other in [&other_anchor, &good, &leaf, ""] {
            assert!(!is_issued_by(&good, other));
        }
        for (certificate, anchor, expected) in [
            (good.clone(), anchor.clone(), Ok(())),
            (
                leaf.clone(),
                anchor.clone(),
                Err(CertificateFault::OtherKey),
            ),
            (
                good.clone(),
                other_anchor,
                Err(CertificateFault::OtherSigner),
            ),
            (
                issued(&key, &other_issuer, 2050),
                anchor.clone(),
                Err(CertificateFault::OtherSigner),
            ),
            (
                issued(&key, &issuer, 2020),
                anchor.clone(),
                Err(CertificateFault::OutOfTime),
            ),
            (good.clone(), leaf, Err(CertificateFault::UnreadableAnchor)),
            (
                good.clone(),
                "x".into(),
                Err(CertificateFault::UnreadableAnchor),
            ),
            (
                String::new(),
                anchor.clone(),
                Err(CertificateFault::Unreadable),
            ),
            (
                format!("{good}{good}"),
                anchor.clone(),
                Err(CertificateFault::Unreadable),
            ),
        ] {
            let found = check_issued(&request, &certificate, &anchor, NOW);
            assert_eq!(found, expected);
        }
        let nothing = check_issued("", &good, &anchor, NOW);
        assert_eq!(nothing, Err(CertificateFault::OtherKey));
    }
}
