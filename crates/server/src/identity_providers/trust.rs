//! Which certificates vouch for the server of an identity provider.
//!
//! AWS documents: IAM API Reference, "UpdateOpenIDConnectProviderThumbprint"; IAM User Guide, "Obtain the thumbprint for an
//! OpenID Connect identity provider". An authority that is trusted anyway vouches for a server; where none does, the last
//! certificate that the server shows, if its thumbprint is listed: the name of the host, the times and every signature
//! from there down to the server's own certificate have to be right all the same.

use std::path::Path;
use std::sync::{Arc, OnceLock};

use base::Timestamp;
use crypto::Certificate;
use crypto::digest::sha1_thumbprint;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{WebPkiServerVerifier, verify_server_name};
use rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme,
};

use crate::failure::Failure;

/// Where no trusted authority vouches for a server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Otherwise {
    /// The last certificate does, if it has one of these thumbprints.
    Thumbprints(Vec<String>),
    /// Whatever the last certificate is, it does: for finding out what its thumbprint is.
    FirstContact,
}

/// The authorities that are trusted anyway.
pub(super) struct Trust {
    provider: Arc<CryptoProvider>,
    authorities: Option<Arc<WebPkiServerVerifier>>,
}

/// Where the authorities are. The operating system's are many, and read when they are first needed.
pub(super) enum Authorities {
    /// Those that the operator names, or none.
    Read(Trust),
    /// Those in the operating system's file.
    OfSystem(&'static Path, OnceLock<Trust>),
}

impl Authorities {
    pub(super) fn trust(&self) -> &Trust {
        match self {
            Self::Read(trust) => trust,
            Self::OfSystem(path, read) => read.get_or_init(|| Trust::of_system(path)),
        }
    }
}

impl Trust {
    fn of_system(path: &Path) -> Self {
        let read = authorities(path, false).and_then(Self::in_authorities);
        read.unwrap_or_else(|failure| {
            tracing::error!(%failure, "thumbprints alone vouch for identity providers");
            Self {
                provider: Arc::new(rustls::crypto::aws_lc_rs::default_provider()),
                authorities: None,
            }
        })
    }

    pub(super) fn in_authorities(authorities: RootCertStore) -> Result<Self, Failure> {
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let authorities = match authorities.is_empty() {
            true => None,
            false => Some(verifier(authorities, &provider).map_err(Failure::tls)?),
        };
        Ok(Self {
            provider,
            authorities,
        })
    }

    /// The client's end of TLS.
    pub(super) fn client(&self, otherwise: Otherwise) -> Result<ClientConfig, Error> {
        let builder = ClientConfig::builder_with_provider(self.provider.clone());
        let builder = builder.with_safe_default_protocol_versions()?;
        let verifier = Vouched {
            provider: self.provider.clone(),
            authorities: self.authorities.clone(),
            otherwise,
        };
        // What stands in place of the usual verifier asks that one first, and again for what is below the listed certificate.
        let builder = builder.dangerous();
        let builder = builder.with_custom_certificate_verifier(Arc::new(verifier));
        let mut client = builder.with_no_client_auth();
        client.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(client)
    }
}

/// The authorities in a PEM file, which `demanded` says must be there.
pub(super) fn authorities(path: &Path, demanded: bool) -> Result<RootCertStore, Failure> {
    let refused = |what: &dyn std::fmt::Display| {
        Failure::Refused(format!(
            "the authorities that may vouch for identity providers cannot be read of {}: {what}; name a file of \
             certificates in PEM with --oidc-ca FILE",
            path.display()
        ))
    };
    let mut found = RootCertStore::empty();
    if !demanded && !path.exists() {
        return Ok(found);
    }
    let certificates = CertificateDer::pem_file_iter(path).map_err(|error| refused(&error))?;
    let certificates = certificates.collect::<Result<Vec<_>, _>>();
    let certificates = certificates.map_err(|error| refused(&error))?;
    // One that is of no use to TLS makes the others no worse.
    found.add_parsable_certificates(certificates);
    match found.is_empty() {
        true => Err(refused(&"there is no certificate in it")),
        false => Ok(found),
    }
}

fn verifier(
    authorities: RootCertStore,
    provider: &Arc<CryptoProvider>,
) -> Result<Arc<WebPkiServerVerifier>, Error> {
    let builder =
        WebPkiServerVerifier::builder_with_provider(Arc::new(authorities), provider.clone());
    let built = builder.build();
    built.map_err(|error| Error::General(error.to_string()))
}

/// Decides for one server.
#[derive(Debug)]
struct Vouched {
    provider: Arc<CryptoProvider>,
    authorities: Option<Arc<WebPkiServerVerifier>>,
    otherwise: Otherwise,
}

impl Vouched {
    /// Whether the last certificate vouches for the server.
    fn by_last(
        &self,
        own: &CertificateDer<'_>,
        others: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let last = others.last().unwrap_or(own);
        let taken = match &self.otherwise {
            Otherwise::Thumbprints(listed) => listed.contains(&sha1_thumbprint(last)),
            Otherwise::FirstContact => true,
        };
        if !taken {
            return Err(CertificateError::UnknownIssuer.into());
        }
        holds(last, now)?;
        let Some((last, between)) = others.split_last() else {
            // It is the server's own: there is nothing below it.
            verify_server_name(&ParsedCertificate::try_from(own)?, name)?;
            return Ok(ServerCertVerified::assertion());
        };
        let mut authority = RootCertStore::empty();
        authority.add(last.clone().into_owned())?;
        let authority = verifier(authority, &self.provider)?;
        authority.verify_server_cert(own, between, name, &[], now)
    }
}

/// Fails for a certificate that does not hold yet or any more.
fn holds(certificate: &CertificateDer<'_>, now: UnixTime) -> Result<(), Error> {
    let read = Certificate::from_der(certificate.to_vec()).ok_or(CertificateError::BadEncoding)?;
    let now = Timestamp::from_seconds(i64::try_from(now.as_secs()).unwrap_or(i64::MAX));
    if now < read.not_before {
        return Err(CertificateError::NotValidYet.into());
    }
    match now > read.not_after {
        true => Err(CertificateError::Expired.into()),
        false => Ok(()),
    }
}

impl ServerCertVerifier for Vouched {
    fn verify_server_cert(
        &self,
        own: &CertificateDer<'_>,
        others: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        stapled: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        if let Some(authorities) = &self.authorities
            && let Ok(verified) = authorities.verify_server_cert(own, others, name, stapled, now)
        {
            return Ok(verified);
        }
        self.by_last(own, others, name, now)
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls12_signature(message, certificate, signed, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls13_signature(message, certificate, signed, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        let algorithms = &self.provider.signature_verification_algorithms;
        algorithms.supported_schemes()
    }
}

#[cfg(test)]
mod tests;
