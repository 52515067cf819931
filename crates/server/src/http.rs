//! HTTP to `Received`, `Reply` to HTTP.

use std::convert::Infallible;
use std::net::IpAddr;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use base::RequestId;
use bytes::Bytes;
use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper::body::Incoming;
use hyper::header::{CACHE_CONTROL, CONTENT_TYPE, HOST, HeaderName, HeaderValue};
use hyper::{Method, Request, Response, StatusCode};
use pipeline::{BODY_LIMIT, Body, Core, PublicDocument, Received, Reply, Tls, VpcEndpoint};
use tokio::sync::{Semaphore, SemaphorePermit};

use crate::idle::Answering;
use crate::metrics::Scraped;

/// How long a whole body may take.
const BODY_WITHIN: Duration = Duration::from_secs(30);
/// A body of more bytes is large.
const LARGE: usize = 64 * 1024;
const REQUEST_ID: HeaderName = HeaderName::from_static(wire::REQUEST_ID_HEADER);
/// Carries what `sts:DecodeAuthorizationMessage` opens, so that messages stay as AWS has them.
const ENCODED_MESSAGE: HeaderName =
    HeaderName::from_static("x-alcazar-encoded-authorization-message");

type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// What is known of a connection.
#[derive(Clone, Debug)]
pub(crate) struct Connection {
    pub(crate) source: IpAddr,
    pub(crate) tls: Option<Tls>,
    /// The VPC endpoint whose address it came to.
    pub(crate) endpoint: Option<Arc<VpcEndpoint>>,
}

/// What a listener is for.
#[derive(Clone)]
pub(crate) enum Serves {
    /// Calls of clients.
    Calls(Arc<Core>),
    /// Scrapers of metrics.
    Metrics(Arc<Scraped>),
}

/// Serves one request of one connection.
pub(crate) async fn respond(
    serves: Serves,
    connection: Connection,
    request: Request<Incoming>,
    answering: Answering,
) -> Result<Response<Full<Bytes>>, Infallible> {
    let core = match serves {
        Serves::Calls(core) => core,
        // On the heap, so that calls carry nothing for it.
        Serves::Metrics(scraped) => return Ok(Box::pin(scraped.respond(request)).await),
    };
    if request.method() == Method::GET
        && let Some(document) = core.public_document(request.uri().path()).await
    {
        return Ok(published(document));
    }
    let mut place = None;
    let received = receive(&core, connection, request, &mut place).await;
    let reply = core.handle(received).await;
    drop(answering);
    Ok(response(reply))
}

/// What a body is taken in with that does not come at once; a large one lies in memory with it until its call is over.
type Place<'p> = Option<SemaphorePermit<'p>>;

/// Bodies that may come in at a time; more wait. Nobody has signed a body while it comes in.
struct Bodies {
    large: Semaphore,
    small: Semaphore,
}

static BODIES: Bodies = Bodies {
    large: Semaphore::const_new(128),
    small: Semaphore::const_new(4096),
};

async fn receive(
    core: &Core,
    connection: Connection,
    request: Request<Incoming>,
    place: &mut Place<'static>,
) -> Received {
    let (mut head, body) = request.into_parts();
    // HTTP/2 has no Host header but an authority, which is what its client signed as host.
    if let (Some(authority), false) = (head.uri.authority(), head.headers.contains_key(HOST))
        && let Ok(host) = HeaderValue::from_str(authority.as_str())
    {
        head.headers.insert(HOST, host);
    }
    Received {
        path: head.uri.path().to_owned(),
        query: head.uri.query().unwrap_or_default().to_owned(),
        method: head.method,
        headers: head.headers,
        body: collect(body, place).await,
        source: connection.source,
        tls: connection.tls,
        endpoint: connection.endpoint,
        id: RequestId::from_random(crypto::random::bytes()),
        at: core.clock.now(),
    }
}

async fn collect(body: Incoming, place: &mut Place<'static>) -> Body {
    let mut whole = pin!(gather(Limited::new(body, BODY_LIMIT), &BODIES, place));
    // Most bodies come with their head: nothing is to be timed then.
    let outcome = match at_once(whole.as_mut()).await {
        Some(outcome) => Ok(outcome),
        None => tokio::time::timeout(BODY_WITHIN, whole).await,
    };
    match outcome {
        Ok(Ok(body)) => Body::Whole(body),
        Ok(Err(error)) if error.is::<LengthLimitError>() => Body::TooLarge,
        Ok(Err(_)) | Err(_) => Body::Broken,
    }
}

/// What `future` has come to without being waited for.
async fn at_once<F: Future + Unpin>(mut future: F) -> Option<F::Output> {
    std::future::poll_fn(|context| {
        Poll::Ready(match Pin::new(&mut future).poll(context) {
            Poll::Ready(done) => Some(done),
            Poll::Pending => None,
        })
    })
    .await
}

/// All of `body`; no more than what has come at once before it has its place among `bodies`.
async fn gather<'p, B>(
    mut body: B,
    bodies: &'p Bodies,
    place: &mut Place<'p>,
) -> Result<Bytes, BoxError>
where
    B: hyper::body::Body<Data = Bytes, Error = BoxError> + Unpin,
{
    let (mut whole, mut large) = (Vec::new(), false);
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame?.into_data() else {
            continue;
        };
        let ends = body.is_end_stream();
        if !large && whole.len() + data.len() > LARGE {
            large = true;
            *place = Some(bodies.large.acquire().await?);
        } else if place.is_none() && !ends {
            *place = Some(bodies.small.acquire().await?);
        }
        if whole.is_empty() {
            whole.reserve_exact(data.len());
        }
        whole.extend_from_slice(&data);
        if ends {
            break;
        }
    }
    Ok(whole.into())
}

fn published(document: PublicDocument) -> Response<Full<Bytes>> {
    let found = document.status == 200;
    let mut response = Response::new(Full::new(Bytes::from(document.body)));
    let status = StatusCode::from_u16(document.status);
    *response.status_mut() = status.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    let kept = match found {
        true => format!("public, max-age={}", PublicDocument::KEPT),
        false => "no-store".to_owned(),
    };
    if let Ok(kept) = HeaderValue::try_from(kept) {
        headers.insert(CACHE_CONTROL, kept);
    }
    response
}

fn response(reply: Reply) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(Bytes::from(reply.wire.body)));
    let status = StatusCode::from_u16(reply.wire.status);
    *response.status_mut() = status.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers = response.headers_mut();
    headers.insert(
        CONTENT_TYPE,
        HeaderValue::from_static(reply.wire.content_type),
    );
    if reply.wire.content_type == wire::CBOR_CONTENT_TYPE {
        headers.insert("smithy-protocol", HeaderValue::from_static("rpc-v2-cbor"));
    }
    if let Ok(id) = HeaderValue::from_bytes(&reply.id.text()) {
        headers.insert(REQUEST_ID, id);
    }
    if let Some(Ok(encoded)) = reply.encoded_message.map(HeaderValue::try_from) {
        headers.insert(ENCODED_MESSAGE, encoded);
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bodies(large: usize, small: usize) -> Bodies {
        let [large, small] = [large, small].map(Semaphore::new);
        Bodies { large, small }
    }

    /// A body in two parts.
    fn parted(bytes: usize) -> impl hyper::body::Body<Data = Bytes, Error = BoxError> + Unpin {
        let parts = [bytes - bytes / 2, bytes / 2].map(|part| Bytes::from(vec![1; part]));
        let frames = parts.map(|part| Ok::<_, BoxError>(hyper::body::Frame::data(part)));
        Limited::new(Frames(frames.into_iter().collect()), BODY_LIMIT)
    }

    struct Frames(std::collections::VecDeque<Result<hyper::body::Frame<Bytes>, BoxError>>);

    impl hyper::body::Body for Frames {
        type Data = Bytes;
        type Error = BoxError;
        fn poll_frame(
            mut self: Pin<&mut Self>,
            _: &mut std::task::Context<'_>,
        ) -> Poll<Option<Result<hyper::body::Frame<Bytes>, BoxError>>> {
            Poll::Ready(self.0.pop_front())
        }
        fn is_end_stream(&self) -> bool {
            self.0.is_empty()
        }
    }

    #[tokio::test]
    async fn large_bodies_wait_for_a_place_and_small_ones_do_not() {
        let places = bodies(1, 1);
        let body = |bytes: usize| Limited::new(Full::new(Bytes::from(vec![1; bytes])), BODY_LIMIT);
        let mut first = None;
        let whole = gather(body(LARGE + 1), &places, &mut first).await.unwrap();
        assert_eq!(whole.len(), LARGE + 1);
        let small = gather(body(LARGE), &places, &mut None).await.unwrap();
        assert_eq!(small.len(), LARGE);
        let mut second = None;
        let mut waiting = pin!(gather(body(BODY_LIMIT), &places, &mut second));
        assert!(at_once(waiting.as_mut()).await.is_none());
        drop(first);
        assert_eq!(waiting.await.unwrap().len(), BODY_LIMIT);
        let error = gather(body(BODY_LIMIT + 1), &places, &mut None).await;
        assert!(error.unwrap_err().is::<LengthLimitError>());
    }

    #[tokio::test]
    async fn small_bodies_in_parts_wait_for_a_place_and_whole_ones_do_not() {
        let places = bodies(1, 1);
        let mut first = None;
        let whole = gather(parted(10), &places, &mut first).await.unwrap();
        assert_eq!(whole.len(), 10);
        {
            let mut second = None;
            let mut waiting = pin!(gather(parted(20), &places, &mut second));
            assert!(at_once(waiting.as_mut()).await.is_none());
            let there = Limited::new(Full::new(Bytes::from(vec![1; 30])), BODY_LIMIT);
            let whole = gather(there, &places, &mut None).await.unwrap();
            assert_eq!(whole.len(), 30);
            drop(first);
            assert_eq!(waiting.await.unwrap().len(), 20);
        }
        // One that turns out to be large gives its small place back.
        let mut large = None;
        let whole = gather(parted(LARGE + 2), &places, &mut large).await;
        assert_eq!(whole.unwrap().len(), LARGE + 2);
        assert_eq!(places.small.available_permits(), 1);
        assert_eq!(places.large.available_permits(), 0);
    }
}
