//! `organizations:InviteAccountToOrganization`: asks an account to join.

use std::sync::Arc;

use base::AccountId;
use identity::Account;
use identity::organization::{Member, Organization};
use organizations_api::shapes::{
    HandshakePartyType, InviteAccountToOrganizationRequest, InviteAccountToOrganizationResponse,
};
use organizations_api::{operations, permission};
use pipeline::{Access, Failure, Lookup, Operation, Permitted};

use crate::handshake::{Handshake, HandshakeParty, State};
use crate::quotas::{self, DAY, INVITATION_DAYS};
use crate::standing::Standing;
use crate::tagging::{self, New};
use crate::{errors, handshakes, ids, node, tags};

pub(crate) struct InviteAccountToOrganization;

impl Operation for InviteAccountToOrganization {
    type Api = operations::InviteAccountToOrganization;
    type Target = Standing;

    async fn access(
        input: &InviteAccountToOrganizationRequest,
        look: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        let standing = Standing::of_caller(look).await?;
        let account = input.target.id.expose().parse::<AccountId>().ok();
        let arn = account.map(|account| standing.named().account_arn(account));
        let request_tags = tags::requested(input.tags.as_deref().unwrap_or_default())?;
        let needs = permission::InviteAccountToOrganization {
            account: arn.map(|arn| standing.resource(arn, base::Tags::default())),
            request_tags: request_tags.clone(),
        };
        let tagging = tagging::of_new(&standing, New::Account, request_tags);
        let access = Access::to(standing, needs);
        Ok(match tagging {
            Some(tagging) => access.and(tagging),
            None => access,
        })
    }

    async fn run(
        call: Permitted<'_, Self>,
    ) -> Result<InviteAccountToOrganizationResponse, Failure> {
        let (input, now) = (call.input(), call.call().now());
        let organization = call.target().manages()?;
        let target = target(&call).await?;
        check_free(&call, organization, target).await?;
        check_quotas(&call, organization).await?;
        let handshake = Handshake {
            id: ids::handshake(),
            organization: organization.id.clone(),
            management: organization.management,
            target,
            state: State::Open,
            at: now,
            expires: now.plus_seconds(INVITATION_DAYS * DAY),
            ended: None,
            notes: input.notes.as_ref().map(|notes| notes.expose().clone()),
            tags: tags::new(&input.tags)?,
        };
        for party in handshake.parties() {
            call.put(party);
        }
        let answer = handshakes::shape(&handshake, now);
        call.put(handshake);
        Ok(InviteAccountToOrganizationResponse {
            handshake: Some(answer),
        })
    }
}

/// The account that is meant.
async fn target(call: &Permitted<'_, InviteAccountToOrganization>) -> Result<AccountId, Failure> {
    let party = &call.input().target;
    match party.type_ {
        HandshakePartyType::Account => {}
        HandshakePartyType::Email => {
            return Err(errors::not_built("An invitation by email address"));
        }
        HandshakePartyType::Organization => return Err(errors::not_an_account()),
    }
    let account = party.id.expose().parse::<AccountId>();
    let account = account.map_err(|_| errors::not_an_account_id())?;
    let known = call
        .look()
        .get::<Account>(&Account::key_of(account))
        .await?;
    known
        .map(|_| account)
        .ok_or_else(errors::no_account_to_invite)
}

/// Fails if the account is in an organization, or this one has invited it already.
async fn check_free(
    call: &Permitted<'_, InviteAccountToOrganization>,
    organization: &Organization,
    target: AccountId,
) -> Result<(), Failure> {
    let look = call.look();
    match look.get::<Member>(&Member::key_of(target)).await? {
        Some(member) if member.is_gone() => return Err(errors::no_account_to_invite()),
        Some(_) => return Err(errors::target_in_an_organization()),
        None => {}
    }
    let prefix = HandshakeParty::prefix(target.as_str());
    for row in node::all::<HandshakeParty>(look, &prefix).await? {
        let key = Handshake::key_of(&row.handshake);
        let waits = look
            .get::<Handshake>(&key)
            .await?
            .is_some_and(|it| it.organization == organization.id && it.is_open(call.call().now()));
        if waits {
            return Err(errors::handshake_exists());
        }
    }
    Ok(())
}

/// Fails if the organization has as many accounts and invitations as it may, or has sent too many today.
async fn check_quotas(
    call: &Permitted<'_, InviteAccountToOrganization>,
    organization: &Arc<Organization>,
) -> Result<(), Failure> {
    let look = call.look();
    let Some(limit) = quotas::accounts(call) else {
        return Ok(());
    };
    let members = node::members(look, organization).await?.len();
    if members + handshakes::open(look, organization).await? >= limit {
        return Err(errors::too_many_accounts_to_invite());
    }
    let today = handshakes::of_today(look, organization).await?;
    match quotas::invitations(call).is_some_and(|limit| today >= limit) {
        true => Err(errors::too_many_invitations()),
        false => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::testing::{MANAGEMENT, Organizations, guards, invited, organized};

    const OPERATION: &str = "InviteAccountToOrganization";

    fn input(id: &str, kind: &str) -> Value {
        json!({"Target": {"Id": id, "Type": kind}, "Notes": "come in"})
    }

    #[tokio::test]
    async fn asks_an_account() {
        let (alcazar, id) = invited().await;
        let other = alcazar.other_root();
        let listed = other.does("ListHandshakesForAccount", json!({})).await;
        assert_eq!(listed["Handshakes"][0]["Id"], id);
        let notes = json!({"Type": "NOTES", "Value": "come in"});
        assert_eq!(listed["Handshakes"][0]["Resources"][2], notes);
        let event = alcazar.event(OPERATION).await;
        assert_eq!(event["responseElements"]["handshake"]["id"], id);
        assert!(!event.to_string().contains("come in"), "{event}");
    }

    #[tokio::test]
    async fn what_is_refused() {
        let (alcazar, id) = invited().await;
        let (root, other) = (alcazar.root(), harness::OTHER_ACCOUNT);
        let again = root.org(OPERATION, input(other, "ACCOUNT")).await;
        again.fails("DuplicateHandshakeException");
        other_again(&alcazar, &id).await;
        let input_error = "InvalidInputException";
        let violation = "HandshakeConstraintViolationException";
        for (id, kind, code, reason) in [
            (
                "o-abcdefghij",
                "ORGANIZATION",
                input_error,
                "INVALID_PARTY_TYPE_TARGET",
            ),
            ("me", "ACCOUNT", input_error, "INVALID_PATTERN_TARGET_ID"),
            ("ann@example.com", "EMAIL", "NotImplemented", ""),
            (
                "999999999999",
                "ACCOUNT",
                violation,
                "TARGET_ACCOUNT_VALIDATION_FAILURE",
            ),
            (
                MANAGEMENT,
                "ACCOUNT",
                violation,
                "ALREADY_IN_AN_ORGANIZATION",
            ),
        ] {
            let found = root.reason(OPERATION, input(id, kind), code).await;
            assert_eq!(found, reason, "{id}");
        }
    }

    #[tokio::test]
    async fn not_too_often_in_a_day() {
        let services: [&'static pipeline::Service; 1] = [&crate::SERVICE];
        let names = ["invite-account-to-organization", "cancel-handshake"];
        let quotas = names.map(|name| (format!("organizations/{name}"), 1_000));
        let quotas = pipeline::Quotas::File(quotas.into());
        let alcazar = harness::Alcazar::with_quotas(&services, quotas).await;
        let root = alcazar.root();
        root.does("CreateOrganization", json!({})).await;
        let target = input(harness::OTHER_ACCOUNT, "ACCOUNT");
        for _ in 0..20 {
            let made = root.does(OPERATION, target.clone()).await;
            let handshake = json!({"HandshakeId": made["Handshake"]["Id"]});
            root.does("CancelHandshake", handshake).await;
        }
        let violation = "HandshakeConstraintViolationException";
        let reason = root.reason(OPERATION, target.clone(), violation).await;
        assert_eq!(reason, "HANDSHAKE_RATE_LIMIT_EXCEEDED");
        alcazar.clock.advance_seconds(24 * 3_600);
        root.does(OPERATION, target).await;
    }

    /// What was declined can be asked anew.
    async fn other_again(alcazar: &harness::Alcazar, id: &str) {
        let other = alcazar.other_root();
        other
            .does("DeclineHandshake", json!({"HandshakeId": id}))
            .await;
        let input = input(harness::OTHER_ACCOUNT, "ACCOUNT");
        alcazar.root().does(OPERATION, input).await;
    }

    #[tokio::test]
    async fn guarded() {
        guards(OPERATION, input(MANAGEMENT, "ACCOUNT")).await;
        let (alcazar, _) = organized().await;
        let input = input(harness::OTHER_ACCOUNT, "ACCOUNT");
        alcazar.root().does(OPERATION, input).await;
    }
}
