//! Asks external key store proxies: HTTP/1.1 over TLS, signed, within limits, and at hosts that the operator listed alone.
//! No redirect is followed.
//!
//! Source: AWS KMS External Key Store Proxy API Specification, "Authentication".

use std::collections::BTreeMap;
use std::io;
use std::net::{SocketAddr, ToSocketAddrs};
use std::path::Path;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use base::{Secret, Timestamp};
use bytes::Bytes;
use http_body_util::{BodyExt, Full, Limited};
use hyper::client::conn::http1;
use hyper::header::{CONTENT_LENGTH, CONTENT_TYPE, HOST, HeaderValue};
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use pipeline::{XksAnswer, XksFault, XksProxy};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use sigv4::{Credentials, Signer, Unsigned};
use tokio::net::TcpStream;
use tokio::task::spawn_blocking;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;

use super::options::{ListedProxy, XksOptions};
use crate::failure::Failure;
use crate::rooms::{Limits, Room, Rooms};

const SERVICE: &str = "kms-xks-proxy";
const PORT: u16 = 443;
const JSON: &str = "application/json";
/// From the search for the host to the last byte of the answer.
const WITHIN: Duration = Duration::from_secs(2);
/// Ten times what the largest answer of the specification takes.
const ANSWER_BYTES: usize = 64 * 1024;
/// Requests under way; each takes a file descriptor, and a thread while its host is looked up. A proxy that does not answer takes no room from others.
pub(super) const REQUESTS: Limits = Limits {
    all: 256,
    of_account: 64,
    of_one: 32,
};
const HEADERS: usize = 64;
const HEAD_BYTES: usize = 16 * 1024;

/// Finds a host's addresses, in its own time: the operating system takes no other.
type LookUp = fn(&str) -> io::Result<Vec<SocketAddr>>;

fn look_up(host: &str) -> io::Result<Vec<SocketAddr>> {
    Ok((host, PORT).to_socket_addrs()?.collect())
}

/// Does what cannot be given up on a thread for it, and has the room as long as that takes, whoever stops waiting.
async fn to_its_end<T: Send + 'static>(
    room: &Arc<Room>,
    work: impl FnOnce() -> T + Send + 'static,
) -> Option<T> {
    let room = room.clone();
    let working = spawn_blocking(move || {
        let done = work();
        drop(room);
        done
    });
    working.await.ok()
}

/// The proxies that may be asked.
pub(super) struct Proxies {
    listed: BTreeMap<String, Option<SocketAddr>>,
    tls: TlsConnector,
    rooms: Rooms,
    within: Duration,
    look_up: LookUp,
}

impl Proxies {
    pub(super) fn new(options: &XksOptions) -> Result<Self, Failure> {
        // Who lists no proxy needs no authorities.
        let authorities = match options.xks_proxy.is_empty() {
            true => RootCertStore::empty(),
            false => authorities(&options.xks_ca)?,
        };
        Self::trusting(authorities, &options.xks_proxy)
    }

    fn trusting(authorities: RootCertStore, listed: &[ListedProxy]) -> Result<Self, Failure> {
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let builder = ClientConfig::builder_with_provider(provider);
        let builder = builder
            .with_safe_default_protocol_versions()
            .map_err(Failure::tls)?;
        let builder = builder.with_root_certificates(authorities);
        let mut configuration = builder.with_no_client_auth();
        configuration.alpn_protocols = vec![b"http/1.1".to_vec()];
        let listed = listed.iter().map(|proxy| (proxy.host.clone(), proxy.at));
        Ok(Self {
            listed: listed.collect(),
            tls: TlsConnector::from(Arc::new(configuration)),
            rooms: Rooms::new(REQUESTS),
            within: WITHIN,
            look_up,
        })
    }

    /// Posts `body` to the path behind that of the proxy, signed as of `at`.
    pub(super) async fn ask(
        &self,
        proxy: &XksProxy,
        path: &str,
        body: &[u8],
        at: Timestamp,
    ) -> Result<XksAnswer, XksFault> {
        let Some(place) = self.listed.get(&proxy.host) else {
            tracing::warn!(
                host = proxy.host,
                "an external key store has a proxy that this server may not ask; to let it, add \
                 --xks-proxy HOST or --xks-proxy HOST=ADDR:PORT to `alcazar serve`"
            );
            return Err(XksFault::NotReachable);
        };
        let Some(room) = self.rooms.enter(proxy.account, &proxy.id) else {
            return Err(XksFault::TimedOut);
        };
        let request = request(proxy, path, body, at).ok_or(XksFault::NotReachable)?;
        let room = Arc::new(room);
        let asked = self.exchange(&proxy.host, *place, request, &room);
        let asked = timeout(self.within, asked).await;
        asked.unwrap_or(Err(XksFault::TimedOut))
    }

    async fn exchange(
        &self,
        host: &str,
        place: Option<SocketAddr>,
        request: Request<Full<Bytes>>,
        room: &Arc<Room>,
    ) -> Result<XksAnswer, XksFault> {
        let connected = match place {
            Some(place) => TcpStream::connect(place).await,
            None => {
                let (look_up, host) = (self.look_up, host.to_owned());
                let found = to_its_end(room, move || look_up(&host)).await;
                let places = found.unwrap_or(Err(io::ErrorKind::NotFound.into()));
                let places = places.map_err(|_| XksFault::NotReachable)?;
                TcpStream::connect(places.as_slice()).await
            }
        };
        let stream = connected.map_err(|_| XksFault::NotReachable)?;
        let _ = stream.set_nodelay(true);
        let name = ServerName::try_from(host.to_owned()).map_err(|_| XksFault::NotReachable)?;
        let stream = self.tls.connect(name, stream).await;
        let stream = stream.map_err(|error| no_tls(host, &error))?;
        let mut http = http1::Builder::new();
        http.max_headers(HEADERS).max_buf_size(HEAD_BYTES);
        let opened = http.handshake(TokioIo::new(stream)).await;
        let (mut sender, connection) = opened.map_err(fault)?;
        let mut answered = pin!(async move {
            let answer = sender.send_request(request).await;
            read(answer.map_err(fault)?).await
        });
        // Nothing of it outlives this request.
        tokio::select! {
            biased;
            answer = &mut answered => answer,
            _ = connection => answered.await,
        }
    }
}

fn authorities(path: &Path) -> Result<RootCertStore, Failure> {
    let refused = |what: &dyn std::fmt::Display| {
        Failure::Refused(format!(
            "the authorities that may vouch for --xks-proxy cannot be read of {}: {what}; name a file of certificates \
             in PEM with --xks-ca FILE",
            path.display()
        ))
    };
    let mut found = RootCertStore::empty();
    let certificates = CertificateDer::pem_file_iter(path).map_err(|error| refused(&error))?;
    for certificate in certificates {
        let certificate = certificate.map_err(|error| refused(&error))?;
        found.add(certificate).map_err(|error| refused(&error))?;
    }
    match found.is_empty() {
        true => Err(refused(&"there is no certificate in it")),
        false => Ok(found),
    }
}

/// The signed request; none if what it is made of cannot be sent.
fn request(
    proxy: &XksProxy,
    path: &str,
    body: &[u8],
    at: Timestamp,
) -> Option<Request<Full<Bytes>>> {
    let path = format!("{}{path}", proxy.path);
    let credentials = Credentials {
        access_key_id: &proxy.access_key_id,
        secret_access_key: proxy.secret_access_key.expose(),
        session_token: None,
    };
    let signer = Signer::new(credentials, proxy.region.as_str(), SERVICE, at);
    let signed = signer.sign(&Unsigned {
        method: "POST",
        host: &proxy.host,
        path: &path,
        query: "",
        headers: &[("content-type", JSON)],
        body,
    });
    let mut request = Request::post(path)
        .header(HOST, &proxy.host)
        .header(CONTENT_TYPE, JSON)
        .header(CONTENT_LENGTH, body.len());
    for (name, value) in signed.ok()?.headers {
        let mut value = HeaderValue::try_from(value).ok()?;
        value.set_sensitive(true);
        request = request.header(name, value);
    }
    let body = Full::new(Bytes::copy_from_slice(body));
    request.body(body).ok()
}

async fn read(answer: Response<hyper::body::Incoming>) -> Result<XksAnswer, XksFault> {
    let status = answer.status().as_u16();
    let body = Limited::new(answer.into_body(), ANSWER_BYTES).collect();
    let body = body.await.map_err(|_| XksFault::Malformed)?;
    Ok(XksAnswer {
        status,
        body: Secret::new(body.to_bytes().to_vec()),
    })
}

fn fault(error: hyper::Error) -> XksFault {
    let unreadable = error.is_parse() || error.is_parse_too_large();
    match unreadable || error.is_incomplete_message() {
        true => XksFault::Malformed,
        false => XksFault::NotReachable,
    }
}

fn no_tls(host: &str, error: &io::Error) -> XksFault {
    tracing::warn!(
        host,
        %error,
        "no TLS with an external key store proxy; if its authority is not one that the operating system trusts, name \
         it with --xks-ca FILE"
    );
    XksFault::Tls
}

#[cfg(test)]
mod tests;
