//! Resource control policies, on whoever comes to a member's resources.

use base::AccountId;
use harness::{ACCOUNT, Client, OTHER_ACCOUNT, role};
use identity::organization::{Member, PolicyKind::ResourceControl};
use serde_json::json;

use crate::setting::{EVERYTHING, MEMBER, ORGANIZATION, ROOT, Setting, TRUST, UNIT};
use crate::{DENIED, arn_of, rcp};

#[tokio::test]
async fn resource_control_limits_whoever_comes_to_a_members_resource() {
    let setting = Setting::new().await;
    let alcazar = &setting.alcazar;
    let own = alcazar.other_user("ann", EVERYTHING).await;
    let foreign = alcazar.user("bob", EVERYTHING).await;
    let key = setting.key_of(&alcazar.other_root()).await;
    let describe = |caller: &Client| {
        let caller = caller.clone();
        let key = key.clone();
        async move {
            caller
                .call("kms", "DescribeKey", json!({"KeyId": key}))
                .await
        }
    };
    let outside = json!({"StringNotEquals": {"aws:PrincipalAccount": OTHER_ACCOUNT}});
    describe(&foreign).await.ok();
    let policy = setting
        .attach(ResourceControl, UNIT, &rcp("kms:Describe*", outside))
        .await;
    describe(&own).await.ok();
    describe(&foreign).await.fails(DENIED).saying(&format!(
        "User: arn:aws:iam::{ACCOUNT}:user/bob is not authorized to perform: kms:DescribeKey on resource: {key} \
         with an explicit deny in a resource control policy: {}",
        arn_of(ResourceControl, &policy)
    ));
    setting.detach(ResourceControl, UNIT, &policy).await;
    describe(&foreign).await.ok();
    setting
        .detach(
            ResourceControl,
            ROOT,
            ResourceControl.full_access().unwrap(),
        )
        .await;
    for caller in [&foreign, &own] {
        let answer = describe(caller).await.fails(DENIED);
        let reason = "because no resource control policy allows the kms:DescribeKey action";
        assert!(answer.message().ends_with(reason), "{}", answer.message());
    }
}

#[tokio::test]
async fn resource_control_is_for_some_services_alone() {
    let setting = Setting::new().await;
    let alcazar = &setting.alcazar;
    alcazar
        .keep(role(OTHER_ACCOUNT, "Ops", TRUST, EVERYTHING))
        .await;
    let foreign = alcazar.user("bob", EVERYTHING).await;
    let own = alcazar.other_user("ann", EVERYTHING).await;
    for action in ["iam:*", "sts:*"] {
        setting
            .attach(ResourceControl, MEMBER, &rcp(action, json!({})))
            .await;
    }
    own.call("iam", "ListUsers", json!({})).await.ok();
    own.call("iam", "GetRole", json!({"RoleName": "Ops"}))
        .await
        .ok();
    let ops = json!({
        "RoleArn": format!("arn:aws:iam::{OTHER_ACCOUNT}:role/Ops"), "RoleSessionName": "session",
    });
    for caller in [&foreign, &own] {
        let answer = caller
            .call("sts", "AssumeRole", ops.clone())
            .await
            .fails("AccessDenied");
        let reason = "with an explicit deny in a resource control policy: arn:aws:organizations:";
        assert!(answer.message().contains(reason), "{}", answer.message());
    }
}

#[tokio::test]
async fn a_perimeter_keeps_out_who_is_not_of_the_organization() {
    let setting = Setting::new().await;
    let alcazar = &setting.alcazar;
    let inside = alcazar.other_user("ann", EVERYTHING).await;
    let caller = alcazar.user("bob", EVERYTHING).await;
    let key = setting.key_of(&alcazar.other_root()).await;
    let outside = json!({"StringNotEqualsIfExists": {"aws:PrincipalOrgID": ORGANIZATION}});
    let perimeter = rcp("kms:*", outside);
    setting.attach(ResourceControl, ROOT, &perimeter).await;
    let describe = json!({"KeyId": key});
    caller
        .call("kms", "DescribeKey", describe.clone())
        .await
        .ok();
    let account: AccountId = ACCOUNT.parse().unwrap();
    alcazar.remove::<Member>(&Member::key_of(account)).await;
    caller
        .call("kms", "DescribeKey", describe.clone())
        .await
        .fails(DENIED)
        .saying(&format!(
            "User: arn:aws:iam::{ACCOUNT}:user/bob is not authorized to perform: kms:DescribeKey on resource: {key} \
             with an explicit deny in a resource control policy"
        ));
    inside.call("kms", "DescribeKey", describe).await.ok();
}
