//! What ends with time: handshakes that nobody looks at any more, and accounts that were closed.

use std::time::Duration;

use base::{Region, Timestamp};
use identity::organization::{
    Child, ChildKind, Member, MemberStatus, Organization, PolicyKind, PolicyTarget, PolicyUse,
};
use pipeline::audit::{ServiceEvent, Told};
use pipeline::{Duty, Failure, Subject, Worker};
use storage::{Held, Key, Record, Writes};

use crate::delegation::DelegatedAdministrator;
use crate::handshake::{Handshake, HandshakeParty};
use crate::quotas::{COMPLETED_DAYS, DAY, POST_CLOSURE_DAYS};

/// Name of the worker that forgets handshakes.
pub(crate) const HANDSHAKES: &str = "organizations completed handshakes";
/// Name of the worker that closes accounts for good.
pub(crate) const CLOSED_ACCOUNTS: &str = "organizations closed accounts";
/// Records read at once.
const BATCH: usize = 256;

/// What Organizations does unasked.
pub(crate) const WORKERS: &[Worker] = &[
    Worker {
        name: HANDSHAKES,
        every: Duration::from_secs(3_600),
        run: |duty| Box::pin(forget_handshakes(duty)),
    },
    Worker {
        name: CLOSED_ACCOUNTS,
        every: Duration::from_secs(3_600),
        run: |duty| Box::pin(close_accounts(duty)),
    },
];

/// AWS: a handshake is kept for 30 days after it is completed.
async fn forget_handshakes(duty: Duty<'_>) -> Result<(), Failure> {
    let mut after = None;
    loop {
        let page = duty.scan::<Handshake>(after.as_ref(), BATCH).await?;
        for handshake in page.iter() {
            if is_over(handshake.completed(duty.now()), COMPLETED_DAYS, duty.now()) {
                let mut also = Writes::none();
                for party in handshake.parties() {
                    also.delete::<HandshakeParty>(&party.key());
                }
                let event = event("DeleteHandshake", &handshake.subject(), "Handshake");
                duty.delete(handshake, also, event).await?;
            }
        }
        match page.last() {
            Some(last) if page.len() == BATCH => after = Some(last.key()),
            _ => return Ok(()),
        }
    }
}

/// AWS: a closed account can be opened again for 90 days, and is gone then. What is left of it here is the record that
/// nobody acts in it.
async fn close_accounts(duty: Duty<'_>) -> Result<(), Failure> {
    let mut after = None;
    loop {
        let page = duty.scan::<Member>(after.as_ref(), BATCH).await?;
        for member in page.iter() {
            let closed = match member.status {
                MemberStatus::Suspended => member.closed,
                _ => None,
            };
            if is_over(closed, POST_CLOSURE_DAYS, duty.now()) {
                close(&duty, member).await?;
            }
        }
        match page.last() {
            Some(last) if page.len() == BATCH => after = Some(last.key()),
            _ => return Ok(()),
        }
    }
}

fn is_over(since: Option<Timestamp>, days: i64, now: Timestamp) -> bool {
    since.is_some_and(|since| now.seconds_since(since) >= days * DAY)
}

/// Takes an account out of its organization, unless it is moved meanwhile: then the next round sees to it.
async fn close(duty: &Duty<'_>, member: &Held<Member>) -> Result<(), Failure> {
    let (organization, account) = (&member.organization, member.account.as_str());
    let parent = member.parent().unwrap_or_default();
    let child = Child::key_of(organization, parent, ChildKind::Account, account);
    let Some(child) = duty.get::<Child>(&child).await? else {
        return Ok(());
    };
    let found = duty
        .get::<Organization>(&Organization::key_of(organization))
        .await?;
    let Some(found) = found else { return Ok(()) };
    let mut also = detached(duty, organization, account).await?;
    also.delete::<DelegatedAdministrator>(&DelegatedAdministrator::key_of(
        organization,
        member.account,
    ));
    also.put(Member {
        status: MemberStatus::Closed,
        ..Member::clone(member)
    });
    let subject = Subject {
        account: found.management,
        region: Region::US_EAST_1,
        arn: found.account_arn(member.account),
    };
    duty.delete(&child, also, event("CloseAccount", &subject, "Account"))
        .await?;
    Ok(())
}

/// Detaches every policy from an account.
async fn detached(duty: &Duty<'_>, organization: &str, account: &str) -> Result<Writes, Failure> {
    let mut writes = Writes::none();
    for kind in PolicyKind::all() {
        let key: Key = PolicyTarget::key_of(organization, account, kind);
        if let Some(attached) = duty.get::<PolicyTarget>(&key).await? {
            for policy in &attached.policies {
                writes.delete::<PolicyUse>(&PolicyUse::key_of(organization, policy, account));
            }
            writes.delete::<PolicyTarget>(&key);
        }
    }
    Ok(writes)
}

fn event(name: &'static str, subject: &Subject, kind: &'static str) -> ServiceEvent {
    ServiceEvent {
        source: "organizations.amazonaws.com",
        name,
        subject: subject.clone(),
        told: Told::Nothing,
        resource_type: match kind {
            "Account" => "AWS::Organizations::Account",
            _ => "AWS::Organizations::Handshake",
        },
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::testing::{ANYTHING, Organizations, ids, invited, join, organized};

    #[tokio::test]
    async fn a_completed_handshake_is_forgotten_after_a_month() {
        for (answer, day) in [("DeclineHandshake", 30), ("", 45)] {
            let (alcazar, id) = invited().await;
            let other = alcazar.other_root();
            if !answer.is_empty() {
                other.does(answer, json!({"HandshakeId": id})).await;
            }
            let day: u64 = day * 86_400;
            alcazar.clock.advance_seconds((day - 1) as _);
            assert!(alcazar.core.run_worker(HANDSHAKES).await.unwrap());
            let listed = other.does("ListHandshakesForAccount", json!({})).await;
            assert_eq!(ids(&listed["Handshakes"], "Id"), [&*id], "{answer}");
            alcazar.clock.advance_seconds(1);
            assert!(alcazar.core.run_worker(HANDSHAKES).await.unwrap());
            let listed = other.does("ListHandshakesForAccount", json!({})).await;
            assert!(ids(&listed["Handshakes"], "Id").is_empty(), "{answer}");
            other
                .fails(
                    "DescribeHandshake",
                    json!({"HandshakeId": id}),
                    "HandshakeNotFoundException",
                )
                .await;
            alcazar.event("DeleteHandshake").await;
        }
    }

    #[tokio::test]
    async fn a_closed_account_is_gone_after_ninety_days_and_stays_shut() {
        let (alcazar, top) = organized().await;
        join(&alcazar, &top).await;
        let root = alcazar.root();
        let bob = alcazar.other_user("bob", ANYTHING).await;
        root.enable("SERVICE_CONTROL_POLICY").await;
        let policy = root.policy("deny").await;
        let attached = json!({"PolicyId": policy, "TargetId": harness::OTHER_ACCOUNT});
        root.does("AttachPolicy", attached).await;
        let account = json!({"AccountId": harness::OTHER_ACCOUNT});
        root.does("CloseAccount", account.clone()).await;
        alcazar.clock.advance_seconds(90 * 86_400 - 1);
        assert!(alcazar.core.run_worker(CLOSED_ACCOUNTS).await.unwrap());
        root.does("DescribeAccount", account.clone()).await;
        alcazar.clock.advance_seconds(1);
        assert!(alcazar.core.run_worker(CLOSED_ACCOUNTS).await.unwrap());
        root.fails("DescribeAccount", account, "AccountNotFoundException")
            .await;
        let listed = root.does("ListAccounts", json!({})).await;
        assert_eq!(listed["Accounts"].as_array().unwrap().len(), 1);
        root.does("DeletePolicy", json!({"PolicyId": policy})).await;
        for caller in [alcazar.other_root(), bob] {
            let answer = caller.org("DescribeOrganization", json!({})).await;
            answer.fails("UnrecognizedClientException");
        }
        let invited = json!({"Target": {"Id": harness::OTHER_ACCOUNT, "Type": "ACCOUNT"}});
        let refused = root.org("InviteAccountToOrganization", invited).await;
        assert_ne!(refused.status, 200);
        root.does("DeleteOrganization", json!({})).await;
        let other = alcazar.other_root();
        for operation in ["DescribeOrganization", "CreateOrganization"] {
            let answer = other.org(operation, json!({})).await;
            answer.fails("UnrecognizedClientException");
        }
        alcazar.clock.advance_seconds(1);
        root.does("CreateOrganization", json!({})).await;
        let invited = json!({"Target": {"Id": harness::OTHER_ACCOUNT, "Type": "ACCOUNT"}});
        let refused = root.org("InviteAccountToOrganization", invited).await;
        let code = "HandshakeConstraintViolationException";
        assert_eq!(
            refused.fails(code).field("Reason"),
            "TARGET_ACCOUNT_VALIDATION_FAILURE"
        );
    }
}
