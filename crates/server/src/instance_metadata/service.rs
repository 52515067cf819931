//! What a program of the instance asks over HTTP, and what it is answered.

use std::convert::Infallible;
use std::net::Ipv4Addr;
use std::sync::Arc;

use base::{Clock, Region, Timestamp};
use bytes::Bytes;
use http::uri::Authority;
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::header::{CONTENT_TYPE, HOST, HeaderMap, HeaderValue, ORIGIN};
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
        _ if !is_of_a_program(headers) => Err(StatusCode::FORBIDDEN),
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

/// A page in a browser, whose name was made to lead here, says its name in `Host`, or where it is from.
fn is_of_a_program(headers: &HeaderMap) -> bool {
    let mut hosts = headers.get_all(HOST).iter();
    let host = hosts.next().and_then(|host| host.to_str().ok());
    let host = host.and_then(|host| host.parse::<Authority>().ok());
    let named = host
        .is_some_and(|host| host.host() == "localhost" || host.host().parse::<Ipv4Addr>().is_ok());
    let browser = headers.contains_key(ORIGIN) || headers.contains_key("sec-fetch-site");
    named && hosts.next().is_none() && !browser
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn browsers_are_told_by_what_they_say() {
        let headers = |named: &[(&'static str, &'static str)]| {
            let mut headers = HeaderMap::new();
            for (name, value) in named {
                headers.append(*name, HeaderValue::from_static(value));
            }
            headers
        };
        for host in [
            "127.0.0.1:1338",
            "169.254.169.254",
            "localhost",
            "localhost:80",
        ] {
            assert!(is_of_a_program(&headers(&[("host", host)])), "{host}");
        }
        let ours = ("host", "127.0.0.1:1338");
        for refused in [
            &[][..],
            &[("host", "evil.example:1338")],
            &[("host", "127.0.0.1.evil.example")],
            &[("host", "user@evil.example")],
            &[("host", "")],
            &[ours, ours],
            &[ours, ("origin", "http://127.0.0.1:1338")],
            &[ours, ("sec-fetch-site", "same-origin")],
        ] {
            assert!(!is_of_a_program(&headers(refused)), "{refused:?}");
        }
    }
}
