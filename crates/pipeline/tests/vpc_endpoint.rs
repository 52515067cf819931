//! What arrives at a VPC endpoint: its policy is part of the one decision, its records name it, and nobody can claim it.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "what goes wrong here shall end the test"
)]

use std::sync::Arc;

use harness::{ACCOUNT, Alcazar, Client, OTHER_ACCOUNT};
use http::{HeaderName, HeaderValue};
use pipeline::VpcEndpoint;
use serde_json::{Value, json};

const ID: &str = "vpce-0a1b2c3d4e5f60718";
const EVERYTHING: &str =
    r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}"#;

async fn server() -> Alcazar {
    Alcazar::new(&[
        &cloudtrail::SERVICE,
        &iam::SERVICE,
        &kms::SERVICE,
        &sts::SERVICE,
    ])
    .await
}

/// An endpoint of `account` with these statements; with none, of full access.
fn endpoint(account: &str, statements: &[Value]) -> Arc<VpcEndpoint> {
    let policy = json!({"Version": "2012-10-17", "Statement": statements}).to_string();
    let policy = (!statements.is_empty()).then_some(&*policy);
    let (account, region) = (account.parse().unwrap(), "us-east-1".parse().unwrap());
    Arc::new(VpcEndpoint::new(ID, "vpc-0a1b2c3d", account, region, policy).unwrap())
}

fn statement(effect: &str, action: &str) -> Value {
    json!({"Effect": effect, "Principal": "*", "Action": action, "Resource": "*"})
}

async fn list_keys(caller: &Client) -> harness::Answer {
    caller.call("kms", "ListKeys", json!({})).await
}

fn refusal(reason: &str) -> String {
    format!(
        "User: arn:aws:iam::{ACCOUNT}:user/ann is not authorized to perform: kms:ListKeys on resource: * {reason}"
    )
}

#[tokio::test]
async fn its_policy_limits_everybody_who_comes_through_it() {
    let alcazar = server().await;
    let ann = alcazar.user("ann", EVERYTHING).await;
    let narrow = endpoint(ACCOUNT, &[statement("Allow", "kms:Describe*")]);
    let denying = endpoint(
        ACCOUNT,
        &[statement("Allow", "*"), statement("Deny", "kms:ListKeys")],
    );
    let lacking = "because no VPC endpoint policy allows the kms:ListKeys action";
    let denied = "with an explicit deny in a VPC endpoint policy";
    for (endpoint, reason) in [(&narrow, lacking), (&denying, denied)] {
        let answer = list_keys(&ann.through(endpoint)).await;
        let answer = answer.fails("AccessDeniedException");
        assert_eq!(answer.message(), refusal(reason));
        // It limits the root user, and callers of other accounts.
        for other in [alcazar.root(), alcazar.other_root()] {
            let answer = list_keys(&other.through(endpoint)).await;
            answer.fails("AccessDeniedException");
        }
    }
    list_keys(&ann).await.ok();
    list_keys(&ann.through(&endpoint(ACCOUNT, &[]))).await.ok();
}

#[tokio::test]
async fn its_policy_grants_nothing() {
    let alcazar = server().await;
    let bob = alcazar
        .user("bob", &EVERYTHING.replace(r#""*","R"#, r#""sts:*","R"#))
        .await;
    let answer = list_keys(&bob.through(&endpoint(ACCOUNT, &[]))).await;
    let answer = answer.fails("AccessDeniedException");
    let told = answer.message();
    assert!(told.contains("no identity-based policy allows"), "{told}");
}

#[tokio::test]
async fn its_policy_knows_callers_and_conditions() {
    let alcazar = server().await;
    let ann = alcazar.user("ann", EVERYTHING).await;
    let eve = alcazar.user("eve", EVERYTHING).await;
    let arn = format!("arn:aws:iam::{ACCOUNT}:user/ann");
    let for_ann =
        json!({"Effect": "Allow", "Principal": {"AWS": arn}, "Action": "*", "Resource": "*"});
    let own = json!({
        "Effect": "Deny", "Principal": "*", "Action": "*", "Resource": "*",
        "Condition": {"StringNotEquals": {"aws:PrincipalAccount": "${aws:VpceAccount}"}},
    });
    let endpoint = endpoint(ACCOUNT, &[for_ann, own]);
    list_keys(&ann.through(&endpoint)).await.ok();
    for caller in [&eve, &alcazar.other_root()] {
        let answer = list_keys(&caller.through(&endpoint)).await;
        answer.fails("AccessDeniedException");
    }
}

#[tokio::test]
async fn records_name_it() {
    let alcazar = server().await;
    let ann = alcazar.user("ann", EVERYTHING).await;
    let endpoint = endpoint(
        OTHER_ACCOUNT,
        &[
            statement("Deny", "kms:ListAliases"),
            statement("Allow", "*"),
        ],
    );
    let inside = ann.through(&endpoint).at("10.0.0.7".parse().unwrap());
    list_keys(&inside).await.ok();
    let denied = inside.call("kms", "ListAliases", json!({})).await;
    denied.fails("AccessDeniedException");
    inside.call("kms", "CreateKey", json!({})).await.ok();
    inside
        .unsigned("kms", "GenerateRandom", json!({}))
        .await
        .fails("MissingAuthenticationTokenException");
    for name in ["ListKeys", "ListAliases", "CreateKey", "GenerateRandom"] {
        let event = alcazar.event(name).await;
        assert_eq!(event["vpcEndpointId"], ID, "{name}");
        assert_eq!(event["vpcEndpointAccountId"], OTHER_ACCOUNT, "{name}");
        assert_eq!(event["sourceIPAddress"], "10.0.0.7", "{name}");
    }
    ann.call("kms", "DescribeKey", json!({"KeyId": "alias/none"}))
        .await;
    let outside = alcazar.event("DescribeKey").await;
    assert!(
        outside.get("vpcEndpointId").is_none() && outside.get("vpcEndpointAccountId").is_none()
    );
}

/// Where a call arrives is not for its sender to say.
#[tokio::test]
async fn no_header_claims_an_endpoint() {
    let alcazar = server().await;
    let condition = json!({"StringEquals": {"aws:SourceVpce": ID}});
    let policy = json!({"Version": "2012-10-17", "Statement": {
        "Effect": "Allow", "Action": "*", "Resource": "*", "Condition": condition,
    }});
    let ann = alcazar.user("ann", &policy.to_string()).await;
    list_keys(&ann.through(&endpoint(ACCOUNT, &[]))).await.ok();
    for name in [
        "x-amz-vpce-id",
        "x-amz-source-vpce",
        "aws:sourcevpce",
        "x-vpc-endpoint-id",
        "x-forwarded-for",
        "forwarded",
        "x-amz-source-vpc",
        "x-amzn-vpce-id",
        "via",
        "x-real-ip",
    ] {
        let mut request = ann.signed("kms", "ListKeys", b"{}".to_vec());
        if let Ok(header) = HeaderName::from_bytes(name.as_bytes()) {
            request.headers.insert(header, HeaderValue::from_static(ID));
        }
        let reply = alcazar.core.handle(request).await;
        assert_eq!(reply.wire.status, 400, "{name}");
    }
    let mut request = ann.signed("kms", "ListKeys", b"{}".to_vec());
    request.headers.insert(
        "host",
        HeaderValue::from_static("vpce-0a1b2c3d4e5f60718.kms.us-east-1.vpce.amazonaws.com"),
    );
    let reply = alcazar.core.handle(request).await;
    assert_ne!(reply.wire.status, 200);
}

/// `X-Forwarded-For` does not move a caller, inside or outside of an endpoint.
#[tokio::test]
async fn no_header_moves_a_caller() {
    let alcazar = server().await;
    for (name, key, through, address) in [
        ("in", "aws:VpcSourceIp", true, "10.9.9.9"),
        ("out", "aws:SourceIp", false, "10.9.9.9"),
    ] {
        let policy = json!({"Version": "2012-10-17", "Statement": {
            "Effect": "Allow", "Action": "*", "Resource": "*", "Condition": {"IpAddress": {key: address}},
        }});
        let user = alcazar.user(name, &policy.to_string()).await;
        let caller = if through {
            user.through(&endpoint(ACCOUNT, &[]))
        } else {
            user
        };
        let mut request = caller.signed("kms", "ListKeys", b"{}".to_vec());
        for header in [
            "x-forwarded-for",
            "x-real-ip",
            "forwarded",
            "true-client-ip",
        ] {
            request
                .headers
                .insert(header, HeaderValue::from_static("10.9.9.9"));
        }
        assert_eq!(alcazar.core.handle(request).await.wire.status, 400, "{key}");
        list_keys(&caller.at(address.parse().unwrap())).await.ok();
    }
}
