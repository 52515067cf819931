//! The condition keys that tell where accounts stand.

use harness::{ACCOUNT, OTHER_ACCOUNT};
use serde_json::json;

use crate::setting::{ORGANIZATION, ROOT, Setting, UNIT};

/// Whether a user of `caller`'s account is allowed on this condition to describe `key`.
async fn holds(setting: &Setting, home: &str, key: &str, condition: serde_json::Value) -> bool {
    let statement =
        json!({"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": condition});
    let policy = json!({"Version": "2012-10-17", "Statement": statement}).to_string();
    let caller = match home {
        ACCOUNT => setting.alcazar.user("eve", &policy).await,
        _ => setting.alcazar.other_user("eve", &policy).await,
    };
    let answer = caller
        .call("kms", "DescribeKey", json!({"KeyId": key}))
        .await;
    answer.status == 200
}

const KEYS: [&str; 4] = [
    "aws:PrincipalOrgID",
    "aws:PrincipalOrgPaths",
    "aws:ResourceOrgID",
    "aws:ResourceOrgPaths",
];

#[tokio::test]
async fn condition_keys_tell_where_accounts_stand() {
    let setting = Setting::new().await;
    let alcazar = &setting.alcazar;
    let key = setting.key_of(&alcazar.other_root()).await;
    let path = format!("{ORGANIZATION}/{ROOT}/{UNIT}/");
    let above = format!("{ORGANIZATION}/{ROOT}/");
    let (one, any, like) = (
        "StringEquals",
        "ForAnyValue:StringEquals",
        "ForAnyValue:StringLike",
    );
    let [id, paths, resource_id, resource_paths] = KEYS;
    for (home, operator, name, value, expected) in [
        (ACCOUNT, one, id, ORGANIZATION, true),
        (OTHER_ACCOUNT, one, id, ORGANIZATION, true),
        (ACCOUNT, one, id, "o-other", false),
        (ACCOUNT, one, resource_id, ORGANIZATION, true),
        (ACCOUNT, any, paths, &above, true),
        (OTHER_ACCOUNT, any, paths, &path, true),
        (OTHER_ACCOUNT, any, paths, &above, false),
        (ACCOUNT, any, resource_paths, &path, true),
        (ACCOUNT, like, resource_paths, "o-*/r-abcd/*", true),
        (ACCOUNT, any, resource_paths, &above, false),
    ] {
        let condition = json!({operator: {name: value}});
        let found = holds(&setting, home, &key, condition).await;
        assert_eq!(found, expected, "{home} {operator} {name} {value}");
    }
    setting.dissolve().await;
    for name in KEYS {
        let absent = json!({"Null": {name: "true"}});
        assert!(holds(&setting, ACCOUNT, &key, absent).await, "{name}");
    }
}
