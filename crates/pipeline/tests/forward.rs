//! The door between services: the caller's authority goes along, and both calls are recorded or neither.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "what goes wrong here shall end the test"
)]

use std::sync::Arc;

use harness::{ACCOUNT, Alcazar, Answer, Client};
use kms_api::shapes::{CreateAliasRequest, DescribeKeyRequest, EncryptRequest};
use pipeline::{
    Access, Entry, Failure, Lookup, Operation, Permitted, Quotas, Service, VpcEndpoint,
};
use serde_json::{Value, json};
use storage::Mishap;
use sts_api::shapes::{DecodeAuthorizationMessageRequest, DecodeAuthorizationMessageResponse};
use wire::Blob;

/// Stands for a service that calls KMS: does as its message says, `OPERATION KEY`.
struct Forwarding;

impl Operation for Forwarding {
    type Api = sts_api::operations::DecodeAuthorizationMessage;
    type Target = ();
    const RECORDS_REPLY: bool = true;

    async fn access(
        _: &DecodeAuthorizationMessageRequest,
        _: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        Ok(Access::to(
            (),
            sts_api::permission::DecodeAuthorizationMessage {},
        ))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<DecodeAuthorizationMessageResponse, Failure> {
        let message = &call.input().encoded_message;
        let (operation, key) = message.split_once(' ').unwrap();
        let decoded_message = match operation {
            "Encrypt" => encrypt(&call, key).await?,
            "CreateAlias" => create_alias(&call, key).await?,
            _ => unbuilt(&call).await?,
        };
        Ok(DecodeAuthorizationMessageResponse {
            decoded_message: Some(decoded_message),
        })
    }
}

async fn encrypt(call: &Permitted<'_, Forwarding>, key: &str) -> Result<String, Failure> {
    let input = EncryptRequest {
        key_id: key.to_owned(),
        plaintext: base::Secret::new(Blob(b"hunter2".to_vec())),
        ..EncryptRequest::default()
    };
    let sealed = call.forward::<kms_api::operations::Encrypt>(input).await?;
    Ok(sealed.key_id.unwrap())
}

/// Two calls: what the second finds wrong undoes the first.
async fn create_alias(call: &Permitted<'_, Forwarding>, key: &str) -> Result<String, Failure> {
    let input = CreateAliasRequest {
        alias_name: "alias/made".to_owned(),
        target_key_id: key.to_owned(),
    };
    call.forward::<kms_api::operations::CreateAlias>(input)
        .await?;
    encrypt(call, key).await
}

async fn unbuilt(call: &Permitted<'_, Forwarding>) -> Result<String, Failure> {
    let input = DescribeKeyRequest::default();
    call.forward::<kms_api::operations::DescribeKey>(input)
        .await?;
    Ok(String::new())
}

static STS: Service = Service::of(
    &sts_api::operations::SERVICE,
    &[Entry::of::<Forwarding>()],
    "{}",
);

async fn alcazar() -> Alcazar {
    Alcazar::new(&[&STS, &kms::SERVICE, &iam::SERVICE]).await
}

async fn new_key(root: &Client) -> String {
    let made = root.call("kms", "CreateKey", json!({})).await.ok();
    made.field("/KeyMetadata/KeyId")
}

async fn forward(caller: &Client, message: &str) -> Answer {
    let input = json!({"EncodedMessage": message});
    caller
        .call("sts", "DecodeAuthorizationMessage", input)
        .await
}

fn allowing(action: &str, condition: Value) -> String {
    json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Action": "sts:*", "Resource": "*"},
        {"Effect": "Allow", "Action": action, "Resource": "*", "Condition": condition},
    ]})
    .to_string()
}

#[tokio::test]
async fn both_calls_are_recorded() {
    let alcazar = alcazar().await;
    let key = new_key(&alcazar.root()).await;
    forward(&alcazar.root(), &format!("Encrypt {key}"))
        .await
        .ok();
    let outer = alcazar.event("DecodeAuthorizationMessage").await;
    assert_eq!(outer["userIdentity"]["invokedBy"], Value::Null);
    assert_eq!(outer["sourceIPAddress"], "127.0.0.1");
    let inner = alcazar.event("Encrypt").await;
    assert_eq!(inner["eventSource"], "kms.amazonaws.com");
    assert_eq!(inner["userIdentity"]["type"], "Root");
    assert_eq!(inner["userIdentity"]["invokedBy"], "sts.amazonaws.com");
    assert_eq!(inner["sourceIPAddress"], "sts.amazonaws.com");
    assert_eq!(inner["userAgent"], "sts.amazonaws.com");
    assert_eq!(inner["requestParameters"]["keyId"], json!(key));
    assert_eq!(inner["resources"][0]["accountId"], ACCOUNT);
    assert_eq!(inner["requestID"], outer["requestID"]);
    assert_ne!(inner["eventID"], outer["eventID"]);
    assert!(!inner.to_string().contains("hunter2"));
}

#[tokio::test]
async fn the_caller_needs_the_other_services_permission() {
    let alcazar = alcazar().await;
    let key = new_key(&alcazar.root()).await;
    let ann = alcazar
        .user("ann", &allowing("kms:Describe*", json!({})))
        .await;
    let denied = forward(&ann, &format!("Encrypt {key}")).await;
    assert!(denied.text.contains("kms:Encrypt"), "{}", denied.text);
    for name in ["Encrypt", "DecodeAuthorizationMessage"] {
        let event = alcazar.event(name).await;
        assert_eq!(event["errorCode"], "AccessDenied", "{name}");
        assert_eq!(event["userIdentity"]["userName"], "ann", "{name}");
    }
}

#[tokio::test]
async fn policies_see_through_which_service_a_call_came() {
    let alcazar = alcazar().await;
    let key = new_key(&alcazar.root()).await;
    let endpoint = "sts.us-east-1.amazonaws.com";
    let principal = "sts.amazonaws.com";
    for (number, (condition, direct, through)) in [
        (
            json!({"StringEquals": {"kms:ViaService": endpoint}}),
            false,
            true,
        ),
        (
            json!({"StringNotEquals": {"kms:ViaService": endpoint}}),
            true,
            false,
        ),
        (json!({"Bool": {"aws:ViaAWSService": "true"}}), false, true),
        (json!({"Bool": {"aws:ViaAWSService": "false"}}), true, false),
        (
            json!({"ForAnyValue:StringEquals": {"aws:CalledVia": principal}}),
            false,
            true,
        ),
        (
            json!({"StringEquals": {"aws:CalledViaFirst": principal, "aws:CalledViaLast": principal}}),
            false,
            true,
        ),
        (json!({"Null": {"aws:CalledVia": "true"}}), true, false),
        (
            json!({"IpAddress": {"aws:SourceIp": "127.0.0.1"}}),
            true,
            true,
        ),
    ]
    .into_iter()
    .enumerate()
    {
        let policy = allowing("kms:Encrypt", condition.clone());
        let user = alcazar.user(&format!("user{number}"), &policy).await;
        let input = json!({"KeyId": key, "Plaintext": "eA=="});
        let answer = user.call("kms", "Encrypt", input).await;
        assert_eq!(answer.status == 200, direct, "{condition}");
        let answer = forward(&user, &format!("Encrypt {key}")).await;
        assert_eq!(answer.status == 200, through, "{condition}");
    }
}

/// The network of the first call is not told, and the endpoint's policy is not asked of the second.
#[tokio::test]
async fn what_services_call_goes_through_no_endpoint() {
    let alcazar = alcazar().await;
    let message = format!("Encrypt {}", new_key(&alcazar.root()).await);
    let id = "vpce-0a1b2c3d4e5f60718";
    let (account, region) = (ACCOUNT.parse().unwrap(), "us-east-1".parse().unwrap());
    let policy = r#"{"Statement": {"Effect": "Allow", "Principal": "*", "Action": "sts:*", "Resource": "*"}}"#;
    let made = VpcEndpoint::new(id, "vpc-0a1b2c3d", account, region, Some(policy));
    let endpoint = Arc::new(made.unwrap());
    let absent = [
        "aws:SourceIp",
        "aws:SourceVpc",
        "aws:SourceVpcArn",
        "aws:SourceVpce",
        "aws:VpceAccount",
        "aws:VpcSourceIp",
    ];
    let absent = absent.map(|key| (key.to_owned(), json!("true")));
    let absent: serde_json::Map<_, _> = absent.into_iter().collect();
    let claimed = json!({"StringEquals": {"aws:SourceVpce": id}});
    for (name, condition, allowed) in [
        ("one", json!({"Null": absent}), true),
        ("two", claimed, false),
    ] {
        let user = alcazar
            .user(name, &allowing("kms:Encrypt", condition))
            .await;
        let answer = forward(&user.through(&endpoint), &message).await;
        assert_eq!(answer.status == 200, allowed, "{}", answer.text);
    }
    let inner = alcazar.event("Encrypt").await;
    assert!(inner.get("vpcEndpointId").is_none());
    let outer = alcazar.event("DecodeAuthorizationMessage").await;
    assert_eq!(outer["vpcEndpointId"], id);
}

#[tokio::test]
async fn all_changes_or_none() {
    let alcazar = alcazar().await;
    let root = alcazar.root();
    let key = new_key(&root).await;
    let aliases = async || {
        let listed = root.call("kms", "ListAliases", json!({})).await.ok();
        listed.field("Aliases")
    };
    let ann = alcazar
        .user("ann", &allowing("kms:CreateAlias", json!({})))
        .await;
    let denied = forward(&ann, &format!("CreateAlias {key}")).await;
    assert!(denied.text.contains("kms:Encrypt"), "{}", denied.text);
    assert_eq!(aliases().await, "[]");
    alcazar.memory.meet_next(Mishap::Failure);
    let failed = forward(&root, &format!("CreateAlias {key}")).await;
    assert_eq!(failed.status, 500);
    assert_eq!(aliases().await, "[]");
    alcazar.memory.meet_next(Mishap::Conflict);
    forward(&root, &format!("CreateAlias {key}")).await.ok();
    assert!(aliases().await.contains("alias/made"));
    let events = alcazar.events().await;
    let made = events
        .iter()
        .filter(|event| event["eventName"] == "CreateAlias" && event["errorCode"] == Value::Null);
    assert_eq!(made.count(), 1, "what was undone is not told as done");
}

#[tokio::test]
async fn what_is_not_there_is_not_pretended() {
    let alcazar = Alcazar::new(&[&STS, &iam::SERVICE]).await;
    let answer = forward(&alcazar.root(), "DescribeKey -").await;
    assert_eq!(answer.status, 501);
}

#[tokio::test]
async fn the_other_services_quota_counts() {
    let rates =
        pipeline::QuotaFile::from([("kms/cryptographic-operations-symmetric".to_owned(), 2)]);
    let alcazar =
        Alcazar::with_quotas(&[&STS, &kms::SERVICE, &iam::SERVICE], Quotas::File(rates)).await;
    let key = new_key(&alcazar.root()).await;
    let message = format!("Encrypt {key}");
    for _ in 0..2 {
        forward(&alcazar.root(), &message).await.ok();
    }
    let throttled = forward(&alcazar.root(), &message).await;
    assert!(throttled.text.contains("Throttl"), "{}", throttled.text);
}
