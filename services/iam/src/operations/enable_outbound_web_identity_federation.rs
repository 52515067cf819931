//! `iam:EnableOutboundWebIdentityFederation`: callers of the account get tokens by which others know them.

use iam_api::shapes::EnableOutboundWebIdentityFederationResponse;
use iam_api::{operations, permission};
use pipeline::{Access, Failure, Lookup, Operation, OutboundFederation, Permitted};
use wire::Empty;

use crate::errors;

pub(crate) struct EnableOutboundWebIdentityFederation;

impl Operation for EnableOutboundWebIdentityFederation {
    type Api = operations::EnableOutboundWebIdentityFederation;
    type Target = ();

    async fn access(_: &Empty, _: &Lookup<'_>) -> Result<Access<Self>, Failure> {
        Ok(Access::to(
            (),
            permission::EnableOutboundWebIdentityFederation {},
        ))
    }

    async fn run(
        call: Permitted<'_, Self>,
    ) -> Result<EnableOutboundWebIdentityFederationResponse, Failure> {
        let place = OutboundFederation::key_of(call.call().account());
        let federation = call.look().get::<OutboundFederation>(&place).await?;
        if federation.as_ref().is_some_and(|found| found.enabled) {
            return Err(errors::outbound_federation_enabled());
        }
        let issuer = call
            .enable_outbound_federation(federation.as_deref())
            .await?;
        Ok(EnableOutboundWebIdentityFederationResponse {
            issuer_identifier: Some(issuer),
        })
    }
}

#[cfg(test)]
mod tests {
    use harness::{Alcazar, TOKEN_ISSUER};
    use pipeline::PublicDocument;
    use serde_json::{Value, json};

    use crate::testing::{denies, fails, root, server};

    const ENABLE: &str = "EnableOutboundWebIdentityFederation";

    async fn issuer(alcazar: &Alcazar) -> String {
        let enabled = root(alcazar, ENABLE, json!({})).await;
        enabled.field("IssuerIdentifier")
    }

    async fn document(alcazar: &Alcazar, url: &str) -> Value {
        let path = url.strip_prefix(TOKEN_ISSUER).unwrap();
        let PublicDocument { status, body } = alcazar.core.public_document(path).await.unwrap();
        assert_eq!(status, 200);
        serde_json::from_slice(&body).unwrap()
    }

    #[tokio::test]
    async fn an_issuer_publishes_where_it_is_and_public_keys() {
        let alcazar = server().await;
        let issuer = issuer(&alcazar).await;
        assert!(issuer.starts_with("https://alcazar.example.com/_tokens/"));
        assert!(!issuer.contains("111122223333"));
        let discovery = format!("{issuer}/.well-known/openid-configuration");
        let found = document(&alcazar, &discovery).await;
        assert_eq!(found["issuer"], issuer);
        let keys_at = found["jwks_uri"].as_str().unwrap();
        assert_eq!(keys_at, format!("{issuer}/.well-known/jwks.json"));
        let keys = document(&alcazar, keys_at).await;
        let keys = keys["keys"].as_array().unwrap();
        assert_eq!(
            (keys[0]["alg"].as_str(), keys[1]["alg"].as_str()),
            (Some("ES384"), Some("RS256"))
        );
        for key in keys {
            assert!(
                ["d", "p", "q", "k"]
                    .iter()
                    .all(|part| key.get(part).is_none())
            );
        }
    }

    #[tokio::test]
    async fn nothing_else_is_published() {
        let alcazar = server().await;
        let issuer = issuer(&alcazar).await;
        let name = issuer.rsplit('/').next().unwrap();
        for path in [
            "/_tokens/".to_owned(),
            "/_tokens/.well-known/jwks.json".to_owned(),
            "/_tokens//.well-known/jwks.json".to_owned(),
            format!("/_tokens/{name}"),
            format!("/_tokens/{name}/.well-known/"),
            format!("/_tokens/{name}/x/.well-known/jwks.json"),
            "/_tokens/111122223333/.well-known/jwks.json".to_owned(),
            format!("/_tokens/{}/.well-known/jwks.json", "a".repeat(10_000)),
        ] {
            let found = alcazar.core.public_document(&path).await.unwrap();
            assert_eq!((found.status, found.body.len()), (404, 0), "{path}");
        }
        for path in [
            "/",
            "/_token/",
            "/.well-known/jwks.json",
            "/bucket/_tokens/",
        ] {
            assert_eq!(alcazar.core.public_document(path).await, None);
        }
    }

    #[tokio::test]
    async fn the_issuer_stays_the_same() {
        let alcazar = server().await;
        let first = issuer(&alcazar).await;
        let refused = (
            "FeatureEnabled",
            "Outbound web identity federation is already enabled for this account.",
        );
        fails(&alcazar, ENABLE, json!({}), refused).await;
        root(&alcazar, "DisableOutboundWebIdentityFederation", json!({})).await;
        assert_eq!(issuer(&alcazar).await, first);
    }

    #[tokio::test]
    async fn is_guarded_and_recorded() {
        let alcazar = server().await;
        denies(&alcazar, ENABLE, json!({})).await;
        let issuer = issuer(&alcazar).await;
        let event = alcazar.event(ENABLE).await;
        assert_eq!(event["responseElements"]["issuerIdentifier"], issuer);
    }
}
