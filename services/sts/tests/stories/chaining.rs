//! A role that assumes another: one hour at most, and tags that pass on.

use crate::{EVERYTHING, assume, become_role, open_role, policy, probe, sts, trust, whoami};
use harness::{ACCOUNT, Alcazar, Client, role};
use serde_json::{Value, json};

async fn two_roles(alcazar: &Alcazar) -> Client {
    for name in ["First", "Second"] {
        let mut role = open_role(name);
        role.max_session_duration = 43_200;
        alcazar.keep(role).await;
    }
    alcazar.user("ann", EVERYTHING).await
}

fn tags(pairs: &[(&str, &str)], transitive: &[&str]) -> Value {
    let tags = pairs
        .iter()
        .map(|(key, value)| json!({"Key": key, "Value": value}));
    json!({"Tags": tags.collect::<Vec<_>>(), "TransitiveTagKeys": transitive})
}

#[tokio::test]
async fn a_chained_session_lasts_an_hour_at_most() {
    let alcazar = sts().await;
    let ann = two_roles(&alcazar).await;
    let first = become_role(&ann, "First", json!({"DurationSeconds": 43_200})).await;
    assume(&first, "Second", json!({"DurationSeconds": 3600}))
        .await
        .ok();
    let answer = assume(&first, "Second", json!({"DurationSeconds": 3601})).await;
    answer.fails("ValidationError").saying(
        "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining",
    );
    let second = become_role(&first, "Second", json!({})).await;
    let arn = "arn:aws:sts::111122223333:assumed-role/Second/night";
    assert_eq!(whoami(&second).await.ok().field("Arn"), arn);
}

#[tokio::test]
async fn only_transitive_tags_pass_on() {
    let alcazar = sts().await;
    let ann = two_roles(&alcazar).await;
    let by_tag = |key: &str| {
        let condition = json!({"StringEquals": {format!("aws:PrincipalTag/{key}"): "x"}});
        policy(json!({"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": condition}))
    };
    for key in ["Team", "Cost"] {
        let trusting = open_role(key).trust.text().to_owned();
        alcazar
            .keep(role(ACCOUNT, key, &trusting, &by_tag(key)))
            .await;
    }
    let given = tags(&[("Team", "x"), ("Cost", "x")], &["team"]);
    let first = become_role(&ann, "First", given).await;
    let second = become_role(&first, "Second", tags(&[("Cost", "x")], &["Cost"])).await;
    for session in [&first, &second] {
        probe(&become_role(session, "Team", json!({})).await)
            .await
            .ok();
    }
    probe(&become_role(&first, "Cost", json!({})).await)
        .await
        .fails("AccessDenied");
    probe(&become_role(&second, "Cost", json!({})).await)
        .await
        .ok();
}

#[tokio::test]
async fn what_is_handed_down_cannot_be_set_anew() {
    let alcazar = sts().await;
    let ann = two_roles(&alcazar).await;
    let first = become_role(&ann, "First", tags(&[("Team", "x")], &["Team"])).await;
    for key in ["Team", "TEAM"] {
        let answer = assume(&first, "Second", tags(&[(key, "y")], &[])).await;
        answer.fails("InvalidParameterValue").saying(
            "One of the specified transitive tag keys can't be set because it conflicts with a transitive tag key \
             from the calling session.",
        );
    }
}

#[tokio::test]
async fn the_next_role_must_let_tags_in() {
    let alcazar = sts().await;
    let ann = two_roles(&alcazar).await;
    let closed = trust(ACCOUNT, &["sts:AssumeRole"], json!({}));
    alcazar
        .keep(role(ACCOUNT, "Closed", &closed, EVERYTHING))
        .await;
    let tagged = become_role(&ann, "First", tags(&[("Team", "x")], &["Team"])).await;
    let plain = become_role(&ann, "First", tags(&[("Team", "x")], &[])).await;
    let answer = assume(&tagged, "Closed", json!({}))
        .await
        .fails("AccessDenied");
    assert!(
        answer.message().contains("sts:TagSession"),
        "{}",
        answer.message()
    );
    assume(&plain, "Closed", json!({})).await.ok();
}

#[tokio::test]
async fn a_trust_policy_chooses_tags() {
    let alcazar = sts().await;
    let ann = alcazar.user("ann", EVERYTHING).await;
    let condition = json!({
        "StringEquals": {"aws:RequestTag/Team": "x"},
        "ForAllValues:StringEquals": {"aws:TagKeys": ["Team"], "sts:TransitiveTagKeys": ["Team"]},
    });
    let choosy = trust(ACCOUNT, &["sts:AssumeRole", "sts:TagSession"], condition);
    alcazar
        .keep(role(ACCOUNT, "Choosy", &choosy, EVERYTHING))
        .await;
    assume(&ann, "Choosy", tags(&[("Team", "x")], &["Team"]))
        .await
        .ok();
    for refused in [
        tags(&[("Team", "y")], &[]),
        tags(&[("Team", "x"), ("Cost", "x")], &[]),
        tags(&[("Cost", "x")], &["Cost"]),
        json!({}),
    ] {
        assume(&ann, "Choosy", refused).await.fails("AccessDenied");
    }
}
