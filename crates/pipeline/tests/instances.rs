//! An instance gets credentials of its role where the role trusts `ec2.amazonaws.com`, and all of it is recorded.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "what goes wrong here shall end the test"
)]

use base::Region;
use harness::{ACCOUNT, Alcazar, OTHER_ACCOUNT, role};
use pipeline::{Instance, RoleCredentials};
use serde_json::{Value, json};

const ID: &str = "i-0123456789abcdef0";
const ARN: &str = "arn:aws:ec2:us-east-1:111122223333:instance/i-0123456789abcdef0";
const OPERATOR: u32 = 1000;

fn document(statement: &Value) -> String {
    json!({"Version": "2012-10-17", "Statement": [statement]}).to_string()
}

fn trust(service: &str, condition: &Value) -> String {
    document(
        &json!({"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole",
        "Condition": condition}),
    )
}

fn allow(condition: &Value) -> String {
    document(&json!({"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": condition}))
}

fn instance(account: &str, role: &str) -> Instance {
    Instance {
        id: ID.parse().unwrap(),
        account: account.parse().unwrap(),
        region: Region::US_EAST_1,
        role: role.to_owned(),
    }
}

async fn alcazar(trust: &str, policy: &str) -> Alcazar {
    let alcazar = Alcazar::new(&[&sts::SERVICE]).await;
    alcazar.keep(role(ACCOUNT, "Web", trust, policy)).await;
    alcazar
}

async fn credentials(alcazar: &Alcazar, instance: &Instance) -> Option<RoleCredentials> {
    let issued = alcazar.core.credentials_of_instance(instance, OPERATOR);
    issued.await.unwrap()
}

#[tokio::test]
async fn an_instance_acts_under_its_role() {
    let trust = trust(
        "ec2.amazonaws.com",
        &json!({"ArnEquals": {"aws:SourceArn": ARN}}),
    );
    let alcazar = alcazar(&trust, &allow(&json!({}))).await;
    let issued = credentials(&alcazar, &instance(ACCOUNT, "Web"))
        .await
        .unwrap();
    let (secret, token) = (
        issued.secret_access_key.expose(),
        issued.session_token.expose(),
    );
    let session = alcazar.root().session(&issued.access_key_id, secret, token);
    let who = || session.call("sts", "GetCallerIdentity", json!({}));
    let arn = format!("arn:aws:sts::111122223333:assumed-role/Web/{ID}");
    assert_eq!(who().await.ok().field("Arn"), arn);

    let assumed = alcazar.event("AssumeRole").await;
    assert_eq!(assumed["userIdentity"]["invokedBy"], "ec2.amazonaws.com");
    assert_eq!(assumed["requestParameters"]["roleSessionName"], ID);
    assert_eq!(assumed["errorCode"], Value::Null);
    let asked = alcazar.event("IssueInstanceCredentials").await;
    assert_eq!(asked["userIdentity"]["principalId"], "1000");
    assert_eq!(asked["serviceEventDetails"]["instance"], ARN);
    for event in alcazar.events().await {
        let text = event.to_string();
        assert!(!text.contains(secret) && !text.contains(token), "{text}");
    }

    alcazar.clock.advance_seconds(6 * 60 * 60 + 1);
    who().await.fails("ExpiredToken");
}

#[tokio::test]
async fn its_calls_say_which_instance_it_is() {
    for (condition, allowed) in [
        (json!({"ArnEquals": {"ec2:SourceInstanceARN": ARN}}), true),
        (
            json!({"ArnEquals": {"ec2:SourceInstanceARN": ARN.replace("i-0", "i-1")}}),
            false,
        ),
        (
            json!({"NumericLessThan": {"ec2:RoleDelivery": "2.0"}}),
            false,
        ),
        (
            json!({"NumericGreaterThanEquals": {"ec2:RoleDelivery": "2.0"}}),
            true,
        ),
        (
            json!({"Null": {"lambda:SourceFunctionArn": "false"}}),
            false,
        ),
    ] {
        let trust = trust("ec2.amazonaws.com", &json!({}));
        let alcazar = alcazar(&trust, &allow(&condition)).await;
        let issued = credentials(&alcazar, &instance(ACCOUNT, "Web"))
            .await
            .unwrap();
        let (secret, token) = (
            issued.secret_access_key.expose(),
            issued.session_token.expose(),
        );
        let session = alcazar.root().session(&issued.access_key_id, secret, token);
        let message = json!({"EncodedMessage": "none"});
        let asked = session
            .call("sts", "DecodeAuthorizationMessage", message)
            .await;
        asked.fails(match allowed {
            true => "InvalidAuthorizationMessageException",
            false => "AccessDenied",
        });
    }
}

#[tokio::test]
async fn only_a_role_of_its_account_that_trusts_the_service() {
    let ec2 = trust("ec2.amazonaws.com", &json!({}));
    let elsewhere = json!({"StringEquals": {"aws:SourceAccount": OTHER_ACCOUNT}});
    for (trust, asked) in [
        (
            trust("lambda.amazonaws.com", &json!({})),
            instance(ACCOUNT, "Web"),
        ),
        (
            trust("ec2.amazonaws.com", &elsewhere),
            instance(ACCOUNT, "Web"),
        ),
        (ec2.clone(), instance(ACCOUNT, "Other")),
        (ec2, instance(OTHER_ACCOUNT, "Web")),
    ] {
        let alcazar = alcazar(&trust, &allow(&json!({}))).await;
        assert!(
            credentials(&alcazar, &asked).await.is_none(),
            "{trust} {asked:?}"
        );
        let event = alcazar.event("AssumeRole").await;
        assert_eq!(event["errorCode"], "AccessDenied");
        let event = alcazar.event("IssueInstanceCredentials").await;
        assert_eq!(event["errorCode"], "Failed");
    }
}
