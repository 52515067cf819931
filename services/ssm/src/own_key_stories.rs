//! Stories of the service's own key, under which what is no `SecureString` is kept.

use base::{AccountId, Region};
use harness::{Alcazar, Client};
use pipeline::owned_key::account;
use serde_json::{Value, json};

use crate::name::Path;
use crate::parameter::Parameter;
use crate::testing::*;
use crate::version::Kept;

const YEAR: i64 = 365 * 86_400;

async fn kept(alcazar: &Alcazar, name: &str) -> Parameter {
    let owner = AccountId::from_number(111_122_223_333);
    let place = Parameter::key_of(owner, &Region::US_EAST_1, Path::read(name).unwrap());
    let held = alcazar.core.records.get::<Parameter>(&place).await.unwrap();
    Parameter::clone(&held.unwrap())
}

async fn sealed(alcazar: &Alcazar, name: &str) -> Vec<u8> {
    match kept(alcazar, name).await.current.value {
        Kept::Owned(sealed) => sealed,
        Kept::Plain(_) | Kept::Sealed(_) => panic!("not under the service's own key"),
    }
}

/// The service's own events about its keys.
async fn of_keys(alcazar: &Alcazar, name: &str) -> Vec<Value> {
    let events = alcazar.events().await.into_iter();
    let named = events.filter(|event| event["eventName"] == name);
    named.collect()
}

async fn kms(caller: &Client, operation: &str, input: Value) -> harness::Answer {
    caller.call("kms", operation, input).await
}

#[tokio::test]
async fn values_are_sealed_and_told_to_whoever_may_read_the_parameter() {
    let alcazar = alcazar().await;
    let root = alcazar.root();
    root.put("/a", "Philadelphia").await;
    let list = json!({"Name": "/list", "Value": "x,Philadelphia", "Type": "StringList"});
    root.ssm("PutParameter", list).await.ok();
    for (name, value) in [("/a", "Philadelphia"), ("/list", "x,Philadelphia")] {
        let blob = sealed(&alcazar, name).await;
        assert!(!blob.windows(12).any(|part| part == b"Philadelphia"));
        let read = root.ssm("GetParameter", json!({"Name": name})).await.ok();
        assert_eq!(read.field("/Parameter/Value"), value);
    }
    root.put("/a", "Pittsburgh").await;
    let history = json!({"Name": "/a"});
    let history = root.ssm("GetParameterHistory", history).await.ok();
    assert_eq!(history.field("/Parameters/0/Value"), "Philadelphia");
    assert_eq!(history.field("/Parameters/1/Value"), "Pittsburgh");
    // What was kept before there was such a key is read as ever.
    let mut old = kept(&alcazar, "/a").await;
    old.current.value = Kept::Plain(base::Secret::new("Boston".into()));
    alcazar.keep(old).await;
    assert_eq!(root.value("/a").await, "Boston");
}

#[tokio::test]
async fn the_key_is_in_nobodys_account_and_nobody_uses_it() {
    let alcazar = alcazar().await;
    let (root, ann) = (alcazar.root(), alcazar.user("ann", EVERYTHING).await);
    let other = alcazar.other_root();
    for (name, caller) in [("/a", &root), ("/b", &ann), ("/c", &other)] {
        caller.put(name, "v").await;
    }
    // One key for all of them, made once, in no trail but its own account's.
    let made = of_keys(&alcazar, "CreateKey").await;
    assert_eq!(made.len(), 1);
    assert_eq!(made[0]["recipientAccountId"], account().as_str());
    assert_eq!(made[0]["userIdentity"]["invokedBy"], "AWS Internal");
    let arn = made[0]["resources"][0]["ARN"].as_str().unwrap().to_owned();
    let blob = base64(&sealed(&alcazar, "/a").await);
    for caller in [&root, &ann, &other] {
        for listed in ["ListKeys", "ListAliases"] {
            let listed = kms(caller, listed, json!({})).await.ok();
            assert!(
                !listed.text.contains(account().as_str()) && !listed.text.contains("alias/aws")
            );
        }
        for (operation, input) in [
            ("DescribeKey", json!({"KeyId": arn})),
            ("GetKeyPolicy", json!({"KeyId": arn})),
            ("Encrypt", json!({"KeyId": arn, "Plaintext": "eA=="})),
            ("Decrypt", json!({"CiphertextBlob": blob})),
            (
                "CreateGrant",
                json!({"KeyId": arn, "Operations": ["Decrypt"],
                "GranteePrincipal": "arn:aws:iam::111122223333:root"}),
            ),
            ("PutKeyPolicy", json!({"KeyId": arn, "Policy": "{}"})),
            ("DisableKey", json!({"KeyId": arn})),
            ("ScheduleKeyDeletion", json!({"KeyId": arn})),
        ] {
            let answer = kms(caller, operation, input).await;
            assert!(answer.status == 400, "{operation} {}", answer.text);
            let refusals = ["AccessDeniedException", "NotFoundException"];
            assert!(
                refusals.contains(&&*answer.code()),
                "{operation} {}",
                answer.text
            );
        }
    }
}

#[tokio::test]
async fn it_is_rotated_every_365_days_and_opens_what_it_sealed() {
    let alcazar = alcazar().await;
    let root = alcazar.root();
    for year in 0..3 {
        root.put(&format!("/of/{year}"), &format!("value {year}"))
            .await;
        alcazar.clock.advance_seconds(YEAR);
        assert!(alcazar.core.run_worker("kms key rotation").await.unwrap());
    }
    for year in 0..3 {
        let value = root.value(&format!("/of/{year}")).await;
        assert_eq!(value, format!("value {year}"));
    }
    let rotated = of_keys(&alcazar, "RotateKey").await;
    assert_eq!(rotated.len(), 3);
    let trail = |event: &Value| event["recipientAccountId"] == account().as_str();
    assert!(rotated.iter().all(trail));
}

/// A value is that of one version of one parameter: moved elsewhere, it does not open.
#[tokio::test]
async fn a_value_opens_where_it_was_put_and_nowhere_else() {
    let alcazar = alcazar().await;
    let root = alcazar.root();
    for (name, value) in [("/a", "of a"), ("/b", "of b")] {
        root.put(name, value).await;
    }
    let (a, mut b) = (kept(&alcazar, "/a").await, kept(&alcazar, "/b").await);
    let own = std::mem::replace(&mut b.current.value, a.current.value.clone());
    alcazar.keep(b.clone()).await;
    let read = root.ssm("GetParameter", json!({"Name": "/b"})).await;
    assert_eq!(read.status, 500, "{}", read.text);
    let mut cut = match own.clone() {
        Kept::Owned(sealed) => sealed,
        Kept::Plain(_) | Kept::Sealed(_) => panic!("not under the service's own key"),
    };
    cut.truncate(10);
    b.current.value = Kept::Owned(cut);
    alcazar.keep(b.clone()).await;
    let read = root.ssm("GetParameter", json!({"Name": "/b"})).await;
    assert_eq!(read.status, 500, "{}", read.text);
    b.current.value = own;
    alcazar.keep(b).await;
    assert_eq!(root.value("/b").await, "of b");
}

fn base64(bytes: &[u8]) -> String {
    use base64::Engine;
    base64::engine::general_purpose::STANDARD.encode(bytes)
}
