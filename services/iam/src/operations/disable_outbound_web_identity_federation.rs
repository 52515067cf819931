//! `iam:DisableOutboundWebIdentityFederation`: callers of the account get no more tokens for others.

use iam_api::{operations, permission};
use pipeline::{Access, Failure, Lookup, Operation, OutboundFederation, Permitted};
use wire::Empty;

use crate::errors;

pub(crate) struct DisableOutboundWebIdentityFederation;

impl Operation for DisableOutboundWebIdentityFederation {
    type Api = operations::DisableOutboundWebIdentityFederation;
    type Target = ();

    async fn access(_: &Empty, _: &Lookup<'_>) -> Result<Access<Self>, Failure> {
        Ok(Access::to(
            (),
            permission::DisableOutboundWebIdentityFederation {},
        ))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<Empty, Failure> {
        let place = OutboundFederation::key_of(call.call().account());
        let federation = call.look().get::<OutboundFederation>(&place).await?;
        let enabled = federation.filter(|found| found.enabled);
        let enabled = enabled.ok_or_else(errors::outbound_federation_disabled)?;
        call.put(enabled.disabled());
        Ok(Empty)
    }
}

#[cfg(test)]
mod tests {
    use harness::TOKEN_ISSUER;
    use serde_json::json;

    use crate::testing::{denies, fails, root, server};

    const DISABLE: &str = "DisableOutboundWebIdentityFederation";

    /// AWS: tokens that were issued before are as good as they were.
    #[tokio::test]
    async fn what_is_disabled_is_still_published() {
        let alcazar = server().await;
        let disabled = (
            "FeatureDisabled",
            "Outbound web identity federation is not enabled for this account.",
        );
        fails(&alcazar, DISABLE, json!({}), disabled).await;
        let enabled = root(&alcazar, "EnableOutboundWebIdentityFederation", json!({})).await;
        root(&alcazar, DISABLE, json!({})).await;
        fails(&alcazar, DISABLE, json!({}), disabled).await;
        let issuer = enabled.field("IssuerIdentifier");
        let path = issuer.strip_prefix(TOKEN_ISSUER).unwrap();
        let keys = format!("{path}/.well-known/jwks.json");
        let found = alcazar.core.public_document(&keys).await.unwrap();
        assert_eq!(found.status, 200);
    }

    #[tokio::test]
    async fn is_guarded_and_recorded() {
        let alcazar = server().await;
        root(&alcazar, "EnableOutboundWebIdentityFederation", json!({})).await;
        denies(&alcazar, DISABLE, json!({})).await;
        root(&alcazar, DISABLE, json!({})).await;
        assert_eq!(alcazar.event(DISABLE).await["readOnly"], false);
    }
}
