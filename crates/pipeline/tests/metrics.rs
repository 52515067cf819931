//! What the core counts: each number moves with what it counts, and with nothing else.
#![allow(
    clippy::unwrap_used,
    reason = "what goes wrong here shall end the test"
)]

use std::collections::BTreeMap;

use harness::{Alcazar, Client};
use pipeline::{Exposition, QuotaFile, Quotas};
use serde_json::json;
use storage::Mishap;

const SERVICES: &[&pipeline::Service] = &[
    &iam::SERVICE,
    &sts::SERVICE,
    &kms::SERVICE,
    &cloudtrail::SERVICE,
];

type Numbers = BTreeMap<String, u64>;

async fn numbers(alcazar: &Alcazar) -> Numbers {
    let mut told = Exposition::default();
    alcazar.core.measure(&mut told).await.unwrap();
    let text = told.into_text();
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    let number = |line: &str| {
        let (name, value) = line.rsplit_once(' ').unwrap();
        (name.to_owned(), value.parse().unwrap())
    };
    lines.map(number).collect()
}

/// By how much each number that `doing` moves has grown.
async fn moved(alcazar: &Alcazar, doing: impl Future<Output = ()>) -> Vec<(String, u64)> {
    let before = numbers(alcazar).await;
    doing.await;
    let after = numbers(alcazar).await;
    assert!(
        before.keys().eq(after.keys()),
        "all are there from the start"
    );
    let grown = after.into_iter().filter_map(|(name, now)| {
        let by = now - before.get(&name).unwrap();
        (by > 0).then_some((name, by))
    });
    grown.collect()
}

fn call(service: &str, outcome: &str) -> (String, u64) {
    let labels = format!(r#"{{service="{service}",outcome="{outcome}"}}"#);
    (format!("alcazar_calls_total{labels}"), 1)
}

fn recorded(kept_in: &str, number: u64) -> (String, u64) {
    let name = format!(r#"alcazar_audit_records_total{{kept_in="{kept_in}"}}"#);
    (name, number)
}

async fn is_counted(alcazar: &Alcazar, expected: (String, u64), doing: impl Future<Output = ()>) {
    let moved = moved(alcazar, doing).await;
    assert_eq!(moved, [recorded("segments", 1), expected]);
}

#[tokio::test]
async fn calls_by_what_became_of_them() {
    let rates = QuotaFile::from([("kms/create-key".to_owned(), 0)]);
    let alcazar = Alcazar::with_quotas(SERVICES, Quotas::File(rates)).await;
    let (alcazar, root) = (&alcazar, alcazar.root());
    let ann = alcazar.powerless().await;
    let ask = async |client: &Client, service: &str, operation: &str, fails: &str| {
        let answer = client.call(service, operation, json!({})).await;
        assert_eq!(answer.code(), fails);
    };
    let changed = moved(alcazar, async {
        let user = json!({"UserName": "bob"});
        root.call("iam", "CreateUser", user).await.ok();
    });
    let expected = [recorded("store", 1), call("iam", "succeeded")];
    assert_eq!(changed.await, expected);
    let read = async { drop(root.call("kms", "ListKeys", json!({})).await.ok()) };
    is_counted(alcazar, call("kms", "succeeded"), read).await;
    let denied = ask(&ann, "kms", "ListKeys", "AccessDeniedException");
    is_counted(alcazar, call("kms", "denied"), denied).await;
    let wrong = alcazar.client("AKIAUNKNOWN", "secret");
    let unknown = ask(&wrong, "sts", "GetCallerIdentity", "InvalidClientTokenId");
    is_counted(alcazar, call("sts", "unauthenticated"), unknown).await;
    let unsigned = async { drop(root.unsigned("kms", "ListKeys", json!({})).await) };
    is_counted(alcazar, call("kms", "unauthenticated"), unsigned).await;
    let empty = ask(&root, "kms", "DescribeKey", "ValidationException");
    is_counted(alcazar, call("kms", "malformed"), empty).await;
    let none = ask(&root, "kms", "NoSuchThing", "UnknownOperationException");
    is_counted(alcazar, call("kms", "malformed"), none).await;
    let many = ask(&root, "kms", "CreateKey", "ThrottlingException");
    is_counted(alcazar, call("kms", "throttled"), many).await;
    let refused = async {
        let key = json!({"KeyId": "00000000-0000-0000-0000-000000000000"});
        let answer = root.call("kms", "DescribeKey", key).await;
        answer.fails("NotFoundException");
    };
    is_counted(alcazar, call("kms", "refused"), refused).await;
    let later = ask(&root, "cloudtrail", "CreateTrail", "NotImplemented");
    is_counted(alcazar, call("cloudtrail", "not_built"), later).await;
}

#[tokio::test]
async fn calls_for_nobody_and_calls_that_fail() {
    let alcazar = Alcazar::new(SERVICES).await;
    let (alcazar, root) = (&alcazar, alcazar.root());
    let lost = async {
        let mut request = root.signed("kms", "ListKeys", b"{}".to_vec());
        let target = "NoSuchService.Ask".parse().unwrap();
        request.headers.insert("x-amz-target", target);
        alcazar.core.handle(request).await;
    };
    is_counted(alcazar, call("unknown", "malformed"), lost).await;
    let broken = async {
        let mut request = root.signed("kms", "ListKeys", b"{}".to_vec());
        request.body = pipeline::Body::TooLarge;
        alcazar.core.handle(request).await;
    };
    is_counted(alcazar, call("kms", "malformed"), broken).await;
    let failed = async {
        alcazar.memory.meet_next(Mishap::Failure);
        let user = root.call("iam", "CreateUser", json!({"UserName": "bob"}));
        user.await.fails("InternalFailure");
    };
    is_counted(alcazar, call("iam", "failed"), failed).await;
}

#[tokio::test]
async fn rounds_of_background_duties() {
    let alcazar = Alcazar::new(SERVICES).await;
    let worker = "access key last use";
    let round = |outcome: &str| {
        let labels = format!(r#"{{worker="{worker}",outcome="{outcome}"}}"#);
        [(format!("alcazar_worker_rounds_total{labels}"), 1)]
    };
    let ann = alcazar.powerless().await;
    ann.call("kms", "ListKeys", json!({})).await;
    let failing = async {
        alcazar.memory.meet_next(Mishap::Failure);
        alcazar.core.run_worker(worker).await.unwrap_err();
    };
    assert_eq!(moved(&alcazar, failing).await, round("failed"));
    let working = async { assert!(alcazar.core.run_worker(worker).await.unwrap()) };
    assert_eq!(moved(&alcazar, working).await, round("succeeded"));
}
