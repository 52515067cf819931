//! HTTP to `Received`, `Reply` to HTTP.

use std::convert::Infallible;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use base::RequestId;
use bytes::Bytes;
use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper::body::Incoming;
use hyper::header::{CONTENT_TYPE, HOST, HeaderName, HeaderValue};
use hyper::{Request, Response, StatusCode};
use pipeline::{BODY_LIMIT, Body, Core, Received, Reply, Tls};

/// How long a whole body may take.
const BODY_WITHIN: Duration = Duration::from_secs(30);
const REQUEST_ID: HeaderName = HeaderName::from_static(wire::REQUEST_ID_HEADER);
/// Carries what `sts:DecodeAuthorizationMessage` opens, so that messages stay as AWS has them.
const ENCODED_MESSAGE: HeaderName =
    HeaderName::from_static("x-alcazar-encoded-authorization-message");

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
    let received = receive(&core, connection, request).await;
    Ok(response(core.handle(received).await))
}

async fn receive(core: &Core, connection: Connection, request: Request<Incoming>) -> Received {
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
        body: collect(body).await,
        source: connection.source,
        tls: connection.tls,
        id: RequestId::from_random(crypto::random::bytes()),
        at: core.clock.now(),
    }
}

async fn collect(body: Incoming) -> Body {
    let whole = Limited::new(body, BODY_LIMIT).collect();
    match tokio::time::timeout(BODY_WITHIN, whole).await {
        Ok(Ok(body)) => Body::Whole(body.to_bytes()),
        Ok(Err(error)) if error.is::<LengthLimitError>() => Body::TooLarge,
        Ok(Err(_)) | Err(_) => Body::Broken,
    }
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
    if let Ok(id) = HeaderValue::from_bytes(&reply.id.text()) {
        headers.insert(REQUEST_ID, id);
    }
    if let Some(Ok(encoded)) = reply.encoded_message.map(HeaderValue::try_from) {
        headers.insert(ENCODED_MESSAGE, encoded);
    }
    response
}
