//! What condition keys say of a call that came through another service.

use std::collections::{BTreeMap, BTreeSet};

use cloudhsmv2_api::shapes::{DescribeClustersRequest, DescribeClustersResponse};
use kms_api::operations;
use pipeline::{Access, Entry, Failure, Lookup, Operation, Permitted, Service};
use serde_json::{Value, json};
use wire::Protocol;

use super::world::{Policies, World};
use super::{Model, Row, bool, is_never, rows, text};
use crate::testing::{Kms, POWERLESS, blob};

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

macro_rules! relays {
    ($call:ident, $operation:expr, $input:expr; $($name:ident)*) => {
        match $operation {
            $(stringify!($name) => {
                let input = wire::decode(Protocol::Json11, $input).expect("an input");
                $call.forward::<operations::$name>(input).await?;
            })*
            other => panic!("no relay of {other}"),
        }
    };
}

async fn relay(
    call: &Permitted<'_, Relayed>,
    filters: &BTreeMap<String, Vec<String>>,
) -> Result<(), Failure> {
    let said = |name: &str| filters[name][0].clone();
    let (operation, input) = (said("operation"), said("input"));
    relays!(call, &*operation, input.as_bytes();
        CancelKeyDeletion ConnectCustomKeyStore CreateAlias CreateCustomKeyStore CreateGrant CreateKey Decapsulate Decrypt
        DeleteAlias DeleteCustomKeyStore DeleteImportedKeyMaterial DeriveSharedSecret DescribeCustomKeyStores DescribeKey
        DisableKey DisableKeyRotation DisconnectCustomKeyStore EnableKey EnableKeyRotation Encapsulate Encrypt
        GenerateDataKey GenerateDataKeyPair GenerateDataKeyPairWithoutPlaintext GenerateDataKeyWithoutPlaintext GenerateMac
        GenerateRandom GetKeyLastUsage GetKeyPolicy GetKeyRotationStatus GetParametersForImport GetPublicKey
        ImportKeyMaterial ListAliases ListGrants ListKeyPolicies ListKeyRotations ListKeys ListResourceTags
        ListRetirableGrants PutKeyPolicy ReEncrypt ReplicateKey RetireGrant RevokeGrant RotateKeyOnDemand
        ScheduleKeyDeletion Sign TagResource UntagResource UpdateAlias UpdateCustomKeyStore UpdateKeyDescription
        UpdatePrimaryRegion Verify VerifyMac);
    Ok(())
}

/// `kms:ViaService`, of all actions that have it.
pub(super) fn documented(model: &Model) -> Vec<(String, String)> {
    let pairs = model.documented.iter();
    let via = pairs.filter(|(_, key)| key == "kms:ViaService");
    via.cloned().collect()
}

/// Whether a caller with this policy gets past the decision by way of the service.
async fn relayed(world: &World, row: &Row, policy: &str) -> bool {
    let (caller, _) = world.user(policy).await;
    let input =
        json!({"Filters": {"operation": [row.operation], "input": [row.input.to_string()]}});
    let answer = caller.call("cloudhsm", "DescribeClusters", input).await;
    assert!(answer.status < 500, "{}: {}", row.label(), answer.text);
    let denied = format!("not authorized to perform: kms:{}", row.action);
    !answer.text.contains(&denied)
}

#[tokio::test]
async fn every_action_that_has_it_has_the_service_it_came_through() {
    let (world, model) = (World::new(false, Policies::OfUsers).await, Model::read());
    let documented: BTreeSet<String> = documented(&model).into_iter().map(|it| it.0).collect();
    let said = text("kms:ViaService", "cloudhsm.us-east-1.amazonaws.com");
    let null = |value| json!({"Null": {"kms:ViaService": value}});
    let mut proved = BTreeSet::new();
    for row in rows::all(&world).await {
        let named = documented.contains(row.action);
        if !named || !proved.insert(row.action.to_owned()) {
            continue;
        }
        for (condition, expected) in [
            (said.wrong(), false),
            (null("true"), false),
            (said.right(), true),
        ] {
            let policy = row.policy(std::slice::from_ref(&condition));
            let allowed = relayed(&world, &row, &policy).await;
            assert_eq!(allowed, expected, "{} where {condition}", row.label());
        }
    }
    let unproved = documented.difference(&proved);
    let unproved: Vec<_> = unproved
        .filter(|it| !is_never(it, "kms:ViaService"))
        .collect();
    assert!(unproved.is_empty(), "no row proves {unproved:?}");
}

async fn allows(world: &World, input: &Value, action: &str, condition: Value) -> bool {
    let policy = json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Action": "cloudhsm:*", "Resource": "*"},
        {"Effect": "Allow", "Action": action, "Resource": "*", "Condition": condition},
    ]});
    let (caller, _) = world.user(&policy.to_string()).await;
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
    let world = World::new(false, Policies::OfUsers).await;
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
                let input = match operation {
                    "CreateKey" => json!({}),
                    "CreateGrant" => json!({"KeyId": made.id, "Operations": ["Encrypt"],
                        "GranteePrincipal": POWERLESS}),
                    "Encrypt" => json!({"KeyId": made.id, "Plaintext": blob("x")}),
                    "RevokeGrant" => json!({"KeyId": made.id, "GrantId": grant}),
                    _ => json!({"KeyId": made.id}),
                };
                let input = json!({"Filters":
                    {"operation": [operation], "input": [input.to_string()]}});
                let allowed = allows(&world, &input, &action, condition.clone()).await;
                assert_eq!(allowed, expected, "{action} where {condition}");
            }
        }
    }
}
