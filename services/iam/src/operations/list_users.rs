//! `iam:ListUsers`: the users of the account, by path prefix.

use iam_api::shapes::{ListUsersRequest, ListUsersResponse};
use iam_api::{operations, permission};
use identity::User;
use pipeline::{Access, Failure, Lookup, Operation, Permitted};

use crate::paging::{Paging, below};
use crate::shapes;

pub(crate) struct ListUsers;

impl Operation for ListUsers {
    type Api = operations::ListUsers;
    type Target = Paging;

    async fn access(input: &ListUsersRequest, _: &Lookup<'_>) -> Result<Access<Self>, Failure> {
        let paging = Paging::new(&input.marker, input.max_items)?;
        Ok(Access::to(paging, permission::ListUsers {}))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<ListUsersResponse, Failure> {
        let prefix = User::prefix(call.call().account());
        let wanted = |user: &User| below(&call.input().path_prefix, &user.path);
        let page = call
            .target()
            .records(call.look(), &prefix, |user: &User| &user.name, wanted);
        let page = page.await?;
        Ok(ListUsersResponse {
            users: page.map(|user| shapes::listed_user(user)),
            is_truncated: page.is_truncated(),
            marker: page.marker,
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::{ANYTHING, denies, fails, root, server};

    #[tokio::test]
    async fn pages_in_order_without_tags() {
        let alcazar = server().await;
        alcazar.other_user("zoe", ANYTHING).await;
        for name in ["cid", "Ann", "bob"] {
            let tags = json!([{"Key": "team", "Value": "x"}]);
            root(
                &alcazar,
                "CreateUser",
                json!({"UserName": name, "Tags": tags}),
            )
            .await;
        }
        let first = root(&alcazar, "ListUsers", json!({"MaxItems": 2})).await;
        assert_eq!(first.fields("UserName"), ["Ann", "bob"]);
        assert_eq!(first.field("IsTruncated"), "true");
        assert!(!first.text.contains("Tags"));
        let marker = first.field("Marker");
        let rest = root(
            &alcazar,
            "ListUsers",
            json!({"MaxItems": 2, "Marker": marker}),
        )
        .await;
        assert_eq!(rest.fields("UserName"), ["cid"]);
        assert_eq!(rest.field("IsTruncated"), "false");
        assert_eq!(rest.field("Marker"), "");
        let all = root(&alcazar, "ListUsers", json!({"MaxItems": 3})).await;
        assert_eq!(all.field("IsTruncated"), "false");
    }

    #[tokio::test]
    async fn by_path_prefix() {
        let alcazar = server().await;
        for (name, path) in [
            ("ann", "/eng/"),
            ("bob", "/"),
            ("cid", "/eng/db/"),
            ("dan", "/ops/"),
        ] {
            root(
                &alcazar,
                "CreateUser",
                json!({"UserName": name, "Path": path}),
            )
            .await;
        }
        let input = json!({"PathPrefix": "/eng", "MaxItems": 1});
        let first = root(&alcazar, "ListUsers", input).await;
        assert_eq!(first.fields("UserName"), ["ann"]);
        let input = json!({"PathPrefix": "/eng", "MaxItems": 1, "Marker": first.field("Marker")});
        let second = root(&alcazar, "ListUsers", input).await;
        assert_eq!(second.fields("UserName"), ["cid"]);
        assert_eq!(second.field("IsTruncated"), "false");
    }

    #[tokio::test]
    async fn a_search_in_vain_ends_in_steps() {
        let alcazar = server().await;
        let account: base::AccountId = harness::ACCOUNT.parse().unwrap();
        let mut writes = storage::Writes::default();
        for number in 0..2_500 {
            writes.put(identity::User {
                name: format!("u{number:04}"),
                path: "/".to_owned(),
                id: format!("AIDA{number}"),
                arn: identity::User::arn_of(account, "/", "u"),
                account,
                created: alcazar.core.clock.now(),
                tags: base::Tags::default(),
                boundary: None,
                attached: vec![],
                inline: std::collections::BTreeMap::new(),
                groups: vec![],
                access_keys: vec![],
            });
        }
        alcazar
            .core
            .records
            .commit(storage::Reads::none(), writes)
            .await
            .unwrap();
        let first = root(&alcazar, "ListUsers", json!({"PathPrefix": "/none/"})).await;
        assert_eq!(first.field("IsTruncated"), "true");
        let input = json!({"PathPrefix": "/none/", "Marker": first.field("Marker")});
        let rest = root(&alcazar, "ListUsers", input).await;
        assert_eq!(rest.field("IsTruncated"), "false");
        assert!(rest.fields("UserName").is_empty() && first.fields("UserName").is_empty());
        let all = root(&alcazar, "ListUsers", json!({"MaxItems": 1000})).await;
        assert_eq!(all.fields("UserName").len(), 1_000);
        let input = json!({"MaxItems": 1000, "Marker": all.field("Marker")});
        let next = root(&alcazar, "ListUsers", input).await;
        assert_eq!(next.field("UserName"), "u1000");
    }

    #[tokio::test]
    async fn refuses_a_marker_that_no_answer_held() {
        let alcazar = server().await;
        let error = ("ValidationError", "Invalid Marker.");
        fails(&alcazar, "ListUsers", json!({"Marker": "%"}), error).await;
    }

    #[tokio::test]
    async fn is_guarded_and_recorded() {
        let alcazar = server().await;
        denies(&alcazar, "ListUsers", json!({})).await;
        root(&alcazar, "ListUsers", json!({"PathPrefix": "/a"})).await;
        let event = alcazar.event("ListUsers").await;
        assert_eq!(event["requestParameters"]["pathPrefix"], "/a");
    }
}
