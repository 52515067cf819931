//! The loop of a function: takes an event, does it, says how it went.
//!
//! Source: AWS Lambda Developer Guide, "Using the Lambda runtime API for custom runtimes".

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use http_body_util::Full;
use hyper::header::{CONTENT_LENGTH, HOST};
use hyper::{HeaderMap, Method, Request};
use serde_json::json;
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::event::Event;
use crate::failure::Failure;
use crate::http::{self, Answer};
use crate::rotation::rotate;
use crate::rotator::Rotator;
use crate::settings::Settings;

const VERSION: &str = "2018-06-01";
const ID: &str = "lambda-runtime-aws-request-id";
const DEADLINE: &str = "lambda-runtime-deadline-ms";
/// Of a step whose invocation names no deadline.
const USUAL: Duration = Duration::from_secs(60);
/// Between the end of a step and its deadline, to say so.
const SPARE: Duration = Duration::from_millis(500);
/// Of an answer, until the Runtime API has it.
const WITHIN: Duration = Duration::from_secs(10);

/// Serves invocations until the Runtime API is gone; fails if it never was there.
pub(crate) async fn serve(rotator: Rotator, settings: Settings) -> Result<(), Failure> {
    let mut next = ask(&settings, Method::GET, "next", String::new()).await?;
    loop {
        let id = next.headers.get(ID).and_then(|id| id.to_str().ok());
        let id = id.ok_or_else(|| Failure::Runtime("an invocation without an id".to_owned()))?;
        let done = timeout(time_for(&next.headers), handle(rotator, &settings, &next)).await;
        let (path, body) = match done.unwrap_or(Err(Failure::TimedOut)) {
            Ok(()) => (format!("{id}/response"), "null".to_owned()),
            Err(failure) => (format!("{id}/error"), told(&failure)),
        };
        let told = timeout(WITHIN, ask(&settings, Method::POST, &path, body)).await;
        told.map_err(|_| Failure::Runtime("it took too long".to_owned()))??;
        let Ok(another) = ask(&settings, Method::GET, "next", String::new()).await else {
            return Ok(());
        };
        next = another;
    }
}

async fn handle(rotator: Rotator, settings: &Settings, next: &Answer) -> Result<(), Failure> {
    let event = Event::parse(next.body.expose())?;
    rotate(rotator, settings, event).await
}

fn told(failure: &Failure) -> String {
    let (kind, message) = (failure.kind(), failure.to_string());
    json!({"errorType": kind, "errorMessage": message, "stackTrace": []}).to_string()
}

/// How long a step may take.
fn time_for(headers: &HeaderMap) -> Duration {
    let deadline = headers
        .get(DEADLINE)
        .and_then(|at| at.to_str().ok()?.parse().ok());
    let Some(deadline) = deadline.map(Duration::from_millis) else {
        return USUAL;
    };
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    deadline.saturating_sub(now).saturating_sub(SPARE)
}

/// Asks the Runtime API.
async fn ask(
    settings: &Settings,
    method: Method,
    path: &str,
    body: String,
) -> Result<Answer, Failure> {
    let failed = |error: String| Failure::Runtime(error);
    let request = Request::builder()
        .method(method)
        .uri(format!("/{VERSION}/runtime/invocation/{path}"))
        .header(HOST, &settings.runtime_api)
        .header(CONTENT_LENGTH, body.len())
        .body(Full::new(Bytes::from(body)))
        .map_err(|error| failed(error.to_string()))?;
    let stream = TcpStream::connect(&settings.runtime_api).await;
    let stream = stream.map_err(|error| failed(error.to_string()))?;
    let answer = http::exchange(stream, request).await.map_err(failed)?;
    match answer.status.is_success() {
        true => Ok(answer),
        false => Err(failed(format!("HTTP {}", answer.status.as_u16()))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_ends_before_its_deadline() {
        let mut headers = HeaderMap::new();
        assert_eq!(time_for(&headers), USUAL);
        headers.insert(DEADLINE, "1".parse().unwrap());
        assert_eq!(time_for(&headers), Duration::ZERO);
        headers.insert(DEADLINE, u64::MAX.to_string().parse().unwrap());
        assert!(time_for(&headers) > USUAL);
    }

    #[test]
    fn failures_are_told_in_the_words_of_the_runtime() {
        let told = told(&Failure::TimedOut);
        let expected = r#"{"errorMessage":"the step did not end in time","errorType":"TimedOut","stackTrace":[]}"#;
        assert_eq!(told, expected);
    }
}
