//! Signed calls with any body, through the whole pipeline: an answer of AWS's, never an internal failure.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "helpers of tests: what goes wrong here shall end the test"
)]

use std::panic::AssertUnwindSafe;

use bolero::check;
use harness::Alcazar;
use serde_json::json;

const KMS: &[&str] = &[
    "Encrypt",
    "Decrypt",
    "ReEncrypt",
    "CreateKey",
    "CreateAlias",
    "PutKeyPolicy",
    "TagResource",
    "ListKeys",
    "ListKeyRotations",
    "ImportKeyMaterial",
    "ReplicateKey",
    "UpdatePrimaryRegion",
];
const IAM: &[&str] = &[
    "CreateUser",
    "CreatePolicy",
    "CreateRole",
    "TagUser",
    "ListUsers",
];
const STS: &[&str] = &[
    "GetSessionToken",
    "GetFederationToken",
    "DecodeAuthorizationMessage",
];
const CLOUDTRAIL: &[&str] = &["LookupEvents"];
const SECRETS_MANAGER: &[&str] = &[
    "CreateSecret",
    "GetSecretValue",
    "PutSecretValue",
    "UpdateSecretVersionStage",
    "BatchGetSecretValue",
    "ListSecrets",
    "ListSecretVersionIds",
    "PutResourcePolicy",
    "TagResource",
    "ReplicateSecretToRegions",
    "GetRandomPassword",
    "DeleteSecret",
];
const SSM: &[&str] = &[
    "PutParameter",
    "GetParameter",
    "GetParameters",
    "GetParametersByPath",
    "GetParameterHistory",
    "DescribeParameters",
    "LabelParameterVersion",
    "UnlabelParameterVersion",
    "AddTagsToResource",
    "PutResourcePolicy",
    "DeleteParameters",
];

const ORGANIZATIONS: &[&str] = &[
    "CreateOrganization",
    "CreatePolicy",
    "UpdatePolicy",
    "AttachPolicy",
    "EnablePolicyType",
    "DescribeEffectivePolicy",
    "ListAccountsWithInvalidEffectivePolicy",
    "ListEffectivePolicyValidationErrors",
    "ListPolicies",
    "CreateAccount",
    "TagResource",
];

fn answers(service: &'static str, operations: &'static [&'static str]) {
    // An internal failure tells its cause to the log alone.
    let _ = tracing_subscriber::fmt().with_test_writer().try_init();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let services = [
        &iam::SERVICE,
        &sts::SERVICE,
        &kms::SERVICE,
        &cloudtrail::SERVICE,
        &secretsmanager::SERVICE,
        &ssm::SERVICE,
        &organizations::SERVICE,
    ];
    let alcazar = runtime.block_on(Alcazar::new(&services));
    let root = alcazar.root();
    let server = AssertUnwindSafe((runtime, root, alcazar));
    check!()
        .with_type::<(u8, bool, String, Vec<u8>)>()
        .with_iterations(1_000)
        .for_each(|(which, raw, text, bytes)| {
            let (runtime, root, _alcazar) = &*server;
            let operation = operations[usize::from(*which) % operations.len()];
            let body = if *raw {
                bytes.clone()
            } else {
                shaped(service, operation, text, bytes)
            };
            let answer = runtime.block_on(root.send(service, operation, body));
            assert_ne!(answer.status, 500, "{operation}: {}", answer.text);
        });
}

/// A body that gets past the parser, with `text` and `bytes` wherever a caller may put them.
fn shaped(service: &str, operation: &str, text: &str, bytes: &[u8]) -> Vec<u8> {
    let policy = String::from_utf8_lossy(bytes);
    if matches!(service, "kms" | "cloudtrail") {
        let body = json!({
            "KeyId": text, "SourceKeyId": text, "DestinationKeyId": text, "TargetKeyId": text,
            "AliasName": format!("alias/{text}"), "Plaintext": text, "CiphertextBlob": text,
            "EncryptionContext": {"key": text}, "Policy": policy, "Description": text, "Marker": text,
            "Tags": [{"TagKey": text, "TagValue": text}], "NextToken": text,
            "ImportToken": text, "EncryptedKeyMaterial": text, "KeyMaterialDescription": text,
            "ReplicaRegion": text, "PrimaryRegion": text,
            "LookupAttributes": [{"AttributeKey": "Username", "AttributeValue": text}],
        });
        return body.to_string().into_bytes();
    }
    if service == "secretsmanager" {
        return secret(text, &policy);
    }
    if service == "ssm" {
        return parameter(text, &policy);
    }
    let version = if service == "iam" {
        "2010-05-08"
    } else {
        "2011-06-15"
    };
    let mut form = form_urlencoded::Serializer::new(String::new());
    form.append_pair("Action", operation)
        .append_pair("Version", version);
    for name in [
        "UserName",
        "RoleName",
        "PolicyName",
        "Name",
        "Path",
        "Marker",
        "EncodedMessage",
    ] {
        form.append_pair(name, text);
    }
    for name in ["PolicyDocument", "AssumeRolePolicyDocument", "Policy"] {
        form.append_pair(name, &policy);
    }
    form.append_pair("Tags.member.1.Key", text)
        .append_pair("Tags.member.1.Value", text);
    form.finish().into_bytes()
}

/// As `shaped`, of Secrets Manager. Names are cut so that some of them are good.
fn secret(text: &str, policy: &str) -> Vec<u8> {
    let name: String = text
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .take(1)
        .collect();
    let arn = format!("arn:aws:secretsmanager:us-east-1:111122223333:secret:{text}");
    let id = match text.len() % 3 {
        0 => text,
        1 => &name,
        _ => &arn,
    };
    let token = format!("{text:0>32}");
    let body = json!({
        "Name": name, "SecretId": id, "SecretIdList": [id, text], "ClientRequestToken": token, "NextToken": text,
        "SecretString": policy, "ResourcePolicy": policy, "VersionStage": text, "VersionStages": [text],
        "MoveToVersionId": token, "Tags": [{"Key": text, "Value": text}], "ExcludeCharacters": text,
        "AddReplicaRegions": [{"Region": text}, {"Region": "eu-west-1", "KmsKeyId": text}],
    });
    body.to_string().into_bytes()
}

/// As `shaped`, of Parameter Store. Selectors and filters are what a caller may put most into.
fn parameter(text: &str, policy: &str) -> Vec<u8> {
    let name: String = text
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .take(1)
        .collect();
    let arn = format!("arn:aws:ssm:us-east-1:111122223333:parameter/{text}");
    let id = match text.len() % 4 {
        0 => text.to_owned(),
        1 => format!("/{name}"),
        2 => format!("/{name}:{text}"),
        _ => arn.clone(),
    };
    let key = match text.len() % 3 {
        0 => "Name",
        1 => "Path",
        _ => "Label",
    };
    let body = json!({
        "Name": id, "Names": [id, text], "Path": id, "Value": policy, "Type": "String", "Overwrite": true,
        "AllowedPattern": text, "DataType": if text.is_empty() { "text" } else { text }, "NextToken": text,
        "Labels": [if text.is_empty() { "x" } else { text }], "ParameterVersion": text.len(), "Description": text,
        "ParameterFilters": [{"Key": key, "Values": [text]}, {"Key": format!("tag:{text}"), "Option": text}],
        "ResourceType": "Parameter", "ResourceId": id, "Tags": [{"Key": text, "Value": text}],
        "ResourceArn": arn, "Policy": policy,
    });
    body.to_string().into_bytes()
}

#[test]
fn ssm_calls() {
    answers("ssm", SSM);
}

#[test]
fn secretsmanager_calls() {
    answers("secretsmanager", SECRETS_MANAGER);
}

#[test]
fn kms_calls() {
    answers("kms", KMS);
}

#[test]
fn iam_calls() {
    answers("iam", IAM);
}

#[test]
fn sts_calls() {
    answers("sts", STS);
}

#[test]
fn organizations_calls() {
    answers("organizations", ORGANIZATIONS);
}

#[test]
fn cloudtrail_calls() {
    answers("cloudtrail", CLOUDTRAIL);
}
