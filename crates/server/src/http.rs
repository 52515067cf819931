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
use hyper::header::{CONTENT_TYPE, HOST, HeaderName, HeaderValue};
use hyper::{Request, Response, StatusCode};
use pipeline::{BODY_LIMIT, Body, Core, Received, Reply, Tls};
use tokio::sync::{Semaphore, SemaphorePermit};

/// How long a whole body may take.
const BODY_WITHIN: Duration = Duration::from_secs(30);
/// A body of more bytes is large.
const LARGE: usize = 64 * 1024;
/// Large bodies in memory at a time; more wait. Nobody has signed a body while it comes in.
static LARGE_BODIES: Semaphore = Semaphore::const_new(128);
const REQUEST_ID: HeaderName = HeaderName::from_static(wire::REQUEST_ID_HEADER);
/// Carries what `sts:DecodeAuthorizationMessage` opens, so that messages stay as AWS has them.
const ENCODED_MESSAGE: HeaderName =
    HeaderName::from_static("x-alcazar-encoded-authorization-message");

type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// What is known of a connection.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Connection {
    pub(crate) source: IpAddr,
    pub(crate) tls: Option<Tls>,
}

/// Serves one request of one connection.
pub(crate) async fn respond(
    core: Arc<Core>,
    connection: Connection,
    request: Request<Incoming>,
) -> Result<Response<Full<Bytes>>, Infallible> {
    let mut large = None;
    let received = receive(&core, connection, request, &mut large).await;
    Ok(response(core.handle(received).await))
}

/// What a large body is taken in with, and lies in memory with until its call is over.
type Large = Option<SemaphorePermit<'static>>;

async fn receive(
    core: &Core,
    connection: Connection,
    request: Request<Incoming>,
    large: &mut Large,
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
        body: collect(body, large).await,
        source: connection.source,
        tls: connection.tls,
        id: RequestId::from_random(crypto::random::bytes()),
        at: core.clock.now(),
    }
}

async fn collect(body: Incoming, large: &mut Large) -> Body {
    let mut whole = pin!(gather(Limited::new(body, BODY_LIMIT), &LARGE_BODIES, large));
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

/// All of `body`; of a large one no more than what makes it large before it has its place among `places`.
async fn gather<'p, B>(
    mut body: B,
    places: &'p Semaphore,
    place: &mut Option<SemaphorePermit<'p>>,
) -> Result<Bytes, BoxError>
where
    B: hyper::body::Body<Data = Bytes, Error = BoxError> + Unpin,
{
    let mut whole = Vec::new();
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame?.into_data() else {
            continue;
        };
        if place.is_none() && whole.len() + data.len() > LARGE {
            *place = Some(places.acquire().await?);
        }
        if whole.is_empty() {
            whole.reserve_exact(data.len());
        }
        whole.extend_from_slice(&data);
        if body.is_end_stream() {
            break;
        }
    }
    Ok(whole.into())
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

    #[tokio::test]
    async fn large_bodies_wait_for_a_place_and_small_ones_do_not() {
        let places = Semaphore::new(1);
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
}
