//! `iam:DisableOrganizationsRootCredentialsManagement`: the organization may no more manage the credentials of members' root users.

use iam_api::shapes::{
    DisableOrganizationsRootCredentialsManagementRequest,
    DisableOrganizationsRootCredentialsManagementResponse,
};
use iam_api::{operations, permission};
use identity::organization::RootAccess;
use pipeline::{Access, Failure, Lookup, Operation, Permitted};

use crate::root_access::{self, Purpose};

pub(crate) struct DisableOrganizationsRootCredentialsManagement;

impl Operation for DisableOrganizationsRootCredentialsManagement {
    type Api = operations::DisableOrganizationsRootCredentialsManagement;
    type Target = ();

    async fn access(
        _: &DisableOrganizationsRootCredentialsManagementRequest,
        _: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        Ok(Access::to(
            (),
            permission::DisableOrganizationsRootCredentialsManagement {},
        ))
    }

    async fn run(
        call: Permitted<'_, Self>,
    ) -> Result<DisableOrganizationsRootCredentialsManagementResponse, Failure> {
        let standing = root_access::standing(call.look(), Purpose::Use).await?;
        let changed = RootAccess {
            credentials: false,
            ..standing.enabled
        };
        call.put(changed.clone());
        Ok(DisableOrganizationsRootCredentialsManagementResponse {
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

    const OPERATION: &str = "DisableOrganizationsRootCredentialsManagement";

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
        assert_eq!(told.fields("member"), ["RootSessions"]);
        let again = root(&alcazar, OPERATION, json!({})).await;
        assert_eq!(again.fields("member"), ["RootSessions"]);
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
