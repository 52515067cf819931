//! Service control policies, on whoever acts in a member account.

use harness::{OTHER_ACCOUNT, role};
use identity::organization::PolicyKind::ServiceControl;
use serde_json::json;

use crate::setting::{EVERYTHING, MEMBER, ROOT, Setting, TRUST, UNIT};
use crate::{DENIED, arn_of, list_keys, refusal, scp};

#[tokio::test]
async fn a_denial_reaches_users_roles_and_root_of_a_member_at_once() {
    let setting = Setting::new().await;
    let alcazar = &setting.alcazar;
    alcazar
        .keep(role(OTHER_ACCOUNT, "Ops", TRUST, EVERYTHING))
        .await;
    let user = alcazar.other_user("ann", EVERYTHING).await;
    let arn = |service: &str, name: &str| format!("arn:aws:{service}::{OTHER_ACCOUNT}:{name}");
    let ops = json!({"RoleArn": arn("iam", "role/Ops"), "RoleSessionName": "session"});
    let session = user.call("sts", "AssumeRole", ops).await.ok();
    let callers = [
        (
            user.with_credentials_of(&session),
            arn("sts", "assumed-role/Ops/session"),
        ),
        (user, arn("iam", "user/ann")),
        (alcazar.other_root(), arn("iam", "root")),
    ];
    for target in [ROOT, UNIT, MEMBER] {
        let policy = setting
            .attach(ServiceControl, target, &scp("Deny", "kms:*"))
            .await;
        let denied = format!(
            "with an explicit deny in a service control policy: {}",
            arn_of(ServiceControl, &policy)
        );
        for (caller, arn) in &callers {
            let answer = list_keys(caller).await.fails(DENIED);
            answer.saying(&refusal(arn, &denied));
            // Other services are as free as before.
            caller.call("iam", "ListUsers", json!({})).await.ok();
        }
        setting.detach(ServiceControl, target, &policy).await;
        for (caller, _) in &callers {
            list_keys(caller).await.ok();
        }
    }
    setting
        .attach(ServiceControl, UNIT, &scp("Deny", "iam:*"))
        .await;
    for (caller, _) in &callers {
        caller
            .call("iam", "ListUsers", json!({}))
            .await
            .fails("AccessDenied");
        list_keys(caller).await.ok();
    }
}

#[tokio::test]
async fn every_level_must_allow() {
    let setting = Setting::new().await;
    let user = setting.alcazar.other_user("ann", EVERYTHING).await;
    let arn = format!("arn:aws:iam::{OTHER_ACCOUNT}:user/ann");
    let missing = "because no service control policy allows the kms:ListKeys action";
    for target in [ROOT, UNIT, MEMBER] {
        let iam = setting
            .attach(ServiceControl, target, &scp("Allow", "iam:*"))
            .await;
        let everything = ServiceControl.full_access().unwrap();
        setting.detach(ServiceControl, target, everything).await;
        list_keys(&user)
            .await
            .fails(DENIED)
            .saying(&refusal(&arn, missing));
        user.call("iam", "ListUsers", json!({})).await.ok();
        setting.detach(ServiceControl, target, &iam).await;
        list_keys(&user)
            .await
            .fails(DENIED)
            .saying(&refusal(&arn, missing));
        user.call("iam", "ListUsers", json!({}))
            .await
            .fails("AccessDenied");
        setting.put_back(ServiceControl, target, everything).await;
        list_keys(&user).await.ok();
    }
}

#[tokio::test]
async fn conditions_and_resources_of_service_control_policies_count() {
    let setting = Setting::new().await;
    let user = setting.alcazar.other_user("ann", EVERYTHING).await;
    let elsewhere = json!({
        "Version": "2012-10-17",
        "Statement": {
            "Effect": "Deny", "NotAction": "iam:*", "Resource": "*",
            "Condition": {"StringNotEquals": {"aws:RequestedRegion": "eu-west-1"}},
        },
    });
    setting
        .attach(ServiceControl, UNIT, &elsewhere.to_string())
        .await;
    list_keys(&user).await.fails(DENIED);
    list_keys(&user.region("eu-west-1")).await.ok();
}
