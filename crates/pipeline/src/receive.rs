//! The first stage: what the listener took in, within limits.

use std::net::IpAddr;
use std::sync::Arc;

use base::{RequestId, Timestamp};
use bytes::Bytes;
use http::{HeaderMap, Method};

use crate::VpcEndpoint;

/// Largest body of any service so far, in bytes.
pub const BODY_LIMIT: usize = 1024 * 1024;

/// What is known of a connection's TLS.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tls {
    /// As `TLSv1.3`.
    pub version: &'static str,
    /// As `TLS_AES_128_GCM_SHA256`.
    pub cipher_suite: &'static str,
}

/// A body as far as it came.
#[derive(Debug)]
pub enum Body {
    /// All of it.
    Whole(Bytes),
    /// It passed the limit and was not read further.
    TooLarge,
    /// The connection ended, or was too slow, before the body did.
    Broken,
}

/// One request as it came from the wire.
#[derive(Debug)]
pub struct Received {
    /// HTTP method.
    pub method: Method,
    /// Path as sent.
    pub path: String,
    /// Query string as sent, without the question mark.
    pub query: String,
    /// Headers.
    pub headers: HeaderMap,
    /// The body.
    pub body: Body,
    /// Address of the peer.
    pub source: IpAddr,
    /// Absent where the connection is plain.
    pub tls: Option<Tls>,
    /// The VPC endpoint it arrived at; none where it arrived elsewhere.
    pub endpoint: Option<Arc<VpcEndpoint>>,
    /// Named in reply, error and audit record.
    pub id: RequestId,
    /// When it came.
    pub at: Timestamp,
}

impl Received {
    /// A header as text; absent when it is not text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }
}

/// Lets SigV4 read the headers.
pub(crate) struct Headers<'a>(pub(crate) &'a HeaderMap);

impl sigv4::Headers for Headers<'_> {
    fn each<'h>(&'h self, visit: &mut dyn FnMut(&'h str, &'h [u8])) {
        for (name, value) in self.0 {
            visit(name.as_str(), value.as_bytes());
        }
    }
}
