//! Session policies cut down what a session may, and add nothing.

use std::collections::BTreeMap;

use crate::{EVERYTHING, assume, become_role, open_role, policy, probe, sts, trust};
use harness::{ACCOUNT, Alcazar, role};
use identity::{Document, ManagedPolicy, PolicyVersion};
use policy::Grammar;
use serde_json::{Value, json};

fn allowing(action: &str) -> String {
    policy(json!({"Effect": "Allow", "Action": action, "Resource": "*"}))
}

/// A managed policy of `ACCOUNT` that allows `action`.
async fn managed(alcazar: &Alcazar, name: &str, action: &str) -> ManagedPolicy {
    let account = ACCOUNT.parse().unwrap();
    let created = alcazar.core.clock.now();
    let document = Document::parse(&allowing(action), Grammar::Managed).unwrap();
    let policy = ManagedPolicy {
        name: name.to_owned(),
        path: "/".to_owned(),
        id: format!("ANPA{name}"),
        arn: ManagedPolicy::arn_of(account, "/", name),
        account: Some(account),
        created,
        updated: created,
        description: None,
        tags: Default::default(),
        versions: vec![PolicyVersion {
            number: 1,
            document,
            created,
        }],
        default_version: 1,
        next_version: 2,
    };
    alcazar.keep(policy.clone()).await;
    policy
}

fn arns(arns: &[&str]) -> Value {
    let arns = arns.iter().map(|arn| json!({"arn": arn}));
    json!({"PolicyArns": arns.collect::<Vec<_>>()})
}

#[tokio::test]
async fn both_the_role_and_the_session_must_allow() {
    let alcazar = sts().await;
    let ann = alcazar.user("ann", EVERYTHING).await;
    let trusting = trust(ACCOUNT, &["sts:AssumeRole"], json!({}));
    alcazar
        .keep(role(
            ACCOUNT,
            "Probing",
            &trusting,
            &allowing("sts:GetAccessKeyInfo"),
        ))
        .await;
    alcazar
        .keep(role(ACCOUNT, "Keys", &trusting, &allowing("kms:*")))
        .await;
    for (name, session, allowed) in [
        ("Probing", Value::Null, true),
        ("Probing", json!(EVERYTHING), true),
        ("Probing", json!(allowing("sts:Get*")), true),
        ("Probing", json!(allowing("kms:*")), false),
        ("Keys", Value::Null, false),
        ("Keys", json!(EVERYTHING), false),
    ] {
        let session = become_role(&ann, name, json!({"Policy": session})).await;
        assert_eq!(probe(&session).await.status == 200, allowed, "{name}");
    }
}

#[tokio::test]
async fn a_denial_names_the_session_policy() {
    let alcazar = sts().await;
    let ann = alcazar.user("ann", EVERYTHING).await;
    alcazar.keep(open_role("Ops")).await;
    let session = become_role(&ann, "Ops", json!({"Policy": allowing("kms:*")})).await;
    let message = probe(&session).await.fails("AccessDenied").message();
    assert!(
        message.contains("because no session policy allows"),
        "{message}"
    );
}

#[tokio::test]
async fn managed_policies_count_together_as_they_stand() {
    let alcazar = sts().await;
    let ann = alcazar.user("ann", EVERYTHING).await;
    alcazar.keep(open_role("Ops")).await;
    let keys = managed(&alcazar, "Keys", "kms:*").await;
    let probing = managed(&alcazar, "Probing", "sts:GetAccessKeyInfo").await;
    let one = become_role(&ann, "Ops", arns(&[keys.arn.as_str()])).await;
    let both = arns(&[keys.arn.as_str(), probing.arn.as_str()]);
    let both = become_role(&ann, "Ops", both).await;
    probe(&one).await.fails("AccessDenied");
    probe(&both).await.ok();
    let aws = arns(&["arn:aws:iam::aws:policy/AdministratorAccess"]);
    probe(&become_role(&ann, "Ops", aws).await).await.ok();
    // A policy that is deleted allows nothing any more.
    let key = ManagedPolicy::key_of_arn(probing.arn.as_str()).unwrap();
    alcazar.remove::<ManagedPolicy>(&key).await;
    probe(&both).await.fails("AccessDenied");
}

#[tokio::test]
async fn the_role_may_lose_what_the_session_had() {
    let alcazar = sts().await;
    let ann = alcazar.user("ann", EVERYTHING).await;
    let mut ops = open_role("Ops");
    alcazar.keep(ops.clone()).await;
    let session = become_role(&ann, "Ops", json!({"Policy": EVERYTHING})).await;
    probe(&session).await.ok();
    ops.inline = BTreeMap::new();
    alcazar.keep(ops).await;
    probe(&session).await.fails("AccessDenied");
}

#[tokio::test]
async fn a_whole_kilobyte_of_policy_fits() {
    let alcazar = sts().await;
    let ann = alcazar.user("ann", EVERYTHING).await;
    alcazar.keep(open_role("Ops")).await;
    let keys: Vec<String> = (0..40)
        .map(|n| format!("arn:aws:s3:::bucket-{n:04}/*"))
        .collect();
    let long = policy(json!({"Effect": "Allow", "Action": "*", "Resource": keys}));
    assert!(long.len() > 1024);
    assume(&ann, "Ops", json!({"Policy": long})).await.ok();
}
