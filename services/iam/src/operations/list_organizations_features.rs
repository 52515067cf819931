//! `iam:ListOrganizationsFeatures`: what is enabled of centralized root access.

use iam_api::shapes::{ListOrganizationsFeaturesRequest, ListOrganizationsFeaturesResponse};
use iam_api::{operations, permission};
use pipeline::{Access, Failure, Lookup, Operation, Permitted};

use crate::root_access::{self, Purpose};

pub(crate) struct ListOrganizationsFeatures;

impl Operation for ListOrganizationsFeatures {
    type Api = operations::ListOrganizationsFeatures;
    type Target = ();

    async fn access(
        _: &ListOrganizationsFeaturesRequest,
        _: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        Ok(Access::to((), permission::ListOrganizationsFeatures {}))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<ListOrganizationsFeaturesResponse, Failure> {
        let standing = root_access::standing(call.look(), Purpose::Use).await?;
        Ok(ListOrganizationsFeaturesResponse {
            organization_id: Some(standing.organization.id.clone()),
            enabled_features: Some(root_access::features(&standing.enabled)),
        })
    }
}

#[cfg(test)]
mod tests {
    use identity::organization::FeatureSet;
    use serde_json::json;

    use crate::root_access::testing::{ID, delegate, organize, trust};
    use crate::testing::{ANYTHING, denies, iam, root, server};

    const OPERATION: &str = "ListOrganizationsFeatures";

    #[tokio::test]
    async fn nothing_is_on_at_first() {
        let alcazar = server().await;
        organize(&alcazar, FeatureSet::All).await;
        trust(&alcazar).await;
        let told = root(&alcazar, OPERATION, json!({})).await;
        assert_eq!(told.field("OrganizationId"), ID);
        assert!(told.fields("member").is_empty());
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
