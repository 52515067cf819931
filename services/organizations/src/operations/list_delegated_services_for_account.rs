//! `organizations:ListDelegatedServicesForAccount`: the services that an account administers.

use organizations_api::shapes::{
    DelegatedService, ListDelegatedServicesForAccountRequest,
    ListDelegatedServicesForAccountResponse,
};
use organizations_api::{operations, permission};
use pipeline::{Access, Failure, Lookup, Operation, Permitted};

use crate::node::Sought;
use crate::paging::Asked;
use crate::{delegation, errors};

pub(crate) struct ListDelegatedServicesForAccount;

impl Operation for ListDelegatedServicesForAccount {
    type Api = operations::ListDelegatedServicesForAccount;
    type Target = Sought;

    async fn access(
        input: &ListDelegatedServicesForAccountRequest,
        look: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        let sought = Sought::find(look, &input.account_id).await?;
        let account = sought.resource();
        let needs = permission::ListDelegatedServicesForAccount { account };
        Ok(Access::to(sought, needs))
    }

    async fn run(
        call: Permitted<'_, Self>,
    ) -> Result<ListDelegatedServicesForAccountResponse, Failure> {
        let input = call.input();
        let organization = call.target().standing.reads()?;
        let member = call.target().member().ok_or_else(errors::no_such_account)?;
        let found = delegation::find(call.look(), organization, member.account).await?;
        let found = found.ok_or_else(errors::not_registered)?;
        let asked = Asked::read(&input.next_token, input.max_results)?;
        let page = asked.of_all(&found.services, |(service, _)| (*service).clone());
        let services = page.items.iter().map(|(service, since)| DelegatedService {
            service_principal: Some((*service).clone()),
            delegation_enabled_date: Some(**since),
        });
        Ok(ListDelegatedServicesForAccountResponse {
            delegated_services: Some(services.collect()),
            next_token: page.next_token,
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::{MANAGEMENT, Organizations, guards, ids, organized};

    const OPERATION: &str = "ListDelegatedServicesForAccount";

    #[tokio::test]
    async fn each_service_once() {
        let (alcazar, _) = organized().await;
        alcazar.root().trusts().await;
        let root = alcazar.root();
        let id = root.account("dev").await;
        let input = json!({"AccountId": id});
        root.fails(OPERATION, input.clone(), "AccountNotRegisteredException")
            .await;
        let services = ["ram.amazonaws.com", "sso.amazonaws.com"];
        for service in services {
            let input = json!({"AccountId": id, "ServicePrincipal": service});
            root.does("RegisterDelegatedAdministrator", input).await;
        }
        let listed = root.does(OPERATION, input).await;
        assert_eq!(
            ids(&listed["DelegatedServices"], "ServicePrincipal"),
            services
        );
        let stranger = json!({"AccountId": harness::OTHER_ACCOUNT});
        root.fails(OPERATION, stranger, "AccountNotFoundException")
            .await;
        let token = json!({"AccountId": id, "NextToken": "!"});
        let reason = root.reason(OPERATION, token, "InvalidInputException").await;
        assert_eq!(reason, "INVALID_NEXT_TOKEN");
    }

    #[tokio::test]
    async fn guarded() {
        guards(OPERATION, json!({"AccountId": MANAGEMENT})).await;
    }
}
