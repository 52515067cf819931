//! The default version of a managed policy is in force from the next call on, wherever the policy is attached.

use harness::{Alcazar, Client};
use serde_json::{Value, json};

async fn call(client: &Client, operation: &str, input: Value) -> harness::Answer {
    client.call("iam", operation, input).await
}

fn allows(action: &str) -> String {
    let statement = json!({"Effect": "Allow", "Action": action, "Resource": "*"});
    json!({"Version": "2012-10-17", "Statement": [statement]}).to_string()
}

const NOTHING: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"none:None","Resource":"*"}]}"#;

/// A server with a policy `P` that allows listing policies; its second version, which is not in force, allows
/// listing instance profiles.
async fn server() -> (Alcazar, String) {
    let alcazar = Alcazar::new(&[&iam::SERVICE]).await;
    let root = alcazar.root();
    let input = json!({"PolicyName": "P", "PolicyDocument": allows("iam:ListPolicies")});
    let arn = call(&root, "CreatePolicy", input).await.ok().field("Arn");
    let document = allows("iam:ListInstanceProfiles");
    let input = json!({"PolicyArn": arn, "PolicyDocument": document});
    call(&root, "CreatePolicyVersion", input).await.ok();
    (alcazar, arn)
}

async fn may_list_policies(client: &Client) {
    call(client, "ListPolicies", json!({})).await.ok();
    call(client, "ListInstanceProfiles", json!({}))
        .await
        .fails("AccessDenied");
}

async fn may_list_instance_profiles(client: &Client) {
    call(client, "ListPolicies", json!({}))
        .await
        .fails("AccessDenied");
    call(client, "ListInstanceProfiles", json!({})).await.ok();
}

async fn set_default(alcazar: &Alcazar, arn: &str, version: &str) {
    let input = json!({"PolicyArn": arn, "VersionId": version});
    call(&alcazar.root(), "SetDefaultPolicyVersion", input)
        .await
        .ok();
}

#[tokio::test]
async fn at_a_user() {
    let (alcazar, arn) = server().await;
    let ann = alcazar.user("ann", NOTHING).await;
    call(&ann, "ListPolicies", json!({}))
        .await
        .fails("AccessDenied");
    let attach = json!({"UserName": "ann", "PolicyArn": arn});
    call(&alcazar.root(), "AttachUserPolicy", attach.clone())
        .await
        .ok();
    may_list_policies(&ann).await;
    set_default(&alcazar, &arn, "v2").await;
    may_list_instance_profiles(&ann).await;
    set_default(&alcazar, &arn, "v1").await;
    may_list_policies(&ann).await;
    call(&alcazar.root(), "DetachUserPolicy", attach).await.ok();
    call(&ann, "ListPolicies", json!({}))
        .await
        .fails("AccessDenied");
}

#[tokio::test]
async fn at_a_role() {
    let (alcazar, arn) = server().await;
    let session = alcazar.role_session("Ops", NOTHING).await;
    let attach = json!({"RoleName": "Ops", "PolicyArn": arn});
    call(&alcazar.root(), "AttachRolePolicy", attach).await.ok();
    may_list_policies(&session).await;
    set_default(&alcazar, &arn, "v2").await;
    may_list_instance_profiles(&session).await;
}

#[tokio::test]
async fn at_a_group() {
    let (alcazar, arn) = server().await;
    let ann = alcazar.user("ann", NOTHING).await;
    let root = alcazar.root();
    call(&root, "CreateGroup", json!({"GroupName": "Dev"}))
        .await
        .ok();
    let member = json!({"GroupName": "Dev", "UserName": "ann"});
    call(&root, "AddUserToGroup", member).await.ok();
    let attach = json!({"GroupName": "Dev", "PolicyArn": arn});
    call(&root, "AttachGroupPolicy", attach).await.ok();
    may_list_policies(&ann).await;
    set_default(&alcazar, &arn, "v2").await;
    may_list_instance_profiles(&ann).await;
}

#[tokio::test]
async fn as_a_boundary() {
    let (alcazar, arn) = server().await;
    let ann = alcazar.user("ann", &allows("*")).await;
    let bound = json!({"UserName": "ann", "PermissionsBoundary": arn});
    call(&alcazar.root(), "PutUserPermissionsBoundary", bound)
        .await
        .ok();
    may_list_policies(&ann).await;
    set_default(&alcazar, &arn, "v2").await;
    may_list_instance_profiles(&ann).await;
}

#[tokio::test]
async fn made_as_the_default() {
    let (alcazar, arn) = server().await;
    let ann = alcazar.user("ann", NOTHING).await;
    let attach = json!({"UserName": "ann", "PolicyArn": arn});
    call(&alcazar.root(), "AttachUserPolicy", attach).await.ok();
    let document = allows("iam:ListInstanceProfiles");
    let input = json!({"PolicyArn": arn, "PolicyDocument": document, "SetAsDefault": true});
    call(&alcazar.root(), "CreatePolicyVersion", input)
        .await
        .ok();
    may_list_instance_profiles(&ann).await;
}
