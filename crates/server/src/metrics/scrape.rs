//! `GET /metrics`, for who has the token.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use bytes::Bytes;
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::header::{CONTENT_TYPE, HeaderValue, WWW_AUTHENTICATE};
use hyper::{Method, Request, Response, StatusCode};
use pipeline::Exposition;

use super::{Measured, Token};

/// What the listener of scrapers answers with.
pub(crate) struct Scraped {
    pub(crate) measured: Arc<Measured>,
    pub(crate) token: Token,
}

/// Requests of scrapers, by what they were answered.
#[derive(Default)]
pub(crate) struct Scrapes {
    answered: AtomicU64,
    unauthenticated: AtomicU64,
    not_found: AtomicU64,
    failed: AtomicU64,
}

impl Scrapes {
    pub(super) fn measure(&self, to: &mut Exposition) {
        let now = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        to.counter(
            "alcazar_scrapes_total",
            "Requests at the address of --metrics, by outcome; unauthenticated are those without its token.",
        )
        .is(&[("outcome", "answered")], now(&self.answered))
        .is(&[("outcome", "unauthenticated")], now(&self.unauthenticated))
        .is(&[("outcome", "not_found")], now(&self.not_found))
        .is(&[("outcome", "failed")], now(&self.failed));
    }
}

impl Scraped {
    /// Answers one request, of which nothing but its head is looked at.
    pub(crate) async fn respond(
        self: Arc<Self>,
        request: Request<Incoming>,
    ) -> Response<Full<Bytes>> {
        let (count, response) = self.answer(&request).await;
        count.fetch_add(1, Ordering::Relaxed);
        response
    }

    async fn answer(&self, request: &Request<Incoming>) -> (&AtomicU64, Response<Full<Bytes>>) {
        let scrapes = &self.measured.scrapes;
        if request.method() != Method::GET || request.uri().path() != "/metrics" {
            return (
                &scrapes.not_found,
                says(
                    StatusCode::NOT_FOUND,
                    "Not found: GET /metrics is all there is.\n",
                ),
            );
        }
        if !self.token.is_in(request.headers()) {
            let text = "Unauthorized: the bearer token is missing or wrong.\n";
            let mut response = says(StatusCode::UNAUTHORIZED, text);
            let bearer = HeaderValue::from_static("Bearer realm=\"alcazar metrics\"");
            response.headers_mut().insert(WWW_AUTHENTICATE, bearer);
            return (&scrapes.unauthenticated, response);
        }
        match self.measured.text().await {
            Ok(text) => (&scrapes.answered, says(StatusCode::OK, text)),
            Err(error) => {
                tracing::error!(%error, "metrics could not be read");
                let status = StatusCode::INTERNAL_SERVER_ERROR;
                (
                    &scrapes.failed,
                    says(
                        status,
                        "The metrics could not be read; the server's log says why.\n",
                    ),
                )
            }
        }
    }
}

fn says(status: StatusCode, text: impl Into<Bytes>) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(text.into()));
    *response.status_mut() = status;
    let text = HeaderValue::from_static(Exposition::CONTENT_TYPE);
    response.headers_mut().insert(CONTENT_TYPE, text);
    response
}
