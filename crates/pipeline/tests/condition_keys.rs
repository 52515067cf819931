//! Each global condition key tells the truth about the call, and is absent where AWS has none.
//!
//! Every case is one policy with one condition: the call is allowed where the condition holds and denied where not.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "what goes wrong here shall end the test"
)]

use std::collections::BTreeMap;

use base::Tags;
use harness::{ACCOUNT, Alcazar, Client, role};
use identity::{Document, Role, User};
use policy::Grammar;
use serde_json::{Value, json};

const EVERYTHING: &str =
    r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}"#;

async fn server() -> Alcazar {
    Alcazar::new(&[&sts::SERVICE, &cloudtrail::SERVICE]).await
}

/// Allows everything on this condition.
fn on(condition: &Value) -> String {
    let statement =
        json!({"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": condition});
    json!({"Version": "2012-10-17", "Statement": statement}).to_string()
}

fn inline(condition: &Value) -> BTreeMap<String, Document> {
    let document = Document::parse(&on(condition), Grammar::Identity).unwrap();
    BTreeMap::from([("inline".to_owned(), document)])
}

fn tags(pairs: &[(&str, &str)]) -> Tags {
    pairs.iter().copied().collect()
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

/// User ann with a tag, and her record.
async fn ann(alcazar: &Alcazar) -> (Client, User) {
    let client = alcazar.user("ann", EVERYTHING).await;
    let key = User::key_of(ACCOUNT.parse().unwrap(), "ann");
    let held = alcazar
        .core
        .records
        .get::<User>(&key)
        .await
        .unwrap()
        .unwrap();
    let user = User {
        tags: tags(&[("Team", "Blue")]),
        ..User::clone(&held)
    };
    alcazar.keep(user.clone()).await;
    (client, user)
}

/// Role Ops with tags, and a session of it by ann.
async fn ops(alcazar: &Alcazar, more: Value) -> (Client, Role) {
    let trust = json!({
        "Version": "2012-10-17",
        "Statement": {
            "Effect": "Allow",
            "Principal": {"AWS": ACCOUNT},
            "Action": ["sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"],
        },
    });
    let ops = Role {
        tags: tags(&[("Team", "Blue"), ("Env", "Test")]),
        ..role(ACCOUNT, "Ops", &trust.to_string(), EVERYTHING)
    };
    alcazar.keep(ops.clone()).await;
    let (ann, _) = ann(alcazar).await;
    let mut input = json!({"RoleArn": ops.arn.as_str(), "RoleSessionName": "night"});
    for (name, value) in more.as_object().unwrap() {
        input[name] = value.clone();
    }
    let answer = ann.call("sts", "AssumeRole", input).await.ok();
    (ann.with_credentials_of(&answer), ops)
}

#[tokio::test]
async fn of_the_request() {
    let alcazar = server().await;
    let (plain, user) = ann(&alcazar).await;
    let address = "192.0.2.7".parse().unwrap();
    let caller = plain
        .region("eu-west-1")
        .at(address)
        .over_tls()
        .user_agent("probe/1.0");
    for (condition, told) in [
        (json!({"IpAddress": {"aws:SourceIp": "192.0.2.0/24"}}), true),
        (
            json!({"IpAddress": {"aws:SourceIp": "198.51.100.0/24"}}),
            false,
        ),
        (
            json!({"NotIpAddress": {"aws:SourceIp": "192.0.2.7"}}),
            false,
        ),
        (json!({"Bool": {"aws:SecureTransport": "true"}}), true),
        (json!({"Bool": {"aws:SecureTransport": "false"}}), false),
        (json!({"StringLike": {"aws:UserAgent": "probe/*"}}), true),
        (json!({"StringLike": {"aws:UserAgent": "aws-cli/*"}}), false),
        (
            json!({"StringEquals": {"aws:RequestedRegion": "eu-west-1"}}),
            true,
        ),
        (
            json!({"StringEquals": {"aws:RequestedRegion": "us-east-1"}}),
            false,
        ),
        (
            json!({"DateEquals": {"aws:CurrentTime": "2026-11-23T06:38:13Z"}}),
            true,
        ),
        (
            json!({"DateGreaterThan": {"aws:CurrentTime": "2026-11-23T06:38:13Z"}}),
            false,
        ),
        (
            json!({"DateLessThan": {"aws:CurrentTime": "2026-11-23T06:38:14Z"}}),
            true,
        ),
        (
            json!({"DateLessThan": {"aws:EpochTime": "1795415894"}}),
            true,
        ),
        (
            json!({"DateLessThan": {"aws:EpochTime": "1795415893"}}),
            false,
        ),
        (json!({"Null": {"aws:referer": "true"}}), true),
        (json!({"Bool": {"aws:ViaAWSService": "false"}}), true),
        (
            json!({"Bool": {"aws:PrincipalIsAWSService": "false"}}),
            true,
        ),
        (
            json!({"Null": {"aws:SourceVpc": "true", "aws:SourceVpce": "true"}}),
            true,
        ),
        (
            json!({"Null": {"aws:CalledVia": "true", "aws:SourceArn": "true"}}),
            true,
        ),
    ] {
        alcazar
            .keep(User {
                inline: inline(&condition),
                ..user.clone()
            })
            .await;
        assert_eq!(is_allowed(&caller).await, told, "{condition}");
    }
}

#[tokio::test]
async fn of_a_plain_request() {
    let alcazar = server().await;
    let (caller, user) = ann(&alcazar).await;
    for (condition, told) in [
        (json!({"Bool": {"aws:SecureTransport": "true"}}), false),
        (json!({"Bool": {"aws:SecureTransport": "false"}}), true),
        (json!({"IpAddress": {"aws:SourceIp": "127.0.0.1"}}), true),
        (
            json!({"StringEquals": {"aws:RequestedRegion": "us-east-1"}}),
            true,
        ),
    ] {
        alcazar
            .keep(User {
                inline: inline(&condition),
                ..user.clone()
            })
            .await;
        assert_eq!(is_allowed(&caller).await, told, "{condition}");
    }
    let late = json!({"DateLessThan": {"aws:CurrentTime": "2026-11-23T06:40:00Z"}});
    alcazar
        .keep(User {
            inline: inline(&late),
            ..user
        })
        .await;
    assert!(is_allowed(&caller).await);
    alcazar.clock.advance_seconds(107);
    assert!(!is_allowed(&caller).await);
}

#[tokio::test]
async fn of_a_user() {
    let alcazar = server().await;
    let (caller, user) = ann(&alcazar).await;
    let arn = "arn:aws:iam::111122223333:user/ann";
    for (condition, told) in [
        (json!({"ArnEquals": {"aws:PrincipalArn": arn}}), true),
        (
            json!({"ArnEquals": {"aws:PrincipalArn": "arn:aws:iam::111122223333:user/bob"}}),
            false,
        ),
        (
            json!({"StringEquals": {"aws:PrincipalAccount": ACCOUNT}}),
            true,
        ),
        (json!({"StringEquals": {"aws:PrincipalType": "User"}}), true),
        (json!({"StringEquals": {"aws:userid": user.id}}), true),
        (json!({"StringEquals": {"aws:userid": "AIDA"}}), false),
        (json!({"StringEquals": {"aws:username": "ann"}}), true),
        (json!({"StringEquals": {"aws:username": "Ann"}}), false),
        (
            json!({"StringEquals": {"aws:PrincipalTag/Team": "Blue"}}),
            true,
        ),
        (
            json!({"StringEquals": {"aws:PrincipalTag/tEAM": "Blue"}}),
            true,
        ),
        (
            json!({"StringEquals": {"aws:PrincipalTag/Team": "Red"}}),
            false,
        ),
        (json!({"Null": {"aws:PrincipalTag/Other": "true"}}), true),
        (json!({"Null": {"aws:TokenIssueTime": "true"}}), true),
        (
            json!({"Null": {"aws:MultiFactorAuthPresent": "true"}}),
            true,
        ),
        (
            json!({"Bool": {"aws:MultiFactorAuthPresent": "false"}}),
            false,
        ),
        (json!({"Null": {"aws:MultiFactorAuthAge": "true"}}), true),
        (json!({"Null": {"aws:SourceIdentity": "true"}}), true),
        (
            json!({"Null": {"aws:PrincipalOrgID": "true", "aws:PrincipalOrgPaths": "true"}}),
            true,
        ),
        (json!({"Null": {"aws:FederatedProvider": "true"}}), true),
        (json!({"Null": {"aws:ResourceTag/Team": "true"}}), true),
        (
            json!({"Null": {"aws:RequestTag/Team": "true", "aws:TagKeys": "true"}}),
            true,
        ),
    ] {
        alcazar
            .keep(User {
                inline: inline(&condition),
                ..user.clone()
            })
            .await;
        assert_eq!(is_allowed(&caller).await, told, "{condition}");
    }
}

#[tokio::test]
async fn of_a_role_session() {
    let alcazar = server().await;
    let more = json!({
        "SourceIdentity": "behind",
        "Tags": [{"Key": "tEAM", "Value": "Red"}, {"Key": "Shift", "Value": "Night"}],
    });
    let (caller, role) = ops(&alcazar, more).await;
    let arn = "arn:aws:iam::111122223333:role/Ops";
    let session_arn = "arn:aws:sts::111122223333:assumed-role/Ops/night";
    for (condition, told) in [
        (json!({"ArnEquals": {"aws:PrincipalArn": arn}}), true),
        (
            json!({"ArnEquals": {"aws:PrincipalArn": session_arn}}),
            false,
        ),
        (
            json!({"StringEquals": {"aws:PrincipalAccount": ACCOUNT}}),
            true,
        ),
        (
            json!({"StringEquals": {"aws:PrincipalType": "AssumedRole"}}),
            true,
        ),
        (
            json!({"StringEquals": {"aws:userid": format!("{}:night", role.id)}}),
            true,
        ),
        (json!({"StringLike": {"aws:userid": "*:day"}}), false),
        (json!({"Null": {"aws:username": "true"}}), true),
        (
            json!({"StringEquals": {"aws:PrincipalTag/Team": "Red"}}),
            true,
        ),
        (
            json!({"StringEquals": {"aws:PrincipalTag/Team": "Blue"}}),
            false,
        ),
        (
            json!({"StringEquals": {"aws:PrincipalTag/Shift": "Night"}}),
            true,
        ),
        (
            json!({"StringEquals": {"aws:PrincipalTag/Env": "Test"}}),
            true,
        ),
        (
            json!({"DateEquals": {"aws:TokenIssueTime": "2026-11-23T06:38:13Z"}}),
            true,
        ),
        (
            json!({"DateLessThan": {"aws:TokenIssueTime": "2026-11-23T06:38:13Z"}}),
            false,
        ),
        (
            json!({"Bool": {"aws:MultiFactorAuthPresent": "false"}}),
            true,
        ),
        (
            json!({"Bool": {"aws:MultiFactorAuthPresent": "true"}}),
            false,
        ),
        (
            json!({"StringEquals": {"aws:SourceIdentity": "behind"}}),
            true,
        ),
        (json!({"Null": {"aws:SourceIdentity": "true"}}), false),
        (
            json!({"Null": {"sts:SourceIdentity": "true", "sts:RoleSessionName": "true"}}),
            true,
        ),
    ] {
        alcazar
            .keep(Role {
                inline: inline(&condition),
                ..role.clone()
            })
            .await;
        assert_eq!(is_allowed(&caller).await, told, "{condition}");
    }
}

#[tokio::test]
async fn of_a_federated_user() {
    let alcazar = server().await;
    let (ann, _) = ann(&alcazar).await;
    let arn = "arn:aws:sts::111122223333:federated-user/bob";
    for (condition, told) in [
        (json!({"ArnEquals": {"aws:PrincipalArn": arn}}), true),
        (
            json!({"StringEquals": {"aws:PrincipalType": "FederatedUser"}}),
            true,
        ),
        (
            json!({"StringEquals": {"aws:userid": "111122223333:bob"}}),
            true,
        ),
        (json!({"Null": {"aws:username": "true"}}), true),
        (
            json!({"StringEquals": {"aws:PrincipalTag/Team": "Blue"}}),
            true,
        ),
        (
            json!({"StringEquals": {"aws:PrincipalTag/Shift": "Night"}}),
            true,
        ),
        (
            json!({"StringEquals": {"aws:PrincipalTag/Shift": "Day"}}),
            false,
        ),
        (
            json!({"DateEquals": {"aws:TokenIssueTime": "2026-11-23T06:38:13Z"}}),
            true,
        ),
        (
            json!({"Bool": {"aws:MultiFactorAuthPresent": "false"}}),
            true,
        ),
    ] {
        let shift = json!([{"Key": "Shift", "Value": "Night"}]);
        let input = json!({"Name": "bob", "Policy": on(&condition), "Tags": shift});
        let answer = ann.call("sts", "GetFederationToken", input).await.ok();
        let bob = ann.with_credentials_of(&answer);
        assert_eq!(is_allowed(&bob).await, told, "{condition}");
    }
}

#[tokio::test]
async fn a_federated_user_may_what_both_the_issuer_and_the_session_allow() {
    let alcazar = server().await;
    let (ann, user) = ann(&alcazar).await;
    let federate = |policy: Value| {
        let input = json!({"Name": "bob", "Policy": policy});
        ann.call("sts", "GetFederationToken", input)
    };
    let without = ann.with_credentials_of(&federate(Value::Null).await.ok());
    let with = ann.with_credentials_of(&federate(json!(EVERYTHING)).await.ok());
    assert!(!is_allowed(&without).await);
    assert!(is_allowed(&with).await);
    alcazar
        .keep(User {
            inline: BTreeMap::new(),
            ..user
        })
        .await;
    assert!(!is_allowed(&with).await);
}

#[tokio::test]
async fn of_a_session_token() {
    let alcazar = server().await;
    let (ann, user) = ann(&alcazar).await;
    let answer = ann.call("sts", "GetSessionToken", json!({})).await.ok();
    let caller = ann.with_credentials_of(&answer);
    for (condition, told) in [
        (json!({"StringEquals": {"aws:username": "ann"}}), true),
        (json!({"StringEquals": {"aws:userid": user.id}}), true),
        (json!({"StringEquals": {"aws:PrincipalType": "User"}}), true),
        (
            json!({"StringEquals": {"aws:PrincipalTag/Team": "Blue"}}),
            true,
        ),
        (
            json!({"DateEquals": {"aws:TokenIssueTime": "2026-11-23T06:38:13Z"}}),
            true,
        ),
        (
            json!({"Bool": {"aws:MultiFactorAuthPresent": "false"}}),
            true,
        ),
        (
            json!({"BoolIfExists": {"aws:MultiFactorAuthPresent": "true"}}),
            false,
        ),
    ] {
        alcazar
            .keep(User {
                inline: inline(&condition),
                ..user.clone()
            })
            .await;
        assert_eq!(is_allowed(&caller).await, told, "{condition}");
    }
}

#[tokio::test]
async fn of_the_resource() {
    let alcazar = server().await;
    let (_, role) = ops(&alcazar, json!({})).await;
    let (caller, user) = ann(&alcazar).await;
    for (condition, told) in [
        (
            json!({"StringEquals": {"aws:ResourceTag/Env": "Test"}}),
            true,
        ),
        (
            json!({"StringEquals": {"aws:ResourceTag/eNV": "Test"}}),
            true,
        ),
        (
            json!({"StringEquals": {"iam:ResourceTag/Env": "Test"}}),
            true,
        ),
        (
            json!({"StringEquals": {"aws:ResourceTag/Env": "Live"}}),
            false,
        ),
        (json!({"Null": {"aws:ResourceTag/Other": "true"}}), true),
        (
            json!({"StringEquals": {"aws:ResourceAccount": ACCOUNT}}),
            true,
        ),
        (
            json!({"StringEquals": {"aws:ResourceAccount": "444455556666"}}),
            false,
        ),
        (
            json!({"StringEquals": {"aws:ResourceAccount": "${aws:PrincipalAccount}"}}),
            true,
        ),
        (
            json!({"StringEquals": {"aws:ResourceTag/Team": "${aws:PrincipalTag/Team}"}}),
            true,
        ),
        (
            json!({"StringEquals": {"aws:ResourceTag/Env": "${aws:PrincipalTag/Env}"}}),
            false,
        ),
    ] {
        alcazar
            .keep(User {
                inline: inline(&condition),
                ..user.clone()
            })
            .await;
        let input = json!({"RoleArn": role.arn.as_str(), "RoleSessionName": "night"});
        let answer = caller.call("sts", "AssumeRole", input).await;
        assert_eq!(answer.status == 200, told, "{condition}: {}", answer.text);
    }
}
