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
        let key = call.target().key()?;
        let asked = Asked::read(
            call.call(),
            &["ListKeyPolicies", key.arn.as_str()],
            input.marker.as_deref(),
            (input.limit, 100),
        )?;
        let names = [key_policy::NAME]
            .into_iter()
            .filter(|name| asked.reaches(name));
        let page = asked.cut(names, |name| name);
        let next_marker = asked.next_marker(call.call(), &page)?;
        Ok(ListKeyPoliciesResponse {
            truncated: page.truncated(),
            policy_names: Some(page.items.into_iter().map(str::to_owned).collect()),
            next_marker,
        })
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{Kms, alcazar};
    use serde_json::json;

    #[tokio::test]
    async fn there_is_one() {
        let alcazar = alcazar().await;
        let root = alcazar.root();
        let input = json!({"KeyId": root.new_key().await});
        let listed = root.kms("ListKeyPolicies", input.clone()).await.ok();
        assert_eq!(
            listed.json().unwrap(),
            json!({"PolicyNames": ["default"], "Truncated": false})
        );
        let event = alcazar.event("ListKeyPolicies").await;
        assert_eq!(event["requestParameters"]["keyId"], input["KeyId"]);
        assert_eq!(event["readOnly"], true);
    }

    #[tokio::test]
    async fn no_such_page() {
        let root = alcazar().await.root();
        let key = root.new_key().await;
        let input = json!({"KeyId": key, "Marker": "!"});
        root.kms("ListKeyPolicies", input)
            .await
            .fails("InvalidMarkerException");
        let input = json!({"KeyId": key, "Limit": 1001});
        root.kms("ListKeyPolicies", input)
            .await
            .fails("ValidationException");
    }
}
