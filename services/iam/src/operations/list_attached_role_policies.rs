//! `iam:ListAttachedRolePolicies`: the managed policies of a role.

use iam_api::shapes::{ListAttachedRolePoliciesRequest, ListAttachedRolePoliciesResponse};
use iam_api::{operations, permission};
use identity::Role;
use pipeline::{Access, Failure, Lookup, Operation, Permitted};

use crate::attachment;
use crate::find::Named;
use crate::paging::Paging;

pub(crate) struct ListAttachedRolePolicies;

impl Operation for ListAttachedRolePolicies {
    type Api = operations::ListAttachedRolePolicies;
    type Target = Named<Role>;

    async fn access(
        input: &ListAttachedRolePoliciesRequest,
        look: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        let role = Named::<Role>::find(look, &input.role_name).await?;
        let needs = permission::ListAttachedRolePolicies {
            role: role.resource(),
        };
        Ok(Access::to(role, needs))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<ListAttachedRolePoliciesResponse, Failure> {
        let input = call.input();
        let paging = Paging::new(&input.marker, input.max_items)?;
        let role = call.target().found()?;
        let page = attachment::page(role.as_ref(), &input.path_prefix, &paging);
        Ok(ListAttachedRolePoliciesResponse {
            is_truncated: page.is_truncated(),
            marker: page.marker,
            attached_policies: Some(page.items),
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::attaching::lists_attached;
    use crate::testing::{denies, server};

    #[tokio::test]
    async fn lists() {
        lists_attached("Role").await;
    }

    #[tokio::test]
    async fn denied() {
        let input = json!({"RoleName": "x"});
        denies(&server().await, "ListAttachedRolePolicies", input).await;
    }
}
