//! Attaching policies and setting boundaries is the same for users, groups and roles, and so are its tests.

use harness::Alcazar;
use serde_json::{Value, json};

use super::{fails, group, iam, managed_policy, role, root, server, user};

const READ_ONLY: &str = "arn:aws:iam::aws:policy/ReadOnlyAccess";
const NONE: &str = "arn:aws:iam::111122223333:policy/None";
const NO_ARN: &str = "longpolicynamebutnoarn";

/// A server with an entity `x` of this kind: `User`, `Group` or `Role`.
async fn with_entity(kind: &str) -> Alcazar {
    let alcazar = server().await;
    match kind {
        "User" => user(&alcazar, "x").await,
        "Group" => group(&alcazar, "x").await,
        _ => role(&alcazar, "x").await,
    };
    alcazar
}

/// `{"UserName": name, …}`
fn input(kind: &str, name: &str, more: Value) -> Value {
    let mut input = more;
    input[format!("{kind}Name")] = json!(name);
    input
}

fn attachment(kind: &str, name: &str, policy: &str) -> Value {
    input(kind, name, json!({"PolicyArn": policy}))
}

fn no_such_entity(kind: &str) -> String {
    format!(
        "The {} with name none cannot be found.",
        kind.to_lowercase()
    )
}

async fn attached(alcazar: &Alcazar, kind: &str) -> Vec<String> {
    let operation = format!("ListAttached{kind}Policies");
    root(alcazar, &operation, input(kind, "x", json!({})))
        .await
        .fields("PolicyArn")
}

async fn count(alcazar: &Alcazar, policy: &str, field: &str) -> String {
    root(alcazar, "GetPolicy", json!({"PolicyArn": policy}))
        .await
        .field(field)
}

/// `Attach…Policy`.
pub(crate) async fn attaches(kind: &str, quota: &str) {
    let alcazar = with_entity(kind).await;
    let operation = format!("Attach{kind}Policy");
    let own = managed_policy(&alcazar, "Own", "kms:*").await;
    for policy in [READ_ONLY, &own, &own] {
        root(&alcazar, &operation, attachment(kind, "X", policy)).await;
    }
    assert_eq!(attached(&alcazar, kind).await, [&own, READ_ONLY]);
    assert_eq!(count(&alcazar, &own, "AttachmentCount").await, "1");
    assert_eq!(count(&alcazar, READ_ONLY, "AttachmentCount").await, "1");
    let event = alcazar.event(&operation).await;
    let parameters = &event["requestParameters"];
    assert!([READ_ONLY, &own].contains(&parameters["policyArn"].as_str().unwrap()));
    assert_eq!(parameters[format!("{}Name", kind.to_lowercase())], "X");
    attach_errors(&alcazar, kind).await;
    for number in 3..=10 {
        let policy = managed_policy(&alcazar, &format!("P{number}"), "kms:*").await;
        root(&alcazar, &operation, attachment(kind, "x", &policy)).await;
    }
    let eleventh = "arn:aws:iam::aws:policy/AdministratorAccess";
    let message = format!("Cannot exceed quota for {quota}: 10");
    let error = ("LimitExceeded", message.as_str());
    fails(&alcazar, &operation, attachment(kind, "x", eleventh), error).await;
}

async fn attach_errors(alcazar: &Alcazar, kind: &str) {
    let theirs = json!({"PolicyName": "Theirs", "PolicyDocument": super::policy("kms:*", 0)});
    let theirs = iam(&alcazar.other_root(), "CreatePolicy", theirs)
        .await
        .ok()
        .field("Arn");
    let unattachable =
        |policy: &str| format!("Policy {policy} does not exist or is not attachable.");
    for (name, policy, code, message) in [
        ("none", READ_ONLY, "NoSuchEntity", no_such_entity(kind)),
        ("x", NONE, "NoSuchEntity", unattachable(NONE)),
        ("x", &theirs, "NoSuchEntity", unattachable(&theirs)),
        (
            "x",
            NO_ARN,
            "ValidationError",
            format!("ARN {NO_ARN} is not valid."),
        ),
    ] {
        let operation = format!("Attach{kind}Policy");
        fails(
            alcazar,
            &operation,
            attachment(kind, name, policy),
            (code, &message),
        )
        .await;
    }
}

/// `Detach…Policy`.
pub(crate) async fn detaches(kind: &str) {
    let alcazar = with_entity(kind).await;
    let operation = format!("Detach{kind}Policy");
    let attach = format!("Attach{kind}Policy");
    root(&alcazar, &attach, attachment(kind, "x", READ_ONLY)).await;
    root(&alcazar, &operation, attachment(kind, "x", READ_ONLY)).await;
    assert!(attached(&alcazar, kind).await.is_empty());
    assert_eq!(count(&alcazar, READ_ONLY, "AttachmentCount").await, "0");
    let event = alcazar.event(&operation).await;
    assert_eq!(event["requestParameters"]["policyArn"], READ_ONLY);
    for (name, policy, code, message) in [
        ("none", READ_ONLY, "NoSuchEntity", no_such_entity(kind)),
        (
            "x",
            READ_ONLY,
            "NoSuchEntity",
            format!("Policy {READ_ONLY} was not found."),
        ),
        (
            "x",
            NONE,
            "NoSuchEntity",
            format!("Policy {NONE} was not found."),
        ),
        (
            "x",
            NO_ARN,
            "ValidationError",
            format!("ARN {NO_ARN} is not valid."),
        ),
    ] {
        fails(
            &alcazar,
            &operation,
            attachment(kind, name, policy),
            (code, &message),
        )
        .await;
    }
}

/// `ListAttached…Policies`.
pub(crate) async fn lists_attached(kind: &str) {
    let alcazar = with_entity(kind).await;
    let operation = format!("ListAttached{kind}Policies");
    let billing = "arn:aws:iam::aws:policy/job-function/Billing";
    for policy in [READ_ONLY, billing] {
        let attach = format!("Attach{kind}Policy");
        root(&alcazar, &attach, attachment(kind, "x", policy)).await;
    }
    let all = root(&alcazar, &operation, input(kind, "x", json!({}))).await;
    assert_eq!(all.fields("PolicyName"), ["Billing", "ReadOnlyAccess"]);
    assert_eq!(all.fields("PolicyArn"), [billing, READ_ONLY]);
    assert_eq!(all.field("IsTruncated"), "false");
    let below = input(kind, "x", json!({"PathPrefix": "/job-function/"}));
    let below = root(&alcazar, &operation, below).await;
    assert_eq!(below.fields("PolicyName"), ["Billing"]);
    let first = input(kind, "x", json!({"MaxItems": 1}));
    let first = root(&alcazar, &operation, first).await;
    assert_eq!(first.fields("PolicyName"), ["Billing"]);
    let second = input(kind, "x", json!({"Marker": first.field("Marker")}));
    let second = root(&alcazar, &operation, second).await;
    assert_eq!(second.fields("PolicyName"), ["ReadOnlyAccess"]);
    let error = ("NoSuchEntity", no_such_entity(kind));
    let none = input(kind, "none", json!({}));
    fails(&alcazar, &operation, none, (error.0, &error.1)).await;
    alcazar.clock.advance_seconds(1);
    let event = alcazar.event(&operation).await;
    assert_eq!(event["eventSource"], "iam.amazonaws.com");
    assert_eq!(event["readOnly"], true);
}

/// `Put…PermissionsBoundary`.
pub(crate) async fn bounds(kind: &str) {
    let alcazar = with_entity(kind).await;
    let operation = format!("Put{kind}PermissionsBoundary");
    let own = managed_policy(&alcazar, "Own", "kms:*").await;
    let boundary =
        |name: &str, policy: &str| input(kind, name, json!({"PermissionsBoundary": policy}));
    for policy in [READ_ONLY, &own, &own] {
        root(&alcazar, &operation, boundary("x", policy)).await;
    }
    let used = "PermissionsBoundaryUsageCount";
    assert_eq!(count(&alcazar, READ_ONLY, used).await, "0");
    assert_eq!(count(&alcazar, &own, used).await, "1");
    assert_eq!(count(&alcazar, &own, "AttachmentCount").await, "0");
    let found = root(&alcazar, &format!("Get{kind}"), input(kind, "x", json!({}))).await;
    assert_eq!(found.field("PermissionsBoundaryArn"), own);
    let event = alcazar.event(&operation).await;
    assert!(event["requestParameters"]["permissionsBoundary"].is_string());
    let missing = format!("Scope ARN: {NONE} does not exist or is not attachable.");
    for (name, policy, code, message) in [
        ("none", READ_ONLY, "NoSuchEntity", no_such_entity(kind)),
        ("x", NONE, "NoSuchEntity", missing),
        (
            "x",
            NO_ARN,
            "InvalidInput",
            format!("ARN {NO_ARN} is not valid."),
        ),
    ] {
        fails(
            &alcazar,
            &operation,
            boundary(name, policy),
            (code, &message),
        )
        .await;
    }
}

/// `Delete…PermissionsBoundary`.
pub(crate) async fn unbounds(kind: &str) {
    let alcazar = with_entity(kind).await;
    let operation = format!("Delete{kind}PermissionsBoundary");
    let put = format!("Put{kind}PermissionsBoundary");
    root(
        &alcazar,
        &put,
        input(kind, "x", json!({"PermissionsBoundary": READ_ONLY})),
    )
    .await;
    for _ in 0..2 {
        root(&alcazar, &operation, input(kind, "x", json!({}))).await;
    }
    let used = "PermissionsBoundaryUsageCount";
    assert_eq!(count(&alcazar, READ_ONLY, used).await, "0");
    let found = root(&alcazar, &format!("Get{kind}"), input(kind, "x", json!({}))).await;
    assert_eq!(found.field("PermissionsBoundaryArn"), "");
    let event = alcazar.event(&operation).await;
    assert_eq!(
        event["requestParameters"][format!("{}Name", kind.to_lowercase())],
        "x"
    );
    let none = input(kind, "none", json!({}));
    fails(
        &alcazar,
        &operation,
        none,
        ("NoSuchEntity", &no_such_entity(kind)),
    )
    .await;
}
