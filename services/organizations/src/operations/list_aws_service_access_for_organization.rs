//! `organizations:ListAWSServiceAccessForOrganization`: the services that the organization trusts.

use organizations_api::shapes::{
    EnabledServicePrincipal, ListAWSServiceAccessForOrganizationRequest,
    ListAWSServiceAccessForOrganizationResponse,
};
use organizations_api::{operations, permission};
use pipeline::{Access, Failure, Lookup, Operation, Permitted};

use crate::paging::Asked;
use crate::service_access;
use crate::standing::Standing;

pub(crate) struct ListAWSServiceAccessForOrganization;

impl Operation for ListAWSServiceAccessForOrganization {
    type Api = operations::ListAWSServiceAccessForOrganization;
    type Target = Standing;

    async fn access(
        _: &ListAWSServiceAccessForOrganizationRequest,
        look: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        let standing = Standing::of_caller(look).await?;
        let needs = permission::ListAWSServiceAccessForOrganization {};
        Ok(Access::to(standing, needs))
    }

    async fn run(
        call: Permitted<'_, Self>,
    ) -> Result<ListAWSServiceAccessForOrganizationResponse, Failure> {
        let input = call.input();
        let organization = call.target().reads()?;
        let asked = Asked::read(&input.next_token, input.max_results)?;
        let found = service_access::find(call.look(), &organization.id).await?;
        let page = asked.of_all(&found.services, |(service, _)| (*service).clone());
        let services = page
            .items
            .iter()
            .map(|(service, since)| EnabledServicePrincipal {
                service_principal: Some((*service).clone()),
                date_enabled: Some(**since),
            });
        Ok(ListAWSServiceAccessForOrganizationResponse {
            enabled_service_principals: Some(services.collect()),
            next_token: page.next_token,
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::{Organizations, guards, ids, organized};

    const OPERATION: &str = "ListAWSServiceAccessForOrganization";

    #[tokio::test]
    async fn in_pages() {
        let (alcazar, _) = organized().await;
        let root = alcazar.root();
        let list = |page: &serde_json::Value| ids(page, "ServicePrincipal");
        let none = root.does(OPERATION, json!({})).await;
        assert!(list(&none["EnabledServicePrincipals"]).is_empty());
        for service in ["sso.amazonaws.com", "ram.amazonaws.com"] {
            let input = json!({"ServicePrincipal": service});
            root.does("EnableAWSServiceAccess", input).await;
        }
        let first = root.does(OPERATION, json!({"MaxResults": 1})).await;
        assert_eq!(
            list(&first["EnabledServicePrincipals"]),
            ["ram.amazonaws.com"]
        );
        let more = json!({"NextToken": first["NextToken"]});
        let second = root.does(OPERATION, more).await;
        assert_eq!(
            list(&second["EnabledServicePrincipals"]),
            ["sso.amazonaws.com"]
        );
        let event = alcazar.event(OPERATION).await;
        assert_eq!(event["eventSource"], "organizations.amazonaws.com");
        let odd = json!({"NextToken": "!"});
        let reason = root.reason(OPERATION, odd, "InvalidInputException").await;
        assert_eq!(reason, "INVALID_NEXT_TOKEN");
    }

    #[tokio::test]
    async fn guarded() {
        guards(OPERATION, json!({})).await;
    }
}
