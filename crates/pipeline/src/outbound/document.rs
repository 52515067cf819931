//! What verifiers of tokens read without asking anybody: where an issuer's keys are, and the public keys.
//!
//! Nothing else is reached without a call that is authenticated, authorised and recorded; why these are, and what bounds
//! them, is in docs/decisions/0012-two-public-documents.md.

use crypto::IssuingAlgorithm;
use serde_json::{Value, json};

use super::{OutboundFederation, OutboundIssuer};
use crate::{Core, Failure};

/// What the paths of issuers begin with. No bucket, queue or service has such a path.
pub(super) const PREFIX: &str = "/_tokens/";
const DISCOVERY: &str = "/.well-known/openid-configuration";
const KEYS: &str = "/.well-known/jwks.json";
/// The longest name of an issuer.
const LONGEST_NAME: usize = 64;

/// A document that anybody may read.
#[derive(Clone, Debug, PartialEq)]
pub struct PublicDocument {
    /// 200, 404, or 500 where what is kept cannot be read.
    pub status: u16,
    /// JSON; empty where there is none.
    pub body: Vec<u8>,
}

impl PublicDocument {
    /// How long verifiers may keep one, in seconds: far less than keys are published before they sign.
    pub const KEPT: u32 = 3600;

    fn without_body(status: u16) -> Self {
        Self {
            status,
            body: Vec::new(),
        }
    }
}

impl Core {
    /// The document at `path`, which somebody without credentials wants to read; `None` for every path that is not below
    /// those of issuers.
    pub async fn public_document(&self, path: &str) -> Option<PublicDocument> {
        let rest = path.strip_prefix(PREFIX)?;
        let found = self.document_of_issuer(rest).await;
        Some(match found {
            Ok(Some(document)) => PublicDocument {
                status: 200,
                body: document.to_string().into_bytes(),
            },
            Ok(None) => PublicDocument::without_body(404),
            Err(failure) => {
                tracing::error!(?failure, "a public document could not be read");
                PublicDocument::without_body(500)
            }
        })
    }

    async fn document_of_issuer(&self, rest: &str) -> Result<Option<Value>, Failure> {
        let found = [DISCOVERY, KEYS]
            .into_iter()
            .find_map(|document| Some((rest.strip_suffix(document)?, document)));
        let Some((issuer, document)) = found.filter(|(name, _)| name.len() <= LONGEST_NAME) else {
            return Ok(None);
        };
        let index = OutboundIssuer::key_of(issuer);
        let Some(index) = self.records.get::<OutboundIssuer>(&index).await? else {
            return Ok(None);
        };
        let key = OutboundFederation::key_of(index.account);
        let federation = self.records.get::<OutboundFederation>(&key).await?;
        let (Some(federation), Some(url)) = (federation, self.issuer_url(issuer)) else {
            return Ok(None);
        };
        Ok(Some(match document {
            KEYS => {
                let keys = federation.keys.iter().map(|key| key.public.clone());
                json!({"keys": keys.collect::<Vec<_>>()})
            }
            _ => json!({
                "issuer": url,
                "jwks_uri": format!("{url}{KEYS}"),
                "response_types_supported": ["id_token"],
                "subject_types_supported": ["public"],
                "id_token_signing_alg_values_supported": IssuingAlgorithm::ALL.map(IssuingAlgorithm::name),
                "claims_supported": ["iss", "sub", "aud", "exp", "iat", "jti"],
            }),
        }))
    }
}
