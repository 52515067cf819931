//! `kms:ListKeyPolicies`: names of the policies of a key: one.

use kms_api::shapes::{ListKeyPoliciesRequest, ListKeyPoliciesResponse};
use kms_api::{operations, permission};
use pipeline::{Access, Failure, Lookup, Operation, Permitted};

use crate::key_policy;
use crate::paging::Asked;
use crate::sought::Sought;

pub(crate) struct ListKeyPolicies;

impl Operation for ListKeyPolicies {
    type Api = operations::ListKeyPolicies;
    type Target = Sought;

    async fn access(
        input: &ListKeyPoliciesRequest,
        look: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        let sought = Sought::own(look, &input.key_id).await?;
        let needs = permission::ListKeyPolicies {
            key: sought.resource(),
        };
        Ok(Access::to(sought, needs))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<ListKeyPoliciesResponse, Failure> {
        let input = call.input();
        call.target().key()?;
        let asked = Asked::read(input.marker.as_deref(), input.limit, 100)?;
        let names = [key_policy::NAME]
            .into_iter()
            .filter(|name| asked.reaches(name));
        let page = asked.cut(names, |name| name);
        Ok(ListKeyPoliciesResponse {
            truncated: page.truncated(),
            policy_names: Some(page.items.into_iter().map(str::to_owned).collect()),
            next_marker: page.next_marker,
        })
    }
}
