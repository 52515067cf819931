//! One request over one connection, within limits.

use std::pin::pin;

use base::Secret;
use bytes::Bytes;
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Incoming;
use hyper::client::conn::http1;
use hyper::{HeaderMap, Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};

/// Twice what the largest secret takes in JSON, with room for escapes.
const ANSWER_BYTES: usize = 1024 * 1024;
const HEADERS: usize = 64;
const HEAD_BYTES: usize = 16 * 1024;

/// What came back.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Secret<Vec<u8>>,
}

/// Sends `request` over `stream` and reads the answer. No redirect is followed.
///
/// # Errors
/// In words, what went wrong; nothing of what was sent.
pub(crate) async fn exchange<S>(stream: S, request: Request<Full<Bytes>>) -> Result<Answer, String>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let mut http = http1::Builder::new();
    http.max_headers(HEADERS).max_buf_size(HEAD_BYTES);
    let opened = http.handshake(TokioIo::new(stream)).await;
    let (mut sender, connection) = opened.map_err(|error| error.to_string())?;
    let mut answered = pin!(async move {
        let answer = sender.send_request(request).await;
        read(answer.map_err(|error| error.to_string())?).await
    });
    tokio::select! {
        biased;
        answer = &mut answered => answer,
        _ = connection => answered.await,
    }
}

async fn read(answer: Response<Incoming>) -> Result<Answer, String> {
    let (head, body) = answer.into_parts();
    let body = Limited::new(body, ANSWER_BYTES).collect().await;
    let body = body.map_err(|error| error.to_string())?.to_bytes();
    Ok(Answer {
        status: head.status,
        headers: head.headers,
        body: Secret::new(body.to_vec()),
    })
}
