//! A session holds only as long as the very role or user it was issued to.

use crate::{EVERYTHING, assume, become_role, open_role, policy, sts, trust, whoami};
use harness::{ACCOUNT, role};
use identity::{Role, User};
use serde_json::json;

#[tokio::test]
async fn a_role_made_anew_does_not_know_the_old_ones_sessions() {
    let alcazar = sts().await;
    let ann = alcazar.user("ann", EVERYTHING).await;
    let ops = open_role("Ops");
    let key = Role::key_of(ops.account, "Ops");
    alcazar.keep(ops.clone()).await;
    let session = become_role(&ann, "Ops", json!({})).await;
    whoami(&session).await.ok();
    alcazar.remove::<Role>(&key).await;
    whoami(&session).await.fails("InvalidClientTokenId");
    let anew = open_role("Ops");
    assert_ne!(anew.id, ops.id);
    alcazar.keep(anew).await;
    whoami(&session).await.fails("InvalidClientTokenId");
    whoami(&become_role(&ann, "Ops", json!({})).await)
        .await
        .ok();
}

#[tokio::test]
async fn a_user_made_anew_does_not_know_the_old_ones_sessions() {
    let alcazar = sts().await;
    let ann = alcazar.user("ann", EVERYTHING).await;
    let mut sessions = Vec::new();
    for (operation, input) in [
        ("GetSessionToken", json!({})),
        ("GetFederationToken", json!({"Name": "bob"})),
    ] {
        let answer = ann.call("sts", operation, input).await.ok();
        sessions.push(ann.with_credentials_of(&answer));
    }
    for session in &sessions {
        whoami(session).await.ok();
    }
    alcazar
        .remove::<User>(&User::key_of(ACCOUNT.parse().unwrap(), "ann"))
        .await;
    alcazar.user("ann", EVERYTHING).await;
    for session in &sessions {
        whoami(session).await.fails("InvalidClientTokenId");
    }
}

#[tokio::test]
async fn sessions_issued_before_an_instant_can_be_revoked() {
    let alcazar = sts().await;
    let ann = alcazar.user("ann", EVERYTHING).await;
    let mut ops = open_role("Ops");
    alcazar.keep(ops.clone()).await;
    let old = become_role(&ann, "Ops", json!({})).await;
    crate::probe(&old).await.ok();
    alcazar.clock.advance_seconds(60);
    let condition = json!({"DateLessThan": {"aws:TokenIssueTime": "2026-11-23T06:39:13Z"}});
    let deny = policy(json!([
        {"Effect": "Allow", "Action": "*", "Resource": "*"},
        {"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": condition},
    ]));
    ops.inline = role(ACCOUNT, "Ops", ops.trust.text(), &deny).inline;
    alcazar.keep(ops).await;
    crate::probe(&old).await.fails("AccessDenied");
    crate::probe(&become_role(&ann, "Ops", json!({})).await)
        .await
        .ok();
}

#[tokio::test]
async fn a_trust_policy_that_changed_counts_for_the_next_session() {
    let alcazar = sts().await;
    let ann = alcazar.user("ann", EVERYTHING).await;
    alcazar.keep(open_role("Ops")).await;
    let session = become_role(&ann, "Ops", json!({})).await;
    let closed = trust(
        "arn:aws:iam::444455556666:root",
        &["sts:AssumeRole"],
        json!({}),
    );
    let mut ops = role(ACCOUNT, "Ops", &closed, EVERYTHING);
    let held = alcazar
        .core
        .records
        .get::<Role>(&Role::key_of(ops.account, "Ops"))
        .await;
    ops.id = held.unwrap().unwrap().id.clone();
    alcazar.keep(ops).await;
    assume(&ann, "Ops", json!({})).await.fails("AccessDenied");
    whoami(&session).await.ok();
}
