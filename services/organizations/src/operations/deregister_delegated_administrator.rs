//! `organizations:DeregisterDelegatedAdministrator`: a member account administers a service no longer.

use organizations_api::shapes::DeregisterDelegatedAdministratorRequest;
use organizations_api::{operations, permission};
use pipeline::{Access, Failure, Lookup, Operation, Permitted};
use storage::Record;
use wire::Empty;

use crate::delegation::{self, DelegatedAdministrator};
use crate::errors;
use crate::node::Sought;

pub(crate) struct DeregisterDelegatedAdministrator;

impl Operation for DeregisterDelegatedAdministrator {
    type Api = operations::DeregisterDelegatedAdministrator;
    type Target = Sought;

    async fn access(
        input: &DeregisterDelegatedAdministratorRequest,
        look: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        let sought = Sought::find(look, &input.account_id).await?;
        let needs = permission::DeregisterDelegatedAdministrator {
            account: sought.resource(),
            service_principal: Some(input.service_principal.clone().into()),
        };
        Ok(Access::to(sought, needs))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<Empty, Failure> {
        let service = &call.input().service_principal;
        let organization = call.target().standing.manages()?;
        let member = call.target().member().ok_or_else(errors::no_such_account)?;
        delegation::check_service(service)?;
        let found = delegation::find(call.look(), organization, member.account).await?;
        let found = found.ok_or_else(errors::not_registered)?;
        let mut changed = DelegatedAdministrator::clone(&found);
        if changed.services.remove(service).is_none() {
            return Err(errors::not_registered());
        }
        match changed.services.is_empty() {
            true => call.delete::<DelegatedAdministrator>(&changed.key()),
            false => call.put(changed),
        }
        Ok(Empty)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::testing::{ANYTHING, MANAGEMENT, Organizations, guards, join, organized};

    const OPERATION: &str = "DeregisterDelegatedAdministrator";

    fn input(account: &str, service: &str) -> Value {
        json!({"AccountId": account, "ServicePrincipal": service})
    }

    #[tokio::test]
    async fn with_its_last_service_it_reads_no_more() {
        let (alcazar, top) = organized().await;
        alcazar.root().trusts().await;
        join(&alcazar, &top).await;
        let (root, other) = (alcazar.root(), harness::OTHER_ACCOUNT);
        let bob = alcazar.other_user("bob", ANYTHING).await;
        for service in ["ram.amazonaws.com", "sso.amazonaws.com"] {
            root.does("RegisterDelegatedAdministrator", input(other, service))
                .await;
        }
        root.does(OPERATION, input(other, "ram.amazonaws.com"))
            .await;
        bob.does("ListRoots", json!({})).await;
        root.does(OPERATION, input(other, "sso.amazonaws.com"))
            .await;
        bob.fails("ListRoots", json!({}), "AccessDeniedException")
            .await;
        let event = alcazar.event(OPERATION).await;
        assert_eq!(event["requestParameters"]["accountId"], other);
    }

    #[tokio::test]
    async fn what_is_refused() {
        let (alcazar, _) = organized().await;
        alcazar.root().trusts().await;
        let root = alcazar.root();
        let id = root.account("dev").await;
        let ram = "ram.amazonaws.com";
        root.fails(OPERATION, input(&id, ram), "AccountNotRegisteredException")
            .await;
        root.does("RegisterDelegatedAdministrator", input(&id, ram))
            .await;
        let other = input(&id, "sso.amazonaws.com");
        root.fails(OPERATION, other, "AccountNotRegisteredException")
            .await;
        let stranger = input(harness::OTHER_ACCOUNT, ram);
        root.fails(OPERATION, stranger, "AccountNotFoundException")
            .await;
        let reason = root
            .reason(OPERATION, input(&id, "ram"), "InvalidInputException")
            .await;
        assert_eq!(reason, "UNRECOGNIZED_SERVICE_PRINCIPAL");
    }

    #[tokio::test]
    async fn guarded() {
        guards(OPERATION, input(MANAGEMENT, "ram.amazonaws.com")).await;
    }
}
