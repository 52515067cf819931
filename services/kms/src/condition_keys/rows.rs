//! The rows of the truth table.

use serde_json::{Value, json};

use super::world::{Made, World, context};
use super::{Row, Said, among, bool, date, number, text};
use crate::custom_key_store::{cluster_stories, stories};
use crate::testing::{Kms, POWERLESS, blob, every_call};

/// Every row.
pub(super) async fn all(world: &World) -> Vec<Row> {
    let mut rows = without_a_key();
    rows.extend(of_new_keys(world).await);
    rows.extend(of_management(world).await);
    rows.extend(of_aliases(world).await);
    rows.extend(of_sealing(world).await);
    rows.extend(of_re_encryption(world).await);
    rows.extend(of_other_kinds(world).await);
    rows.extend(of_import(world).await);
    rows.extend(of_multi_region_keys(world).await);
    rows.extend(of_grants(world).await);
    // Their keys are no multi-Region keys.
    if !world.multi_region {
        rows.extend(of_key_stores(world).await);
    }
    rows
}

fn none() -> Value {
    json!({})
}

/// A call that is about no key.
fn plain(operation: &'static str, more: Value, said: Vec<Said>) -> Row {
    let calls = every_call("", "");
    let found = calls.into_iter().find(|(name, _)| *name == operation);
    let (_, mut input) = found.unwrap();
    let more = more.as_object().unwrap().clone();
    input.as_object_mut().unwrap().extend(more);
    Row {
        action: operation,
        operation,
        input,
        resource: None,
        said,
    }
}

fn caller() -> Said {
    text("kms:CallerAccount", harness::ACCOUNT)
}

fn without_a_key() -> Vec<Row> {
    let stores = [
        "ConnectCustomKeyStore",
        "CreateCustomKeyStore",
        "DeleteCustomKeyStore",
        "DescribeCustomKeyStores",
        "DisconnectCustomKeyStore",
        "UpdateCustomKeyStore",
    ];
    let of_stores = stores.map(|operation| plain(operation, none(), vec![caller()]));
    let lists = [
        "GenerateRandom",
        "ListAliases",
        "ListKeys",
        "ListRetirableGrants",
    ];
    let others = lists.map(|operation| plain(operation, none(), vec![]));
    of_stores.into_iter().chain(others).collect()
}

/// What CreateKey says of a key to be made.
fn new_key(
    spec: &str,
    usage: &str,
    origin: &str,
    bypass: bool,
    related: Option<&str>,
) -> Vec<Said> {
    let mut said = vec![
        caller(),
        text("kms:KeySpec", spec),
        text("kms:CustomerMasterKeySpec", spec),
        text("kms:KeyUsage", usage),
        text("kms:CustomerMasterKeyUsage", usage),
        text("kms:KeyOrigin", origin),
        bool("kms:BypassPolicyLockoutSafetyCheck", bypass),
        bool("kms:MultiRegion", related.is_some()),
    ];
    said.extend(related.map(|kind| text("kms:MultiRegionKeyType", kind)));
    said
}

fn red() -> (Value, Vec<Said>) {
    let said = vec![
        text("aws:RequestTag/team", "red"),
        among("aws:TagKeys", "team"),
    ];
    (json!([{"TagKey": "team", "TagValue": "red"}]), said)
}

async fn of_new_keys(world: &World) -> Vec<Row> {
    let (tags, of_tags) = red();
    let symmetric = ("SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT");
    let defaults = new_key(symmetric.0, symmetric.1, "AWS_KMS", false, None);
    let rich = json!({"KeySpec": "HMAC_256", "KeyUsage": "GENERATE_VERIFY_MAC",
        "Origin": "EXTERNAL", "MultiRegion": true, "BypassPolicyLockoutSafetyCheck": true,
        "Tags": tags});
    let of_rich = new_key(
        "HMAC_256",
        "GENERATE_VERIFY_MAC",
        "EXTERNAL",
        true,
        Some("PRIMARY"),
    );
    let old = json!({"CustomerMasterKeySpec": "ECC_NIST_P256", "KeyUsage": "SIGN_VERIFY"});
    let of_old = new_key("ECC_NIST_P256", "SIGN_VERIFY", "AWS_KMS", false, None);
    let tagged = Row {
        action: "TagResource",
        ..plain(
            "CreateKey",
            json!({"Tags": tags}),
            [vec![caller()], of_tags.clone()].concat(),
        )
    };
    let primary = world.key(json!({"MultiRegion": true})).await;
    let replica = Row {
        action: "CreateKey",
        resource: None,
        said: [
            new_key(symmetric.0, symmetric.1, "AWS_KMS", true, Some("REPLICA")),
            of_tags.clone(),
        ]
        .concat(),
        ..primary.row(
            "ReplicateKey",
            json!({"Tags": tags, "BypassPolicyLockoutSafetyCheck": true}),
            vec![],
        )
    };
    vec![
        plain("CreateKey", none(), defaults),
        plain("CreateKey", rich, [of_rich, of_tags].concat()),
        plain("CreateKey", old, of_old),
        tagged,
        replica,
    ]
}

async fn of_management(world: &World) -> Vec<Row> {
    let mut rows = Vec::new();
    for operation in [
        "CancelKeyDeletion",
        "DisableKeyRotation",
        "EnableKey",
        "GetKeyLastUsage",
        "GetKeyPolicy",
        "GetKeyRotationStatus",
        "ListKeyPolicies",
        "ListKeyRotations",
        "ListResourceTags",
        "RotateKeyOnDemand",
        "UpdateKeyDescription",
    ] {
        rows.push(on(world, operation, none(), vec![]).await);
    }
    let bypass = |value| bool("kms:BypassPolicyLockoutSafetyCheck", value);
    let said = json!({"BypassPolicyLockoutSafetyCheck": true});
    let (tags, of_tags) = red();
    let days = |days| number("kms:ScheduleKeyDeletionPendingWindowInDays", days);
    let unused = || number("kms:TrailingDaysWithoutKeyUsage", 0);
    let period = |days| number("kms:RotationPeriodInDays", days);
    for (operation, more, said) in [
        ("PutKeyPolicy", none(), vec![bypass(false)]),
        ("PutKeyPolicy", said, vec![bypass(true)]),
        ("TagResource", json!({"Tags": tags}), of_tags),
        ("UntagResource", none(), vec![among("aws:TagKeys", "team")]),
        ("DisableKey", none(), vec![unused()]),
        ("EnableKeyRotation", none(), vec![period(365)]),
        (
            "EnableKeyRotation",
            json!({"RotationPeriodInDays": 90}),
            vec![period(90)],
        ),
        ("ScheduleKeyDeletion", none(), vec![days(30), unused()]),
        (
            "ScheduleKeyDeletion",
            json!({"PendingWindowInDays": 7}),
            vec![days(7), unused()],
        ),
    ] {
        rows.push(on(world, operation, more, said).await);
    }
    rows
}

/// A call on a new symmetric key.
async fn on(world: &World, operation: &'static str, more: Value, said: Vec<Said>) -> Row {
    world.key(none()).await.row(operation, more, said)
}

async fn of_aliases(world: &World) -> Vec<Row> {
    let (first, second, third) = (
        world.key(none()).await,
        world.key(none()).await,
        world.key(none()).await,
    );
    let mut other = json!({"AliasName": format!("alias/more-{}", first.id)});
    let create = first.row("CreateAlias", other.take(), vec![]);
    let update = second.row("UpdateAlias", json!({"AliasName": third.alias}), vec![]);
    let fourth = world.key(none()).await;
    let delete = fourth.row("DeleteAlias", json!({"AliasName": fourth.alias}), vec![]);
    let fifth = world.key(none()).await;
    let describe = fifth.row("DescribeKey", none(), vec![]);
    vec![
        create,
        update,
        delete,
        describe,
        fifth.by_alias("DescribeKey", none(), vec![]),
    ]
}

async fn of_sealing(world: &World) -> Vec<Row> {
    let made = world.key(none()).await;
    let (given, of_context) = context();
    let algorithm = text("kms:EncryptionAlgorithm", "SYMMETRIC_DEFAULT");
    let mut rows = Vec::new();
    for operation in [
        "Decrypt",
        "Encrypt",
        "GenerateDataKey",
        "GenerateDataKeyPair",
        "GenerateDataKeyPairWithoutPlaintext",
        "GenerateDataKeyWithoutPlaintext",
    ] {
        let mut said = vec![algorithm.clone()];
        if operation.contains("Pair") {
            said.push(text("kms:DataKeyPairSpec", "ECC_NIST_P256"));
        }
        rows.push(made.row(operation, none(), said.clone()));
        said.extend(of_context.clone());
        rows.push(made.by_alias(operation, json!({"EncryptionContext": given}), said));
    }
    let rsa = json!({"KeySpec": "RSA_2048", "KeyUsage": "ENCRYPT_DECRYPT"});
    let rsa = world.key(rsa).await;
    let algorithm = "RSAES_OAEP_SHA_256";
    let more = json!({"EncryptionAlgorithm": algorithm});
    for operation in ["Decrypt", "Encrypt"] {
        let said = vec![text("kms:EncryptionAlgorithm", algorithm)];
        rows.push(rsa.row(operation, more.clone(), said));
    }
    rows
}

async fn of_re_encryption(world: &World) -> Vec<Row> {
    let (from, to) = (world.key(none()).await, world.key(none()).await);
    let (given, of_context) = context();
    let algorithm = text("kms:EncryptionAlgorithm", "SYMMETRIC_DEFAULT");
    let same = |value| bool("kms:ReEncryptOnSameKey", value);
    let call = |source: &Made, destination: &Made, more: Value| {
        let mut row = source.row("ReEncrypt", more, vec![]);
        row.input["DestinationKeyId"] = json!(destination.id);
        row
    };
    let rich = json!({"SourceEncryptionContext": given, "SourceKeyId": from.alias});
    let mut from_rich = call(&from, &to, rich);
    from_rich.said.extend(of_context.clone());
    from_rich.said.push(text("kms:RequestAlias", &from.alias));
    let mut to_rich = call(
        &to,
        &to,
        json!({"CiphertextBlob": from.ciphertext,
        "SourceEncryptionContext": given,
        "DestinationEncryptionContext": {"app": "shop"}}),
    );
    to_rich.input["DestinationKeyId"] = json!(to.alias);
    to_rich.said.extend(of_context);
    to_rich.said.push(text("kms:RequestAlias", &to.alias));
    let as_action = |action, mut row: Row, on_same| {
        row.said.push(algorithm.clone());
        row.said.push(same(on_same));
        Row { action, ..row }
    };
    vec![
        as_action("ReEncryptFrom", call(&from, &to, none()), false),
        as_action("ReEncryptFrom", from_rich, false),
        as_action("ReEncryptFrom", call(&from, &from, none()), true),
        as_action("ReEncryptTo", to_rich, false),
        as_action("ReEncryptTo", call(&to, &to, none()), true),
    ]
}

async fn of_other_kinds(world: &World) -> Vec<Row> {
    let made = |spec, usage| world.key(json!({"KeySpec": spec, "KeyUsage": usage}));
    let signing = made("ECC_NIST_P256", "SIGN_VERIFY").await;
    let mac = made("HMAC_256", "GENERATE_VERIFY_MAC").await;
    let agreeing = made("ECC_NIST_P256", "KEY_AGREEMENT").await;
    let kem = made("ML_KEM_768", "ENCAPSULATE_DECAPSULATE").await;
    let agreement = || vec![text("kms:KeyAgreementAlgorithm", "ECDH")];
    let mut rows = vec![
        agreeing.row("DeriveSharedSecret", none(), agreement()),
        agreeing.by_alias("DeriveSharedSecret", none(), agreement()),
        signing.row("GetPublicKey", none(), vec![]),
        signing.by_alias("GetPublicKey", none(), vec![]),
    ];
    for operation in ["Encapsulate", "Decapsulate"] {
        rows.push(kem.row(operation, none(), vec![]));
        rows.push(kem.by_alias(operation, none(), vec![]));
    }
    for operation in ["GenerateMac", "VerifyMac"] {
        let said = || vec![text("kms:MacAlgorithm", "HMAC_SHA_256")];
        rows.push(mac.row(operation, none(), said()));
        rows.push(mac.by_alias(operation, none(), said()));
    }
    for operation in ["Sign", "Verify"] {
        let said = |kind| {
            vec![
                text("kms:SigningAlgorithm", "ECDSA_SHA_256"),
                text("kms:MessageType", kind),
            ]
        };
        let digest = json!({"MessageType": "DIGEST", "Message": blob([7; 32])});
        rows.push(signing.row(operation, none(), said("RAW")));
        rows.push(signing.by_alias(operation, digest, said("DIGEST")));
    }
    rows
}

async fn of_import(world: &World) -> Vec<Row> {
    let made = world.key(json!({"Origin": "EXTERNAL"})).await;
    let wrapping = vec![
        text("kms:WrappingAlgorithm", "RSAES_OAEP_SHA_256"),
        text("kms:WrappingKeySpec", "RSA_2048"),
    ];
    let until = json!({"ExpirationModel": "KEY_MATERIAL_EXPIRES", "ValidTo": 1_795_000_000});
    let expires = vec![
        text("kms:ExpirationModel", "KEY_MATERIAL_EXPIRES"),
        date(
            "kms:ValidTo",
            "2026-11-18T11:06:40Z",
            "2026-11-18T11:06:41Z",
        ),
    ];
    let for_ever = vec![text("kms:ExpirationModel", "KEY_MATERIAL_DOES_NOT_EXPIRE")];
    vec![
        made.row("GetParametersForImport", none(), wrapping),
        made.row("ImportKeyMaterial", until, expires),
        made.row("ImportKeyMaterial", none(), for_ever),
        made.row("DeleteImportedKeyMaterial", none(), vec![]),
    ]
}

/// Keys that are kept elsewhere. No condition key names their store: their origin tells them from others.
async fn of_key_stores(world: &World) -> Vec<Row> {
    let stores = [
        ("AWS_CLOUDHSM", cluster_stories::store(&world.alcazar).await),
        (
            "EXTERNAL_KEY_STORE",
            stories::external_store(&world.alcazar).await,
        ),
    ];
    let mut rows = Vec::new();
    for (origin, store) in stores {
        let mut parameters = json!({"Origin": origin, "CustomKeyStoreId": store});
        if origin == "EXTERNAL_KEY_STORE" {
            parameters["XksKeyId"] = json!("key-1");
        }
        let made = world.key(parameters.clone()).await;
        let algorithm = text("kms:EncryptionAlgorithm", "SYMMETRIC_DEFAULT");
        for operation in ["Decrypt", "Encrypt", "GenerateDataKey"] {
            rows.push(made.row(operation, none(), vec![algorithm.clone()]));
        }
        rows.push(made.row("DescribeKey", none(), vec![]));
        let new = new_key("SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT", origin, false, None);
        rows.push(plain("CreateKey", parameters, new));
    }
    rows
}

async fn of_multi_region_keys(world: &World) -> Vec<Row> {
    let made = world.key(json!({"MultiRegion": true})).await;
    let there = || text("kms:ReplicaRegion", "eu-west-1");
    let primary = || text("kms:PrimaryRegion", "eu-west-1");
    let replicate = made.row("ReplicateKey", none(), vec![there()]);
    let moved = world.key(json!({"MultiRegion": true})).await;
    vec![
        replicate,
        moved.row("UpdatePrimaryRegion", none(), vec![primary()]),
    ]
}

async fn of_grants(world: &World) -> Vec<Row> {
    let made = world.key(none()).await;
    let own = || bool("kms:GrantIsForAWSResource", false);
    let operations = |name| among("kms:GrantOperations", name);
    let context = context().1;
    let constraint = |kind: &str| text("kms:GrantConstraintType", kind);
    let source = "arn:aws:iam::111122223333:role/source";
    let mut rows = vec![
        made.row("ListGrants", none(), vec![own()]),
        made.row(
            "CreateGrant",
            none(),
            vec![
                own(),
                operations("Encrypt"),
                text("kms:GranteePrincipal", POWERLESS),
            ],
        ),
    ];
    let of_two = json!({"Operations": ["Decrypt", "Encrypt"], "RetiringPrincipal": POWERLESS,
        "Constraints": {"EncryptionContextSubset": {"app": "shop"}}});
    let said = vec![
        own(),
        operations("Decrypt"),
        constraint("EncryptionContextSubset"),
        text("kms:GranteePrincipal", POWERLESS),
        text("kms:RetiringPrincipal", POWERLESS),
    ];
    let said = [said, context.clone()].concat();
    rows.push(made.row("CreateGrant", of_two, said));
    let to_service = json!({"GranteePrincipal": null,
        "GranteeServicePrincipal": "s3.amazonaws.com",
        "RetiringServicePrincipal": "s3.amazonaws.com",
        "Constraints": {"SourceArn": source, "EncryptionContextEquals": {"app": "shop"}}});
    let said = vec![
        own(),
        operations("Encrypt"),
        constraint("EncryptionContextEquals"),
        Said {
            operator: "ArnEquals",
            wrong: format!("{source}s"),
            ..text("kms:GrantConstraintSourceArn", source)
        },
        text("kms:GranteeServicePrincipal", "s3.amazonaws.com"),
        text("kms:RetiringServicePrincipal", "s3.amazonaws.com"),
    ];
    let said = [said, context.clone()].concat();
    rows.push(made.row("CreateGrant", to_service, said));
    rows.extend(of_made_grants(world, constraint("EncryptionContextEquals")).await);
    rows
}

async fn of_made_grants(world: &World, constraint: Said) -> Vec<Row> {
    let made = world.key(none()).await;
    let constraints = json!({"Constraints": {"EncryptionContextEquals": {"app": "shop"}}});
    let root = &world.root;
    let (constrained, _) = root
        .granted(&made.id, POWERLESS, &["Encrypt"], constraints)
        .await;
    let (simple, _) = root
        .granted(&made.id, POWERLESS, &["Decrypt"], none())
        .await;
    let retired = [context().1, vec![constraint]].concat();
    let own = bool("kms:GrantIsForAWSResource", false);
    let (revoked, _) = root
        .granted(&made.id, POWERLESS, &["DescribeKey"], none())
        .await;
    vec![
        made.row("RetireGrant", json!({"GrantId": constrained}), retired),
        made.row("RetireGrant", json!({"GrantId": simple}), vec![]),
        made.row("RevokeGrant", json!({"GrantId": revoked}), vec![own]),
    ]
}
