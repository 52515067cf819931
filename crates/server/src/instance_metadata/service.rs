//! What a program of the instance asks over HTTP, and what it is answered.

use std::convert::Infallible;
use std::sync::Arc;

use base::{Clock, Region, Timestamp};
use bytes::Bytes;
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::header::{CONTENT_TYPE, HeaderMap, HeaderValue};
use hyper::{Method, Request, Response, StatusCode};
use pipeline::InstanceId;
use serde_json::json;

use super::credentials::Credentials;
use super::issue::IssuedCredentials;
use super::token::{Tokens, Ttl};
use crate::clock::SystemClock;

const TOKEN: &str = "x-aws-ec2-metadata-token";
const TTL: &str = "x-aws-ec2-metadata-token-ttl-seconds";
const FORWARDED: &str = "x-forwarded-for";
const TOKEN_PATH: &str = "/latest/api/token";
const METADATA: &str = "/latest/meta-data";
const CREDENTIALS: &str = "iam/security-credentials/";

/// What the service tells of.
pub(super) struct Metadata {
    pub(super) id: InstanceId,
    pub(super) region: Region,
    pub(super) role: String,
    pub(super) tokens: Tokens,
    pub(super) credentials: Credentials,
}

type Answer = Response<Full<Bytes>>;

pub(super) async fn respond(
    metadata: Arc<Metadata>,
    request: Request<Incoming>,
) -> Result<Answer, Infallible> {
    let now = SystemClock.now();
    let (path, headers) = (request.uri().path(), request.headers());
    let answer = match *request.method() {
        Method::PUT if path == TOKEN_PATH => metadata.token(now, headers),
        Method::PUT => Err(StatusCode::FORBIDDEN),
        Method::GET | Method::HEAD => metadata.get(now, path, headers).await,
        _ => Err(StatusCode::METHOD_NOT_ALLOWED),
    };
    Ok(answer.unwrap_or_else(refusal))
}

impl Metadata {
    /// AWS: a request that came through a proxy gets no token.
    fn token(&self, now: Timestamp, headers: &HeaderMap) -> Result<Answer, StatusCode> {
        if headers.contains_key(FORWARDED) {
            return Err(StatusCode::FORBIDDEN);
        }
        let ttl = headers.get(TTL).and_then(|ttl| ttl.to_str().ok());
        let ttl = ttl.and_then(Ttl::parse).ok_or(StatusCode::BAD_REQUEST)?;
        let mut answer = text(self.tokens.make(now, ttl));
        answer.headers_mut().insert(TTL, ttl.seconds().into());
        Ok(answer)
    }

    async fn get(
        &self,
        now: Timestamp,
        path: &str,
        headers: &HeaderMap,
    ) -> Result<Answer, StatusCode> {
        let token = headers.get(TOKEN).and_then(|token| token.to_str().ok());
        if !token.is_some_and(|token| self.tokens.holds(now, token)) {
            return Err(StatusCode::UNAUTHORIZED);
        }
        let item = path.strip_prefix(METADATA).ok_or(StatusCode::NOT_FOUND)?;
        let item = match item.strip_prefix('/') {
            Some(item) => item,
            None if item.is_empty() => "",
            None => return Err(StatusCode::NOT_FOUND),
        };
        match item.strip_prefix(CREDENTIALS) {
            Some(role) if role == self.role => self.security_credentials(now).await,
            Some(role) if !role.is_empty() => Err(StatusCode::NOT_FOUND),
            _ => self.item(item).map(text).ok_or(StatusCode::NOT_FOUND),
        }
    }

    /// What of the metadata is no secret.
    fn item(&self, item: &str) -> Option<String> {
        Some(match item.trim_end_matches('/') {
            "" => "iam/\ninstance-id\nplacement/".to_owned(),
            "iam" => "security-credentials/".to_owned(),
            "iam/security-credentials" => self.role.clone(),
            "instance-id" => self.id.as_str().to_owned(),
            "placement" => "availability-zone\nregion".to_owned(),
            "placement/region" => self.region.to_string(),
            // There are no zones here; SDKs read the region out of that of an instance.
            "placement/availability-zone" => format!("{}a", self.region),
            _ => return None,
        })
    }

    async fn security_credentials(&self, now: Timestamp) -> Result<Answer, StatusCode> {
        let document = match self.credentials.get().await {
            Ok(Some(credentials)) => granted(&credentials),
            Ok(None) => json!({
                "Code": "AssumeRoleUnauthorizedAccess",
                "Message": format!("EC2 cannot assume the role {}.", self.role),
                "LastUpdated": now.rfc3339().to_string(),
            }),
            Err(failure) => {
                tracing::error!(%failure, "the server gives no credentials");
                return Err(StatusCode::SERVICE_UNAVAILABLE);
            }
        };
        Ok(text(format!("{document:#}")))
    }
}

fn granted(credentials: &IssuedCredentials) -> serde_json::Value {
    json!({
        "Code": "Success",
        "LastUpdated": credentials.issued().rfc3339().to_string(),
        "Type": "AWS-HMAC",
        "AccessKeyId": credentials.access_key_id,
        "SecretAccessKey": credentials.secret_access_key,
        "Token": credentials.session_token,
        "Expiration": credentials.expires().rfc3339().to_string(),
    })
}

fn text(body: String) -> Answer {
    let mut answer = Response::new(Full::new(Bytes::from(body)));
    let plain = HeaderValue::from_static("text/plain");
    answer.headers_mut().insert(CONTENT_TYPE, plain);
    answer
}

fn refusal(status: StatusCode) -> Answer {
    let mut answer = text(format!("{status}\n"));
    *answer.status_mut() = status;
    answer
}
