//! `iam:UpdateAccessKey`: whether an access key signs.

use iam_api::shapes::{StatusType, UpdateAccessKeyRequest};
use iam_api::{operations, permission};
use identity::{AccessKey, AccessKeyStatus};
use pipeline::{Access, Failure, Lookup, Operation, Permitted};
use wire::Empty;

use crate::access_keys::Holder;
use crate::errors;
use crate::find::Subject;

pub(crate) struct UpdateAccessKey;

impl Operation for UpdateAccessKey {
    type Api = operations::UpdateAccessKey;
    type Target = Subject;

    async fn access(
        input: &UpdateAccessKeyRequest,
        look: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        let subject = Subject::find(look, input.user_name.as_deref()).await?;
        let user = subject.resource(look.call().account());
        Ok(Access::to(subject, permission::UpdateAccessKey { user }))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<Empty, Failure> {
        let status = match call.input().status {
            StatusType::Active => AccessKeyStatus::Active,
            StatusType::Inactive => AccessKeyStatus::Inactive,
            // AWS: only IAM itself gives this status.
            StatusType::Expired => return Err(errors::status_not_allowed("Expired")),
        };
        let holder = Holder::of(call.look(), call.target()).await?;
        let key = holder.key(call.look(), &call.input().access_key_id).await?;
        call.put(AccessKey {
            status,
            ..AccessKey::clone(&key)
        });
        Ok(Empty {})
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::{ANYTHING, denies, fails, iam, root, server, user};

    #[tokio::test]
    async fn an_inactive_key_does_not_sign() {
        let alcazar = server().await;
        let ann = alcazar.user("ann", ANYTHING).await;
        let set =
            |status| json!({"UserName": "ann", "AccessKeyId": ann.access_key_id, "Status": status});
        root(&alcazar, "UpdateAccessKey", set("Inactive")).await;
        iam(&ann, "GetUser", json!({}))
            .await
            .fails("InvalidClientTokenId");
        let listed = root(&alcazar, "ListAccessKeys", json!({"UserName": "ann"})).await;
        assert_eq!(listed.field("Status"), "Inactive");
        root(&alcazar, "UpdateAccessKey", set("Active")).await;
        iam(&ann, "GetUser", json!({})).await.ok();
        let error = (
            "InvalidInput",
            "Access keys cannot be given the status Expired.",
        );
        fails(&alcazar, "UpdateAccessKey", set("Expired"), error).await;
    }

    #[tokio::test]
    async fn only_keys_of_that_user() {
        let alcazar = server().await;
        let ann = alcazar.user("ann", ANYTHING).await;
        user(&alcazar, "bob").await;
        let id = ann.access_key_id;
        let missing = format!("The Access Key with id {id} cannot be found.");
        for name in [json!("bob"), json!(null)] {
            let input = json!({"UserName": name, "AccessKeyId": id, "Status": "Inactive"});
            fails(
                &alcazar,
                "UpdateAccessKey",
                input,
                ("NoSuchEntity", &missing),
            )
            .await;
        }
        let input = json!({"UserName": "eve", "AccessKeyId": id, "Status": "Inactive"});
        let missing = ("NoSuchEntity", "The user with name eve cannot be found.");
        fails(&alcazar, "UpdateAccessKey", input, missing).await;
    }

    #[tokio::test]
    async fn root_can_take_its_own_key_out_of_use() {
        let alcazar = server().await;
        let client = alcazar.root();
        let input = json!({"AccessKeyId": client.access_key_id, "Status": "Inactive"});
        iam(&client, "UpdateAccessKey", input).await.ok();
        iam(&client, "GetUser", json!({}))
            .await
            .fails("InvalidClientTokenId");
    }

    #[tokio::test]
    async fn is_guarded_and_recorded() {
        let alcazar = server().await;
        let ann = alcazar.user("ann", ANYTHING).await;
        let input =
            json!({"UserName": "ann", "AccessKeyId": ann.access_key_id, "Status": "Inactive"});
        denies(&alcazar, "UpdateAccessKey", input.clone()).await;
        root(&alcazar, "UpdateAccessKey", input).await;
        let event = alcazar.event("UpdateAccessKey").await;
        assert_eq!(event["requestParameters"]["status"], "Inactive");
        assert_eq!(
            event["requestParameters"]["accessKeyId"],
            ann.access_key_id.as_str()
        );
    }
}
