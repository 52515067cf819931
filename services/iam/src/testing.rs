//! What tests of operations share.

pub(crate) mod attaching;
pub(crate) mod certificates;
pub(crate) mod mfa;
pub(crate) mod simulating;

use harness::{Alcazar, Answer, Client};
use serde_json::{Value, json};

/// Allows everything.
pub(crate) const ANYTHING: &str =
    r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#;
/// Lets EC2 assume a role.
pub(crate) const TRUST: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}]}"#;

/// A server of IAM alone.
pub(crate) async fn server() -> Alcazar {
    Alcazar::new(&[&crate::SERVICE]).await
}

/// Calls IAM as `client`.
pub(crate) async fn iam(client: &Client, operation: &str, input: Value) -> Answer {
    client.call("iam", operation, input).await
}

/// Calls IAM as root, which must succeed.
pub(crate) async fn root(alcazar: &Alcazar, operation: &str, input: Value) -> Answer {
    iam(&alcazar.root(), operation, input).await.ok()
}

/// Who may do nothing is denied, and it is recorded.
pub(crate) async fn denies(alcazar: &Alcazar, operation: &str, input: Value) {
    let powerless = alcazar.powerless().await;
    iam(&powerless, operation, input)
        .await
        .fails("AccessDenied");
    alcazar.clock.advance_seconds(1);
    let events = alcazar.events().await;
    let mut named = events
        .iter()
        .filter(|event| event["eventName"] == operation);
    assert!(
        named.any(|event| event["errorCode"] == "AccessDenied"),
        "{operation}"
    );
}

/// Calls IAM as root, which must fail with this error.
pub(crate) async fn fails(
    alcazar: &Alcazar,
    operation: &str,
    input: Value,
    (code, message): (&str, &str),
) {
    let answer = iam(&alcazar.root(), operation, input).await;
    answer.fails(code).saying(message);
}

/// Makes a user.
pub(crate) async fn user(alcazar: &Alcazar, name: &str) -> Answer {
    root(alcazar, "CreateUser", json!({"UserName": name})).await
}

/// Makes a group.
pub(crate) async fn group(alcazar: &Alcazar, name: &str) -> Answer {
    root(alcazar, "CreateGroup", json!({"GroupName": name})).await
}

/// Makes a role.
pub(crate) async fn role(alcazar: &Alcazar, name: &str) -> Answer {
    let input = json!({"RoleName": name, "AssumeRolePolicyDocument": TRUST});
    root(alcazar, "CreateRole", input).await
}

/// A policy with one statement that allows `action`, and is about `length` characters long.
pub(crate) fn policy(action: &str, length: usize) -> String {
    let sid = "a".repeat(length);
    format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Sid":"{sid}","Effect":"Allow","Action":"{action}","Resource":"*"}}]}}"#
    )
}

/// Makes a managed policy that allows `action`; answers its ARN.
pub(crate) async fn managed_policy(alcazar: &Alcazar, name: &str, action: &str) -> String {
    let input = json!({"PolicyName": name, "PolicyDocument": policy(action, 0)});
    root(alcazar, "CreatePolicy", input).await.field("Arn")
}

/// Makes an instance profile.
pub(crate) async fn instance_profile(alcazar: &Alcazar, name: &str) -> Answer {
    root(
        alcazar,
        "CreateInstanceProfile",
        json!({"InstanceProfileName": name}),
    )
    .await
}

/// Makes an instance profile that holds a role, which is made if need be.
pub(crate) async fn profile_with_role(alcazar: &Alcazar, profile: &str, role: &str) {
    instance_profile(alcazar, profile).await;
    let input = json!({"RoleName": role, "AssumeRolePolicyDocument": TRUST});
    iam(&alcazar.root(), "CreateRole", input).await;
    let input = json!({"InstanceProfileName": profile, "RoleName": role});
    root(alcazar, "AddRoleToInstanceProfile", input).await;
}
