//! Calls whose caller a token proves are limited before it is looked at.
#![allow(
    clippy::unwrap_used,
    reason = "what goes wrong here shall end the test"
)]

use harness::Alcazar;
use pipeline::{CALLS_BY_TOKEN, Quotas};
use serde_json::json;

async fn codes(alcazar: &Alcazar) -> Vec<String> {
    let input = json!({"RoleArn": "arn:aws:iam::111122223333:role/Deploy",
        "PrincipalArn": "arn:aws:iam::111122223333:saml-provider/idp", "SAMLAssertion": "abcd"});
    let nobody = alcazar.root();
    let mut codes = Vec::new();
    for _ in 0..4 {
        let answer = nobody.unsigned("sts", "AssumeRoleWithSAML", input.clone());
        codes.push(answer.await.code());
    }
    codes
}

#[tokio::test]
async fn an_address_tries_so_often_and_then_again() {
    let name = CALLS_BY_TOKEN.name.to_owned();
    let quotas = Quotas::File([(name, 3)].into());
    let alcazar = Alcazar::with_quotas(&[&sts::SERVICE], quotas).await;
    let none = "InvalidIdentityToken";
    assert_eq!(codes(&alcazar).await, [none, none, none, "Throttling"]);
    alcazar.clock.advance_seconds(1);
    assert_eq!(codes(&alcazar).await, [none, none, none, "Throttling"]);
}
