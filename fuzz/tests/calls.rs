//! Signed calls with any body, through the whole pipeline: an answer of AWS's, never an internal failure.

use bolero::check;
use harness::Alcazar;

fn answers(service: &'static str, operations: &'static [&'static str]) {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let services = [&iam::SERVICE, &sts::SERVICE, &kms::SERVICE, &cloudtrail::SERVICE];
    let alcazar = runtime.block_on(Alcazar::new(&services));
    let root = alcazar.root();
    check!().with_type::<(u8, Vec<u8>)>().with_iterations(2_000).for_each(|(which, body)| {
        let operation = operations[usize::from(*which) % operations.len()];
        let answer = runtime.block_on(root.send(service, operation, body.clone()));
        assert_ne!(answer.status, 500, "{operation}: {}", answer.text);
    });
}

#[test]
fn kms_calls() {
    answers("kms", &["Encrypt", "Decrypt", "ReEncrypt", "CreateKey", "PutKeyPolicy", "TagResource"]);
}

#[test]
fn cloudtrail_calls() {
    answers("cloudtrail", &["LookupEvents"]);
}
