//! Asks the servers of identity providers: HTTP/1.1 over TLS, within limits of time and size, at addresses that whoever
//! names a host has no way to choose. No redirect is followed.

use std::collections::BTreeMap;
use std::io;
use std::net::{SocketAddr, ToSocketAddrs};
use std::pin::pin;
use std::sync::Arc;

use bytes::Bytes;
use crypto::digest::sha1_thumbprint;
use http_body_util::{BodyExt, Empty, Limited};
use hyper::client::conn::http1;
use hyper::header::{ACCEPT, CACHE_CONTROL, HOST, USER_AGENT};
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use rustls::pki_types::ServerName;
use tokio::net::TcpStream;
use tokio::task::spawn_blocking;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::address::is_public;
use super::options::{ListedHost, OidcFetch, PORT};
use super::trust::{Authorities, Otherwise};
use super::url::HttpsUrl;
use crate::rooms::Room;

/// Largest document, in bytes: what a set of keys may have.
const DOCUMENT_BYTES: usize = 256 * 1024;
const HEADERS: usize = 100;
const HEAD_BYTES: usize = 32 * 1024;

/// Finds a host's addresses, in its own time: the operating system takes no other.
pub(super) type LookUp = fn(&str, u16) -> io::Result<Vec<SocketAddr>>;

pub(super) fn look_up(host: &str, port: u16) -> io::Result<Vec<SocketAddr>> {
    Ok((host, port).to_socket_addrs()?.collect())
}

/// Why there is no document, for the log of the operator alone.
#[derive(Debug, thiserror::Error)]
pub(super) enum Unanswered {
    #[error(
        "it may not be asked: its address is not a public one or its port not 443; to let it, add --oidc-fetch-from HOST \
         or --oidc-fetch-from HOST=ADDR:PORT to `alcazar serve`"
    )]
    NotAllowed,
    #[error("{0}")]
    Network(#[from] io::Error),
    #[error(
        "TLS: {0}; authorities are named with --oidc-ca FILE, others by the provider's thumbprints"
    )]
    Tls(io::Error),
    #[error("{0}")]
    Http(#[from] hyper::Error),
    #[error("it answers {0}")]
    Status(StatusCode),
    #[error("its document is too large, or breaks off")]
    Document,
}

/// What a server answers.
pub(super) struct Document {
    pub(super) body: Bytes,
    /// How long it may be kept, in seconds, if the server says so.
    pub(super) max_age: Option<i64>,
    /// The thumbprint of the last certificate that the server shows.
    pub(super) thumbprint: Option<String>,
}

/// Who may be asked, and by whom it is known.
pub(super) struct Asker {
    fetch: OidcFetch,
    listed: BTreeMap<(String, u16), Option<SocketAddr>>,
    authorities: Authorities,
    pub(super) look_up: LookUp,
}

impl Asker {
    /// Whether what `from` says may have `to` asked: nobody but a listed host speaks for one that is listed.
    pub(super) fn may_lead(&self, from: &HttpsUrl, to: &HttpsUrl) -> bool {
        let place = |url: &HttpsUrl| (url.host.clone(), url.port);
        let listed = |url: &HttpsUrl| self.listed.contains_key(&place(url));
        !listed(to) || listed(from)
    }

    pub(super) fn new(fetch: OidcFetch, listed: &[ListedHost], authorities: Authorities) -> Self {
        let listed = listed.iter().map(|host| (host.named.clone(), host.at));
        Self {
            fetch,
            listed: listed.collect(),
            authorities,
            look_up,
        }
    }

    /// The document at `url`. The room is taken until the host is found, whoever stops waiting.
    pub(super) async fn get(
        &self,
        url: &HttpsUrl,
        otherwise: Otherwise,
        room: &Arc<Room>,
    ) -> Result<Document, Unanswered> {
        let stream = self.connect(url, otherwise, room).await?;
        let thumbprint = thumbprint(&stream);
        let mut http = http1::Builder::new();
        http.max_headers(HEADERS).max_buf_size(HEAD_BYTES);
        let (mut sender, connection) = http.handshake(TokioIo::new(stream)).await?;
        let request = request(url).ok_or(Unanswered::NotAllowed)?;
        let mut answered = pin!(async move {
            let answer = sender.send_request(request).await?;
            read(answer, thumbprint).await
        });
        // Nothing of it outlives this request.
        tokio::select! {
            biased;
            answer = &mut answered => answer,
            _ = connection => answered.await,
        }
    }

    /// The thumbprint of the last certificate that the server at `url` shows.
    pub(super) async fn thumbprint(
        &self,
        url: &HttpsUrl,
        room: &Arc<Room>,
    ) -> Result<Option<String>, Unanswered> {
        let stream = self.connect(url, Otherwise::FirstContact, room).await?;
        Ok(thumbprint(&stream))
    }

    async fn connect(
        &self,
        url: &HttpsUrl,
        otherwise: Otherwise,
        room: &Arc<Room>,
    ) -> Result<TlsStream<TcpStream>, Unanswered> {
        let places = self.places(url, room).await?;
        let stream = TcpStream::connect(places.as_slice()).await?;
        let _ = stream.set_nodelay(true);
        let client = self.authorities.trust().client(otherwise);
        let client = client.map_err(|error| Unanswered::Tls(io::Error::other(error)))?;
        let name = ServerName::try_from(url.host.clone());
        let name = name.map_err(|error| Unanswered::Tls(io::Error::other(error)))?;
        let tls = TlsConnector::from(Arc::new(client));
        let stream = tls.connect(name, stream).await;
        stream.map_err(Unanswered::Tls)
    }

    /// The addresses to connect to, looked up once: no name leads anywhere else between the check and the connection.
    pub(super) async fn places(
        &self,
        url: &HttpsUrl,
        room: &Arc<Room>,
    ) -> Result<Vec<SocketAddr>, Unanswered> {
        let listed = self.listed.get(&(url.host.clone(), url.port));
        if let Some(Some(place)) = listed {
            return Ok(vec![*place]);
        }
        let by_anybody = self.fetch == OidcFetch::Public && url.port == PORT;
        if listed.is_none() && !by_anybody {
            return Err(Unanswered::NotAllowed);
        }
        let (look_up, host, port) = (self.look_up, url.host.clone(), url.port);
        let room = room.clone();
        let looking = spawn_blocking(move || {
            let found = look_up(&host, port);
            drop(room);
            found
        });
        let mut places = looking.await.map_err(io::Error::other)??;
        if listed.is_none() {
            places.retain(|place| is_public(place.ip()));
        }
        match places.is_empty() {
            true => Err(Unanswered::NotAllowed),
            false => Ok(places),
        }
    }
}

fn thumbprint(stream: &TlsStream<TcpStream>) -> Option<String> {
    let (_, connection) = stream.get_ref();
    let last = connection.peer_certificates()?.last()?;
    Some(sha1_thumbprint(last))
}

fn request(url: &HttpsUrl) -> Option<Request<Empty<Bytes>>> {
    let request = Request::get(&url.path)
        .header(HOST, url.authority())
        .header(ACCEPT, "application/json")
        .header(USER_AGENT, "alcazar");
    request.body(Empty::new()).ok()
}

async fn read(
    answer: Response<hyper::body::Incoming>,
    thumbprint: Option<String>,
) -> Result<Document, Unanswered> {
    if answer.status() != StatusCode::OK {
        return Err(Unanswered::Status(answer.status()));
    }
    let kept = answer.headers().get_all(CACHE_CONTROL).into_iter();
    let max_age = kept.filter_map(|it| it.to_str().ok()).find_map(max_age);
    let body = Limited::new(answer.into_body(), DOCUMENT_BYTES).collect();
    let body = body.await.map_err(|_| Unanswered::Document)?;
    Ok(Document {
        body: body.to_bytes(),
        max_age,
        thumbprint,
    })
}

/// How long the header Cache-Control lets a document be kept, in seconds. Source: RFC 9111, section 5.2.2.
fn max_age(header: &str) -> Option<i64> {
    let mut directives = header.split(',').map(str::trim);
    directives.find_map(|directive| {
        let (name, value) = directive.split_once('=').unwrap_or((directive, ""));
        match name.to_ascii_lowercase().as_str() {
            "no-store" | "no-cache" => Some(0),
            "max-age" => value.trim_matches('"').parse::<u32>().ok().map(i64::from),
            _ => None,
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn servers_say_how_long_a_document_is_kept() {
        for (header, expected) in [
            ("max-age=3600", Some(3600)),
            ("public, max-age=21600, must-revalidate", Some(21600)),
            ("Max-Age=\"60\"", Some(60)),
            ("no-store", Some(0)),
            ("private, no-cache, max-age=60", Some(0)),
            ("public", None),
            ("max-age=-1", None),
            ("max-age=99999999999999999999", None),
            ("s-maxage=5", None),
            ("", None),
        ] {
            assert_eq!(max_age(header), expected, "{header}");
        }
    }
}
