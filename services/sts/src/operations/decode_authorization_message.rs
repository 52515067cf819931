//! `sts:DecodeAuthorizationMessage`: why a call was denied.

use pipeline::{Access, Failure, Lookup, Operation, Permitted};
use sts_api::shapes::{DecodeAuthorizationMessageRequest, DecodeAuthorizationMessageResponse};
use sts_api::{operations, permission};

use crate::errors;

pub(crate) struct DecodeAuthorizationMessage;

impl Operation for DecodeAuthorizationMessage {
    type Api = operations::DecodeAuthorizationMessage;
    type Target = ();

    async fn access(
        _: &DecodeAuthorizationMessageRequest,
        _: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        Ok(Access::to((), permission::DecodeAuthorizationMessage {}))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<DecodeAuthorizationMessageResponse, Failure> {
        let decoded = call.open_authorization_message(&call.input().encoded_message);
        Ok(DecodeAuthorizationMessageResponse {
            decoded_message: Some(decoded.ok_or_else(errors::foreign_message)?),
        })
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{EVERYTHING, assume, ops, sts};
    use harness::{Answer, Client};
    use serde_json::{Value, json};

    async fn decode(caller: &Client, message: &str) -> Answer {
        let input = json!({"EncodedMessage": message});
        caller
            .call("sts", "DecodeAuthorizationMessage", input)
            .await
    }

    #[tokio::test]
    async fn explains_a_denial() {
        let alcazar = sts().await;
        let (_, ann) = ops(&alcazar).await;
        let denied = assume(&alcazar.powerless().await, json!({}))
            .await
            .fails("AccessDenied");
        let message = denied.encoded_message.unwrap();
        let answer = decode(&ann, &message).await.ok();
        let decoded: Value = serde_json::from_str(&answer.field("DecodedMessage")).unwrap();
        assert_eq!(decoded["allowed"], false);
        assert_eq!(decoded["explicitDeny"], false);
        assert_eq!(decoded["context"]["action"], "sts:AssumeRole");
        assert_eq!(
            decoded["context"]["resource"],
            "arn:aws:iam::111122223333:role/Ops"
        );
        let principal = &decoded["context"]["principal"];
        assert_eq!(principal["arn"], "arn:aws:iam::111122223333:user/powerless");
    }

    #[tokio::test]
    async fn names_the_statement_that_denied() {
        let alcazar = sts().await;
        ops(&alcazar).await;
        let policy = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"},{"Effect":"Deny","Action":"sts:*","Resource":"*"}]}"#;
        let bob = alcazar.user("bob", policy).await;
        let denied = assume(&bob, json!({})).await.fails("AccessDenied");
        let answer = decode(&alcazar.root(), &denied.encoded_message.unwrap())
            .await
            .ok();
        let decoded: Value = serde_json::from_str(&answer.field("DecodedMessage")).unwrap();
        assert_eq!(decoded["explicitDeny"], true);
        assert_eq!(decoded["matchedStatements"]["items"][0]["statementId"], "1");
        assert_eq!(
            decoded["matchedStatements"]["items"][0]["policyName"],
            "inline"
        );
    }

    #[tokio::test]
    async fn opens_nothing_foreign() {
        let alcazar = sts().await;
        let denied = assume(&alcazar.powerless().await, json!({})).await;
        let message = denied.encoded_message.unwrap();
        let (root, other) = (alcazar.root(), alcazar.other_root());
        let elsewhere = assume(&sts().await.powerless().await, json!({})).await;
        let elsewhere = elsewhere.encoded_message.unwrap();
        for (caller, message) in [
            (&root, "x"),
            (&root, message.trim_start_matches('A')),
            (&root, &elsewhere),
            (&other, &message),
        ] {
            let answer = decode(caller, message).await;
            answer
                .fails("InvalidAuthorizationMessageException")
                .saying("Message is not valid");
        }
        decode(&root, &message).await.ok();
        decode(&root, "").await.fails("ValidationError");
        decode(&root, &"x".repeat(10_241))
            .await
            .fails("ValidationError");
    }

    #[tokio::test]
    async fn takes_permission() {
        let alcazar = sts().await;
        let powerless = alcazar.powerless().await;
        let denied = assume(&powerless, json!({})).await;
        let message = denied.encoded_message.unwrap();
        decode(&powerless, &message).await.fails("AccessDenied");
        decode(&alcazar.user("ann", EVERYTHING).await, &message)
            .await
            .ok();
    }

    #[tokio::test]
    async fn is_recorded_without_the_explanation() {
        let alcazar = sts().await;
        let denied = assume(&alcazar.powerless().await, json!({})).await;
        decode(&alcazar.root(), &denied.encoded_message.unwrap())
            .await
            .ok();
        let event = alcazar.event("DecodeAuthorizationMessage").await;
        assert_eq!(event["readOnly"], true);
        assert!(event["responseElements"].is_null());
        assert!(!event.to_string().contains("explicitDeny"));
    }
}
