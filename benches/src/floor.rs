//! The floor server: HTTP, one signature under a key derived before, one primitive, the reply's bytes; nothing else.

use crate::connection::headers;
use crate::group_sync::{Waiting, writer};
use crate::primitive::Primitive;
use crate::request::{REGION, now};
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Request, Response, StatusCode, request};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use sigv4::{Expected, PathStyle, Payload, Presented, RequestParts, SigningKey};
use std::fs::File;
use std::sync::Arc;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{mpsc, oneshot};

/// A server that answers every rightly signed request alike.
#[derive(Debug)]
pub struct Floor {
    service: String,
    key: SigningKey,
    primitive: Primitive,
    reply: Template,
    /// Where a record must be on disk before each reply.
    disk: Option<mpsc::Sender<Waiting>>,
}

/// A reply to be given again and again.
#[derive(Clone, Debug)]
pub struct Template {
    headers: HeaderMap,
    body: Bytes,
}

impl Template {
    /// The reply that has this head and body; hyper writes length and date of its own.
    ///
    /// # Errors
    /// If a header is none.
    pub fn new(head: &str, body: &[u8]) -> Result<Self, http::Error> {
        let mut kept = HeaderMap::new();
        for (name, value) in headers(head) {
            let name: HeaderName = name.parse()?;
            if !["content-length", "date"].contains(&name.as_str()) {
                kept.append(name, HeaderValue::from_str(value)?);
            }
        }
        Ok(Self {
            headers: kept,
            body: Bytes::copy_from_slice(body),
        })
    }
}

struct Headers<'a>(&'a HeaderMap);

impl sigv4::Headers for Headers<'_> {
    fn each<'h>(&'h self, visit: &mut dyn FnMut(&'h str, &'h [u8])) {
        for (name, value) in self.0 {
            visit(name.as_str(), value.as_bytes());
        }
    }
}

impl Floor {
    /// A floor for requests that are signed for `service` with this secret today. It does not outlive midnight.
    pub fn new(service: &str, secret: &str, primitive: Primitive, reply: Template) -> Self {
        let date = now().basic();
        let day = date.get(..8).unwrap_or_default();
        Self {
            service: service.to_owned(),
            key: SigningKey::derive(secret, day, REGION, service),
            primitive,
            reply,
            disk: None,
        }
    }

    /// The same, which answers only after a record was synced to `file`, together with those of concurrent requests.
    #[must_use]
    pub fn on_disk(self, file: File) -> Self {
        Self {
            disk: Some(writer(file)),
            ..self
        }
    }

    /// Returns once a record is on disk, if it has to be; answers whether that went well.
    async fn written(&self) -> bool {
        let Some(disk) = &self.disk else {
            return true;
        };
        let (written, wait) = oneshot::channel();
        disk.send(written).await.is_ok() && wait.await.is_ok()
    }

    /// Serves whoever connects, for ever.
    ///
    /// # Errors
    /// If the listener breaks.
    pub async fn serve(self: Arc<Self>, listener: TcpListener) -> std::io::Result<()> {
        loop {
            let (stream, _) = listener.accept().await?;
            stream.set_nodelay(true)?;
            tokio::spawn(self.clone().connection(stream));
        }
    }

    async fn connection(self: Arc<Self>, stream: TcpStream) {
        let answer = service_fn(|request| self.answer(request));
        let served = http1::Builder::new().serve_connection(TokioIo::new(stream), answer);
        // A client that goes away is the end of a round.
        let _ = served.await;
    }

    async fn answer(
        &self,
        request: Request<Incoming>,
    ) -> Result<Response<Full<Bytes>>, hyper::Error> {
        let (parts, body) = request.into_parts();
        let body = body.collect().await?.to_bytes();
        let mut response = Response::new(Full::default());
        if self.proves(&parts, &body) && self.primitive.run() && self.written().await {
            *response.headers_mut() = self.reply.headers.clone();
            *response.body_mut() = Full::new(self.reply.body.clone());
        } else {
            *response.status_mut() = StatusCode::FORBIDDEN;
        }
        Ok(response)
    }

    fn proves(&self, parts: &request::Parts, body: &[u8]) -> bool {
        let request = RequestParts {
            method: parts.method.as_str(),
            path: parts.uri.path(),
            query: parts.uri.query().unwrap_or_default(),
            headers: &Headers(&parts.headers),
        };
        let expected = Expected {
            service: &self.service,
            region: None,
            path_style: PathStyle::Normalised,
        };
        let Ok(Some(presented)) = Presented::parse(&request) else {
            return false;
        };
        let checked = presented.check(now(), &expected);
        checked.is_ok_and(|checked| {
            checked
                .verify(&request, Payload::Signed(body), &self.key)
                .is_ok()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::connection::Connection;
    use crate::primitive::Kind;
    use crate::request::{Call, Caller};
    use base::Secret;
    use serde_json::json;

    fn caller(secret: &str) -> Caller {
        Caller {
            access_key_id: "AKIAIOSFODNN7EXAMPLE".into(),
            secret_access_key: Secret::new(secret.into()),
        }
    }

    async fn status(connection: &mut Connection, request: &[u8]) -> (u16, Vec<u8>) {
        let reply = connection.exchange(request).await.unwrap();
        (reply.status, reply.body.to_vec())
    }

    #[tokio::test]
    async fn answers_who_signed_and_nobody_else() {
        let reply = Template::new("HTTP/1.1 200 OK\r\nx-a: b\r\nContent-Length: 9", b"{}").unwrap();
        let floor = Floor::new("kms", "right", Primitive::new(Kind::Seal).unwrap(), reply);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(Arc::new(floor).serve(listener));

        let call = Call::kms("Encrypt", &json!({"KeyId": "k"}));
        let good = caller("right").sign(&call).unwrap();
        let mut altered = good.to_vec();
        *altered.last_mut().unwrap() = b' ';
        let mut connection = Connection::open(address).await.unwrap();
        assert_eq!(status(&mut connection, &good).await, (200, b"{}".to_vec()));
        assert_eq!(status(&mut connection, &altered).await.0, 403);
        for (secret, call) in [
            ("wrong", call.clone()),
            ("right", Call::sts("GetCallerIdentity")),
        ] {
            let bad = caller(secret).sign(&call).unwrap();
            assert_eq!(
                status(&mut connection, &bad).await.0,
                403,
                "{secret} {call:?}"
            );
        }
        assert_eq!(
            status(&mut connection, b"POST / HTTP/1.1\r\nHost: a\r\n\r\n")
                .await
                .0,
            403
        );
    }
}
