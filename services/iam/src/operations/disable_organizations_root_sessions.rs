//! `iam:DisableOrganizationsRootSessions`: the organization may no more do tasks as members' root users.

use iam_api::shapes::{
    DisableOrganizationsRootSessionsRequest, DisableOrganizationsRootSessionsResponse,
};
use iam_api::{operations, permission};
use identity::organization::RootAccess;
use pipeline::{Access, Failure, Lookup, Operation, Permitted};

use crate::root_access::{self, Purpose};

pub(crate) struct DisableOrganizationsRootSessions;

impl Operation for DisableOrganizationsRootSessions {
    type Api = operations::DisableOrganizationsRootSessions;
    type Target = ();

    async fn access(
        _: &DisableOrganizationsRootSessionsRequest,
        _: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        Ok(Access::to(
            (),
            permission::DisableOrganizationsRootSessions {},
        ))
    }

    async fn run(
        call: Permitted<'_, Self>,
    ) -> Result<DisableOrganizationsRootSessionsResponse, Failure> {
        let standing = root_access::standing(call.look(), Purpose::Use).await?;
        let changed = RootAccess {
            sessions: false,
            ..standing.enabled
        };
        call.put(changed.clone());
        Ok(DisableOrganizationsRootSessionsResponse {
            organization_id: Some(standing.organization.id.clone()),
            enabled_features: Some(root_access::features(&changed)),
        })
    }
}

#[cfg(test)]
mod tests {
    use identity::organization::FeatureSet;
    use serde_json::json;

    use crate::root_access::testing::{ID, delegate, organize, trust};
    use crate::testing::{ANYTHING, denies, iam, root, server};

    const OPERATION: &str = "DisableOrganizationsRootSessions";

    #[tokio::test]
    async fn the_feature_is_off() {
        let alcazar = server().await;
        organize(&alcazar, FeatureSet::All).await;
        trust(&alcazar).await;
        for feature in ["RootCredentialsManagement", "RootSessions"] {
            root(
                &alcazar,
                &format!("EnableOrganizations{feature}"),
                json!({}),
            )
            .await;
        }
        let told = root(&alcazar, OPERATION, json!({})).await;
        assert_eq!(told.field("OrganizationId"), ID);
        assert_eq!(told.fields("member"), ["RootCredentialsManagement"]);
        let again = root(&alcazar, OPERATION, json!({})).await;
        assert_eq!(again.fields("member"), ["RootCredentialsManagement"]);
        let event = alcazar.event(OPERATION).await;
        assert!(event["errorCode"].is_null());
    }

    #[tokio::test]
    async fn refuses() {
        let alcazar = server().await;
        let account = alcazar.root();
        let refused = async |code| {
            iam(&account, OPERATION, json!({})).await.fails(code);
        };
        refused("OrganizationNotFoundException").await;
        organize(&alcazar, FeatureSet::ConsolidatedBilling).await;
        refused("OrganizationNotInAllFeaturesModeException").await;
        organize(&alcazar, FeatureSet::All).await;
        refused("ServiceAccessNotEnabledException").await;
        trust(&alcazar).await;
        let member = alcazar.other_user("bob", ANYTHING).await;
        let foreign = iam(&member, OPERATION, json!({})).await;
        foreign.fails("AccountNotManagementOrDelegatedAdministratorException");
        delegate(&alcazar).await;
        let delegated = iam(&member, OPERATION, json!({})).await;
        delegated.ok();
        denies(&alcazar, OPERATION, json!({})).await;
    }
}
