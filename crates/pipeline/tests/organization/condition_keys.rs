//! The condition keys that tell where accounts stand.

use std::sync::Arc;

use harness::{ACCOUNT, OTHER_ACCOUNT};
use pipeline::VpcEndpoint;
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

/// Whether a call of the root user of `ACCOUNT` through an endpoint of `home` fulfils this condition.
async fn holds_through(setting: &Setting, home: &str, condition: serde_json::Value) -> bool {
    let allow = json!({
        "Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*", "Condition": condition,
    });
    let policy = json!({"Version": "2012-10-17", "Statement": allow}).to_string();
    let (account, region) = (home.parse().unwrap(), "us-east-1".parse().unwrap());
    let (id, vpc) = ("vpce-0a1b2c3d", "vpc-0a1b2c3d");
    let endpoint = VpcEndpoint::new(id, vpc, account, region, Some(&policy)).unwrap();
    let caller = setting.alcazar.root().through(&Arc::new(endpoint));
    crate::list_keys(&caller).await.status == 200
}

#[tokio::test]
async fn condition_keys_tell_where_an_endpoint_stands() {
    let setting = Setting::new().await;
    let path = format!("{ORGANIZATION}/{ROOT}/{UNIT}/");
    let above = format!("{ORGANIZATION}/{ROOT}/");
    let (one, any) = ("StringEquals", "ForAnyValue:StringEquals");
    let arn = |account| format!("arn:aws:ec2:us-east-1:{account}:vpc/vpc-0a1b2c3d");
    for (home, operator, name, value, expected) in [
        (ACCOUNT, one, "aws:VpceAccount", ACCOUNT, true),
        (OTHER_ACCOUNT, one, "aws:VpceAccount", ACCOUNT, false),
        (OTHER_ACCOUNT, one, "aws:VpceAccount", OTHER_ACCOUNT, true),
        (OTHER_ACCOUNT, one, "aws:PrincipalAccount", ACCOUNT, true),
        (
            OTHER_ACCOUNT,
            "ArnEquals",
            "aws:SourceVpcArn",
            &arn(OTHER_ACCOUNT),
            true,
        ),
        (
            OTHER_ACCOUNT,
            "ArnEquals",
            "aws:SourceVpcArn",
            &arn(ACCOUNT),
            false,
        ),
        (ACCOUNT, one, "aws:VpceOrgID", ORGANIZATION, true),
        (OTHER_ACCOUNT, one, "aws:VpceOrgID", ORGANIZATION, true),
        (OTHER_ACCOUNT, one, "aws:VpceOrgID", "o-other", false),
        (ACCOUNT, any, "aws:VpceOrgPaths", &above, true),
        (OTHER_ACCOUNT, any, "aws:VpceOrgPaths", &path, true),
        (OTHER_ACCOUNT, any, "aws:VpceOrgPaths", &above, false),
    ] {
        let condition = json!({operator: {name: value}});
        let found = holds_through(&setting, home, condition).await;
        assert_eq!(found, expected, "{home} {operator} {name} {value}");
    }
    setting.dissolve().await;
    for name in ["aws:VpceOrgID", "aws:VpceOrgPaths"] {
        for home in [ACCOUNT, OTHER_ACCOUNT] {
            let absent = json!({"Null": {name: "true"}});
            assert!(holds_through(&setting, home, absent).await, "{name}");
        }
    }
}
