//! `sts:GetAccessKeyInfo`: the account of an access key.

use identity::{AccessKey, account_of};
use pipeline::{Access, Failure, Lookup, Operation, Permitted};
use sts_api::shapes::{GetAccessKeyInfoRequest, GetAccessKeyInfoResponse};
use sts_api::{operations, permission};

use crate::errors;

/// Length of an access key id that was not chosen by an operator.
const ID_LENGTH: usize = 20;

pub(crate) struct GetAccessKeyInfo;

impl Operation for GetAccessKeyInfo {
    type Api = operations::GetAccessKeyInfo;
    type Target = ();

    async fn access(_: &GetAccessKeyInfoRequest, _: &Lookup<'_>) -> Result<Access<Self>, Failure> {
        Ok(Access::to((), permission::GetAccessKeyInfo {}))
    }

    /// AWS: tells the account of any key of that form, whether or not there is such a key.
    async fn run(call: Permitted<'_, Self>) -> Result<GetAccessKeyInfoResponse, Failure> {
        let id = &call.input().access_key_id;
        let key = call.look().get::<AccessKey>(&AccessKey::key_of(id)).await?;
        let encoded = || {
            let known = id.starts_with("AKIA") || id.starts_with("ASIA");
            (known && id.len() == ID_LENGTH)
                .then(|| account_of(id))
                .flatten()
        };
        let account = key.map(|key| key.account).or_else(encoded);
        let account = account.ok_or_else(|| errors::unknown_access_key(id))?;
        Ok(GetAccessKeyInfoResponse {
            account: Some(account.to_string()),
        })
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{EVERYTHING, sts};
    use base::Secret;
    use harness::{ACCOUNT, OTHER_ACCOUNT};
    use identity::{AccessKey, AccessKeyStatus, Owner, Prefix};
    use serde_json::json;

    #[tokio::test]
    async fn tells_the_account_of_any_key() {
        let alcazar = sts().await;
        let ann = alcazar.user("ann", EVERYTHING).await;
        let other = OTHER_ACCOUNT.parse().unwrap();
        let key = AccessKey {
            id: "chosen_by_an_operator".to_owned(),
            secret: Secret::new("s3cr3t-s3cr3t".to_owned()),
            account: other,
            owner: Owner::Root,
            status: AccessKeyStatus::Inactive,
            created: alcazar.core.clock.now(),
        };
        alcazar.keep(key).await;
        let temporary = identity::unique_id(Prefix::TemporaryAccessKey, other, [7; 11]);
        for (id, account) in [
            ("chosen_by_an_operator", OTHER_ACCOUNT),
            (&temporary, OTHER_ACCOUNT),
            (&alcazar.root().access_key_id, ACCOUNT),
            ("ASIAQNZGKIQY56JQ7WML", "029608264753"),
        ] {
            let input = json!({"AccessKeyId": id});
            let answer = ann.call("sts", "GetAccessKeyInfo", input).await.ok();
            assert_eq!(answer.field("Account"), account, "{id}");
        }
    }

    #[tokio::test]
    async fn refuses_what_is_no_key() {
        let alcazar = sts().await;
        let long = "A".repeat(129);
        for id in [
            "AKIA",
            &long,
            "AKIA-OSFODNN7EXAMPL",
            "AIDAQNZGKIQY56JQ7WML",
            "not_a_known_key_id",
        ] {
            let input = json!({"AccessKeyId": id});
            let answer = alcazar.root().call("sts", "GetAccessKeyInfo", input).await;
            answer.fails("ValidationError");
        }
    }

    #[tokio::test]
    async fn takes_permission() {
        let alcazar = sts().await;
        let input = json!({"AccessKeyId": "AKIAIOSFODNN7EXAMPLE"});
        let answer = alcazar
            .powerless()
            .await
            .call("sts", "GetAccessKeyInfo", input)
            .await;
        answer.fails("AccessDenied");
    }

    #[tokio::test]
    async fn is_recorded() {
        let alcazar = sts().await;
        let input = json!({"AccessKeyId": "AKIAIOSFODNN7EXAMPLE"});
        alcazar
            .root()
            .call("sts", "GetAccessKeyInfo", input)
            .await
            .ok();
        let event = alcazar.event("GetAccessKeyInfo").await;
        assert_eq!(
            event["requestParameters"]["accessKeyId"],
            "AKIAIOSFODNN7EXAMPLE"
        );
        assert!(event["responseElements"].is_null());
    }
}
