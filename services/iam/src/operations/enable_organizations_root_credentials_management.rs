//! `iam:EnableOrganizationsRootCredentialsManagement`: the organization may manage the credentials of members' root users.

use iam_api::shapes::{
    EnableOrganizationsRootCredentialsManagementRequest,
    EnableOrganizationsRootCredentialsManagementResponse,
};
use iam_api::{operations, permission};
use identity::organization::RootAccess;
use pipeline::{Access, Failure, Lookup, Operation, Permitted};

use crate::root_access::{self, Purpose};

pub(crate) struct EnableOrganizationsRootCredentialsManagement;

impl Operation for EnableOrganizationsRootCredentialsManagement {
    type Api = operations::EnableOrganizationsRootCredentialsManagement;
    type Target = ();

    async fn access(
        _: &EnableOrganizationsRootCredentialsManagementRequest,
        _: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        Ok(Access::to(
            (),
            permission::EnableOrganizationsRootCredentialsManagement {},
        ))
    }

    async fn run(
        call: Permitted<'_, Self>,
    ) -> Result<EnableOrganizationsRootCredentialsManagementResponse, Failure> {
        let standing = root_access::standing(call.look(), Purpose::Enable).await?;
        let changed = RootAccess {
            credentials: true,
            ..standing.enabled
        };
        call.put(changed.clone());
        Ok(EnableOrganizationsRootCredentialsManagementResponse {
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

    const OPERATION: &str = "EnableOrganizationsRootCredentialsManagement";

    #[tokio::test]
    async fn the_feature_is_on() {
        let alcazar = server().await;
        organize(&alcazar, FeatureSet::All).await;
        trust(&alcazar).await;
        let told = root(&alcazar, OPERATION, json!({})).await;
        assert_eq!(told.field("OrganizationId"), ID);
        assert_eq!(told.fields("member"), ["RootCredentialsManagement"]);
        let listed = root(&alcazar, "ListOrganizationsFeatures", json!({})).await;
        assert_eq!(listed.fields("member"), ["RootCredentialsManagement"]);
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
        delegated.fails("CallerIsNotManagementAccountException");
        denies(&alcazar, OPERATION, json!({})).await;
    }
}
