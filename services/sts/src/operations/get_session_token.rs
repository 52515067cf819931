//! `sts:GetSessionToken`: temporary credentials of the caller itself.

use base::Tags;
use identity::{Session, SessionKind};
use pipeline::{Access, Failure, Lookup, NeedsNoPermission, Operation, Permitted};
use sts_api::operations;
use sts_api::shapes::{GetSessionTokenRequest, GetSessionTokenResponse};

use crate::issuer::Issuer;
use crate::{mfa, token};

pub(crate) struct GetSessionToken;

/// AWS: "No permissions are required to perform this operation", and none can deny it.
impl NeedsNoPermission for GetSessionToken {}

impl Operation for GetSessionToken {
    type Api = operations::GetSessionToken;
    type Target = ();
    const RECORDS_REPLY: bool = true;

    async fn access(_: &GetSessionTokenRequest, _: &Lookup<'_>) -> Result<Access<Self>, Failure> {
        Ok(Access::unguarded(()))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<GetSessionTokenResponse, Failure> {
        let input = call.input();
        let issuer = Issuer::of(call.call().caller(), "GetSessionToken")?;
        let (serial_number, code) = (input.serial_number.as_deref(), input.token_code.as_ref());
        let device = mfa::proved(call.look(), serial_number, code).await?;
        let (issued, expires) =
            token::lifetime(&call, issuer.duration_seconds(input.duration_seconds));
        let account = call.call().account();
        let session = Session {
            access_key_id: token::access_key_id(&call, account),
            secret: call.secret_access_key(),
            account,
            kind: SessionKind::Token(issuer.owner, issuer.id),
            issued,
            expires,
            policies: vec![],
            policy_arns: vec![],
            tags: Tags::default(),
            transitive_tag_keys: vec![],
            source_identity: None,
            mfa_authenticated: device.as_ref().map(|_| issued),
            workload: None,
            federation: None,
        };
        let issued = token::issue(&call, &session, input.minimum_session_token_size)?;
        if let Some(device) = device {
            call.put(device);
        }
        Ok(GetSessionTokenResponse {
            credentials: Some(issued.credentials),
            session_token_utilization: Some(issued.utilization),
            session_token_size: Some(issued.token_bytes),
        })
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{EVERYTHING, assume, ops, sts};
    use harness::{Answer, Client};
    use serde_json::{Value, json};

    async fn get(caller: &Client, input: Value) -> Answer {
        caller.call("sts", "GetSessionToken", input).await
    }

    #[tokio::test]
    async fn gives_a_session_of_the_caller() {
        let alcazar = sts().await;
        let ann = alcazar.powerless().await;
        for (input, expires) in [
            (json!({}), "2026-11-23T18:38:13Z"),
            (json!({"DurationSeconds": 900}), "2026-11-23T06:53:13Z"),
            (json!({"DurationSeconds": 129_600}), "2026-11-24T18:38:13Z"),
        ] {
            let answer = get(&ann, input).await.ok();
            assert_eq!(answer.field("Expiration"), expires);
            let session = ann.with_credentials_of(&answer);
            let identity = session
                .call("sts", "GetCallerIdentity", json!({}))
                .await
                .ok();
            assert_eq!(
                identity.field("Arn"),
                "arn:aws:iam::111122223333:user/powerless"
            );
        }
    }

    #[tokio::test]
    async fn a_session_of_root_lasts_an_hour_at_most() {
        let alcazar = sts().await;
        for (input, expires) in [
            (json!({}), "2026-11-23T07:38:13Z"),
            (json!({"DurationSeconds": 7200}), "2026-11-23T07:38:13Z"),
            (json!({"DurationSeconds": 900}), "2026-11-23T06:53:13Z"),
        ] {
            let answer = get(&alcazar.root(), input).await.ok();
            assert_eq!(answer.field("Expiration"), expires);
            let session = alcazar.root().with_credentials_of(&answer);
            let identity = session
                .call("sts", "GetCallerIdentity", json!({}))
                .await
                .ok();
            assert_eq!(identity.field("Arn"), "arn:aws:iam::111122223333:root");
            assume(&session, json!({})).await.fails("AccessDenied");
        }
    }

    #[tokio::test]
    async fn refuses_in_the_words_of_aws() {
        let alcazar = sts().await;
        let ann = alcazar.user("ann", EVERYTHING).await;
        for (input, code) in [
            (json!({"DurationSeconds": 899}), "ValidationError"),
            (json!({"DurationSeconds": 129_601}), "ValidationError"),
            (json!({"TokenCode": "123456"}), "AccessDenied"),
            (
                json!({"SerialNumber": "GAHT12345678", "TokenCode": "123456"}),
                "AccessDenied",
            ),
        ] {
            get(&ann, input).await.fails(code);
        }
    }

    #[tokio::test]
    async fn needs_long_term_credentials() {
        let alcazar = sts().await;
        let (_, ann) = ops(&alcazar).await;
        let own = ann.with_credentials_of(&get(&ann, json!({})).await.ok());
        let role = ann.with_credentials_of(&assume(&ann, json!({})).await.ok());
        for session in [own, role] {
            let answer = get(&session, json!({})).await.fails("AccessDenied");
            answer.saying("Cannot call GetSessionToken with session credentials");
        }
    }

    #[tokio::test]
    async fn a_session_reaches_little_of_sts() {
        let alcazar = sts().await;
        let (_, ann) = ops(&alcazar).await;
        let session = ann.with_credentials_of(&get(&ann, json!({})).await.ok());
        assume(&session, json!({})).await.ok();
        let input = json!({"AccessKeyId": "AKIAIOSFODNN7EXAMPLE"});
        ann.call("sts", "GetAccessKeyInfo", input.clone())
            .await
            .ok();
        session
            .call("sts", "GetAccessKeyInfo", input)
            .await
            .fails("AccessDenied");
    }

    #[tokio::test]
    async fn is_recorded_without_secrets() {
        let alcazar = sts().await;
        let answer = get(&alcazar.root(), json!({"DurationSeconds": 900}))
            .await
            .ok();
        let event = alcazar.event("GetSessionToken").await;
        assert_eq!(event["requestParameters"]["durationSeconds"], 900);
        let credentials = &event["responseElements"]["credentials"];
        assert_eq!(credentials["accessKeyId"], answer.field("AccessKeyId"));
        let text = event.to_string();
        assert!(!text.contains(&answer.field("SecretAccessKey")));
        assert!(!text.contains(&answer.field("SessionToken")));
    }
}
