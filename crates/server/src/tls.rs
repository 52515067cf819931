//! The server's certificate: from its own CA, made at first run, or the operator's.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use base::{Secret, Timestamp};
use clap::Args;
use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose,
};
use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use storage::{Key, Reads, Record, Records, Unreadable, Writes};

use crate::data::DataFolder;
use crate::failure::Failure;

/// Which certificate is shown.
#[derive(Args, Debug)]
pub(crate) struct TlsOptions {
    /// A host name or address clients use, for the certificate of the server's own CA. May be given several times.
    #[arg(long, value_name = "NAME")]
    pub(crate) tls_name: Vec<String>,
    /// Show this certificate chain (PEM) instead of one of the server's own CA.
    #[arg(long, value_name = "FILE", requires = "tls_key")]
    pub(crate) tls_certificate: Option<PathBuf>,
    /// The private key of --tls-certificate (PEM).
    #[arg(long, value_name = "FILE", requires = "tls_certificate")]
    pub(crate) tls_key: Option<PathBuf>,
}

impl TlsOptions {
    /// Whether the operator said how clients shall know the server.
    pub(crate) fn is_chosen(&self) -> bool {
        self.tls_certificate.is_some() || !self.tls_name.is_empty()
    }
}

/// What the listener needs to speak TLS 1.2 and 1.3.
pub(crate) async fn configuration(
    options: &TlsOptions,
    data: &DataFolder,
    records: &Records,
    now: Timestamp,
) -> Result<Arc<ServerConfig>, Failure> {
    let (chain, key) = match (&options.tls_certificate, &options.tls_key) {
        (Some(certificate), Some(key)) => given(certificate, key)?,
        _ => {
            let authority = authority(data, records, now).await?;
            issued(&authority, &options.tls_name, now)?
        }
    };
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let builder = ServerConfig::builder_with_provider(provider);
    let builder = builder
        .with_safe_default_protocol_versions()
        .map_err(Failure::tls)?;
    let builder = builder.with_no_client_auth();
    let mut config = builder.with_single_cert(chain, key).map_err(Failure::tls)?;
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}

type Identity = (Vec<CertificateDer<'static>>, PrivateKeyDer<'static>);

fn given(certificate: &Path, key: &Path) -> Result<Identity, Failure> {
    let chain = CertificateDer::pem_file_iter(certificate).map_err(Failure::tls)?;
    let chain: Result<Vec<_>, _> = chain.collect();
    let key = PrivateKeyDer::from_pem_file(key).map_err(Failure::tls)?;
    Ok((chain.map_err(Failure::tls)?, key))
}

/// The server's own CA: its certificate, and its key, which only the sealed store has.
struct Authority {
    certificate: String,
    key: Secret<String>,
}

const VERSION: u8 = 1;

impl Record for Authority {
    const TABLE: &'static str = "server.authority";
    const CACHED: bool = false;
    fn key(&self) -> Key {
        Key::root().then("authority")
    }
    /// Version byte, certificate in PEM, a zero byte, private key in PEM.
    fn store(&self) -> Vec<u8> {
        let (certificate, key) = (self.certificate.as_bytes(), self.key.expose().as_bytes());
        [&[VERSION], certificate, &[0], key].concat()
    }
    fn load(bytes: &[u8]) -> Result<Self, Unreadable> {
        let refuse = || Unreadable {
            table: Self::TABLE,
            reason: "not an authority of a known version".to_owned(),
        };
        let text = bytes.strip_prefix(&[VERSION]).ok_or_else(refuse)?;
        let text = std::str::from_utf8(text).map_err(|_| refuse())?;
        let (certificate, key) = text.split_once('\0').ok_or_else(refuse)?;
        Ok(Self {
            certificate: certificate.to_owned(),
            key: Secret::new(key.to_owned()),
        })
    }
}

async fn authority(
    data: &DataFolder,
    records: &Records,
    now: Timestamp,
) -> Result<Authority, Failure> {
    let key = Key::root().then("authority");
    let authority = match records.get::<Authority>(&key).await? {
        Some(held) => Authority {
            certificate: held.certificate.clone(),
            key: held.key.clone(),
        },
        None => {
            let made = new_authority(now)?;
            let mut writes = Writes::default();
            writes.put(Authority {
                certificate: made.certificate.clone(),
                key: made.key.clone(),
            });
            let kept = records.commit(Reads::default(), writes).await;
            kept.map_err(|error| Failure::Refused(error.to_string()))?;
            made
        }
    };
    let path = data.ca_certificate();
    std::fs::write(&path, &authority.certificate).map_err(Failure::file(&path))?;
    Ok(authority)
}

const DAY: i64 = 24 * 3600;

/// Valid from yesterday, for clocks that are a little behind, and for `days`.
fn valid(params: &mut CertificateParams, now: Timestamp, days: i64) {
    let date = |at: Timestamp| {
        let text = at.basic();
        let part = |from: usize, to: usize| text.get(from..to).and_then(|t| t.parse().ok());
        let year = part(0, 4).unwrap_or(2026);
        let month = part(4, 6).unwrap_or(1);
        let day = part(6, 8).unwrap_or(1);
        rcgen::date_time_ymd(year, month as u8, day as u8)
    };
    params.not_before = date(now.plus_seconds(-DAY));
    params.not_after = date(now.plus_seconds(days * DAY));
}

fn new_authority(now: Timestamp) -> Result<Authority, Failure> {
    let key = KeyPair::generate().map_err(Failure::tls)?;
    let mut params = CertificateParams::new(Vec::new()).map_err(Failure::tls)?;
    params
        .distinguished_name
        .push(DnType::CommonName, "Alcazar local CA");
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    valid(&mut params, now, 3650);
    let certificate = params.self_signed(&key).map_err(Failure::tls)?;
    Ok(Authority {
        certificate: certificate.pem(),
        key: Secret::new(key.serialize_pem()),
    })
}

/// A certificate for loopback and for `names`, made anew at each start.
fn issued(authority: &Authority, names: &[String], now: Timestamp) -> Result<Identity, Failure> {
    let signing_key = KeyPair::from_pem(authority.key.expose()).map_err(Failure::tls)?;
    let issuer = Issuer::from_ca_cert_pem(&authority.certificate, signing_key);
    let issuer = issuer.map_err(Failure::tls)?;
    let own = ["localhost", "127.0.0.1", "::1"].map(str::to_owned);
    let names: Vec<String> = own.into_iter().chain(names.iter().cloned()).collect();
    let key = KeyPair::generate().map_err(Failure::tls)?;
    let mut params = CertificateParams::new(names).map_err(Failure::tls)?;
    params
        .distinguished_name
        .push(DnType::CommonName, "Alcazar");
    params.use_authority_key_identifier_extension = true;
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    valid(&mut params, now, 397);
    let certificate = params.signed_by(&key, &issuer).map_err(Failure::tls)?;
    let private = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let chain = vec![certificate.der().clone()];
    Ok((chain, private))
}
