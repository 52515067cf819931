//! `organizations:AcceptHandshake`: the invited account joins the organization.

use identity::Account;
use identity::organization::{ChildKind, JoinedMethod, Member, MemberStatus, Organization};
use organizations_api::shapes::{AcceptHandshakeRequest, AcceptHandshakeResponse};
use organizations_api::{operations, permission};
use pipeline::{Access, Failure, Lookup, Operation, Permitted};

use crate::handshake::{Handshake, State};
use crate::handshakes::{self, SoughtHandshake};
use crate::{errors, node};

pub(crate) struct AcceptHandshake;

impl Operation for AcceptHandshake {
    type Api = operations::AcceptHandshake;
    type Target = SoughtHandshake;

    async fn access(
        input: &AcceptHandshakeRequest,
        look: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        let sought = SoughtHandshake::find(look, &input.handshake_id).await?;
        let handshake = sought.resource();
        Ok(Access::to(
            sought,
            permission::AcceptHandshake { handshake },
        ))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<AcceptHandshakeResponse, Failure> {
        let handshake = call.target().brought_to(&call, State::Accepted)?;
        if call.target().standing.known().is_some() {
            return Err(errors::target_in_an_organization());
        }
        join(&call, &handshake).await?;
        let answer = handshakes::shape(&handshake, call.call().now());
        call.put(handshake);
        Ok(AcceptHandshakeResponse {
            handshake: Some(answer),
        })
    }
}

/// Makes the caller's account a member, in the root.
async fn join(call: &Permitted<'_, AcceptHandshake>, handshake: &Handshake) -> Result<(), Failure> {
    let (look, account) = (call.look(), call.call().account());
    let key = Organization::key_of(&handshake.organization);
    let organization = look.get::<Organization>(&key).await?;
    let organization = organization.ok_or_else(errors::no_such_handshake)?;
    let record = look.get::<Account>(&Account::key_of(account)).await?;
    let child = (ChildKind::Account, account.as_str());
    node::settle(call, &organization, &organization.root, child);
    call.put(Member {
        account,
        organization: organization.id.clone(),
        name: record
            .map(|account| account.name.clone())
            .unwrap_or_default(),
        email: String::new(),
        parents: vec![organization.root.clone()],
        status: MemberStatus::Active,
        joined: JoinedMethod::Invited,
        joined_at: call.call().now(),
        closed: None,
        tags: handshake.tags.clone(),
    });
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::{Organizations, denies, invited, organized};

    const OPERATION: &str = "AcceptHandshake";

    #[tokio::test]
    async fn the_account_joins() {
        let (alcazar, id) = invited().await;
        let (root, other) = (alcazar.root(), alcazar.other_root());
        let input = json!({"HandshakeId": id});
        root.fails(OPERATION, input.clone(), "AccessDeniedException")
            .await;
        alcazar.clock.advance_seconds(1);
        let made = other.does(OPERATION, input.clone()).await;
        assert_eq!(made["Handshake"]["State"], "ACCEPTED");
        let event = alcazar.event(OPERATION).await;
        assert_eq!(event["responseElements"]["handshake"]["state"], "ACCEPTED");
        let ours = root.does("DescribeOrganization", json!({})).await;
        assert_eq!(other.does("DescribeOrganization", json!({})).await, ours);
        let account = json!({"AccountId": harness::OTHER_ACCOUNT});
        let told = root.does("DescribeAccount", account).await;
        assert_eq!(told["Account"]["JoinedMethod"], "INVITED");
        let attached = root
            .attached(harness::OTHER_ACCOUNT, "SERVICE_CONTROL_POLICY")
            .await;
        assert_eq!(attached, ["p-FullAWSAccess"]);
        let tags = json!({"ResourceId": harness::OTHER_ACCOUNT});
        let tags = root.does("ListTagsForResource", tags).await;
        assert_eq!(tags["Tags"], json!([{"Key": "a", "Value": "b"}]));
        other
            .fails(OPERATION, input.clone(), "HandshakeAlreadyInStateException")
            .await;
        root.fails(
            "CancelHandshake",
            input,
            "InvalidHandshakeTransitionException",
        )
        .await;
    }

    #[tokio::test]
    async fn what_is_refused() {
        let (alcazar, id) = invited().await;
        let (root, other) = (alcazar.root(), alcazar.other_root());
        let input = json!({"HandshakeId": id});
        other.does("CreateOrganization", json!({})).await;
        let code = "HandshakeConstraintViolationException";
        let reason = other.reason(OPERATION, input.clone(), code).await;
        assert_eq!(reason, "ALREADY_IN_AN_ORGANIZATION");
        other.does("DeleteOrganization", json!({})).await;
        root.does("DeleteOrganization", json!({})).await;
        other
            .fails(OPERATION, input, "HandshakeNotFoundException")
            .await;
    }

    #[tokio::test]
    async fn too_late() {
        let (alcazar, id) = invited().await;
        alcazar.clock.advance_seconds(15 * 24 * 3_600);
        let input = json!({"HandshakeId": id});
        let late = alcazar.other_root().org(OPERATION, input).await;
        late.fails("InvalidHandshakeTransitionException");
    }

    #[tokio::test]
    async fn denied() {
        let input = json!({"HandshakeId": "h-12345678"});
        denies(&organized().await.0, OPERATION, input).await;
    }
}
