//! Each global condition key tells the truth about the call, and is absent where AWS has none.
//!
//! Every case is one policy with one condition: the call is allowed where the condition holds and denied where not.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
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

/// The lines of a table: whether the condition of operator, key and value holds.
fn cases(table: &str) -> Vec<(Value, bool)> {
    let lines = table.lines().filter(|line| !line.trim().is_empty());
    let case = |line: &str| {
        let words: Vec<&str> = line.split_whitespace().collect();
        let [told, operator, key, value] = words[..] else {
            panic!("{line}");
        };
        (json!({operator: {key: value}}), told == "yes")
    };
    lines.map(case).collect()
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

/// Told, operator, key, value.
const OF_THE_REQUEST: &str = "
    yes IpAddress        aws:SourceIp                   192.0.2.0/24
    no  IpAddress        aws:SourceIp                   198.51.100.0/24
    no  NotIpAddress     aws:SourceIp                   192.0.2.7
    yes Bool             aws:SecureTransport            true
    no  Bool             aws:SecureTransport            false
    yes StringLike       aws:UserAgent                  probe/*
    no  StringLike       aws:UserAgent                  aws-cli/*
    yes StringEquals     aws:RequestedRegion            eu-west-1
    no  StringEquals     aws:RequestedRegion            us-east-1
    yes DateEquals       aws:CurrentTime                2026-11-23T06:38:13Z
    no  DateGreaterThan  aws:CurrentTime                2026-11-23T06:38:13Z
    yes DateLessThan     aws:CurrentTime                2026-11-23T06:38:14Z
    yes DateLessThan     aws:EpochTime                  1795415894
    no  DateLessThan     aws:EpochTime                  1795415893
    yes Null             aws:referer                    true
    yes Bool             aws:ViaAWSService              false
    yes Bool             aws:PrincipalIsAWSService      false
    yes Null             aws:SourceVpc                  true
    yes Null             aws:SourceVpce                 true
    yes Null             aws:CalledVia                  true
    yes Null             aws:SourceArn                  true
";

#[tokio::test]
async fn a_header_that_is_too_long_is_none() {
    let alcazar = server().await;
    let (plain, user) = ann(&alcazar).await;
    let condition = json!({"StringLike": {"aws:UserAgent": "a*"}});
    let inline = inline(&condition);
    alcazar.keep(User { inline, ..user }).await;
    for (bytes, told) in [(1, true), (1024, true), (1025, false), (60_000, false)] {
        let caller = plain.user_agent(&"a".repeat(bytes));
        assert_eq!(is_allowed(&caller).await, told, "{bytes}");
    }
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
    for (condition, told) in cases(OF_THE_REQUEST) {
        alcazar
            .keep(User {
                inline: inline(&condition),
                ..user.clone()
            })
            .await;
        assert_eq!(is_allowed(&caller).await, told, "{condition}");
    }
}

/// Told, operator, key, value.
const OF_A_PLAIN_REQUEST: &str = "
    no  Bool             aws:SecureTransport            true
    yes Bool             aws:SecureTransport            false
    yes IpAddress        aws:SourceIp                   127.0.0.1
    yes StringEquals     aws:RequestedRegion            us-east-1
";

#[tokio::test]
async fn of_a_plain_request() {
    let alcazar = server().await;
    let (caller, user) = ann(&alcazar).await;
    for (condition, told) in cases(OF_A_PLAIN_REQUEST) {
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

/// Told, operator, key, value.
const OF_A_USER: &str = "
    yes ArnEquals        aws:PrincipalArn               arn:aws:iam::111122223333:user/ann
    no  ArnEquals        aws:PrincipalArn               arn:aws:iam::111122223333:user/bob
    yes StringEquals     aws:PrincipalAccount           111122223333
    yes StringEquals     aws:PrincipalType              User
    yes StringEquals     aws:userid                     USER_ID
    no  StringEquals     aws:userid                     AIDA
    yes StringEquals     aws:username                   ann
    no  StringEquals     aws:username                   Ann
    yes StringEquals     aws:PrincipalTag/Team          Blue
    yes StringEquals     aws:PrincipalTag/tEAM          Blue
    no  StringEquals     aws:PrincipalTag/Team          Red
    yes Null             aws:PrincipalTag/Other         true
    yes Null             aws:TokenIssueTime             true
    yes Null             aws:MultiFactorAuthPresent     true
    no  Bool             aws:MultiFactorAuthPresent     false
    yes Null             aws:MultiFactorAuthAge         true
    yes Null             aws:SourceIdentity             true
    yes Null             aws:PrincipalOrgID             true
    yes Null             aws:PrincipalOrgPaths          true
    yes Null             aws:FederatedProvider          true
    yes Null             aws:ResourceTag/Team           true
    yes Null             aws:RequestTag/Team            true
    yes Null             aws:TagKeys                    true
";

#[tokio::test]
async fn of_a_user() {
    let alcazar = server().await;
    let (caller, user) = ann(&alcazar).await;
    for (condition, told) in cases(&OF_A_USER.replace("USER_ID", &user.id)) {
        alcazar
            .keep(User {
                inline: inline(&condition),
                ..user.clone()
            })
            .await;
        assert_eq!(is_allowed(&caller).await, told, "{condition}");
    }
}

/// Told, operator, key, value.
const OF_A_ROLE_SESSION: &str = "
    yes ArnEquals        aws:PrincipalArn               arn:aws:iam::111122223333:role/Ops
    no  ArnEquals        aws:PrincipalArn               arn:aws:sts::111122223333:assumed-role/Ops/night
    yes StringEquals     aws:PrincipalAccount           111122223333
    yes StringEquals     aws:PrincipalType              AssumedRole
    yes StringEquals     aws:userid                     ROLE_ID:night
    no  StringLike       aws:userid                     *:day
    yes Null             aws:username                   true
    yes StringEquals     aws:PrincipalTag/Team          Red
    no  StringEquals     aws:PrincipalTag/Team          Blue
    yes StringEquals     aws:PrincipalTag/Shift         Night
    yes StringEquals     aws:PrincipalTag/Env           Test
    yes DateEquals       aws:TokenIssueTime             2026-11-23T06:38:13Z
    no  DateLessThan     aws:TokenIssueTime             2026-11-23T06:38:13Z
    yes Bool             aws:MultiFactorAuthPresent     false
    no  Bool             aws:MultiFactorAuthPresent     true
    yes StringEquals     aws:SourceIdentity             behind
    no  Null             aws:SourceIdentity             true
    yes Null             sts:SourceIdentity             true
    yes Null             sts:RoleSessionName            true
";

#[tokio::test]
async fn of_a_role_session() {
    let alcazar = server().await;
    let more = json!({
        "SourceIdentity": "behind",
        "Tags": [{"Key": "tEAM", "Value": "Red"}, {"Key": "Shift", "Value": "Night"}],
    });
    let (caller, role) = ops(&alcazar, more).await;
    for (condition, told) in cases(&OF_A_ROLE_SESSION.replace("ROLE_ID", &role.id)) {
        alcazar
            .keep(Role {
                inline: inline(&condition),
                ..role.clone()
            })
            .await;
        assert_eq!(is_allowed(&caller).await, told, "{condition}");
    }
}

/// Told, operator, key, value.
const OF_A_FEDERATED_USER: &str = "
    yes ArnEquals        aws:PrincipalArn               arn:aws:sts::111122223333:federated-user/bob
    yes StringEquals     aws:PrincipalType              FederatedUser
    yes StringEquals     aws:userid                     111122223333:bob
    yes Null             aws:username                   true
    yes StringEquals     aws:PrincipalTag/Team          Blue
    yes StringEquals     aws:PrincipalTag/Shift         Night
    no  StringEquals     aws:PrincipalTag/Shift         Day
    yes DateEquals       aws:TokenIssueTime             2026-11-23T06:38:13Z
    yes Bool             aws:MultiFactorAuthPresent     false
";

#[tokio::test]
async fn of_a_federated_user() {
    let alcazar = server().await;
    let (ann, _) = ann(&alcazar).await;
    for (condition, told) in cases(OF_A_FEDERATED_USER) {
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

/// Told, operator, key, value.
const OF_A_SESSION_TOKEN: &str = "
    yes StringEquals     aws:username                   ann
    yes StringEquals     aws:userid                     USER_ID
    yes StringEquals     aws:PrincipalType              User
    yes StringEquals     aws:PrincipalTag/Team          Blue
    yes DateEquals       aws:TokenIssueTime             2026-11-23T06:38:13Z
    yes Bool             aws:MultiFactorAuthPresent     false
    no  BoolIfExists     aws:MultiFactorAuthPresent     true
";

#[tokio::test]
async fn of_a_session_token() {
    let alcazar = server().await;
    let (ann, user) = ann(&alcazar).await;
    let answer = ann.call("sts", "GetSessionToken", json!({})).await.ok();
    let caller = ann.with_credentials_of(&answer);
    for (condition, told) in cases(&OF_A_SESSION_TOKEN.replace("USER_ID", &user.id)) {
        alcazar
            .keep(User {
                inline: inline(&condition),
                ..user.clone()
            })
            .await;
        assert_eq!(is_allowed(&caller).await, told, "{condition}");
    }
}

/// Told, operator, key, value.
const OF_THE_RESOURCE: &str = "
    yes StringEquals     aws:ResourceTag/Env            Test
    yes StringEquals     aws:ResourceTag/eNV            Test
    yes StringEquals     iam:ResourceTag/Env            Test
    no  StringEquals     aws:ResourceTag/Env            Live
    yes Null             aws:ResourceTag/Other          true
    yes StringEquals     aws:ResourceAccount            111122223333
    no  StringEquals     aws:ResourceAccount            444455556666
    yes StringEquals     aws:ResourceAccount            ${aws:PrincipalAccount}
    yes StringEquals     aws:ResourceTag/Team           ${aws:PrincipalTag/Team}
    no  StringEquals     aws:ResourceTag/Env            ${aws:PrincipalTag/Env}
";

#[tokio::test]
async fn of_the_resource() {
    let alcazar = server().await;
    let (_, role) = ops(&alcazar, json!({})).await;
    let (caller, user) = ann(&alcazar).await;
    for (condition, told) in cases(OF_THE_RESOURCE) {
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
