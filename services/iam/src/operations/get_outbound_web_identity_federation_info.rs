//! `iam:GetOutboundWebIdentityFederationInfo`: the issuer of the account's tokens for others.

use iam_api::shapes::GetOutboundWebIdentityFederationInfoResponse;
use iam_api::{operations, permission};
use pipeline::{Access, Failure, Lookup, Operation, OutboundFederation, Permitted};
use wire::Empty;

use crate::errors;

pub(crate) struct GetOutboundWebIdentityFederationInfo;

impl Operation for GetOutboundWebIdentityFederationInfo {
    type Api = operations::GetOutboundWebIdentityFederationInfo;
    type Target = ();

    async fn access(_: &Empty, _: &Lookup<'_>) -> Result<Access<Self>, Failure> {
        Ok(Access::to(
            (),
            permission::GetOutboundWebIdentityFederationInfo {},
        ))
    }

    async fn run(
        call: Permitted<'_, Self>,
    ) -> Result<GetOutboundWebIdentityFederationInfoResponse, Failure> {
        let place = OutboundFederation::key_of(call.call().account());
        let federation = call.look().get::<OutboundFederation>(&place).await?;
        let enabled = federation.filter(|found| found.enabled);
        let enabled = enabled.ok_or_else(errors::outbound_federation_disabled)?;
        Ok(GetOutboundWebIdentityFederationInfoResponse {
            issuer_identifier: Some(call.token_issuer(&enabled)?),
            jwt_vending_enabled: Some(true),
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::{denies, fails, root, server};

    const GET: &str = "GetOutboundWebIdentityFederationInfo";

    #[tokio::test]
    async fn tells_the_issuer_where_tokens_are_enabled() {
        let alcazar = server().await;
        let disabled = (
            "FeatureDisabled",
            "Outbound web identity federation is not enabled for this account.",
        );
        fails(&alcazar, GET, json!({}), disabled).await;
        let enabled = root(&alcazar, "EnableOutboundWebIdentityFederation", json!({})).await;
        let found = root(&alcazar, GET, json!({})).await;
        let issuer = found.field("IssuerIdentifier");
        assert_eq!(issuer, enabled.field("IssuerIdentifier"));
        assert_eq!(found.field("JwtVendingEnabled"), "true");
        root(&alcazar, "DisableOutboundWebIdentityFederation", json!({})).await;
        fails(&alcazar, GET, json!({}), disabled).await;
    }

    #[tokio::test]
    async fn is_guarded_and_recorded() {
        let alcazar = server().await;
        root(&alcazar, "EnableOutboundWebIdentityFederation", json!({})).await;
        denies(&alcazar, GET, json!({})).await;
        root(&alcazar, GET, json!({})).await;
        assert_eq!(alcazar.event(GET).await["readOnly"], true);
    }
}
