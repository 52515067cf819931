//! `organizations:DisableAWSServiceAccess`: the organization trusts a service no more.

use organizations_api::shapes::DisableAWSServiceAccessRequest;
use organizations_api::{operations, permission};
use pipeline::{Access, Failure, Lookup, Operation, Permitted};
use wire::Empty;

use crate::service_access::{self, ServiceAccess};
use crate::standing::Standing;
use crate::{delegation, errors};

pub(crate) struct DisableAWSServiceAccess;

impl Operation for DisableAWSServiceAccess {
    type Api = operations::DisableAWSServiceAccess;
    type Target = Standing;

    async fn access(
        input: &DisableAWSServiceAccessRequest,
        look: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        let standing = Standing::of_caller(look).await?;
        let needs = permission::DisableAWSServiceAccess {
            service_principal: Some(input.service_principal.clone().into()),
        };
        Ok(Access::to(standing, needs))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<Empty, Failure> {
        let service = &call.input().service_principal;
        let organization = call.target().manages()?;
        delegation::check_service(service)?;
        let mut enabled = organization.enabled.iter();
        if enabled.any(|kind| service_access::set_up_by(*kind) == Some(service)) {
            return Err(errors::service_is_set_up_by_policies());
        }
        let found = service_access::find(call.look(), &organization.id).await?;
        let mut changed = ServiceAccess::clone(&found);
        if changed.services.remove(service).is_some() {
            call.put(changed);
        }
        Ok(Empty)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::{ANYTHING, Organizations, guards, join, organized};

    const OPERATION: &str = "DisableAWSServiceAccess";

    #[tokio::test]
    async fn not_of_a_service_that_policies_set_up() {
        let (alcazar, top) = organized().await;
        let root = alcazar.root();
        let service = json!({"ServicePrincipal": "securityhub.amazonaws.com"});
        root.does("EnableAWSServiceAccess", service.clone()).await;
        root.enable("SECURITYHUB_POLICY").await;
        let code = "ConstraintViolationException";
        let reason = root.reason(OPERATION, service.clone(), code).await;
        assert_eq!(reason, "POLICY_TYPE_ENABLED_FOR_THIS_SERVICE");
        let kind = json!({"RootId": top, "PolicyType": "SECURITYHUB_POLICY"});
        root.does("DisablePolicyType", kind).await;
        root.does(OPERATION, service).await;
    }

    /// Whoever administers a service reads the organization only as long as the service is trusted.
    #[tokio::test]
    async fn its_administrators_read_no_more() {
        let (alcazar, top) = organized().await;
        join(&alcazar, &top).await;
        let root = alcazar.root();
        let bob = alcazar.other_user("bob", ANYTHING).await;
        let service = json!({"ServicePrincipal": "ram.amazonaws.com"});
        root.does("EnableAWSServiceAccess", service.clone()).await;
        let delegation = json!({
            "AccountId": harness::OTHER_ACCOUNT, "ServicePrincipal": "ram.amazonaws.com",
        });
        root.does("RegisterDelegatedAdministrator", delegation.clone())
            .await;
        bob.does("ListRoots", json!({})).await;
        root.does(OPERATION, service.clone()).await;
        bob.fails("ListRoots", json!({}), "AccessDeniedException")
            .await;
        let reason = root
            .reason(
                "RegisterDelegatedAdministrator",
                delegation,
                "ConstraintViolationException",
            )
            .await;
        assert_eq!(reason, "SERVICE_ACCESS_NOT_ENABLED");
        root.does(OPERATION, service.clone()).await;
        let event = alcazar.event(OPERATION).await;
        assert_eq!(
            event["requestParameters"]["servicePrincipal"],
            "ram.amazonaws.com"
        );
        root.does("EnableAWSServiceAccess", service).await;
        bob.does("ListRoots", json!({})).await;
        let odd = json!({"ServicePrincipal": "ram"});
        let reason = root.reason(OPERATION, odd, "InvalidInputException").await;
        assert_eq!(reason, "UNRECOGNIZED_SERVICE_PRINCIPAL");
    }

    #[tokio::test]
    async fn guarded() {
        guards(OPERATION, json!({"ServicePrincipal": "ram.amazonaws.com"})).await;
    }
}
