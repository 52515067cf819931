//! What the tests of this crate share.

use std::collections::BTreeMap;

use base::{AccountId, Region, Secret, Timestamp};
use harness::{Alcazar, Answer, Client};
use identity::Document;
use policy::Grammar;
use serde_json::{Value, json};
use ssm_api::shapes::{ParameterTier, ParameterType};

use crate::parameter::{Parameter, Sharing};
use crate::version::{Kept, Version};

/// An identity policy that allows everything.
pub(crate) const EVERYTHING: &str =
    r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#;

/// A server of Parameter Store and KMS.
pub(crate) async fn alcazar() -> Alcazar {
    Alcazar::new(&[&crate::SERVICE, &kms::SERVICE]).await
}

/// A parameter as it might be kept.
pub(crate) fn some_parameter() -> Parameter {
    let account = AccountId::from_number(111_122_223_333);
    let policy = r#"{"Statement":{"Effect":"Deny","Principal":"*","Action":"*","Resource":"*"}}"#;
    Parameter {
        name: "/a/b".into(),
        arn: Parameter::arn_of(account, &Region::US_EAST_1, "a/b"),
        account,
        region: Region::US_EAST_1,
        tags: [("team", "red")].into_iter().collect(),
        labels: BTreeMap::from([("x".to_owned(), 2)]),
        oldest: 1,
        current: Version {
            number: 2,
            kind: ParameterType::String,
            value: Kept::Plain(Secret::new("v".into())),
            key_id: None,
            modified: Timestamp::from_seconds(1),
            modified_by: "arn:aws:iam::111122223333:root".into(),
            description: Some("d".into()),
            allowed_pattern: Some("v*".into()),
            tier: ParameterTier::Standard,
            data_type: "text".into(),
            policies: Vec::new(),
        },
        policy: Some(Sharing {
            id: "p".into(),
            document: Document::parse(policy, Grammar::Resource).unwrap(),
        }),
    }
}

/// Calls of Parameter Store, in fewer words.
pub(crate) trait ParameterStore {
    /// Calls `operation`.
    async fn ssm(&self, operation: &str, input: Value) -> Answer;
    /// Puts a `String`.
    async fn put(&self, name: &str, value: &str);
    /// Puts a `SecureString` under the key of the service.
    async fn put_secret(&self, name: &str, value: &str);
    /// The value, decrypted.
    async fn value(&self, name: &str) -> String;
}

impl ParameterStore for Client {
    async fn ssm(&self, operation: &str, input: Value) -> Answer {
        self.call("ssm", operation, input).await
    }

    async fn put(&self, name: &str, value: &str) {
        let input = json!({"Name": name, "Value": value, "Type": "String", "Overwrite": true});
        self.ssm("PutParameter", input).await.ok();
    }

    async fn put_secret(&self, name: &str, value: &str) {
        let input =
            json!({"Name": name, "Value": value, "Type": "SecureString", "Overwrite": true});
        self.ssm("PutParameter", input).await.ok();
    }

    async fn value(&self, name: &str) -> String {
        let input = json!({"Name": name, "WithDecryption": true});
        self.ssm("GetParameter", input)
            .await
            .ok()
            .field("/Parameter/Value")
    }
}

/// A valid call of every operation, with `name` wherever a parameter is named.
pub(crate) fn every_call(name: &str) -> Vec<(&'static str, Value)> {
    let arn = format!("arn:aws:ssm:us-east-1:111122223333:parameter/{name}");
    let tagged = |more: Value| {
        let mut input = json!({"ResourceType": "Parameter", "ResourceId": name});
        for (name, value) in more.as_object().into_iter().flatten() {
            input[name] = value.clone();
        }
        input
    };
    let setting = |more: Value| {
        let mut input = json!({"SettingId": "/ssm/parameter-store/default-parameter-tier"});
        for (name, value) in more.as_object().into_iter().flatten() {
            input[name] = value.clone();
        }
        input
    };
    vec![
        (
            "AddTagsToResource",
            tagged(json!({"Tags": [{"Key": "a", "Value": "b"}]})),
        ),
        ("DeleteParameter", json!({"Name": name})),
        ("DeleteParameters", json!({"Names": [name]})),
        (
            "DeleteResourcePolicy",
            json!({"ResourceArn": arn, "PolicyId": "a", "PolicyHash": "b"}),
        ),
        ("DescribeParameters", json!({})),
        ("GetParameter", json!({"Name": name})),
        ("GetParameterHistory", json!({"Name": name})),
        ("GetParameters", json!({"Names": [name]})),
        ("GetParametersByPath", json!({"Path": format!("/{name}")})),
        ("GetResourcePolicies", json!({"ResourceArn": arn})),
        (
            "LabelParameterVersion",
            json!({"Name": name, "Labels": ["x"]}),
        ),
        ("ListTagsForResource", tagged(json!({}))),
        (
            "PutParameter",
            json!({"Name": name, "Value": "b", "Overwrite": true}),
        ),
        (
            "PutResourcePolicy",
            json!({"ResourceArn": arn, "Policy": EVERYTHING}),
        ),
        ("RemoveTagsFromResource", tagged(json!({"TagKeys": ["a"]}))),
        ("GetServiceSetting", setting(json!({}))),
        ("ResetServiceSetting", setting(json!({}))),
        (
            "UpdateServiceSetting",
            setting(json!({"SettingValue": "Advanced"})),
        ),
        (
            "UnlabelParameterVersion",
            json!({"Name": name, "Labels": ["x"], "ParameterVersion": 1}),
        ),
    ]
}
