//! `organizations:RegisterDelegatedAdministrator`: a member account administers a service for the organization.

use std::collections::BTreeMap;

use organizations_api::shapes::RegisterDelegatedAdministratorRequest;
use organizations_api::{operations, permission};
use pipeline::{Access, Failure, Lookup, Operation, Permitted};
use wire::Empty;

use crate::delegation::{self, DelegatedAdministrator};
use crate::errors;
use crate::node::Sought;
use crate::service_access;

pub(crate) struct RegisterDelegatedAdministrator;

impl Operation for RegisterDelegatedAdministrator {
    type Api = operations::RegisterDelegatedAdministrator;
    type Target = Sought;

    async fn access(
        input: &RegisterDelegatedAdministratorRequest,
        look: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        let sought = Sought::find(look, &input.account_id).await?;
        let needs = permission::RegisterDelegatedAdministrator {
            account: sought.resource(),
            service_principal: Some(input.service_principal.clone().into()),
        };
        Ok(Access::to(sought, needs))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<Empty, Failure> {
        let (service, now) = (&call.input().service_principal, call.call().now());
        let organization = call.target().standing.manages()?;
        let member = call.target().member().ok_or_else(errors::no_such_account)?;
        delegation::check_service(service)?;
        if member.account == organization.management {
            return Err(errors::cannot_register_management());
        }
        if !member.is_active() {
            return Err(errors::cannot_register_suspended());
        }
        let trusted = service_access::find(call.look(), &organization.id).await?;
        if !trusted.services.contains_key(service) {
            return Err(errors::service_access_not_enabled());
        }
        let found = delegation::find(call.look(), organization, member.account).await?;
        let mut changed = match found {
            Some(found) => DelegatedAdministrator::clone(&found),
            None => DelegatedAdministrator {
                organization: organization.id.clone(),
                account: member.account,
                since: now,
                services: BTreeMap::new(),
            },
        };
        match changed.services.insert(service.clone(), now) {
            Some(_) => Err(errors::registered()),
            None => {
                call.put(changed);
                Ok(Empty)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::testing::{ANYTHING, MANAGEMENT, Organizations, guards, join, organized};

    const OPERATION: &str = "RegisterDelegatedAdministrator";
    const SERVICE: &str = "access-analyzer.amazonaws.com";

    fn input(account: &str, service: &str) -> Value {
        json!({"AccountId": account, "ServicePrincipal": service})
    }

    #[tokio::test]
    async fn it_may_read_then_and_not_change() {
        let (alcazar, top) = organized().await;
        alcazar.root().trusts().await;
        join(&alcazar, &top).await;
        let bob = alcazar.other_user("bob", ANYTHING).await;
        let roots = json!({});
        bob.fails("ListRoots", roots.clone(), "AccessDeniedException")
            .await;
        let other = harness::OTHER_ACCOUNT;
        alcazar.root().does(OPERATION, input(other, SERVICE)).await;
        bob.does("ListRoots", roots).await;
        bob.does("DescribeAccount", json!({"AccountId": MANAGEMENT}))
            .await;
        bob.does("DescribePolicy", json!({"PolicyId": "p-FullAWSAccess"}))
            .await;
        let change = json!({"ParentId": top, "Name": "x"});
        bob.fails("CreateOrganizationalUnit", change, "AccessDeniedException")
            .await
            .saying("You don't have permissions to access this resource.");
        let event = alcazar.event(OPERATION).await;
        assert_eq!(event["requestParameters"]["servicePrincipal"], SERVICE);
    }

    #[tokio::test]
    async fn what_is_refused() {
        let (alcazar, _) = organized().await;
        alcazar.root().trusts().await;
        let root = alcazar.root();
        let id = root.account("dev").await;
        root.does(OPERATION, input(&id, SERVICE)).await;
        root.does(OPERATION, input(&id, "ram.amazonaws.com")).await;
        root.fails(
            OPERATION,
            input(&id, SERVICE),
            "AccountAlreadyRegisteredException",
        )
        .await;
        let stranger = input(harness::OTHER_ACCOUNT, SERVICE);
        root.fails(OPERATION, stranger, "AccountNotFoundException")
            .await;
        let closed = root.account("closed").await;
        root.does("CloseAccount", json!({"AccountId": closed}))
            .await;
        for (account, service, code, reason) in [
            (
                &*id,
                "ram",
                "InvalidInputException",
                "UNRECOGNIZED_SERVICE_PRINCIPAL",
            ),
            (
                MANAGEMENT,
                SERVICE,
                "ConstraintViolationException",
                "CANNOT_REGISTER_MASTER_AS_DELEGATED_ADMINISTRATOR",
            ),
            (
                &closed,
                SERVICE,
                "ConstraintViolationException",
                "CANNOT_REGISTER_SUSPENDED_ACCOUNT_AS_DELEGATED_ADMINISTRATOR",
            ),
        ] {
            let found = root.reason(OPERATION, input(account, service), code).await;
            assert_eq!(found, reason);
        }
    }

    #[tokio::test]
    async fn guarded() {
        guards(OPERATION, input(MANAGEMENT, SERVICE)).await;
    }
}
