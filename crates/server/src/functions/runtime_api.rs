//! The Lambda Runtime API, for one invocation: its event, and where its result or error goes.
//!
//! It listens at an address of its own in the loopback network, which nothing in a sandbox can list, and hears the function's
//! user alone.
//!
//! AWS document: Lambda Developer Guide, "Using the Lambda runtime API for custom runtimes".
//!
//! Differs from AWS: a second `next` has no answer, as there is one event; response streaming is refused.

use std::convert::Infallible;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use base::{RequestId, Secret};
use bytes::Bytes;
use crypto::random;
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Incoming;
use hyper::header::CONTENT_TYPE;
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use pipeline::FunctionFault;
use serde::Deserialize;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::peer::user_of;

/// Largest event and result, in bytes. AWS document: Lambda Developer Guide, "Lambda quotas".
pub(super) const LARGEST: usize = 6 * 1024 * 1024;
/// What of an error's name and message is kept, in bytes.
const LONGEST_TEXT: usize = 1024;
const HEADERS: usize = 32;
const HEAD_BYTES: usize = 16 * 1024;
/// How long a request's head may take.
const HEAD_WITHIN: Duration = Duration::from_secs(5);
/// Connections at a time.
const CONNECTIONS: usize = 8;
const VERSION: &str = "/2018-06-01/runtime/";

/// How far the function has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stage {
    /// It has not asked for the event.
    Starting,
    /// It has the event.
    Running,
    /// It has answered.
    Answered,
    /// It has asked for another event, so there is nothing left that it does.
    Idle,
}

/// What came of an invocation.
pub(super) type Outcome = Result<Secret<Vec<u8>>, FunctionFault>;

/// One invocation, as the function sees it.
pub(super) struct Event {
    pub(super) id: RequestId,
    pub(super) arn: String,
    pub(super) payload: Bytes,
    /// From `next` on.
    pub(super) within: Duration,
}

/// One invocation's end of the API.
pub(super) struct RuntimeApi {
    listener: TcpListener,
    /// The user that it hears.
    user: u32,
    invocation: Arc<Invocation>,
}

/// What its connections share.
struct Invocation {
    event: Event,
    stage: watch::Sender<Stage>,
    outcome: Mutex<Option<Outcome>>,
}

impl RuntimeApi {
    /// Listens for the function that runs as `user`.
    pub(super) async fn open(event: Event, user: u32) -> io::Result<Self> {
        let [two, three, four] = random::bytes::<3>();
        // Neither the network's own address nor that of everybody in it.
        let address = Ipv4Addr::new(127, two, three, four.clamp(2, 254));
        Ok(Self {
            listener: TcpListener::bind((address, 0)).await?,
            user,
            invocation: Arc::new(Invocation {
                event,
                stage: watch::Sender::new(Stage::Starting),
                outcome: Mutex::new(None),
            }),
        })
    }

    /// `AWS_LAMBDA_RUNTIME_API`
    pub(super) fn address(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// Tells how far the function has come.
    pub(super) fn stage(&self) -> watch::Receiver<Stage> {
        self.invocation.stage.subscribe()
    }

    /// What the function has answered, once.
    pub(super) fn outcome(&self) -> Option<Outcome> {
        self.invocation.lock().take()
    }

    /// Serves until it is dropped, and every connection with it.
    pub(super) async fn serve(&self) {
        let mut connections = JoinSet::new();
        loop {
            tokio::select! {
                Some(_) = connections.join_next() => {}
                accepted = self.listener.accept(), if connections.len() < CONNECTIONS => {
                    let Ok((stream, peer)) = accepted else {
                        // As when there are no descriptors left; the function's time limits how often this comes.
                        tokio::time::sleep(Duration::from_millis(20)).await;
                        continue;
                    };
                    let own = stream.local_addr();
                    if own.is_ok_and(|own| user_of(peer, own) == Some(self.user)) {
                        connections.spawn(converse(stream, self.invocation.clone()));
                    }
                }
            }
        }
    }
}

async fn converse(stream: TcpStream, invocation: Arc<Invocation>) {
    let service = service_fn(move |request| respond(invocation.clone(), request));
    let mut http = hyper::server::conn::http1::Builder::new();
    http.timer(TokioTimer::new())
        .header_read_timeout(HEAD_WITHIN)
        .max_headers(HEADERS)
        .max_buf_size(HEAD_BYTES);
    // A function that goes away is seen by its supervisor.
    let _ = http.serve_connection(TokioIo::new(stream), service).await;
}

async fn respond(
    invocation: Arc<Invocation>,
    request: Request<Incoming>,
) -> Result<Response<Full<Bytes>>, Infallible> {
    let path = request.uri().path().to_owned();
    let rest = path.strip_prefix(VERSION);
    let id = invocation.event.id.to_string();
    let mine = |what: &str| rest == Some(&format!("invocation/{id}/{what}"));
    let answer = match *request.method() {
        Method::GET if rest == Some("invocation/next") => invocation.next().await,
        Method::POST if rest == Some("init/error") => invocation.raised(request).await,
        Method::POST if mine("error") => invocation.raised(request).await,
        Method::POST if mine("response") => invocation.returned(request).await,
        _ => refusal(
            StatusCode::NOT_FOUND,
            "NotFound",
            "there is no such invocation or path",
        ),
    };
    Ok(answer)
}

impl Invocation {
    fn lock(&self) -> std::sync::MutexGuard<'_, Option<Outcome>> {
        self.outcome.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The event, to whoever is first.
    async fn next(&self) -> Response<Full<Bytes>> {
        let first = self.stage.send_if_modified(|stage| {
            let first = *stage == Stage::Starting;
            *stage = match *stage {
                Stage::Starting => Stage::Running,
                Stage::Answered => Stage::Idle,
                other => other,
            };
            first
        });
        if !first {
            return std::future::pending().await;
        }
        let event = &self.event;
        let now = SystemTime::now().duration_since(UNIX_EPOCH);
        let deadline = now.unwrap_or_default() + event.within;
        let mut answer = Response::new(Full::new(event.payload.clone()));
        let headers = answer.headers_mut();
        for (name, value) in [
            ("content-type", "application/json".to_owned()),
            ("lambda-runtime-aws-request-id", event.id.to_string()),
            (
                "lambda-runtime-deadline-ms",
                deadline.as_millis().to_string(),
            ),
            ("lambda-runtime-invoked-function-arn", event.arn.clone()),
        ] {
            if let Ok(value) = value.try_into() {
                headers.insert(name, value);
            }
        }
        answer
    }

    async fn returned(&self, request: Request<Incoming>) -> Response<Full<Bytes>> {
        let streams = request
            .headers()
            .contains_key("lambda-runtime-function-response-mode");
        if streams {
            let message = "response streaming is not implemented";
            return refusal(StatusCode::NOT_IMPLEMENTED, "NotImplemented", message);
        }
        let Some(body) = body(request).await else {
            let message = format!("a result has at most {LARGEST} bytes");
            self.end(Err(FunctionFault::Raised {
                kind: "Function.ResponseSizeTooLarge".into(),
                message: message.clone(),
            }));
            return refusal(
                StatusCode::PAYLOAD_TOO_LARGE,
                "RequestEntityTooLarge",
                &message,
            );
        };
        let json = serde_json::from_slice::<serde::de::IgnoredAny>(&body);
        self.end(match json {
            Ok(_) => Ok(Secret::new(body.to_vec())),
            Err(_) => Err(FunctionFault::Ended("its result is not JSON".into())),
        })
    }

    async fn raised(&self, request: Request<Incoming>) -> Response<Full<Bytes>> {
        let body = body(request).await.unwrap_or_default();
        self.end(Err(fault(&body)))
    }

    /// The first word counts.
    fn end(&self, outcome: Outcome) -> Response<Full<Bytes>> {
        let first = self.stage.send_if_modified(|stage| {
            let first = matches!(stage, Stage::Starting | Stage::Running);
            if first {
                *self.lock() = Some(outcome);
                *stage = Stage::Answered;
            }
            first
        });
        match first {
            true => json(StatusCode::ACCEPTED, &serde_json::json!({"status": "OK"})),
            false => refusal(
                StatusCode::FORBIDDEN,
                "InvalidStateTransition",
                "the invocation has been answered",
            ),
        }
    }
}

/// A whole body; none of one that is too large or breaks off.
async fn body(request: Request<Incoming>) -> Option<Bytes> {
    let body = Limited::new(request.into_body(), LARGEST).collect().await;
    Some(body.ok()?.to_bytes())
}

/// An error in Lambda's form.
#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct Raised {
    error_type: Option<String>,
    error_message: Option<String>,
}

/// What a function says that it failed with.
fn fault(body: &[u8]) -> FunctionFault {
    let raised = serde_json::from_slice::<Raised>(body).unwrap_or_default();
    let or = |text: Option<String>, other: &str| cut(text.unwrap_or_else(|| other.to_owned()));
    FunctionFault::Raised {
        kind: or(raised.error_type, "Runtime.Unknown"),
        message: or(raised.error_message, "it does not say what is wrong"),
    }
}

fn cut(text: String) -> String {
    text.split_at(text.floor_char_boundary(LONGEST_TEXT))
        .0
        .to_owned()
}

fn refusal(status: StatusCode, kind: &str, message: &str) -> Response<Full<Bytes>> {
    let told = serde_json::json!({"errorType": kind, "errorMessage": message});
    json(status, &told)
}

fn json(status: StatusCode, told: &serde_json::Value) -> Response<Full<Bytes>> {
    let mut answer = Response::new(Full::new(Bytes::from(told.to_string())));
    *answer.status_mut() = status;
    let kind = hyper::header::HeaderValue::from_static("application/json");
    answer.headers_mut().insert(CONTENT_TYPE, kind);
    answer
}

#[cfg(test)]
mod tests;
