//! `iam:ListAttachedUserPolicies`: the managed policies of a user.

use iam_api::shapes::{ListAttachedUserPoliciesRequest, ListAttachedUserPoliciesResponse};
use iam_api::{operations, permission};
use identity::User;
use pipeline::{Access, Failure, Lookup, Operation, Permitted};

use crate::attachment;
use crate::find::Named;
use crate::paging::Paging;

pub(crate) struct ListAttachedUserPolicies;

impl Operation for ListAttachedUserPolicies {
    type Api = operations::ListAttachedUserPolicies;
    type Target = Named<User>;

    async fn access(
        input: &ListAttachedUserPoliciesRequest,
        look: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        let user = Named::<User>::find(look, &input.user_name).await?;
        let needs = permission::ListAttachedUserPolicies {
            user: user.resource(),
        };
        Ok(Access::to(user, needs))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<ListAttachedUserPoliciesResponse, Failure> {
        let input = call.input();
        let paging = Paging::new(&input.marker, input.max_items)?;
        let user = call.target().found()?;
        let page = attachment::page(user.as_ref(), &input.path_prefix, &paging);
        Ok(ListAttachedUserPoliciesResponse {
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
        lists_attached("User").await;
    }

    #[tokio::test]
    async fn denied() {
        let input = json!({"UserName": "x"});
        denies(&server().await, "ListAttachedUserPolicies", input).await;
    }
}
