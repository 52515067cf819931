//! `iam:GetAccessKeyLastUsed`: when, where and for what an access key last signed.

use std::sync::Arc;

use iam_api::shapes::{
    AccessKeyLastUsed, GetAccessKeyLastUsedRequest, GetAccessKeyLastUsedResponse,
};
use iam_api::{operations, permission};
use identity::{AccessKey, Account, LastUsed, Owner, User};
use pipeline::{Access, Failure, Lookup, Operation, Permitted};
use policy::{Called, NamedResource, Resource};

use crate::errors;
use crate::find::Named;

/// What stands for the service and region of a key that never signed.
const NEVER: &str = "N/A";

pub(crate) struct GetAccessKeyLastUsed;

impl Operation for GetAccessKeyLastUsed {
    type Api = operations::GetAccessKeyLastUsed;
    type Target = Option<Arc<AccessKey>>;

    async fn access(
        input: &GetAccessKeyLastUsedRequest,
        look: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        let key = look
            .get::<AccessKey>(&AccessKey::key_of(&input.access_key_id))
            .await?;
        let key = key.filter(|key| key.account == look.call().account());
        let user = Arc::new(Called {
            words: format!("access key {}", input.access_key_id),
            resource: owner(look, key.as_deref()).await?,
        });
        Ok(Access::to(key, permission::GetAccessKeyLastUsed { user }))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<GetAccessKeyLastUsedResponse, Failure> {
        let id = &call.input().access_key_id;
        let Some(key) = call.target() else {
            return Err(errors::foreign_access_key(call.call().caller().arn(), id));
        };
        let used = call.last_used(&key.id).await?;
        Ok(GetAccessKeyLastUsedResponse {
            user_name: match &key.owner {
                Owner::User(name) => Some(name.clone()),
                Owner::Root => None,
            },
            access_key_last_used: Some(shape(used)),
        })
    }
}

/// Whose key it is, as policies see it. A key that is not there could be any user's.
async fn owner(look: &Lookup<'_>, key: Option<&AccessKey>) -> Result<Arc<dyn Resource>, Failure> {
    let account = look.call().account();
    let arn = match key.map(|key| &key.owner) {
        Some(Owner::User(name)) => return Ok(Named::<User>::find(look, name).await?.resource()),
        Some(Owner::Root) => Account::root_arn(account),
        None => User::arn_of(account, "/", "*"),
    };
    Ok(Arc::new(NamedResource::new(arn, account)))
}

fn shape(used: Option<LastUsed>) -> AccessKeyLastUsed {
    match used {
        Some(used) => AccessKeyLastUsed {
            last_used_date: Some(used.at),
            service_name: used.service,
            region: used.region.to_string(),
        },
        None => AccessKeyLastUsed {
            last_used_date: None,
            service_name: NEVER.to_owned(),
            region: NEVER.to_owned(),
        },
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::{ANYTHING, denies, fails, iam, root, server};

    #[tokio::test]
    async fn the_last_call_counts() {
        let alcazar = server().await;
        let ann = alcazar.user("ann", ANYTHING).await;
        let input = json!({"AccessKeyId": ann.access_key_id});
        let never = root(&alcazar, "GetAccessKeyLastUsed", input.clone()).await;
        assert_eq!(never.field("UserName"), "ann");
        assert_eq!(never.field("ServiceName"), "N/A");
        assert_eq!(never.field("Region"), "N/A");
        assert!(!never.text.contains("LastUsedDate"));
        iam(&ann.region("eu-west-1"), "GetUser", json!({})).await;
        alcazar.clock.advance_seconds(120);
        iam(&ann, "GetUser", json!({})).await.ok();
        let used = root(&alcazar, "GetAccessKeyLastUsed", input).await;
        assert_eq!(used.field("LastUsedDate"), "2026-11-23T06:40:00Z");
        assert_eq!(used.field("ServiceName"), "iam");
        assert_eq!(used.field("Region"), "us-east-1");
    }

    #[tokio::test]
    async fn of_root() {
        let alcazar = server().await;
        let input = json!({"AccessKeyId": alcazar.root().access_key_id});
        let used = root(&alcazar, "GetAccessKeyLastUsed", input).await;
        assert_eq!(used.field("LastUsedDate"), "2026-11-23T06:38:00Z");
        assert!(!used.text.contains("UserName"));
    }

    #[tokio::test]
    async fn keys_of_others_are_denied() {
        let alcazar = server().await;
        let other = alcazar.other_root().access_key_id;
        for id in ["AKIAIOSFODNN7EXAMPLE", &other] {
            let message = format!(
                "User: arn:aws:iam::111122223333:root is not authorized to perform \
                 iam:GetAccessKeyLastUsed on resource: access key {id}"
            );
            let input = json!({"AccessKeyId": id});
            fails(
                &alcazar,
                "GetAccessKeyLastUsed",
                input,
                ("AccessDenied", &message),
            )
            .await;
        }
    }

    #[tokio::test]
    async fn a_denial_does_not_tell_whose_it_is() {
        let alcazar = server().await;
        let ann = alcazar.user("ann", ANYTHING).await.access_key_id;
        let powerless = alcazar.powerless().await;
        for id in [&ann, "AKIAIOSFODNN7EXAMPLE"] {
            let denied = iam(
                &powerless,
                "GetAccessKeyLastUsed",
                json!({"AccessKeyId": id}),
            )
            .await;
            let message = denied.fails("AccessDenied").message();
            let resource = format!("on resource: access key {id} because no identity-based policy");
            assert!(message.contains(&resource), "{message}");
        }
    }

    #[tokio::test]
    async fn is_guarded_and_recorded() {
        let alcazar = server().await;
        let input = json!({"AccessKeyId": alcazar.root().access_key_id});
        denies(&alcazar, "GetAccessKeyLastUsed", input.clone()).await;
        root(&alcazar, "GetAccessKeyLastUsed", input.clone()).await;
        let event = alcazar.event("GetAccessKeyLastUsed").await;
        assert_eq!(
            event["requestParameters"]["accessKeyId"],
            input["AccessKeyId"]
        );
    }
}
