//! `organizations:DeclineHandshake`: the invited account does not want to join.

use organizations_api::shapes::{DeclineHandshakeRequest, DeclineHandshakeResponse};
use organizations_api::{operations, permission};
use pipeline::{Access, Failure, Lookup, Operation, Permitted};

use crate::handshake::State;
use crate::handshakes::{self, SoughtHandshake};

pub(crate) struct DeclineHandshake;

impl Operation for DeclineHandshake {
    type Api = operations::DeclineHandshake;
    type Target = SoughtHandshake;

    async fn access(
        input: &DeclineHandshakeRequest,
        look: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        let sought = SoughtHandshake::find(look, &input.handshake_id).await?;
        let handshake = sought.resource();
        Ok(Access::to(
            sought,
            permission::DeclineHandshake { handshake },
        ))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<DeclineHandshakeResponse, Failure> {
        let handshake = call.target().brought_to(&call, State::Declined)?;
        let answer = handshakes::shape(&handshake, call.call().now());
        call.put(handshake);
        Ok(DeclineHandshakeResponse {
            handshake: Some(answer),
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::{Organizations, denies, invited, organized};

    const OPERATION: &str = "DeclineHandshake";

    #[tokio::test]
    async fn by_the_invited_account() {
        let (alcazar, id) = invited().await;
        let (root, other) = (alcazar.root(), alcazar.other_root());
        let input = json!({"HandshakeId": id});
        root.fails(OPERATION, input.clone(), "AccessDeniedException")
            .await;
        alcazar.clock.advance_seconds(1);
        let made = other.does(OPERATION, input.clone()).await;
        assert_eq!(made["Handshake"]["State"], "DECLINED");
        let event = alcazar.event(OPERATION).await;
        assert_eq!(event["responseElements"]["handshake"]["state"], "DECLINED");
        other
            .fails(OPERATION, input.clone(), "HandshakeAlreadyInStateException")
            .await;
        root.fails(
            "CancelHandshake",
            input.clone(),
            "InvalidHandshakeTransitionException",
        )
        .await;
        other
            .fails(
                "DescribeOrganization",
                json!({}),
                "AWSOrganizationsNotInUseException",
            )
            .await;
    }

    #[tokio::test]
    async fn too_late() {
        let (alcazar, id) = invited().await;
        alcazar.clock.advance_seconds(15 * 24 * 3_600);
        let input = json!({"HandshakeId": id});
        let (root, other) = (alcazar.root(), alcazar.other_root());
        let told = root.does("DescribeHandshake", input.clone()).await;
        assert_eq!(told["Handshake"]["State"], "EXPIRED");
        other
            .fails(OPERATION, input, "InvalidHandshakeTransitionException")
            .await;
        let missing = json!({"HandshakeId": "h-12345678"});
        other
            .fails(OPERATION, missing, "HandshakeNotFoundException")
            .await;
    }

    #[tokio::test]
    async fn denied() {
        let input = json!({"HandshakeId": "h-12345678"});
        denies(&organized().await.0, OPERATION, input).await;
    }
}
