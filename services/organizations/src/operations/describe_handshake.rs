//! `organizations:DescribeHandshake`: an invitation, to either party.

use organizations_api::shapes::{DescribeHandshakeRequest, DescribeHandshakeResponse};
use organizations_api::{operations, permission};
use pipeline::{Access, Failure, Lookup, Operation, Permitted};

use crate::handshakes::{self, SoughtHandshake};

pub(crate) struct DescribeHandshake;

impl Operation for DescribeHandshake {
    type Api = operations::DescribeHandshake;
    type Target = SoughtHandshake;

    async fn access(
        input: &DescribeHandshakeRequest,
        look: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        let sought = SoughtHandshake::find(look, &input.handshake_id).await?;
        let handshake = sought.resource();
        Ok(Access::to(
            sought,
            permission::DescribeHandshake { handshake },
        ))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<DescribeHandshakeResponse, Failure> {
        let handshake = call.target().found()?;
        let answer = handshakes::shape(handshake, call.call().now());
        Ok(DescribeHandshakeResponse {
            handshake: Some(answer),
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::{MANAGEMENT, Organizations, alcazar, denies, invited, organized, text};

    const OPERATION: &str = "DescribeHandshake";

    #[tokio::test]
    async fn to_its_parties() {
        let (alcazar, id) = invited().await;
        let input = json!({"HandshakeId": id});
        let told = alcazar.root().does(OPERATION, input.clone()).await;
        assert_eq!(alcazar.other_root().does(OPERATION, input).await, told);
        let told = &told["Handshake"];
        assert_eq!(
            (&told["State"], &told["Action"]),
            (&json!("OPEN"), &json!("INVITE"))
        );
        let arn = text(&told["Arn"]);
        let prefix = format!("arn:aws:organizations::{MANAGEMENT}:handshake/o-");
        assert!(
            arn.starts_with(&prefix) && arn.ends_with(&format!("/invite/{id}")),
            "{arn}"
        );
        let account = json!({"Id": harness::OTHER_ACCOUNT, "Type": "ACCOUNT"});
        assert_eq!(told["Parties"][1], account);
        let seconds = |member: &str| told[member].as_i64().unwrap();
        let days = (seconds("ExpirationTimestamp") - seconds("RequestedTimestamp")) / 86_400;
        assert_eq!(days, 15);
        let event = alcazar.event(OPERATION).await;
        assert_eq!(event["requestParameters"]["handshakeId"], id);
    }

    #[tokio::test]
    async fn to_nobody_else() {
        let root = alcazar().await.root();
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
