//! Signs requests: for the command line, the test harness and load generators.

use base::Timestamp;

use crate::canonical::{CanonicalRequest, SignedHeader, string_to_sign};
use crate::digest::hex_sha256;
use crate::key::SigningKey;
use crate::presented::Scope;
use crate::refusal::Refusal;
use crate::uri::{PathStyle, encoded};
use crate::{ALGORITHM, TERMINATOR};

/// Headers that proxies and clients set or change on the way, and those the signer sets itself.
const NEVER_SIGNED: [&str; 12] = [
    "authorization",
    "connection",
    "expect",
    "host",
    "keep-alive",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "user-agent",
    "x-amz-date",
    "x-amz-security-token",
];

/// What a caller signs with.
#[derive(Clone, Copy)]
pub struct Credentials<'a> {
    /// The id of the access key.
    pub access_key_id: &'a str,
    /// Its secret.
    pub secret_access_key: &'a str,
    /// The token of temporary credentials.
    pub session_token: Option<&'a str>,
}

/// A request to be signed.
#[derive(Clone, Copy)]
pub struct Unsigned<'a> {
    /// The method, as `POST`.
    pub method: &'a str,
    /// The value of the `Host` header that will be sent, with the port if it has one.
    pub host: &'a str,
    /// The path as it will be sent.
    pub path: &'a str,
    /// The query as it will be sent, without its `?`.
    pub query: &'a str,
    /// Headers that will be sent beside `Host`; all but hop-by-hop ones get signed.
    pub headers: &'a [(&'a str, &'a str)],
    /// The body.
    pub body: &'a [u8],
}

/// The headers to add to a request that was signed: `x-amz-date`, `authorization` and, with temporary
/// credentials, `x-amz-security-token`.
pub struct Signed {
    /// Lower-case names and their values. They hold the session token: not for logs.
    pub headers: Vec<(&'static str, String)>,
}

/// Signs requests of one moment for one region and service.
///
/// Making one derives the key; each signature after that is cheap.
pub struct Signer<'a> {
    access_key_id: &'a str,
    session_token: Option<&'a str>,
    region: &'a str,
    service: &'a str,
    date: String,
    key: SigningKey,
}

impl<'a> Signer<'a> {
    /// A signer whose requests are dated `at`.
    pub fn new(
        credentials: Credentials<'a>,
        region: &'a str,
        service: &'a str,
        at: Timestamp,
    ) -> Self {
        let date = at.basic();
        let day = date.get(..8).unwrap_or_default();
        let key = SigningKey::derive(credentials.secret_access_key, day, region, service);
        Self {
            access_key_id: credentials.access_key_id,
            session_token: credentials.session_token,
            region,
            service,
            date,
            key,
        }
    }

    /// Signs `request` in its header.
    ///
    /// # Errors
    /// [`Refusal::QuerySyntax`] and [`Refusal::TooLong`] of a query that cannot be signed.
    pub fn sign(&self, request: &Unsigned<'_>) -> Result<Signed, Refusal> {
        let mut added = vec![("x-amz-date", self.date.clone())];
        if let Some(token) = self.session_token {
            added.push(("x-amz-security-token", token.to_owned()));
        }
        let kept = kept_headers(request);
        let own = added.iter().map(|(name, value)| (*name, value.as_bytes()));
        let headers = in_order(&kept, own);
        let signature = self.signature(request, request.query, &headers)?;
        let authorization = format!(
            "{ALGORITHM} Credential={}, SignedHeaders={}, Signature={signature}",
            self.credential(),
            names(&headers)
        );
        added.push(("authorization", authorization));
        Ok(Signed { headers: added })
    }

    /// Signs `request` in its query and returns that query, for use within `expires_seconds`, 1 to
    /// 604800, of the signer's date.
    ///
    /// # Errors
    /// As [`Signer::sign`].
    pub fn presign(&self, request: &Unsigned<'_>, expires_seconds: u32) -> Result<String, Refusal> {
        let kept = kept_headers(request);
        let headers = in_order(&kept, []);
        let mut query = request.query.to_owned();
        let expires = expires_seconds.to_string();
        let credential = self.credential();
        let names = names(&headers);
        let token = self
            .session_token
            .map(|token| ("X-Amz-Security-Token", token));
        let parameters = [
            ("X-Amz-Algorithm", ALGORITHM),
            ("X-Amz-Credential", &credential),
            ("X-Amz-Date", &self.date),
            ("X-Amz-Expires", &expires),
            ("X-Amz-SignedHeaders", &names),
        ];
        for (name, value) in parameters.into_iter().chain(token) {
            let separator = if query.is_empty() { "" } else { "&" };
            query += &format!("{separator}{name}={}", encoded(value));
        }
        let signature = self.signature(request, &query, &headers)?;
        Ok(format!("{query}&X-Amz-Signature={signature}"))
    }

    fn credential(&self) -> String {
        let Scope {
            date,
            region,
            service,
        } = self.scope();
        format!(
            "{}/{date}/{region}/{service}/{TERMINATOR}",
            self.access_key_id
        )
    }

    fn scope(&self) -> Scope<'_> {
        Scope {
            date: self.date.get(..8).unwrap_or_default(),
            region: self.region,
            service: self.service,
        }
    }

    fn signature(
        &self,
        request: &Unsigned<'_>,
        query: &str,
        headers: &[SignedHeader<'_>],
    ) -> Result<String, Refusal> {
        let hash = CanonicalRequest {
            method: request.method,
            path: request.path,
            path_style: PathStyle::Normalised,
            query,
            headers,
            payload_hash: &hex_sha256(request.body),
        }
        .hash()?;
        let text = string_to_sign(&self.date, self.scope(), &hash);
        let digits = self.key.sign(&text).map(|byte| format!("{byte:02x}"));
        Ok(digits.concat())
    }
}

fn kept_headers<'a>(request: &Unsigned<'a>) -> Vec<(String, &'a str)> {
    let lower = request
        .headers
        .iter()
        .map(|(name, value)| (name.to_ascii_lowercase(), *value));
    let mut kept: Vec<_> = lower
        .filter(|(name, _)| !NEVER_SIGNED.contains(&name.as_str()))
        .collect();
    kept.push(("host".into(), request.host));
    kept
}

fn in_order<'h>(
    kept: &'h [(String, &str)],
    own: impl IntoIterator<Item = SignedHeader<'h>>,
) -> Vec<SignedHeader<'h>> {
    let kept = kept
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_bytes()));
    let mut headers: Vec<_> = kept.chain(own).collect();
    headers.sort_by_key(|(name, _)| *name);
    headers
}

fn names(headers: &[SignedHeader<'_>]) -> String {
    let mut names: Vec<&str> = headers.iter().map(|(name, _)| *name).collect();
    names.dedup();
    names.join(";")
}
