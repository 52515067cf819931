//! `iam:DeleteAccessKey`: an access key signs nothing more.

use iam_api::shapes::DeleteAccessKeyRequest;
use iam_api::{operations, permission};
use identity::{AccessKey, LastUsed};
use pipeline::{Access, Failure, Lookup, Operation, Permitted};
use storage::Record;
use wire::Empty;

use crate::access_keys::Holder;
use crate::find::Subject;

pub(crate) struct DeleteAccessKey;

impl Operation for DeleteAccessKey {
    type Api = operations::DeleteAccessKey;
    type Target = Subject;

    async fn access(
        input: &DeleteAccessKeyRequest,
        look: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        let subject = Subject::find(look, input.user_name.as_deref()).await?;
        let user = subject.resource(look.call().account());
        Ok(Access::to(subject, permission::DeleteAccessKey { user }))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<Empty, Failure> {
        let holder = Holder::of(call.look(), call.target()).await?;
        let key = holder.key(call.look(), &call.input().access_key_id).await?;
        let others = holder.ids().iter().filter(|id| **id != key.id);
        holder.keep(&call, others.cloned().collect());
        call.delete::<AccessKey>(&key.key());
        call.delete::<LastUsed>(&LastUsed::key_of(&key.id));
        Ok(Empty {})
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::{ANYTHING, denies, fails, iam, root, server};

    #[tokio::test]
    async fn the_key_is_gone() {
        let alcazar = server().await;
        let ann = alcazar.user("ann", ANYTHING).await;
        iam(
            &ann,
            "DeleteAccessKey",
            json!({"AccessKeyId": ann.access_key_id}),
        )
        .await
        .ok();
        iam(&ann, "GetUser", json!({}))
            .await
            .fails("InvalidClientTokenId");
        let listed = root(&alcazar, "ListAccessKeys", json!({"UserName": "ann"})).await;
        assert!(listed.fields("AccessKeyId").is_empty());
        let input = json!({"UserName": "ann", "AccessKeyId": "AKIAIOSFODNN7EXAMPLE"});
        let missing = "The Access Key with id AKIAIOSFODNN7EXAMPLE cannot be found.";
        fails(
            &alcazar,
            "DeleteAccessKey",
            input,
            ("NoSuchEntity", missing),
        )
        .await;
        let input = json!({"UserName": "eve", "AccessKeyId": "AKIAIOSFODNN7EXAMPLE"});
        let missing = ("NoSuchEntity", "The user with name eve cannot be found.");
        fails(&alcazar, "DeleteAccessKey", input, missing).await;
    }

    #[tokio::test]
    async fn root_deletes_its_own() {
        let alcazar = server().await;
        let made = root(&alcazar, "CreateAccessKey", json!({})).await;
        let input = json!({"AccessKeyId": made.field("AccessKeyId")});
        root(&alcazar, "DeleteAccessKey", input).await;
        let listed = root(&alcazar, "ListAccessKeys", json!({})).await;
        assert_eq!(listed.fields("AccessKeyId"), [alcazar.root().access_key_id]);
    }

    #[tokio::test]
    async fn is_guarded_and_recorded() {
        let alcazar = server().await;
        let ann = alcazar.user("ann", ANYTHING).await;
        let input = json!({"UserName": "ann", "AccessKeyId": ann.access_key_id});
        denies(&alcazar, "DeleteAccessKey", input.clone()).await;
        root(&alcazar, "DeleteAccessKey", input).await;
        let event = alcazar.event("DeleteAccessKey").await;
        assert_eq!(
            event["requestParameters"]["accessKeyId"],
            ann.access_key_id.as_str()
        );
    }
}
