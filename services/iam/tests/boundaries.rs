//! A permissions boundary limits what a user or role may do, and grants nothing itself.

use harness::{Alcazar, Answer, Client};
use serde_json::{Value, json};

const ANYTHING: &str =
    r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#;

async fn server() -> Alcazar {
    Alcazar::new(&[&iam::SERVICE]).await
}

async fn call(client: &Client, operation: &str, input: Value) -> Answer {
    client.call("iam", operation, input).await
}

/// Makes a managed policy of these statements; answers its ARN.
async fn policy(alcazar: &Alcazar, name: &str, statements: Value) -> String {
    let document = json!({"Version": "2012-10-17", "Statement": statements}).to_string();
    let input = json!({"PolicyName": name, "PolicyDocument": document});
    call(&alcazar.root(), "CreatePolicy", input)
        .await
        .ok()
        .field("Arn")
}

async fn bound(alcazar: &Alcazar, user: &str, policy: &str) {
    let input = json!({"UserName": user, "PermissionsBoundary": policy});
    call(&alcazar.root(), "PutUserPermissionsBoundary", input)
        .await
        .ok();
}

#[tokio::test]
async fn a_user_may_do_what_policy_and_boundary_both_allow() {
    let alcazar = server().await;
    let ann = alcazar.user("ann", ANYTHING).await;
    let lists = json!([{"Effect": "Allow", "Action": "iam:List*", "Resource": "*"}]);
    let lists = policy(&alcazar, "Lists", lists).await;
    let profile = json!({"InstanceProfileName": "Web"});

    call(&ann, "CreateInstanceProfile", profile.clone())
        .await
        .ok();
    bound(&alcazar, "ann", &lists).await;
    call(&ann, "ListInstanceProfiles", json!({})).await.ok();
    let denied = call(&ann, "DeleteInstanceProfile", profile.clone()).await;
    let message = denied.fails("AccessDenied").message();
    let reason = "because no permissions boundary allows the iam:DeleteInstanceProfile action";
    assert!(message.ends_with(reason), "{message}");

    let input = json!({"UserName": "ann"});
    call(&alcazar.root(), "DeleteUserPermissionsBoundary", input)
        .await
        .ok();
    call(&ann, "DeleteInstanceProfile", profile).await.ok();
}

#[tokio::test]
async fn a_boundary_grants_nothing() {
    let alcazar = server().await;
    let ann = alcazar.powerless().await;
    bound(
        &alcazar,
        "powerless",
        "arn:aws:iam::aws:policy/AdministratorAccess",
    )
    .await;
    let denied = call(&ann, "ListPolicies", json!({})).await;
    let message = denied.fails("AccessDenied").message();
    let reason = "because no identity-based policy allows the iam:ListPolicies action";
    assert!(message.ends_with(reason), "{message}");
}

#[tokio::test]
async fn a_boundary_denies() {
    let alcazar = server().await;
    let ann = alcazar.user("ann", ANYTHING).await;
    let statements = json!([
        {"Effect": "Allow", "Action": "*", "Resource": "*"},
        {"Effect": "Deny", "Action": "iam:ListPolicies", "Resource": "*"},
    ]);
    bound(
        &alcazar,
        "ann",
        &policy(&alcazar, "AllButLists", statements).await,
    )
    .await;
    call(&ann, "ListInstanceProfiles", json!({})).await.ok();
    let denied = call(&ann, "ListPolicies", json!({})).await;
    let message = denied.fails("AccessDenied").message();
    assert!(
        message.ends_with(
            "with an explicit deny in a permissions boundary: arn:aws:iam::111122223333:policy/AllButLists"
        ),
        "{message}"
    );
}

#[tokio::test]
async fn a_role_is_bounded_too() {
    let alcazar = server().await;
    let session = alcazar.role_session("Ops", ANYTHING).await;
    call(&session, "ListPolicies", json!({})).await.ok();
    let boundary = "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess";
    let input = json!({"RoleName": "Ops", "PermissionsBoundary": boundary});
    call(&alcazar.root(), "PutRolePermissionsBoundary", input)
        .await
        .ok();
    call(&session, "ListPolicies", json!({}))
        .await
        .fails("AccessDenied");
    let input = json!({"RoleName": "Ops"});
    call(&alcazar.root(), "DeleteRolePermissionsBoundary", input)
        .await
        .ok();
    call(&session, "ListPolicies", json!({})).await.ok();
}

/// As the IAM User Guide delegates: an administrator who may only hand out bounded permissions.
#[tokio::test]
async fn an_administrator_can_be_held_to_a_boundary() {
    let alcazar = server().await;
    alcazar.user("ann", ANYTHING).await;
    let lists = json!([{"Effect": "Allow", "Action": "iam:List*", "Resource": "*"}]);
    let lists = policy(&alcazar, "Lists", lists).await;
    let read_only = "arn:aws:iam::aws:policy/ReadOnlyAccess";
    let condition = json!({"StringEquals": {"iam:PermissionsBoundary": lists}});
    let bounded = json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Resource": "*", "Condition": condition,
         "Action": ["iam:PutUserPermissionsBoundary", "iam:AttachUserPolicy"]},
        {"Effect": "Deny", "Resource": "*", "Action": "iam:AttachUserPolicy",
         "Condition": {"ArnNotEquals": {"iam:PolicyARN": read_only}}},
        {"Effect": "Allow", "Resource": "*", "Action": "iam:DeleteUserPermissionsBoundary"},
        {"Effect": "Deny", "Resource": "*", "Condition": condition,
         "Action": "iam:DeleteUserPermissionsBoundary"},
    ]});
    let bob = alcazar.user("bob", &bounded.to_string()).await;
    let attach = |policy: &str| json!({"UserName": "ann", "PolicyArn": policy});
    let put = |policy: &str| json!({"UserName": "ann", "PermissionsBoundary": policy});

    call(&bob, "AttachUserPolicy", attach(read_only))
        .await
        .fails("AccessDenied");
    call(&bob, "PutUserPermissionsBoundary", put(read_only))
        .await
        .fails("AccessDenied");
    call(&bob, "PutUserPermissionsBoundary", put(&lists))
        .await
        .ok();
    call(&bob, "AttachUserPolicy", attach(read_only)).await.ok();
    call(&bob, "AttachUserPolicy", attach(&lists))
        .await
        .fails("AccessDenied");
    let input = json!({"UserName": "ann"});
    call(&bob, "DeleteUserPermissionsBoundary", input.clone())
        .await
        .fails("AccessDenied");
    bound(&alcazar, "ann", read_only).await;
    call(&bob, "DeleteUserPermissionsBoundary", input)
        .await
        .ok();
}
