//! Who is behind a session: set once, kept through every role.

use crate::{EVERYTHING, assume, become_role, open_role, policy, probe, sts, trust};
use harness::{ACCOUNT, Alcazar, Client, role};
use serde_json::json;

async fn three_roles(alcazar: &Alcazar) -> Client {
    for name in ["First", "Second"] {
        alcazar.keep(open_role(name)).await;
    }
    let condition = json!({"StringEquals": {"aws:SourceIdentity": "ann"}});
    let only_ann = policy(json!({
        "Effect": "Allow", "Action": "*", "Resource": "*", "Condition": condition,
    }));
    let mut last = open_role("Last");
    last.inline = role(ACCOUNT, "Last", last.trust.text(), &only_ann).inline;
    alcazar.keep(last).await;
    alcazar.user("ann", EVERYTHING).await
}

#[tokio::test]
async fn stays_through_every_role() {
    let alcazar = sts().await;
    let ann = three_roles(&alcazar).await;
    let answer = assume(&ann, "First", json!({"SourceIdentity": "ann"}))
        .await
        .ok();
    assert_eq!(answer.field("SourceIdentity"), "ann");
    let first = ann.with_credentials_of(&answer);
    let answer = assume(&first, "Second", json!({})).await.ok();
    assert_eq!(answer.field("SourceIdentity"), "ann");
    let second = ann.with_credentials_of(&answer);
    let last = become_role(&second, "Last", json!({"SourceIdentity": "ann"})).await;
    probe(&last).await.ok();
    let event = alcazar.event("GetAccessKeyInfo").await;
    assert_eq!(
        event["userIdentity"]["sessionContext"]["sourceIdentity"],
        "ann"
    );
    // The same role without it.
    let nobody = become_role(&ann, "Last", json!({})).await;
    probe(&nobody).await.fails("AccessDenied");
}

#[tokio::test]
async fn cannot_be_changed() {
    let alcazar = sts().await;
    let ann = three_roles(&alcazar).await;
    let first = become_role(&ann, "First", json!({"SourceIdentity": "ann"})).await;
    let answer = assume(&first, "Second", json!({"SourceIdentity": "eve"})).await;
    answer.fails("AccessDenied").saying(
        "User: arn:aws:sts::111122223333:assumed-role/First/night is not authorized to perform: \
         sts:SetSourceIdentity on resource: arn:aws:iam::111122223333:role/Second",
    );
}

#[tokio::test]
async fn every_role_on_the_way_must_let_it_in() {
    let alcazar = sts().await;
    let ann = three_roles(&alcazar).await;
    let closed = trust(ACCOUNT, &["sts:AssumeRole"], json!({}));
    alcazar
        .keep(role(ACCOUNT, "Closed", &closed, EVERYTHING))
        .await;
    let named = become_role(&ann, "First", json!({"SourceIdentity": "ann"})).await;
    let nobody = become_role(&ann, "First", json!({})).await;
    assume(&named, "Closed", json!({}))
        .await
        .fails("AccessDenied");
    assume(&nobody, "Closed", json!({})).await.ok();
}

#[tokio::test]
async fn a_trust_policy_chooses_names() {
    let alcazar = sts().await;
    let ann = three_roles(&alcazar).await;
    let actions = ["sts:AssumeRole", "sts:SetSourceIdentity"];
    let condition = json!({"StringEquals": {
        "sts:SourceIdentity": "${aws:username}",
        "sts:RoleSessionName": "night",
    }});
    alcazar
        .keep(role(
            ACCOUNT,
            "Own",
            &trust(ACCOUNT, &actions, condition),
            EVERYTHING,
        ))
        .await;
    assume(&ann, "Own", json!({"SourceIdentity": "ann"}))
        .await
        .ok();
    for refused in [
        json!({}),
        json!({"SourceIdentity": "eve"}),
        json!({"SourceIdentity": "ann", "RoleSessionName": "day"}),
    ] {
        assume(&ann, "Own", refused).await.fails("AccessDenied");
    }
    let invalid = json!({"SourceIdentity": "aws:ann"});
    assume(&ann, "Own", invalid).await.fails("ValidationError");
}
