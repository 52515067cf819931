//! `iam:SetSecurityTokenServicePreferences`: which form of tokens the account wants of the global endpoint of STS.

use iam_api::shapes::{GlobalEndpointTokenVersion, SetSecurityTokenServicePreferencesRequest};
use iam_api::{operations, permission};
use identity::TokenPreference;
use pipeline::{Access, Failure, Lookup, Operation, Permitted};
use wire::Empty;

pub(crate) struct SetSecurityTokenServicePreferences;

impl Operation for SetSecurityTokenServicePreferences {
    type Api = operations::SetSecurityTokenServicePreferences;
    type Target = ();

    async fn access(
        _: &SetSecurityTokenServicePreferencesRequest,
        _: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        let needs = permission::SetSecurityTokenServicePreferences {};
        Ok(Access::to((), needs))
    }

    /// AWS: tokens of version 1 count in regions that are enabled by default. Here all are.
    async fn run(call: Permitted<'_, Self>) -> Result<Empty, Failure> {
        call.put(TokenPreference {
            account: call.call().account(),
            version: match call.input().global_endpoint_token_version {
                GlobalEndpointTokenVersion::V1Token => 1,
                GlobalEndpointTokenVersion::V2Token => 2,
            },
        });
        Ok(Empty)
    }
}

#[cfg(test)]
mod tests {
    use harness::Alcazar;
    use serde_json::json;

    use crate::testing::{denies, iam, root, server};

    const SET: &str = "SetSecurityTokenServicePreferences";

    async fn version(alcazar: &Alcazar) -> String {
        let summary = root(alcazar, "GetAccountSummary", json!({})).await;
        let (_, behind) = summary
            .text
            .split_once("GlobalEndpointTokenVersion")
            .unwrap();
        let (_, value) = behind.split_once("<value>").unwrap();
        value.chars().take_while(char::is_ascii_digit).collect()
    }

    #[tokio::test]
    async fn the_summary_tells_what_was_chosen() {
        let alcazar = server().await;
        assert_eq!(version(&alcazar).await, "2");
        for (chosen, told) in [("v1Token", "1"), ("v2Token", "2")] {
            root(&alcazar, SET, json!({"GlobalEndpointTokenVersion": chosen})).await;
            assert_eq!(version(&alcazar).await, told);
        }
        let wrong = json!({"GlobalEndpointTokenVersion": "v3Token"});
        iam(&alcazar.root(), SET, wrong)
            .await
            .fails("ValidationError");
    }

    #[tokio::test]
    async fn is_guarded_and_recorded() {
        let alcazar = server().await;
        let input = json!({"GlobalEndpointTokenVersion": "v1Token"});
        denies(&alcazar, SET, input.clone()).await;
        root(&alcazar, SET, input).await;
        let event = alcazar.event(SET).await;
        assert_eq!(
            event["requestParameters"]["globalEndpointTokenVersion"],
            "v1Token"
        );
    }
}
