//! An identity provider for tests.

use base::Timestamp;
use crypto::Certificate;
use harness::{SamlClaims, SamlIssuer};

use crate::Trust;

pub(crate) const NOW: &str = "2026-11-29T18:00:00Z";

/// What an assertion says that is good at `NOW`.
pub(crate) fn claims() -> SamlClaims {
    SamlClaims::at(Timestamp::parse_rfc3339(NOW).unwrap())
        .saying("team", &["a", "b"])
        .saying("complex", &["<saml:b></saml:b>"])
}

pub(crate) fn certificate(issuer: &SamlIssuer) -> Certificate {
    Certificate::from_der(issuer.certificate.clone()).unwrap()
}

/// In these issuers alone.
pub(crate) fn trust(issuers: &[&SamlIssuer]) -> Trust {
    Trust {
        certificates: issuers.iter().map(|it| certificate(it)).collect(),
        ..Trust::default()
    }
}
