//! `iam:EnableOrganizationsRootSessions`: the organization may do tasks as members' root users.

use iam_api::shapes::{
    EnableOrganizationsRootSessionsRequest, EnableOrganizationsRootSessionsResponse,
};
use iam_api::{operations, permission};
use identity::organization::RootAccess;
use pipeline::{Access, Failure, Lookup, Operation, Permitted};

use crate::root_access::{self, Purpose};

pub(crate) struct EnableOrganizationsRootSessions;

impl Operation for EnableOrganizationsRootSessions {
    type Api = operations::EnableOrganizationsRootSessions;
    type Target = ();

    async fn access(
        _: &EnableOrganizationsRootSessionsRequest,
        _: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        Ok(Access::to(
            (),
            permission::EnableOrganizationsRootSessions {},
        ))
    }

    async fn run(
        call: Permitted<'_, Self>,
    ) -> Result<EnableOrganizationsRootSessionsResponse, Failure> {
        let standing = root_access::standing(call.look(), Purpose::Enable).await?;
        let changed = RootAccess {
            sessions: true,
            ..standing.enabled
        };
        call.put(changed.clone());
        Ok(EnableOrganizationsRootSessionsResponse {
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

    const OPERATION: &str = "EnableOrganizationsRootSessions";

    #[tokio::test]
    async fn the_feature_is_on() {
        let alcazar = server().await;
        organize(&alcazar, FeatureSet::All).await;
        trust(&alcazar).await;
        let told = root(&alcazar, OPERATION, json!({})).await;
        assert_eq!(told.field("OrganizationId"), ID);
        assert_eq!(told.fields("member"), ["RootSessions"]);
        let listed = root(&alcazar, "ListOrganizationsFeatures", json!({})).await;
        assert_eq!(listed.fields("member"), ["RootSessions"]);
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
