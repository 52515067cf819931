//! `organizations:ListDelegatedAdministrators`: the accounts that administer some service, or a certain one.

use identity::organization::{Member, Organization};
use organizations_api::shapes::{
    self as api, ListDelegatedAdministratorsRequest, ListDelegatedAdministratorsResponse,
};
use organizations_api::{operations, permission};
use pipeline::{Access, Failure, Lookup, Operation, Permitted};

use crate::delegation::{self, DelegatedAdministrator};
use crate::paging::{Asked, Listing};
use crate::shapes;
use crate::standing::Standing;

pub(crate) struct ListDelegatedAdministrators;

impl Operation for ListDelegatedAdministrators {
    type Api = operations::ListDelegatedAdministrators;
    type Target = Standing;

    async fn access(
        input: &ListDelegatedAdministratorsRequest,
        look: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        let standing = Standing::of_caller(look).await?;
        let service_principal = input.service_principal.clone().map(Into::into);
        let needs = permission::ListDelegatedAdministrators { service_principal };
        Ok(Access::to(standing, needs))
    }

    async fn run(
        call: Permitted<'_, Self>,
    ) -> Result<ListDelegatedAdministratorsResponse, Failure> {
        let (input, look) = (call.input(), call.look());
        let organization = call.target().reads()?;
        let service = input.service_principal.as_ref();
        service.map_or(Ok(()), |service| delegation::check_service(service))?;
        let prefix = DelegatedAdministrator::prefix(&organization.id);
        let listing = Listing {
            wanted: &|it: &DelegatedAdministrator| {
                service.is_none_or(|service| it.services.contains_key(service))
            },
            name: &|it: &DelegatedAdministrator| it.account.to_string(),
            key: &|name: &str| prefix.clone().then(name),
        };
        let asked = Asked::read(&input.next_token, input.max_results)?;
        let page = asked.below(look, &prefix, &listing).await?;
        let mut told = Vec::new();
        for it in &page.items {
            let member = look.get::<Member>(&Member::key_of(it.account)).await?;
            told.extend(member.map(|member| shape(organization, &member, it)));
        }
        Ok(ListDelegatedAdministratorsResponse {
            delegated_administrators: Some(told),
            next_token: page.next_token,
        })
    }
}

fn shape(
    organization: &Organization,
    member: &Member,
    delegated: &DelegatedAdministrator,
) -> api::DelegatedAdministrator {
    let account = shapes::account(organization, member);
    api::DelegatedAdministrator {
        id: account.id,
        arn: account.arn,
        email: account.email,
        name: account.name,
        status: account.status,
        state: account.state,
        joined_method: account.joined_method,
        joined_timestamp: account.joined_timestamp,
        delegation_enabled_date: Some(delegated.since),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::{Organizations, guards, ids, organized};

    const OPERATION: &str = "ListDelegatedAdministrators";

    #[tokio::test]
    async fn of_any_service_or_of_one() {
        let (alcazar, _) = organized().await;
        alcazar.root().trusts().await;
        let root = alcazar.root();
        let (one, two) = (root.account("one").await, root.account("two").await);
        for (account, service) in [(&one, "ram"), (&one, "sso"), (&two, "sso")] {
            let service = format!("{service}.amazonaws.com");
            let input = json!({"AccountId": account, "ServicePrincipal": service});
            root.does("RegisterDelegatedAdministrator", input).await;
        }
        for (input, count) in [
            (json!({}), 2),
            (json!({"ServicePrincipal": "ram.amazonaws.com"}), 1),
            (json!({"ServicePrincipal": "sso.amazonaws.com"}), 2),
            (json!({"ServicePrincipal": "config.amazonaws.com"}), 0),
            (json!({"MaxResults": 1}), 1),
        ] {
            let listed = root.does(OPERATION, input.clone()).await;
            let found = ids(&listed["DelegatedAdministrators"], "Id");
            assert_eq!(found.len(), count, "{input}");
        }
        for (input, reason) in [
            (
                json!({"ServicePrincipal": "ram"}),
                "UNRECOGNIZED_SERVICE_PRINCIPAL",
            ),
            (json!({"NextToken": "!"}), "INVALID_NEXT_TOKEN"),
        ] {
            let found = root.reason(OPERATION, input, "InvalidInputException").await;
            assert_eq!(found, reason);
        }
    }

    #[tokio::test]
    async fn guarded() {
        guards(OPERATION, json!({})).await;
    }
}
