//! `organizations:EnableAWSServiceAccess`: the organization trusts a service, which member accounts may then administer.

use organizations_api::shapes::EnableAWSServiceAccessRequest;
use organizations_api::{operations, permission};
use pipeline::{Access, Failure, Lookup, Operation, Permitted};
use wire::Empty;

use crate::delegation;
use crate::service_access::{self, ServiceAccess};
use crate::standing::Standing;

pub(crate) struct EnableAWSServiceAccess;

impl Operation for EnableAWSServiceAccess {
    type Api = operations::EnableAWSServiceAccess;
    type Target = Standing;

    async fn access(
        input: &EnableAWSServiceAccessRequest,
        look: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        let standing = Standing::of_caller(look).await?;
        let needs = permission::EnableAWSServiceAccess {
            service_principal: Some(input.service_principal.clone().into()),
        };
        Ok(Access::to(standing, needs))
    }

    /// AWS: a service that is trusted already stays so, and since when.
    async fn run(call: Permitted<'_, Self>) -> Result<Empty, Failure> {
        let service = &call.input().service_principal;
        let organization = call.target().manages()?;
        service_access::check_available(organization)?;
        delegation::check_service(service)?;
        let found = service_access::find(call.look(), &organization.id).await?;
        if !found.services.contains_key(service) {
            let mut changed = ServiceAccess::clone(&found);
            changed.services.insert(service.clone(), call.call().now());
            call.put(changed);
        }
        Ok(Empty)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::{Organizations, alcazar, guards, organized};

    const OPERATION: &str = "EnableAWSServiceAccess";

    #[tokio::test]
    async fn the_service_is_trusted_since_then() {
        let (alcazar, _) = organized().await;
        let root = alcazar.root();
        let input = json!({"ServicePrincipal": "ram.amazonaws.com"});
        root.does(OPERATION, input.clone()).await;
        let list = "ListAWSServiceAccessForOrganization";
        let first = root.does(list, json!({})).await;
        assert_eq!(
            first["EnabledServicePrincipals"][0]["ServicePrincipal"],
            "ram.amazonaws.com"
        );
        alcazar.clock.advance_seconds(60);
        root.does(OPERATION, input).await;
        assert_eq!(root.does(list, json!({})).await, first);
        let event = alcazar.event(OPERATION).await;
        assert_eq!(
            event["requestParameters"]["servicePrincipal"],
            "ram.amazonaws.com"
        );
    }

    #[tokio::test]
    async fn what_is_refused() {
        let root = organized().await.0.root();
        let odd = json!({"ServicePrincipal": "ram"});
        let reason = root.reason(OPERATION, odd, "InvalidInputException").await;
        assert_eq!(reason, "UNRECOGNIZED_SERVICE_PRINCIPAL");
        let root = alcazar().await.root();
        let bills = json!({"FeatureSet": "CONSOLIDATED_BILLING"});
        root.does("CreateOrganization", bills).await;
        let input = json!({"ServicePrincipal": "ram.amazonaws.com"});
        let reason = root
            .reason(OPERATION, input, "ConstraintViolationException")
            .await;
        assert_eq!(reason, "ORGANIZATION_NOT_IN_ALL_FEATURES_MODE");
    }

    #[tokio::test]
    async fn guarded() {
        guards(OPERATION, json!({"ServicePrincipal": "ram.amazonaws.com"})).await;
    }
}
