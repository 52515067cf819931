//! `organizations:ListRoots`: the root, of which an organization has one.

use organizations_api::shapes::{ListRootsRequest, ListRootsResponse};
use organizations_api::{operations, permission};
use pipeline::{Access, Failure, Lookup, Operation, Permitted};

use crate::paging::Asked;
use crate::shapes;
use crate::standing::Standing;

pub(crate) struct ListRoots;

impl Operation for ListRoots {
    type Api = operations::ListRoots;
    type Target = Standing;

    async fn access(_: &ListRootsRequest, look: &Lookup<'_>) -> Result<Access<Self>, Failure> {
        let standing = Standing::of_caller(look).await?;
        Ok(Access::to(standing, permission::ListRoots {}))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<ListRootsResponse, Failure> {
        let organization = call.target().reads()?;
        let asked = Asked::read(&call.input().next_token, call.input().max_results)?;
        let page = asked.of_all([organization], |organization| organization.root.clone());
        Ok(ListRootsResponse {
            roots: Some(page.items.iter().map(|it| shapes::root(it)).collect()),
            next_token: page.next_token,
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::{MANAGEMENT, Organizations, guards, organized, text};

    #[tokio::test]
    async fn there_is_one() {
        let (alcazar, id) = organized().await;
        let listed = alcazar.root().does("ListRoots", json!({})).await;
        let [root] = &listed["Roots"].as_array().unwrap()[..] else {
            panic!("{listed}")
        };
        let prefix = format!("arn:aws:organizations::{MANAGEMENT}:root/o-");
        assert!(text(&root["Arn"]).starts_with(&prefix));
        assert_eq!((&root["Name"], &root["Id"]), (&json!("Root"), &json!(id)));
        assert_eq!(root["PolicyTypes"], json!([]));
        let caller = alcazar.root();
        let reason = caller.reason(
            "ListRoots",
            json!({"NextToken": "!"}),
            "InvalidInputException",
        );
        assert_eq!(reason.await, "INVALID_NEXT_TOKEN");
    }

    #[tokio::test]
    async fn guarded() {
        guards("ListRoots", json!({})).await;
    }
}
