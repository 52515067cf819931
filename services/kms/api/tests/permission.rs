//! Generated permissions answer for their fields, and for nothing else.
#![expect(clippy::unwrap_used, reason = "a test ends where it fails")]

use kms_api::permission::{CreateKey, Encrypt, ScheduleKeyDeletion, UntagResource};
use policy::{ConditionKey, NamedResource, Permission, Resource, Value};
use std::collections::BTreeMap;
use std::sync::Arc;

fn key() -> Arc<dyn Resource> {
    let arn = "arn:aws:kms:eu-west-1:111122223333:key/k".parse().unwrap();
    Arc::new(NamedResource::new(arn, "111122223333".parse().unwrap()))
}

/// The values of a key as text, or none if it is absent.
fn values(permission: &dyn Permission, key: &str) -> Option<Vec<String>> {
    let mut values = Vec::new();
    let present = permission.condition(&ConditionKey::new(key), &mut |value| {
        values.push(match value {
            Value::Text(text) => text.to_owned(),
            Value::Bool(value) => value.to_string(),
            Value::Number(value) => value.to_string(),
            other => format!("{other:?}"),
        });
    });
    assert!(
        present || values.is_empty(),
        "{key} is absent but has values"
    );
    present.then_some(values)
}

fn check(permission: &dyn Permission, expected: &[(&str, Option<&[&str]>)]) {
    for (key, expected) in expected {
        let expected =
            expected.map(|values| values.iter().map(|it| it.to_string()).collect::<Vec<_>>());
        assert_eq!(values(permission, key), expected, "{key}");
    }
}

fn encrypt(context: Option<BTreeMap<String, String>>) -> Encrypt {
    Encrypt {
        key: key(),
        encryption_algorithm: Some("SYMMETRIC_DEFAULT".into()),
        encryption_context: context,
        request_alias: None,
    }
}

#[test]
fn an_action_is_decided_on_its_resources() {
    let encrypt = encrypt(None);
    let mut arns = Vec::new();
    encrypt.resources(&mut |resource| arns.push(resource.arn().to_string()));
    assert_eq!(encrypt.action(), "kms:Encrypt");
    assert_eq!(arns, ["arn:aws:kms:eu-west-1:111122223333:key/k"]);
}

#[test]
fn texts_and_maps() {
    let context = [("App", "a"), ("Stage", "s")].map(|(key, value)| (key.into(), value.into()));
    check(
        &encrypt(Some(context.into())),
        &[
            ("kms:EncryptionAlgorithm", Some(&["SYMMETRIC_DEFAULT"])),
            ("KMS:encryptionalgorithm", Some(&["SYMMETRIC_DEFAULT"])),
            ("kms:EncryptionAlgorithm:x", None),
            ("kms:EncryptionContext:App", Some(&["a"])),
            ("kms:EncryptionContext:app", Some(&["a"])),
            ("kms:EncryptionContext:other", None),
            ("kms:EncryptionContext", None),
            ("kms:EncryptionContextKeys", Some(&["App", "Stage"])),
            ("kms:RequestAlias", None),
            ("kms:KeySpec", None),
        ],
    );
    let absent: &[(&str, Option<&[&str]>)] = &[
        ("kms:EncryptionContext:App", None),
        ("kms:EncryptionContextKeys", None),
    ];
    check(&encrypt(None), absent);
    check(&encrypt(Some(BTreeMap::new())), absent);
}

#[test]
fn tags_booleans_and_numbers() {
    let create = CreateKey {
        bypass_policy_lockout_safety_check: Some(false),
        customer_master_key_spec: None,
        customer_master_key_usage: None,
        key_origin: None,
        key_spec: None,
        key_usage: None,
        multi_region: None,
        multi_region_key_type: None,
        request_tags: [("Team", "red")].into_iter().collect(),
    };
    check(
        &create,
        &[
            ("aws:RequestTag/Team", Some(&["red"])),
            ("aws:RequestTag/team", Some(&["red"])),
            ("aws:TagKeys", Some(&["Team"])),
            ("kms:BypassPolicyLockoutSafetyCheck", Some(&["false"])),
            ("kms:MultiRegion", None),
        ],
    );
    let without = CreateKey {
        request_tags: base::Tags::default(),
        ..create
    };
    check(
        &without,
        &[("aws:RequestTag/Team", None), ("aws:TagKeys", None)],
    );
    let delete = ScheduleKeyDeletion {
        key: key(),
        schedule_key_deletion_pending_window_in_days: Some(7),
        trailing_days_without_key_usage: None,
    };
    check(
        &delete,
        &[("kms:ScheduleKeyDeletionPendingWindowInDays", Some(&["7"]))],
    );
    let untag = UntagResource {
        key: key(),
        tag_keys: vec!["a".into()],
    };
    check(
        &untag,
        &[("aws:TagKeys", Some(&["a"])), ("aws:RequestTag/a", None)],
    );
}
