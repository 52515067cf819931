//! `organizations:CancelHandshake`: the organization takes its invitation back.

use organizations_api::shapes::{CancelHandshakeRequest, CancelHandshakeResponse};
use organizations_api::{operations, permission};
use pipeline::{Access, Failure, Lookup, Operation, Permitted};

use crate::handshake::State;
use crate::handshakes::{self, SoughtHandshake};

pub(crate) struct CancelHandshake;

impl Operation for CancelHandshake {
    type Api = operations::CancelHandshake;
    type Target = SoughtHandshake;

    async fn access(
        input: &CancelHandshakeRequest,
        look: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        let sought = SoughtHandshake::find(look, &input.handshake_id).await?;
        let handshake = sought.resource();
        Ok(Access::to(
            sought,
            permission::CancelHandshake { handshake },
        ))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<CancelHandshakeResponse, Failure> {
        let handshake = call.target().brought_to(&call, State::Canceled)?;
        let answer = handshakes::shape(&handshake, call.call().now());
        call.put(handshake);
        Ok(CancelHandshakeResponse {
            handshake: Some(answer),
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::{Organizations, denies, invited, organized};

    const OPERATION: &str = "CancelHandshake";

    #[tokio::test]
    async fn by_the_organization() {
        let (alcazar, id) = invited().await;
        let (root, other) = (alcazar.root(), alcazar.other_root());
        let input = json!({"HandshakeId": id});
        other
            .fails(OPERATION, input.clone(), "AccessDeniedException")
            .await;
        alcazar.clock.advance_seconds(1);
        let made = root.does(OPERATION, input.clone()).await;
        assert_eq!(made["Handshake"]["State"], "CANCELED");
        let event = alcazar.event(OPERATION).await;
        assert_eq!(event["responseElements"]["handshake"]["state"], "CANCELED");
        root.fails(OPERATION, input.clone(), "HandshakeAlreadyInStateException")
            .await;
        other
            .fails(
                "DeclineHandshake",
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
        let told = other.does("DescribeHandshake", input.clone()).await;
        assert_eq!(told["Handshake"]["State"], "EXPIRED");
        root.fails(OPERATION, input, "InvalidHandshakeTransitionException")
            .await;
        let missing = json!({"HandshakeId": "h-12345678"});
        root.fails(OPERATION, missing, "HandshakeNotFoundException")
            .await;
    }

    #[tokio::test]
    async fn denied() {
        let input = json!({"HandshakeId": "h-12345678"});
        denies(&organized().await.0, OPERATION, input).await;
    }
}
