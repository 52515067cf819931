//! What a credential stands for is known from call to call, and every change of it is in force at the next one.
#![allow(
    clippy::unwrap_used,
    reason = "what goes wrong here shall end the test"
)]

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use base::AccountId;
use harness::{ACCOUNT, Alcazar, Client, OTHER_ACCOUNT};
use identity::organization::{Member, MemberStatus, Organization};
use identity::{AccessKey, AccessKeyStatus, Document, Group, ManagedPolicy, Role, User};
use policy::Grammar;
use serde_json::json;
use storage::{Key, Record};

const ALLOW: &str =
    r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#;
const DENY: &str =
    r#"{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"*","Resource":"*"}]}"#;
const DENIED: &str = "AccessDeniedException";
const UNKNOWN: &str = "UnrecognizedClientException";

async fn server() -> Alcazar {
    Alcazar::new(&[&kms::SERVICE, &iam::SERVICE, &sts::SERVICE]).await
}

fn account() -> AccountId {
    ACCOUNT.parse().unwrap()
}

async fn read<R: Record + Clone>(alcazar: &Alcazar, key: &Key) -> R {
    let held = alcazar.core.records.get::<R>(key).await.unwrap();
    R::clone(&held.unwrap())
}

async fn change<R: Record + Clone>(alcazar: &Alcazar, key: &Key, change: impl FnOnce(&mut R)) {
    let mut record = read::<R>(alcazar, key).await;
    change(&mut record);
    alcazar.keep(record).await;
}

async fn works(client: &Client) {
    // Twice: by what is gathered, and by what is known.
    for _ in 0..2 {
        client.call("kms", "ListKeys", json!({})).await.ok();
    }
}

async fn fails(client: &Client, code: &str) {
    for _ in 0..2 {
        client.call("kms", "ListKeys", json!({})).await.fails(code);
    }
}

#[tokio::test]
async fn changes_of_a_user_are_in_force_at_the_next_call() {
    let alcazar = server().await;
    let ann = alcazar.user("ann", ALLOW).await;
    let (user, key) = (
        User::key_of(account(), "ann"),
        AccessKey::key_of(&ann.access_key_id),
    );
    let document = |text| Document::parse(text, Grammar::Identity).unwrap();
    works(&ann).await;
    change::<User>(&alcazar, &user, |ann| {
        ann.inline.insert("no".to_owned(), document(DENY));
    })
    .await;
    fails(&ann, DENIED).await;
    change::<User>(&alcazar, &user, |ann| drop(ann.inline.remove("no"))).await;
    works(&ann).await;
    change::<AccessKey>(&alcazar, &key, |key| key.status = AccessKeyStatus::Inactive).await;
    fails(&ann, UNKNOWN).await;
    change::<AccessKey>(&alcazar, &key, |key| key.status = AccessKeyStatus::Active).await;
    works(&ann).await;
    let kept = read::<User>(&alcazar, &user).await;
    alcazar.remove::<User>(&user).await;
    fails(&ann, UNKNOWN).await;
    alcazar.keep(kept).await;
    works(&ann).await;
    alcazar.remove::<AccessKey>(&key).await;
    fails(&ann, UNKNOWN).await;
}

#[tokio::test]
async fn changes_of_groups_and_managed_policies_are_in_force_at_the_next_call() {
    let alcazar = server().await;
    let root = alcazar.root();
    let ann = alcazar.user("ann", ALLOW).await;
    let iam = async |operation, input| root.call("iam", operation, input).await.ok();
    iam("CreateGroup", json!({"GroupName": "g"})).await;
    iam(
        "AddUserToGroup",
        json!({"GroupName": "g", "UserName": "ann"}),
    )
    .await;
    works(&ann).await;
    let policy = json!({"GroupName": "g", "PolicyName": "no", "PolicyDocument": DENY});
    iam("PutGroupPolicy", policy).await;
    fails(&ann, DENIED).await;
    iam(
        "DeleteGroupPolicy",
        json!({"GroupName": "g", "PolicyName": "no"}),
    )
    .await;
    works(&ann).await;
    let group = Group::key_of(account(), "g");
    assert!(read::<Group>(&alcazar, &group).await.inline.is_empty());
    let made = json!({"PolicyName": "m", "PolicyDocument": ALLOW});
    let arn = iam("CreatePolicy", made).await.field("Arn");
    let attached = json!({"GroupName": "g", "PolicyArn": arn});
    iam("AttachGroupPolicy", attached).await;
    works(&ann).await;
    let version = json!({"PolicyArn": arn, "PolicyDocument": DENY, "SetAsDefault": true});
    iam("CreatePolicyVersion", version).await;
    fails(&ann, DENIED).await;
    iam(
        "SetDefaultPolicyVersion",
        json!({"PolicyArn": arn, "VersionId": "v1"}),
    )
    .await;
    works(&ann).await;
    let boundary = json!({"UserName": "ann", "PermissionsBoundary": arn});
    iam("PutUserPermissionsBoundary", boundary).await;
    works(&ann).await;
    iam(
        "SetDefaultPolicyVersion",
        json!({"PolicyArn": arn, "VersionId": "v2"}),
    )
    .await;
    fails(&ann, DENIED).await;
    let place = ManagedPolicy::key_of_arn(&arn).unwrap();
    alcazar.remove::<ManagedPolicy>(&place).await;
    fails(&ann, "InternalFailure").await;
    let who = ann.call("sts", "GetCallerIdentity", json!({})).await.ok();
    assert_eq!(who.field("Account"), ACCOUNT);
}

#[tokio::test]
async fn a_session_ends_with_its_role_and_its_time() {
    let alcazar = server().await;
    let session = alcazar.role_session("Ops", ALLOW).await;
    let place = Role::key_of(account(), "Ops");
    works(&session).await;
    let other = alcazar.role_session("Other", ALLOW).await;
    works(&other).await;
    let role = read::<Role>(&alcazar, &place).await;
    alcazar.remove::<Role>(&place).await;
    fails(&session, UNKNOWN).await;
    let again = Role {
        id: "AROAANOTHER".to_owned(),
        ..role.clone()
    };
    alcazar.keep(again).await;
    fails(&session, UNKNOWN).await;
    alcazar.keep(role).await;
    works(&session).await;
    alcazar.clock.advance_seconds(3600);
    fails(&session, "ExpiredTokenException").await;
}

#[tokio::test]
async fn a_known_key_is_not_known_without_its_token_or_with_another() {
    let alcazar = server().await;
    let session = alcazar.role_session("Ops", ALLOW).await;
    let other = alcazar.role_session("Other", ALLOW).await;
    works(&session).await;
    works(&other).await;
    for token in [None, Some(other.token().unwrap()), Some("token".to_owned())] {
        fails(&session.with_token(token), UNKNOWN).await;
    }
    works(&session).await;
}

/// Calls across accounts while memberships change are decided before or after, and never fail with an error of ours.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn calls_concurrent_with_changes_never_fail_of_them() {
    let alcazar = Arc::new(server().await);
    let other: AccountId = OTHER_ACCOUNT.parse().unwrap();
    let organization = Organization {
        id: "o-abcdefghij".to_owned(),
        management: account(),
        root: "r-abcd".to_owned(),
        features: identity::organization::FeatureSet::All,
        enabled: Default::default(),
        root_tags: Default::default(),
        created: alcazar.core.clock.now(),
    };
    let member = move |status| Member {
        account: other,
        organization: "o-abcdefghij".to_owned(),
        name: "other".to_owned(),
        email: "other@example.com".to_owned(),
        parents: vec!["r-abcd".to_owned()],
        status,
        joined: identity::organization::JoinedMethod::Invited,
        joined_at: base::Timestamp::from_seconds(0),
        closed: None,
        tags: Default::default(),
    };
    alcazar.keep(organization).await;
    alcazar.keep(member(MemberStatus::Active)).await;
    let ann = alcazar.user("ann", ALLOW).await;
    let root = alcazar.other_root();
    let key = root.call("kms", "CreateKey", json!({})).await.ok();
    let arn = key.field("/KeyMetadata/Arn");
    let policy = json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": "*", "Action": "kms:*", "Resource": "*"}]});
    let put =
        json!({"KeyId": arn, "Policy": policy.to_string(), "BypassPolicyLockoutSafetyCheck": true});
    root.call("kms", "PutKeyPolicy", put).await.ok();
    let done = Arc::new(AtomicBool::new(false));
    let changing = tokio::spawn({
        let (alcazar, done) = (alcazar.clone(), done.clone());
        async move {
            while !done.load(Ordering::Relaxed) {
                for status in [MemberStatus::Suspended, MemberStatus::Active] {
                    alcazar.keep(member(status)).await;
                    tokio::task::yield_now().await;
                }
            }
        }
    });
    for _ in 0..300 {
        let answer = ann.call("kms", "DescribeKey", json!({"KeyId": arn})).await;
        if answer.status != 200 {
            answer.fails(DENIED);
        }
    }
    done.store(true, Ordering::Relaxed);
    changing.await.unwrap();
    ann.call("kms", "DescribeKey", json!({"KeyId": arn}))
        .await
        .ok();
}
