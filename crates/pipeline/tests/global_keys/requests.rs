//! Keys of calls that are decided on no resource, in other regions, at other times, with odd headers.

use std::collections::BTreeMap;

use harness::{ACCOUNT, Alcazar, Client};
use identity::{Document, User};
use policy::Grammar;
use serde_json::{Value, json};

use crate::callers::{by, tagged_user, user};
use crate::{EVERYTHING, server};

/// The lines of a table: whether the condition of operator, key and value holds.
pub(crate) fn table(text: &str) -> Vec<(Value, bool)> {
    let lines = text.lines().filter(|line| !line.trim().is_empty());
    let case = |line: &str| {
        let words: Vec<&str> = line.split_whitespace().collect();
        let [told, operator, key, value] = words[..] else {
            panic!("{line}");
        };
        (json!({operator: {key: value}}), told == "yes")
    };
    lines.map(case).collect()
}

/// From now on ann may everything on this condition.
pub(crate) async fn may_on(alcazar: &Alcazar, condition: &Value) {
    let statement =
        json!({"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": condition});
    let policy = json!({"Version": "2012-10-17", "Statement": statement}).to_string();
    let document = Document::parse(&policy, Grammar::Identity).unwrap();
    let ann = user(alcazar, ACCOUNT, "ann").await;
    let inline = BTreeMap::from([("inline".to_owned(), document)]);
    alcazar.keep(User { inline, ..ann }).await;
}

/// Whether the caller is allowed a call that is decided on no resource.
async fn is_allowed(caller: &Client) -> bool {
    let answer = caller.call("cloudtrail", "LookupEvents", json!({})).await;
    let allowed = answer.status == 200;
    if !allowed {
        answer.fails("AccessDeniedException");
    }
    allowed
}

/// Told, operator, key, value.
const WITHOUT_RESOURCE: &str = "
    yes StringEquals     aws:RequestedRegion            eu-west-1
    no  StringEquals     aws:RequestedRegion            us-east-1
    yes StringEquals     aws:ResourceAccount            111122223333
    no  StringEquals     aws:ResourceAccount            444455556666
    yes Null             aws:ResourceTag/Team           true
    yes Null             aws:RequestTag/Team            true
    yes Null             aws:TagKeys                    true
    yes Null             kms:CallerAccount              true
    yes IpAddress        aws:SourceIp                   192.0.2.0/24
    no  IpAddress        aws:SourceIp                   198.51.100.0/24
    no  NotIpAddress     aws:SourceIp                   192.0.2.0/24
    yes StringLike       aws:UserAgent                  probe/*
    no  StringLike       aws:UserAgent                  aws-cli/*
    yes DateLessThan     aws:CurrentTime                2026-11-23T06:38:14Z
    no  DateGreaterThan  aws:CurrentTime                2026-11-23T06:38:13Z
    yes DateLessThan     aws:EpochTime                  1795415894
    no  NumericLessThan  aws:EpochTime                  1795415893
";

#[tokio::test]
async fn of_a_call_without_resource() {
    let alcazar = server().await;
    let (ann, _) = tagged_user(&alcazar).await;
    let address = "::ffff:192.0.2.7".parse().unwrap();
    let caller = ann.region("eu-west-1").at(address).user_agent("probe/1.0");
    for (condition, holds) in table(WITHOUT_RESOURCE) {
        may_on(&alcazar, &condition).await;
        assert_eq!(is_allowed(&caller).await, holds, "{condition}");
    }
}

/// AWS: IAM has one endpoint for all regions, in us-east-1.
#[tokio::test]
async fn iam_is_called_in_us_east_1() {
    let alcazar = server().await;
    let (ann, _) = tagged_user(&alcazar).await;
    for (region, holds) in [("us-east-1", true), ("eu-west-1", false)] {
        may_on(
            &alcazar,
            &json!({"StringEquals": {"aws:RequestedRegion": region}}),
        )
        .await;
        for signed_for in ["us-east-1", "eu-west-1"] {
            let caller = ann.region(signed_for);
            let answer = caller.call("iam", "ListUsers", json!({})).await;
            assert_eq!(answer.status == 200, holds, "{region}: {}", answer.text);
        }
    }
}

#[tokio::test]
async fn time_goes_on() {
    let alcazar = server().await;
    let (ann, _) = tagged_user(&alcazar).await;
    let late = json!({"DateLessThan": {"aws:CurrentTime": "2026-11-23T06:40:00Z"}});
    may_on(&alcazar, &late).await;
    assert!(is_allowed(&ann).await);
    alcazar.clock.advance_seconds(107);
    assert!(!is_allowed(&ann).await);
}

#[tokio::test]
async fn a_header_that_is_too_long_is_none() {
    let alcazar = server().await;
    let (ann, _) = tagged_user(&alcazar).await;
    may_on(&alcazar, &json!({"StringLike": {"aws:UserAgent": "a*"}})).await;
    for (bytes, told) in [(1, true), (1024, true), (1025, false), (60_000, false)] {
        let caller = ann.user_agent(&"a".repeat(bytes));
        assert_eq!(is_allowed(&caller).await, told, "{bytes}");
    }
}

#[tokio::test]
async fn a_federated_user_may_what_both_the_issuer_and_the_session_allow() {
    let alcazar = server().await;
    let (ann, _) = tagged_user(&alcazar).await;
    let without = by(&ann, "GetFederationToken", json!({"Name": "bob"})).await;
    let policy = json!({"Name": "bob", "Policy": EVERYTHING});
    let with = by(&ann, "GetFederationToken", policy).await;
    assert!(!is_allowed(&without).await);
    assert!(is_allowed(&with).await);
    may_on(&alcazar, &json!({"Bool": {"aws:ViaAWSService": "true"}})).await;
    assert!(!is_allowed(&with).await);
}
