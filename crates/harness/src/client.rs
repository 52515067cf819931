//! A caller with credentials.

use std::net::IpAddr;
use std::sync::Arc;

use base::{RequestId, Secret};
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use pipeline::{Body, Core, Received, Tls, VpcEndpoint};
use serde_json::Value;
use sigv4::{Credentials, Signer, Unsigned};
use wire::{Protocol, ServiceFacts};

use crate::Answer;
use crate::form::form;

/// Signs and sends calls as one principal, in one region.
#[derive(Clone)]
pub struct Client {
    pub(crate) core: Arc<Core>,
    /// The access key id it signs with.
    pub access_key_id: String,
    pub(crate) secret_access_key: Secret<String>,
    pub(crate) session_token: Option<String>,
    pub(crate) region: String,
    pub(crate) source: IpAddr,
    pub(crate) tls: Option<Tls>,
    pub(crate) endpoint: Option<Arc<VpcEndpoint>>,
    pub(crate) user_agent: String,
    pub(crate) referer: Option<String>,
}

const HOST: &str = "localhost:4566";

impl Client {
    /// The same caller in another region.
    #[must_use]
    pub fn region(&self, region: &str) -> Self {
        Self {
            region: region.to_owned(),
            ..self.clone()
        }
    }

    /// The same caller at another address.
    #[must_use]
    pub fn at(&self, source: IpAddr) -> Self {
        Self {
            source,
            ..self.clone()
        }
    }

    /// The same caller over TLS.
    #[must_use]
    pub fn over_tls(&self) -> Self {
        let tls = Tls {
            version: "TLSv1.3",
            cipher_suite: "TLS_AES_128_GCM_SHA256",
        };
        Self {
            tls: Some(tls),
            ..self.clone()
        }
    }

    /// The same caller through a VPC endpoint.
    #[must_use]
    pub fn through(&self, endpoint: &Arc<VpcEndpoint>) -> Self {
        Self {
            endpoint: Some(endpoint.clone()),
            ..self.clone()
        }
    }

    /// The same caller with another `User-Agent`.
    #[must_use]
    pub fn user_agent(&self, user_agent: &str) -> Self {
        Self {
            user_agent: user_agent.to_owned(),
            ..self.clone()
        }
    }

    /// The same caller with a `Referer`.
    #[must_use]
    pub fn referer(&self, referer: &str) -> Self {
        Self {
            referer: Some(referer.to_owned()),
            ..self.clone()
        }
    }

    /// Another caller at the same server, with temporary credentials.
    #[must_use]
    pub fn session(&self, access_key_id: &str, secret: &str, token: &str) -> Self {
        Self {
            access_key_id: access_key_id.to_owned(),
            secret_access_key: Secret::new(secret.to_owned()),
            session_token: Some(token.to_owned()),
            ..self.clone()
        }
    }

    /// The session token it sends.
    pub fn token(&self) -> Option<String> {
        self.session_token.clone()
    }

    /// The same caller with another session token, or none.
    #[must_use]
    pub fn with_token(&self, token: Option<String>) -> Self {
        Self {
            session_token: token,
            ..self.clone()
        }
    }

    /// Another caller with the credentials that an STS call answered.
    #[must_use]
    pub fn with_credentials_of(&self, answer: &Answer) -> Self {
        self.session(
            &answer.field("AccessKeyId"),
            &answer.field("SecretAccessKey"),
            &answer.field("SessionToken"),
        )
    }

    /// Calls an operation with this input, written as an SDK writes it.
    pub async fn call(&self, service: &str, operation: &str, input: Value) -> Answer {
        let facts = self.facts(service);
        let body = match facts.protocol {
            Protocol::Query => form(operation, facts.api_version, &input),
            Protocol::Json10 | Protocol::Json11 | Protocol::Cbor => input.to_string(),
        };
        self.send(service, operation, body.into_bytes()).await
    }

    /// Calls an operation with this very body, signed.
    pub async fn send(&self, service: &str, operation: &str, body: Vec<u8>) -> Answer {
        let request = self.signed(service, operation, body);
        self.receive(operation, request).await
    }

    /// What `send` sends, for who hands it over himself.
    pub fn signed(&self, service: &str, operation: &str, body: Vec<u8>) -> Received {
        let mut headers = headers(self.facts(service), operation);
        let pairs: Vec<(&str, &str)> = headers
            .iter()
            .map(|(name, value)| (name.as_str(), value.to_str().expect("text")))
            .collect();
        let unsigned = Unsigned {
            method: "POST",
            host: HOST,
            path: "/",
            query: "",
            headers: &pairs,
            body: &body,
        };
        let credentials = Credentials {
            access_key_id: &self.access_key_id,
            secret_access_key: self.secret_access_key.expose(),
            session_token: self.session_token.as_deref(),
        };
        let at = self.core.clock.now();
        let signed = Signer::new(credentials, &self.region, service, at).sign(&unsigned);
        let signed = signed.expect("a signature");
        for (name, value) in signed.headers {
            headers.insert(
                HeaderName::from_static(name),
                value.parse().expect("a header"),
            );
        }
        self.request(headers, body)
    }

    /// Calls an operation without a signature.
    pub async fn unsigned(&self, service: &str, operation: &str, input: Value) -> Answer {
        let facts = self.facts(service);
        let body = match facts.protocol {
            Protocol::Query => form(operation, facts.api_version, &input),
            Protocol::Json10 | Protocol::Json11 | Protocol::Cbor => input.to_string(),
        };
        let request = self.request(headers(facts, operation), body.into_bytes());
        self.receive(operation, request).await
    }

    fn request(&self, mut headers: HeaderMap, body: Vec<u8>) -> Received {
        headers.insert("host", HeaderValue::from_static(HOST));
        headers.insert("user-agent", self.user_agent.parse().expect("a header"));
        if let Some(referer) = &self.referer {
            headers.insert("referer", referer.parse().expect("a header"));
        }
        Received {
            method: Method::POST,
            path: "/".to_owned(),
            query: String::new(),
            headers,
            body: Body::Whole(Bytes::from(body)),
            source: self.source,
            tls: self.tls,
            endpoint: self.endpoint.clone(),
            id: RequestId::from_random(crypto::random::bytes()),
            at: self.core.clock.now(),
        }
    }

    async fn receive(&self, operation: &str, request: Received) -> Answer {
        let reply = self.core.handle(request).await;
        Answer {
            status: reply.wire.status,
            text: String::from_utf8(reply.wire.body).expect("a body of text"),
            encoded_message: reply.encoded_message,
            request: operation.to_owned(),
        }
    }

    fn facts(&self, service: &str) -> &'static ServiceFacts {
        let mut services = self.core.services();
        let found = services.find(|found| found.facts.name == service);
        found
            .unwrap_or_else(|| panic!("this server has no {service}"))
            .facts
    }
}

fn headers(facts: &ServiceFacts, operation: &str) -> HeaderMap {
    let mut headers = HeaderMap::new();
    let content_type = match facts.protocol {
        Protocol::Json10 => "application/x-amz-json-1.0",
        // Services that speak CBOR understand JSON too, which tests can read.
        Protocol::Json11 | Protocol::Cbor => "application/x-amz-json-1.1",
        Protocol::Query => "application/x-www-form-urlencoded; charset=utf-8",
    };
    headers.insert("content-type", HeaderValue::from_static(content_type));
    if facts.protocol != Protocol::Query {
        let target = format!("{}.{operation}", facts.target_prefix);
        headers.insert("x-amz-target", target.parse().expect("a header"));
    }
    headers
}
