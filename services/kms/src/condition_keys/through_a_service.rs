//! What condition keys say of a call that came through another service.

use std::collections::BTreeMap;

use cloudhsmv2_api::shapes::{DescribeClustersRequest, DescribeClustersResponse};
use kms_api::operations;
use kms_api::shapes::{
    CreateGrantRequest, CreateKeyRequest, DescribeKeyRequest, EncryptRequest, GrantOperation,
    ListGrantsRequest, RevokeGrantRequest,
};
use pipeline::{Access, Entry, Failure, Lookup, Operation, Permitted, Service};
use serde_json::{Value, json};
use wire::Blob;

use super::world::World;
use super::{Model, bool, text};
use crate::testing::{Kms, POWERLESS};

/// Stands for a service that calls KMS on its caller's behalf: does what its filters say.
struct Relayed;

/// The service of `Relayed`.
pub(super) static RELAY: Service = Service::of(
    &cloudhsmv2_api::operations::SERVICE,
    &[Entry::of::<Relayed>()],
    "{}",
);

impl Operation for Relayed {
    type Api = cloudhsmv2_api::operations::DescribeClusters;
    type Target = ();

    async fn access(_: &DescribeClustersRequest, _: &Lookup<'_>) -> Result<Access<Self>, Failure> {
        Ok(Access::to(
            (),
            cloudhsmv2_api::permission::DescribeClusters {},
        ))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<DescribeClustersResponse, Failure> {
        let filters = call.input().filters.clone().unwrap_or_default();
        relay(&call, &filters).await?;
        Ok(DescribeClustersResponse::default())
    }
}

async fn relay(
    call: &Permitted<'_, Relayed>,
    filters: &BTreeMap<String, Vec<String>>,
) -> Result<(), Failure> {
    let said = |name: &str| filters[name][0].clone();
    let key_id = said("key");
    match &*said("operation") {
        "CreateGrant" => {
            let input = CreateGrantRequest {
                key_id,
                grantee_principal: Some(POWERLESS.to_owned()),
                operations: vec![GrantOperation::Encrypt],
                ..CreateGrantRequest::default()
            };
            call.forward::<operations::CreateGrant>(input).await?;
        }
        "CreateKey" => {
            let input = CreateKeyRequest::default();
            call.forward::<operations::CreateKey>(input).await?;
        }
        "DescribeKey" => {
            let input = DescribeKeyRequest {
                key_id,
                ..DescribeKeyRequest::default()
            };
            call.forward::<operations::DescribeKey>(input).await?;
        }
        "Encrypt" => {
            let input = EncryptRequest {
                key_id,
                plaintext: base::Secret::new(Blob(b"x".to_vec())),
                ..EncryptRequest::default()
            };
            call.forward::<operations::Encrypt>(input).await?;
        }
        "ListGrants" => {
            let input = ListGrantsRequest {
                key_id,
                ..ListGrantsRequest::default()
            };
            call.forward::<operations::ListGrants>(input).await?;
        }
        _ => {
            let input = RevokeGrantRequest {
                key_id,
                grant_id: said("grant"),
                ..RevokeGrantRequest::default()
            };
            call.forward::<operations::RevokeGrant>(input).await?;
        }
    }
    Ok(())
}

/// `kms:ViaService`, of all actions that have it: the pipeline says it for all in one place, and the rows of direct
/// calls prove it absent there.
pub(super) fn documented(model: &Model) -> Vec<(String, String)> {
    let pairs = model.documented.iter();
    let via = pairs.filter(|(_, key)| key == "kms:ViaService");
    via.cloned().collect()
}

async fn allows(world: &World, input: &Value, action: &str, condition: Value) -> bool {
    let policy = json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Action": "cloudhsm:*", "Resource": "*"},
        {"Effect": "Allow", "Action": action, "Resource": "*", "Condition": condition},
    ]});
    let caller = world.user(&policy.to_string()).await;
    let answer = caller
        .call("cloudhsm", "DescribeClusters", input.clone())
        .await;
    let denied = format!("not authorized to perform: {action}");
    assert!(
        answer.status == 200 || answer.text.contains(&denied),
        "{}",
        answer.text
    );
    answer.status == 200
}

#[tokio::test]
async fn the_service_and_on_whose_behalf() {
    let world = World::new(false).await;
    let made = world.key(json!({})).await;
    let via = || text("kms:ViaService", "cloudhsm.us-east-1.amazonaws.com");
    let own = || text("kms:CallerAccount", harness::ACCOUNT);
    let of_service = || bool("kms:GrantIsForAWSResource", true);
    for (operation, said) in [
        ("Encrypt", vec![via(), own()]),
        ("DescribeKey", vec![via(), own()]),
        ("CreateKey", vec![via(), own()]),
        ("CreateGrant", vec![via(), own(), of_service()]),
        ("ListGrants", vec![via(), own(), of_service()]),
        ("RevokeGrant", vec![via(), own(), of_service()]),
    ] {
        let action = format!("kms:{operation}");
        for said in said {
            let null = |value| json!({"Null": {&said.name: value}});
            for (condition, expected) in [
                (said.wrong(), false),
                (null("true"), false),
                (null("false"), true),
                (said.right(), true),
            ] {
                let granted = world
                    .root
                    .granted(&made.id, POWERLESS, &["Decrypt"], json!({}));
                let (grant, _) = granted.await;
                let input = json!({"Filters":
                    {"operation": [operation], "key": [made.id], "grant": [grant]}});
                let allowed = allows(&world, &input, &action, condition.clone()).await;
                assert_eq!(allowed, expected, "{action} where {condition}");
            }
        }
    }
}
