//! Stories across the operations of STS.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "what goes wrong here shall end the test"
)]

mod chaining;
mod cross_account_external_id;
mod expiry;
mod session_policy;
mod source_identity;
mod stale_sessions;
mod trusted_by_name;

use harness::{ACCOUNT, Alcazar, Answer, Client, role};
use identity::Role;
use serde_json::{Value, json};

/// Allows everything.
const EVERYTHING: &str =
    r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}"#;

async fn sts() -> Alcazar {
    Alcazar::new(&[&sts::SERVICE]).await
}

/// A policy of these statements.
fn policy(statements: Value) -> String {
    json!({"Version": "2012-10-17", "Statement": statements}).to_string()
}

/// Lets `principal` do these `actions` on the role, on `condition`.
fn trust(principal: &str, actions: &[&str], condition: Value) -> String {
    policy(json!({
        "Effect": "Allow",
        "Principal": {"AWS": principal},
        "Action": actions,
        "Condition": condition,
    }))
}

/// A role of `ACCOUNT` that may do everything, assumed by whom the account lets.
fn open_role(name: &str) -> Role {
    let actions = ["sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"];
    role(
        ACCOUNT,
        name,
        &trust(ACCOUNT, &actions, json!({})),
        EVERYTHING,
    )
}

/// Calls AssumeRole on a role of `ACCOUNT`, with `more` beside.
async fn assume(caller: &Client, name: &str, more: Value) -> Answer {
    let mut input = json!({
        "RoleArn": format!("arn:aws:iam::{ACCOUNT}:role/{name}"),
        "RoleSessionName": "night",
    });
    for (name, value) in more.as_object().into_iter().flatten() {
        input[name] = value.clone();
    }
    caller.call("sts", "AssumeRole", input).await
}

/// Assumes a role and answers who one is then.
async fn become_role(caller: &Client, name: &str, more: Value) -> Client {
    caller.with_credentials_of(&assume(caller, name, more).await.ok())
}

/// A call that needs `sts:GetAccessKeyInfo` and nothing else.
async fn probe(caller: &Client) -> Answer {
    let input = json!({"AccessKeyId": "AKIAIOSFODNN7EXAMPLE"});
    caller.call("sts", "GetAccessKeyInfo", input).await
}

async fn whoami(caller: &Client) -> Answer {
    caller.call("sts", "GetCallerIdentity", json!({})).await
}
