//! `iam:ListAttachedGroupPolicies`: the managed policies of a group.

use iam_api::shapes::{ListAttachedGroupPoliciesRequest, ListAttachedGroupPoliciesResponse};
use iam_api::{operations, permission};
use identity::Group;
use pipeline::{Access, Failure, Lookup, Operation, Permitted};

use crate::attachment;
use crate::find::Named;
use crate::paging::Paging;

pub(crate) struct ListAttachedGroupPolicies;

impl Operation for ListAttachedGroupPolicies {
    type Api = operations::ListAttachedGroupPolicies;
    type Target = Named<Group>;

    async fn access(
        input: &ListAttachedGroupPoliciesRequest,
        look: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        let group = Named::<Group>::find(look, &input.group_name).await?;
        let needs = permission::ListAttachedGroupPolicies {
            group: group.resource(),
        };
        Ok(Access::to(group, needs))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<ListAttachedGroupPoliciesResponse, Failure> {
        let input = call.input();
        let paging = Paging::new(&input.marker, input.max_items)?;
        let group = call.target().found()?;
        let page = attachment::page(group.as_ref(), &input.path_prefix, &paging);
        Ok(ListAttachedGroupPoliciesResponse {
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
        lists_attached("Group").await;
    }

    #[tokio::test]
    async fn denied() {
        let input = json!({"GroupName": "x"});
        denies(&server().await, "ListAttachedGroupPolicies", input).await;
    }
}
