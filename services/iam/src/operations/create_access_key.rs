//! `iam:CreateAccessKey`: a new access key, whose secret is shown this once.

use iam_api::shapes::{self, CreateAccessKeyRequest, CreateAccessKeyResponse};
use iam_api::{operations, permission};
use identity::{AccessKey, AccessKeyStatus, Prefix};
use pipeline::{Access, Failure, Lookup, Operation, Permitted};

use crate::access_keys::{Holder, MOST};
use crate::errors;
use crate::find::Subject;

pub(crate) struct CreateAccessKey;

impl Operation for CreateAccessKey {
    type Api = operations::CreateAccessKey;
    type Target = Subject;

    async fn access(
        input: &CreateAccessKeyRequest,
        look: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        let subject = Subject::find(look, input.user_name.as_deref()).await?;
        let user = subject.resource(look.call().account());
        Ok(Access::to(subject, permission::CreateAccessKey { user }))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<CreateAccessKeyResponse, Failure> {
        let holder = Holder::of(call.look(), call.target()).await?;
        if holder.ids().len() >= MOST {
            return Err(errors::quota_exceeded("AccessKeysPerUser", MOST));
        }
        let key = AccessKey {
            id: call.unique_id(Prefix::AccessKey),
            secret: call.secret_access_key(),
            account: call.call().account(),
            owner: holder.owner(),
            status: AccessKeyStatus::Active,
            created: call.call().now(),
        };
        let mut ids = holder.ids().to_vec();
        ids.push(key.id.clone());
        holder.keep(&call, ids);
        let access_key = shapes::AccessKey {
            user_name: holder.name().unwrap_or_default().to_owned(),
            access_key_id: key.id.clone(),
            status: crate::shapes::status(key.status),
            secret_access_key: key.secret.clone(),
            create_date: Some(key.created),
        };
        call.put(key);
        Ok(CreateAccessKeyResponse { access_key })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::{ANYTHING, denies, fails, iam, root, server, user};

    #[tokio::test]
    async fn the_key_signs() {
        let alcazar = server().await;
        let ann = alcazar.user("ann", ANYTHING).await;
        let made = iam(&ann, "CreateAccessKey", json!({})).await.ok();
        assert_eq!(made.field("UserName"), "ann");
        assert_eq!(made.field("Status"), "Active");
        assert_eq!(made.field("CreateDate"), "2026-11-23T06:38:13Z");
        assert!(made.field("AccessKeyId").starts_with("AKIA"));
        assert_eq!(made.field("SecretAccessKey").len(), 40);
        let again = alcazar.client(&made.field("AccessKeyId"), &made.field("SecretAccessKey"));
        let got = iam(&again, "GetUser", json!({})).await.ok();
        assert_eq!(got.field("UserName"), "ann");
    }

    #[tokio::test]
    async fn root_makes_its_own() {
        let alcazar = server().await;
        let made = root(&alcazar, "CreateAccessKey", json!({})).await;
        let again = alcazar.client(&made.field("AccessKeyId"), &made.field("SecretAccessKey"));
        let got = iam(&again, "GetUser", json!({})).await.ok();
        assert_eq!(got.field("Arn"), "arn:aws:iam::111122223333:root");
    }

    #[tokio::test]
    async fn refuses() {
        let alcazar = server().await;
        let missing = ("NoSuchEntity", "The user with name ann cannot be found.");
        fails(
            &alcazar,
            "CreateAccessKey",
            json!({"UserName": "ann"}),
            missing,
        )
        .await;
        user(&alcazar, "ann").await;
        let full = (
            "LimitExceeded",
            "Cannot exceed quota for AccessKeysPerUser: 2",
        );
        for _ in 0..2 {
            root(&alcazar, "CreateAccessKey", json!({"UserName": "ann"})).await;
        }
        fails(
            &alcazar,
            "CreateAccessKey",
            json!({"UserName": "ann"}),
            full,
        )
        .await;
        root(&alcazar, "CreateAccessKey", json!({})).await;
        fails(&alcazar, "CreateAccessKey", json!({}), full).await;
        let session = alcazar.role_session("Ops", ANYTHING).await;
        let answer = iam(&session, "CreateAccessKey", json!({}))
            .await
            .fails("ValidationError");
        answer.saying("Must specify userName when calling with non-User credentials");
    }

    #[tokio::test]
    async fn is_guarded_and_recorded_without_the_secret() {
        let alcazar = server().await;
        user(&alcazar, "ann").await;
        denies(&alcazar, "CreateAccessKey", json!({"UserName": "ann"})).await;
        let made = root(&alcazar, "CreateAccessKey", json!({"UserName": "ann"})).await;
        let event = alcazar.event("CreateAccessKey").await;
        assert_eq!(event["requestParameters"]["userName"], "ann");
        let key = &event["responseElements"]["accessKey"];
        assert_eq!(key["accessKeyId"], made.field("AccessKeyId"));
        assert!(!event.to_string().contains(&made.field("SecretAccessKey")));
    }
}
