//! What an organization says is obeyed by every service, at once.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "what goes wrong here shall end the test"
)]

mod condition_keys;
mod resource_control;
mod service_control;
mod setting;

use base::AccountId;
use harness::{ACCOUNT, Client, OTHER_ACCOUNT};
use identity::organization::{
    Member, MemberStatus, Organization, OrganizationPolicy, PolicyKind, PolicyTarget,
};
use serde_json::json;

use PolicyKind::{ResourceControl, ServiceControl};
use setting::{EVERYTHING, MEMBER, ORGANIZATION, ROOT, Setting, UNIT};

const DENIED: &str = "AccessDeniedException";

fn scp(effect: &str, action: &str) -> String {
    let statement = json!({"Effect": effect, "Action": action, "Resource": "*"});
    json!({"Version": "2012-10-17", "Statement": statement}).to_string()
}

fn rcp(action: &str, condition: serde_json::Value) -> String {
    let statement = json!({
        "Effect": "Deny", "Principal": "*", "Action": action, "Resource": "*", "Condition": condition,
    });
    json!({"Version": "2012-10-17", "Statement": statement}).to_string()
}

async fn list_keys(caller: &Client) -> harness::Answer {
    caller.call("kms", "ListKeys", json!({})).await
}

/// ARN of a policy of the setting's organization.
fn arn_of(kind: PolicyKind, policy: &str) -> String {
    let kind = kind.path();
    format!("arn:aws:organizations::{ACCOUNT}:policy/{ORGANIZATION}/{kind}/{policy}")
}

fn refusal(arn: &str, reason: &str) -> String {
    format!("User: {arn} is not authorized to perform: kms:ListKeys on resource: * {reason}")
}

#[tokio::test]
async fn the_management_account_is_exempt() {
    let setting = Setting::new().await;
    let alcazar = &setting.alcazar;
    let user = alcazar.user("ann", EVERYTHING).await;
    let key = setting.key_of(&alcazar.root()).await;
    setting
        .attach(ServiceControl, ROOT, &scp("Deny", "*"))
        .await;
    setting
        .attach(ResourceControl, ROOT, &rcp("kms:*", json!({})))
        .await;
    for caller in [&user, &alcazar.root()] {
        list_keys(caller).await.ok();
        caller
            .call("kms", "DescribeKey", json!({"KeyId": key}))
            .await
            .ok();
    }
    list_keys(&alcazar.other_root()).await.fails(DENIED);
}

#[tokio::test]
async fn a_kind_that_is_not_enabled_limits_nobody() {
    let setting = Setting::new().await;
    let user = setting.alcazar.other_user("ann", EVERYTHING).await;
    setting
        .attach(ServiceControl, MEMBER, &scp("Deny", "*"))
        .await;
    setting
        .attach(ResourceControl, MEMBER, &rcp("kms:*", json!({})))
        .await;
    for (kinds, allowed) in [
        (vec![ServiceControl, ResourceControl], false),
        (vec![ServiceControl], false),
        (vec![ResourceControl], false),
        (vec![], true),
    ] {
        setting.enable(&kinds).await;
        let answer = list_keys(&user).await;
        assert_eq!(answer.status == 200, allowed, "{kinds:?}: {}", answer.text);
    }
}

#[tokio::test]
async fn nobody_acts_in_a_closed_account_or_on_what_is_in_it() {
    let setting = Setting::new().await;
    let alcazar = &setting.alcazar;
    let root = alcazar.other_root();
    let foreign = alcazar.user("bob", EVERYTHING).await;
    let key = setting.key_of(&root).await;
    let describe = json!({"KeyId": key});
    for status in [MemberStatus::Suspended, MemberStatus::PendingClosure] {
        foreign
            .call("kms", "DescribeKey", describe.clone())
            .await
            .ok();
        list_keys(&root).await.ok();
        setting.set_status(status).await;
        list_keys(&root).await.fails("UnrecognizedClientException");
        let who = root.call("sts", "GetCallerIdentity", json!({})).await;
        who.fails("InvalidClientTokenId");
        foreign
            .call("kms", "DescribeKey", describe.clone())
            .await
            .fails(DENIED);
        setting.set_status(MemberStatus::Active).await;
    }
}

#[tokio::test]
async fn nothing_is_allowed_while_a_record_is_missing() {
    let setting = Setting::new().await;
    let alcazar = &setting.alcazar;
    let user = alcazar.other_user("ann", EVERYTHING).await;
    let policy = setting
        .attach(ServiceControl, UNIT, &scp("Allow", "*"))
        .await;
    list_keys(&user).await.ok();
    let key = OrganizationPolicy::key_of(ORGANIZATION, &policy);
    alcazar.remove::<OrganizationPolicy>(&key).await;
    list_keys(&user).await.fails("InternalFailure");
    setting.detach(ServiceControl, UNIT, &policy).await;
    list_keys(&user).await.ok();
    let key = PolicyTarget::key_of(ORGANIZATION, UNIT, ServiceControl);
    alcazar.remove::<PolicyTarget>(&key).await;
    list_keys(&user).await.fails("InternalFailure");
    setting.enable(&[]).await;
    list_keys(&user).await.ok();
    alcazar
        .remove::<Organization>(&Organization::key_of(ORGANIZATION))
        .await;
    list_keys(&user).await.fails("InternalFailure");
    let account: AccountId = OTHER_ACCOUNT.parse().unwrap();
    alcazar.remove::<Member>(&Member::key_of(account)).await;
    list_keys(&user).await.ok();
}

#[tokio::test]
async fn a_denial_is_recorded_and_explained() {
    let setting = Setting::new().await;
    let alcazar = &setting.alcazar;
    let root = alcazar.other_root();
    let policy = setting
        .attach(ServiceControl, UNIT, &scp("Deny", "iam:*"))
        .await;
    let answer = root
        .call("iam", "ListUsers", json!({}))
        .await
        .fails("AccessDenied");
    assert_eq!(
        alcazar.event("ListUsers").await["errorCode"],
        "AccessDenied"
    );
    let decode = json!({"EncodedMessage": answer.encoded_message.unwrap()});
    let decoded = root
        .call("sts", "DecodeAuthorizationMessage", decode)
        .await
        .ok();
    let decoded = decoded.field("DecodedMessage");
    let policy = format!("service_control_policy/{policy}");
    for part in ["service control policy", &policy] {
        assert!(decoded.contains(part), "{decoded}");
    }
}
