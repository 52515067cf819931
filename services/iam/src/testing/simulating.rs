//! What tests of simulations share.

use harness::{Alcazar, Answer};
use serde_json::{Value, json};

use super::root;

pub(crate) const OPERATION: &str = "SimulateCustomPolicy";
pub(crate) const BUCKET: &str = "arn:aws:s3:::b";
pub(crate) const ANN: &str = "arn:aws:iam::111122223333:user/ann";
pub(crate) const ROOT: &str = "arn:aws:iam::111122223333:root";
pub(crate) const OTHER_ROOT: &str = "arn:aws:iam::444455556666:root";

pub(crate) fn document(effect: &str, action: &str, more: &str) -> String {
    format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"{effect}","Action":"{action}"{more}}}]}}"#
    )
}

pub(crate) fn allow(action: &str) -> String {
    document("Allow", action, r#","Resource":"*""#)
}

pub(crate) fn deny(action: &str) -> String {
    document("Deny", action, r#","Resource":"*""#)
}

pub(crate) fn on_bucket(effect: &str, principal: &str) -> String {
    let more = format!(r#","Resource":"{BUCKET}","Principal":{{"AWS":"{principal}"}}"#);
    document(effect, "s3:*", &more)
}

/// A call about `s3:GetObject` with further members.
pub(crate) fn asked(policies: &[String], more: Value) -> Value {
    let mut input = json!({"PolicyInputList": policies, "ActionNames": ["s3:GetObject"]});
    for (name, value) in more.as_object().unwrap() {
        input[name] = value.clone();
    }
    input
}

pub(crate) async fn simulate(alcazar: &Alcazar, policies: &[String], more: Value) -> Answer {
    root(alcazar, OPERATION, asked(policies, more)).await
}
