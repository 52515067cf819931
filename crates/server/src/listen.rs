//! One port for HTTP and HTTPS.

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use hyper::server::conn::{http1, http2};
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use pipeline::{Tls, VpcEndpoint};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use rustls::ServerConfig;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

use crate::http::{Connection, Serves, respond};
use crate::idle::{Places, Requests, while_asked};
use crate::threads::Threads;

/// Connections at a time; more wait to be accepted.
const CONNECTIONS: usize = 16_384;
/// Open files that connections leave to the store and the audit trail, which cannot go on without.
const OTHER_FILES: usize = 64;
/// How long a client may take for a TLS handshake, and for the head of a request.
const HEAD_WITHIN: Duration = Duration::from_secs(10);
/// Headers of one request, and bytes of its head.
const HEADERS: usize = 100;
const HEAD_BYTES: usize = 64 * 1024;
/// Requests at a time on one HTTP/2 connection.
const STREAMS: u32 = 100;
/// First byte of a TLS handshake record (RFC 8446, section 5.1).
const HANDSHAKE: u8 = 22;

/// Accepts connections.
pub(crate) struct Listener {
    pub(crate) serves: Serves,
    pub(crate) socket: TcpListener,
    pub(crate) tls: Arc<ServerConfig>,
    pub(crate) threads: Arc<Threads>,
    /// Shared by all listeners.
    pub(crate) places: Places,
    /// The VPC endpoint whose address it is.
    pub(crate) endpoint: Option<Arc<VpcEndpoint>>,
    /// Whether a connection may do without TLS: on loopback only.
    pub(crate) allow_plain: bool,
}

impl Listener {
    /// Accepts until the runtime ends.
    pub(crate) async fn run(self) {
        let acceptor = TlsAcceptor::from(self.tls.clone());
        loop {
            let Some(place) = self.places.take().await else {
                return;
            };
            let accepted = self.socket.accept().await;
            let accepted = accepted.and_then(|(stream, source)| Ok((stream.into_std()?, source)));
            let (stream, source) = match accepted {
                Ok(accepted) => accepted,
                Err(error) => {
                    tracing::warn!(%error, "a connection was not accepted");
                    tokio::time::sleep(Duration::from_millis(50)).await;
                    continue;
                }
            };
            let (acceptor, allow_plain) = (acceptor.clone(), self.allow_plain);
            let served = Served {
                serves: self.serves.clone(),
                places: self.places.clone(),
                requests: Requests::default(),
            };
            let endpoint = self.endpoint.clone();
            self.threads.run(async move {
                // Its runtime is that of the thread it is served on.
                if let Ok(stream) = TcpStream::from_std(stream) {
                    let connection = Connection {
                        source: source.ip().to_canonical(),
                        tls: None,
                        endpoint,
                    };
                    converse(served, acceptor, allow_plain, stream, connection).await;
                }
                drop(place);
            });
        }
    }
}

/// The places for connections to all of `listeners`, where so many files may be open: `others` of them are left to what the
/// server asks elsewhere.
pub(crate) fn places(open_files: usize, listeners: usize, others: usize) -> Places {
    Places::new(connections(open_files, listeners, others))
}

/// How many files this process may have open; as many as it is allowed to ask for.
pub(crate) fn open_files() -> usize {
    let mut limit = getrlimit(Resource::Nofile);
    let asked = Rlimit {
        current: limit.maximum,
        ..limit
    };
    if setrlimit(Resource::Nofile, asked).is_ok() {
        limit.current = limit.maximum;
    }
    let files = limit.current.map(usize::try_from);
    files.and_then(Result::ok).unwrap_or(usize::MAX)
}

/// More places than listeners: each holds one while it waits for a connection.
fn connections(open_files: usize, listeners: usize, others: usize) -> usize {
    let left = open_files.saturating_sub(OTHER_FILES + others);
    left.min(CONNECTIONS).max(listeners + 1)
}

/// What a connection is served with.
struct Served {
    serves: Serves,
    places: Places,
    requests: Requests,
}

async fn converse(
    served: Served,
    acceptor: TlsAcceptor,
    allow_plain: bool,
    stream: TcpStream,
    plain: Connection,
) {
    let _ = stream.set_nodelay(true);
    let mut first = [0];
    match tokio::time::timeout(HEAD_WITHIN, stream.peek(&mut first)).await {
        Ok(Ok(1)) => {}
        _ => return,
    }
    if first != [HANDSHAKE] {
        if allow_plain {
            one(served, plain, stream).await;
        }
        return;
    }
    let Ok(Ok(stream)) = tokio::time::timeout(HEAD_WITHIN, acceptor.accept(stream)).await else {
        return;
    };
    let (_, session) = stream.get_ref();
    let two = session.alpn_protocol() == Some(b"h2");
    let tls = Tls {
        version: version(session.protocol_version()),
        cipher_suite: session
            .negotiated_cipher_suite()
            .and_then(|suite| suite.suite().as_str())
            .unwrap_or("unknown"),
    };
    let connection = Connection {
        tls: Some(tls),
        ..plain
    };
    match two {
        true => self::two(served, connection, stream).await,
        false => one(served, connection, stream).await,
    }
}

fn version(version: Option<rustls::ProtocolVersion>) -> &'static str {
    match version {
        Some(rustls::ProtocolVersion::TLSv1_2) => "TLSv1.2",
        Some(rustls::ProtocolVersion::TLSv1_3) => "TLSv1.3",
        _ => "unknown",
    }
}

/// HTTP/1.1.
async fn one(
    served: Served,
    connection: Connection,
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
) {
    let Served {
        serves,
        places,
        requests,
    } = served;
    let service = service_fn(|request| {
        let answering = requests.begin();
        respond(serves.clone(), connection.clone(), request, answering)
    });
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new())
        .header_read_timeout(HEAD_WITHIN)
        .max_headers(HEADERS)
        .max_buf_size(HEAD_BYTES)
        // A client that has said all it has to say still gets its answer.
        .half_close(true)
        .pipeline_flush(true);
    let whole = pin!(http.serve_connection(TokioIo::new(stream), service));
    let ended = while_asked(whole, &requests, &places, |whole| whole.graceful_shutdown()).await;
    if let Some(Err(error)) = ended {
        tracing::debug!(%error, "a connection ended early");
    }
}

/// HTTP/2.
async fn two(
    served: Served,
    connection: Connection,
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
) {
    let Served {
        serves,
        places,
        requests,
    } = served;
    let counted = requests.clone();
    let service = service_fn(move |request| {
        let answering = counted.begin();
        respond(serves.clone(), connection.clone(), request, answering)
    });
    let mut http = http2::Builder::new(TokioExecutor::new());
    http.timer(TokioTimer::new())
        .max_concurrent_streams(STREAMS)
        .max_header_list_size(HEAD_BYTES as u32)
        .keep_alive_interval(Duration::from_secs(30));
    let whole = pin!(http.serve_connection(TokioIo::new(stream), service));
    let ended = while_asked(whole, &requests, &places, |whole| whole.graceful_shutdown()).await;
    if let Some(Err(error)) = ended {
        tracing::debug!(%error, "a connection ended early");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn connections_leave_files_to_the_store() {
        for (files, expected) in [
            (1024, 1024 - OTHER_FILES),
            (10, 2),
            (1_048_576, CONNECTIONS),
            (usize::MAX, CONNECTIONS),
        ] {
            assert_eq!(connections(files, 1, 0), expected);
        }
        assert_eq!(connections(1024, 1, 256), 1024 - OTHER_FILES - 256);
        assert_eq!(connections(128, 5, 256), 6);
        let limit = getrlimit(Resource::Nofile).maximum;
        let most = limit.map_or(usize::MAX, |most| most as usize);
        assert_eq!(open_files(), most);
    }
}
