//! What the tests of the operations share.

use harness::{ACCOUNT, Alcazar, Answer, Client, role};
use identity::Role;
use serde_json::{Value, json};

/// Allows everything.
pub(crate) const EVERYTHING: &str =
    r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}"#;

/// A server of STS alone.
pub(crate) async fn sts() -> Alcazar {
    Alcazar::new(&[&crate::SERVICE]).await
}

/// A trust policy that lets `ACCOUNT` decide who assumes, tags and names.
pub(crate) fn trusting() -> String {
    let actions = ["sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"];
    let principal = json!({"AWS": ACCOUNT});
    let statement = json!({"Effect": "Allow", "Principal": principal, "Action": actions});
    json!({"Version": "2012-10-17", "Statement": statement}).to_string()
}

/// A role of `ACCOUNT` that may do everything, and a user who may assume it.
pub(crate) async fn ops(alcazar: &Alcazar) -> (Role, Client) {
    let ops = Role {
        max_session_duration: 7200,
        ..role(ACCOUNT, "Ops", &trusting(), EVERYTHING)
    };
    alcazar.keep(ops.clone()).await;
    (ops, alcazar.user("ann", EVERYTHING).await)
}

/// Calls AssumeRole on `Ops` as session `night`, with `more` beside.
pub(crate) async fn assume(caller: &Client, more: Value) -> Answer {
    let input = json!({
        "RoleArn": "arn:aws:iam::111122223333:role/Ops",
        "RoleSessionName": "night",
    });
    caller.call("sts", "AssumeRole", with(input, more)).await
}

/// `input` with the members of `more`.
pub(crate) fn with(mut input: Value, more: Value) -> Value {
    let more = more.as_object().into_iter().flatten();
    for (name, value) in more {
        input[name] = value.clone();
    }
    input
}
