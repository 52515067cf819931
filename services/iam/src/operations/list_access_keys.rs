//! `iam:ListAccessKeys`: the access keys of a user, or of the one that calls.

use iam_api::shapes::{ListAccessKeysRequest, ListAccessKeysResponse};
use iam_api::{operations, permission};
use pipeline::{Access, Failure, Lookup, Operation, Permitted};

use crate::access_keys::Holder;
use crate::find::Subject;
use crate::paging::Paging;
use crate::shapes;

pub(crate) struct ListAccessKeys;

impl Operation for ListAccessKeys {
    type Api = operations::ListAccessKeys;
    type Target = (Subject, Paging);

    async fn access(
        input: &ListAccessKeysRequest,
        look: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        let paging = Paging::new(&input.marker, input.max_items)?;
        let subject = Subject::find(look, input.user_name.as_deref()).await?;
        let user = subject.resource(look.call().account());
        Ok(Access::to(
            (subject, paging),
            permission::ListAccessKeys { user },
        ))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<ListAccessKeysResponse, Failure> {
        let (subject, paging) = call.target();
        let holder = Holder::of(call.look(), subject).await?;
        let page = paging.list(holder.ids(), |id| id.to_string());
        let mut keys = Vec::with_capacity(page.items.len());
        for id in &page.items {
            let key = holder.key(call.look(), id).await?;
            keys.push(shapes::access_key(&key, holder.name()));
        }
        Ok(ListAccessKeysResponse {
            access_key_metadata: keys,
            is_truncated: page.is_truncated(),
            marker: page.marker,
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::{ANYTHING, denies, fails, iam, root, server, user};

    #[tokio::test]
    async fn keys_without_secrets() {
        let alcazar = server().await;
        user(&alcazar, "ann").await;
        let mut made = vec![];
        for _ in 0..2 {
            let key = root(&alcazar, "CreateAccessKey", json!({"UserName": "ann"})).await;
            made.push(key.field("AccessKeyId"));
        }
        made.sort();
        let listed = root(&alcazar, "ListAccessKeys", json!({"UserName": "ann"})).await;
        assert_eq!(listed.fields("AccessKeyId"), made);
        assert_eq!(listed.fields("UserName"), ["ann", "ann"]);
        assert_eq!(listed.fields("Status"), ["Active", "Active"]);
        assert!(!listed.text.contains("Secret"));
        let input = json!({"UserName": "ann", "MaxItems": 1});
        let first = root(&alcazar, "ListAccessKeys", input).await;
        assert_eq!(first.field("IsTruncated"), "true");
        let input = json!({"UserName": "ann", "Marker": first.field("Marker")});
        let rest = root(&alcazar, "ListAccessKeys", input).await;
        assert_eq!(rest.fields("AccessKeyId"), made[1..]);
    }

    #[tokio::test]
    async fn without_a_name_they_are_the_callers() {
        let alcazar = server().await;
        let ann = alcazar.user("ann", ANYTHING).await;
        let listed = iam(&ann, "ListAccessKeys", json!({})).await.ok();
        assert_eq!(listed.fields("AccessKeyId"), [ann.access_key_id.as_str()]);
        let client = alcazar.root();
        let listed = iam(&client, "ListAccessKeys", json!({})).await.ok();
        assert_eq!(
            listed.fields("AccessKeyId"),
            [client.access_key_id.as_str()]
        );
        assert!(!listed.text.contains("UserName"));
    }

    #[tokio::test]
    async fn refuses() {
        let alcazar = server().await;
        let missing = ("NoSuchEntity", "The user with name ann cannot be found.");
        fails(
            &alcazar,
            "ListAccessKeys",
            json!({"UserName": "ann"}),
            missing,
        )
        .await;
        let error = ("ValidationError", "Invalid Marker.");
        fails(&alcazar, "ListAccessKeys", json!({"Marker": "%"}), error).await;
    }

    #[tokio::test]
    async fn is_guarded_and_recorded() {
        let alcazar = server().await;
        user(&alcazar, "ann").await;
        denies(&alcazar, "ListAccessKeys", json!({"UserName": "ann"})).await;
        root(&alcazar, "ListAccessKeys", json!({"UserName": "ann"})).await;
        let event = alcazar.event("ListAccessKeys").await;
        assert_eq!(event["requestParameters"]["userName"], "ann");
    }
}
