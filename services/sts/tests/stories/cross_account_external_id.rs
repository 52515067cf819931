//! Another account's user, an external id, and a record of it in both accounts.

use crate::{EVERYTHING, assume, policy, sts, trust, whoami};
use harness::{ACCOUNT, Alcazar, Client, OTHER_ACCOUNT, role};
use serde_json::{Value, json};

/// A role of `ACCOUNT` that `OTHER_ACCOUNT` may assume with an external id, and a user there.
async fn vendor(alcazar: &Alcazar) -> Client {
    let condition = json!({"StringEquals": {"sts:ExternalId": "ticket/7"}});
    let trusting = trust(OTHER_ACCOUNT, &["sts:AssumeRole"], condition);
    alcazar
        .keep(role(ACCOUNT, "Vendor", &trusting, EVERYTHING))
        .await;
    alcazar.other_user("vic", EVERYTHING).await
}

#[tokio::test]
async fn only_with_the_external_id() {
    let alcazar = sts().await;
    let vic = vendor(&alcazar).await;
    let answer = assume(&vic, "Vendor", json!({"ExternalId": "ticket/7"}))
        .await
        .ok();
    let arn = "arn:aws:sts::111122223333:assumed-role/Vendor/night";
    assert_eq!(
        whoami(&vic.with_credentials_of(&answer))
            .await
            .ok()
            .field("Arn"),
        arn
    );
    let account = identity::account_of(&answer.field("AccessKeyId")).unwrap();
    assert_eq!(account.as_str(), ACCOUNT);
    for refused in [json!({}), json!({"ExternalId": "ticket/8"})] {
        assume(&vic, "Vendor", refused).await.fails("AccessDenied");
    }
}

#[tokio::test]
async fn one_statement_may_guard_the_role_and_its_tags() {
    let alcazar = sts().await;
    let vic = vendor(&alcazar).await;
    let condition = json!({"StringEquals": {"sts:ExternalId": "ticket/7"}});
    let trusting = trust(
        OTHER_ACCOUNT,
        &["sts:AssumeRole", "sts:TagSession"],
        condition,
    );
    alcazar
        .keep(role(ACCOUNT, "Vendor", &trusting, EVERYTHING))
        .await;
    let tagged = json!({"ExternalId": "ticket/7", "Tags": [{"Key": "Team", "Value": "a"}]});
    assume(&vic, "Vendor", tagged).await.ok();
}

#[tokio::test]
async fn both_sides_must_allow() {
    let alcazar = sts().await;
    vendor(&alcazar).await;
    let with_id = || json!({"ExternalId": "ticket/7"});
    let denying = policy(json!({"Effect": "Allow", "Action": "kms:*", "Resource": "*"}));
    let eve = alcazar.other_user("eve", &denying).await;
    assume(&eve, "Vendor", with_id())
        .await
        .fails("AccessDenied");
    // Of the role's own account, which its trust policy does not name.
    let ann = alcazar.user("ann", EVERYTHING).await;
    assume(&ann, "Vendor", with_id())
        .await
        .fails("AccessDenied");
}

#[tokio::test]
async fn both_accounts_have_a_record() {
    let alcazar = sts().await;
    let vic = vendor(&alcazar).await;
    let answer = assume(&vic, "Vendor", json!({"ExternalId": "ticket/7"}))
        .await
        .ok();
    let events = alcazar.events().await;
    let of = |account: &str| -> Value {
        let mut named = events
            .iter()
            .filter(|event| event["eventName"] == "AssumeRole");
        let found = named.find(|event| event["recipientAccountId"] == account);
        found.unwrap().clone()
    };
    let (callers, roles) = (of(OTHER_ACCOUNT), of(ACCOUNT));
    assert_eq!(
        callers["userIdentity"]["arn"],
        "arn:aws:iam::444455556666:user/vic"
    );
    assert_eq!(roles["userIdentity"]["type"], "AWSAccount");
    assert_eq!(roles["userIdentity"]["accountId"], OTHER_ACCOUNT);
    assert_eq!(roles["userIdentity"]["arn"], Value::Null);
    assert_eq!(callers["sharedEventID"], roles["sharedEventID"]);
    assert!(callers["sharedEventID"].is_string());
    assert_ne!(callers["eventID"], roles["eventID"]);
    for event in [callers, roles] {
        let id = &event["responseElements"]["credentials"]["accessKeyId"];
        assert_eq!(*id, answer.field("AccessKeyId"));
        assert!(!event.to_string().contains(&answer.field("SecretAccessKey")));
    }
}

#[tokio::test]
async fn a_denial_is_no_business_of_the_other_account() {
    let alcazar = sts().await;
    let vic = vendor(&alcazar).await;
    assume(&vic, "Vendor", json!({}))
        .await
        .fails("AccessDenied");
    let events = alcazar.events().await;
    let recipients: Vec<&Value> = events
        .iter()
        .filter(|event| event["eventName"] == "AssumeRole")
        .map(|event| &event["recipientAccountId"])
        .collect();
    assert_eq!(recipients, [OTHER_ACCOUNT]);
}
