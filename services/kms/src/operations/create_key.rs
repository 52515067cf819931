//! `kms:CreateKey`: makes a key of any kind.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::sync::Arc;

use base::Tags;
use crypto::KeyPairSpec;
use identity::Document;
use kms_api::shapes::{
    CreateKeyRequest, CreateKeyResponse, KeyManagerType, KeySpec, KeyUsageType, OriginType,
};
use kms_api::{operations, permission};
use pipeline::{Access, Failure, Lookup, Operation, Permitted, long_work};
use policy::NamedResource;

use crate::custom_key_store::custody::Custody;
use crate::custom_key_store::new_key;
use crate::key::Key;
use crate::key_id::KeyId;
use crate::key_material::{KeyMaterial, Opened};
use crate::key_spec::{self, Kind};
use crate::key_state::KeyState;
use crate::materials::{Materials, Versions};
use crate::multi_region::MultiRegion;
use crate::{errors, key_policy, metadata, queue, quotas, stored, tags};

pub(crate) struct CreateKey;

impl Operation for CreateKey {
    type Api = operations::CreateKey;
    /// The id of the key to be made.
    type Target = KeyId;

    async fn access(input: &CreateKeyRequest, look: &Lookup<'_>) -> Result<Access<Self>, Failure> {
        let (account, id) = (
            look.call().account(),
            KeyId::random(input.multi_region == Some(true)),
        );
        let arn = Key::arn_of(account, &look.call().region(), id);
        let given = input.tags.as_deref().unwrap_or_default();
        let access = Access::to(id, permission(input, tags::requested(given)?));
        let access = access.making(arn.clone(), account);
        if given.is_empty() {
            return Ok(access);
        }
        // AWS: a key that is made with tags needs kms:TagResource, by an identity policy.
        let key = Arc::new(NamedResource::new(arn, account));
        Ok(access.and(permission::TagResource {
            key,
            request_tags: tags::requested(given)?,
        }))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<CreateKeyResponse, Failure> {
        let input = call.input();
        let (spec, usage) = checked_kind(input)?;
        quotas::check_keys(&call, call.call().account(), &call.call().region()).await?;
        let place = new_key::place(&call, spec).await?;
        let state = match &place {
            None => state(&call, spec).await?,
            Some(place) => new_key::make(&call, place).await?,
        };
        let custody = place
            .as_ref()
            .map_or(Custody::Here, |place| place.custody());
        let given = input.tags.as_deref().unwrap_or_default();
        let tags = tags::added(&Tags::default(), given)?;
        let key = match &input.policy {
            None => {
                let policy = key_policy::default(call.call().account());
                new(
                    &call,
                    (spec, usage),
                    tags,
                    policy.map_err(Failure::internal)?,
                    (state, custody),
                )
            }
            Some(text) => {
                let policy = key_policy::read(call.look(), text).await?;
                let key = new(&call, (spec, usage), tags, policy, (state, custody));
                let bypass = input.bypass_policy_lockout_safety_check;
                key_policy::check_lockout(&call, &key, bypass).await?;
                key
            }
        };
        let key_metadata = Some(match &place {
            None => metadata::of(&key),
            Some(place) => metadata::in_store(&key, &place.store),
        });
        call.write(queue::make(key));
        Ok(CreateKeyResponse { key_metadata })
    }
}

fn new(
    call: &Permitted<'_, CreateKey>,
    (spec, usage): (KeySpec, KeyUsageType),
    tags: Tags,
    policy: Document,
    (state, custody): (KeyState, Custody),
) -> Key {
    let (account, region, id) = (call.call().account(), call.call().region(), *call.target());
    let multi_region = id.is_multi_region().then(|| MultiRegion {
        primary: region,
        replicas: BTreeSet::new(),
    });
    Key {
        id,
        arn: Key::arn_of(account, &region, id),
        account,
        region,
        created: call.call().now(),
        description: call.input().description.clone().unwrap_or_default(),
        tags,
        aliases: BTreeSet::new(),
        policy,
        usage,
        spec,
        origin: call.input().origin.unwrap_or(OriginType::AwsKms),
        manager: KeyManagerType::Customer,
        custody,
        multi_region,
        rotation: None,
        granted: false,
        state,
    }
}

/// The state of the new key: with material that is made here, or waiting for its import.
async fn state(call: &Permitted<'_, CreateKey>, spec: KeySpec) -> Result<KeyState, Failure> {
    if call.input().origin == Some(OriginType::External) {
        key_spec::kind(spec)?;
        return Ok(KeyState::of(Versions::default()));
    }
    let material = match key_spec::kind(spec)? {
        Kind::Pair(KeyPairSpec::Rsa(_)) => long_work(move || Opened::generate(spec)).await??,
        _ => Opened::generate(spec)?,
    };
    let (account, region) = (call.call().account(), call.call().region());
    let arn = Key::arn_of(account, &region, *call.target());
    let material = KeyMaterial::first(material, &call.domain_key()?, &arn);
    let material = material.map_err(Failure::internal)?;
    Ok(KeyState::Enabled(Materials::of(material)))
}

fn permission(input: &CreateKeyRequest, request_tags: Tags) -> permission::CreateKey {
    let multi_region = input.multi_region.unwrap_or(false);
    let said = |name: Option<&'static str>, default| Some(Cow::Borrowed(name.unwrap_or(default)));
    let spec = Some(Cow::Borrowed(key_spec(input).as_str()));
    let usage = said(input.key_usage.map(KeyUsageType::as_str), "ENCRYPT_DECRYPT");
    permission::CreateKey {
        bypass_policy_lockout_safety_check: Some(
            input.bypass_policy_lockout_safety_check.unwrap_or(false),
        ),
        customer_master_key_spec: spec.clone(),
        customer_master_key_usage: usage.clone(),
        key_origin: said(input.origin.map(OriginType::as_str), "AWS_KMS"),
        key_spec: spec,
        key_usage: usage,
        multi_region: Some(multi_region),
        multi_region_key_type: multi_region.then_some(Cow::Borrowed("PRIMARY")),
        request_tags,
    }
}

/// `KeySpec`, or `CustomerMasterKeySpec` as it was called before.
fn key_spec(input: &CreateKeyRequest) -> KeySpec {
    let deprecated = input.customer_master_key_spec;
    let deprecated = deprecated.and_then(|spec| stored::named(spec.as_str()));
    let given = input.key_spec.or(deprecated);
    given.unwrap_or(KeySpec::SymmetricDefault)
}

/// What kind of key it shall be and what for, of the combinations that AWS takes.
fn checked_kind(input: &CreateKeyRequest) -> Result<(KeySpec, KeyUsageType), Failure> {
    if input.key_spec.is_some() && input.customer_master_key_spec.is_some() {
        return Err(errors::validation(
            "You cannot specify KeySpec and CustomerMasterKeySpec in the same request. \
             CustomerMasterKeySpec is deprecated.",
        ));
    }
    let spec = key_spec(input);
    let Some(usage) = input.key_usage.or(default_usage(spec)) else {
        return Err(errors::validation(
            "You must specify a KeyUsage value for all KMS keys except for symmetric encryption \
             keys.",
        ));
    };
    if !key_spec::usages(spec).contains(&usage) {
        let words = format!("KeyUsage {usage} is not compatible with KeySpec {spec}");
        return Err(errors::validation(words));
    }
    Ok((spec, usage))
}

fn default_usage(spec: KeySpec) -> Option<KeyUsageType> {
    (spec == KeySpec::SymmetricDefault).then_some(KeyUsageType::EncryptDecrypt)
}

#[cfg(test)]
mod tests {
    use crate::testing::{EVERYTHING, Kms, alcazar, arn};
    use harness::Alcazar;
    use serde_json::{Value, json};

    #[tokio::test]
    async fn a_symmetric_key() {
        let alcazar = alcazar().await;
        let root = alcazar.root();
        let input = json!({"Description": "for tests", "KeySpec": "SYMMETRIC_DEFAULT",
            "KeyUsage": "ENCRYPT_DECRYPT", "Origin": "AWS_KMS", "MultiRegion": false});
        let made = root.kms("CreateKey", input).await.ok().json().unwrap();
        let metadata = &made["KeyMetadata"];
        let id = metadata["KeyId"].as_str().unwrap();
        assert_eq!(metadata["CurrentKeyMaterialId"].as_str().unwrap().len(), 64);
        let mut rest = metadata.clone();
        rest["CurrentKeyMaterialId"] = Value::Null;
        assert_eq!(
            rest,
            json!({
                "AWSAccountId": "111122223333",
                "KeyId": id,
                "Arn": arn(id),
                "CreationDate": 1795415893,
                "Enabled": true,
                "Description": "for tests",
                "KeyUsage": "ENCRYPT_DECRYPT",
                "KeyState": "Enabled",
                "Origin": "AWS_KMS",
                "KeyManager": "CUSTOMER",
                "CustomerMasterKeySpec": "SYMMETRIC_DEFAULT",
                "KeySpec": "SYMMETRIC_DEFAULT",
                "EncryptionAlgorithms": ["SYMMETRIC_DEFAULT"],
                "MultiRegion": false,
                "CurrentKeyMaterialId": null,
            })
        );
        let described = root.kms("DescribeKey", json!({"KeyId": id})).await.ok();
        assert_eq!(&described.json().unwrap()["KeyMetadata"], metadata);
        let event = alcazar.event("CreateKey").await;
        assert_eq!(event["requestParameters"]["description"], "for tests");
        assert_eq!(event["responseElements"]["keyMetadata"]["keyId"], id);
        assert_eq!(event["resources"][0]["ARN"], arn(id));
        assert_eq!(event["resources"][0]["type"], "AWS::KMS::Key");
    }

    #[tokio::test]
    async fn the_record_names_the_key_once_it_is_made() {
        let alcazar = alcazar().await;
        let input = json!({"Tags": [{"TagKey": "team", "TagValue": "red"}]});
        let made = alcazar.root().kms("CreateKey", input).await.ok();
        let event = alcazar.event("CreateKey").await;
        let resources = event["resources"].as_array().unwrap();
        assert_eq!(resources.len(), 1);
        assert_eq!(resources[0]["ARN"], made.field("/KeyMetadata/Arn"));
        alcazar.clock.advance_seconds(1);
        alcazar
            .powerless()
            .await
            .kms("CreateKey", json!({}))
            .await
            .fails("AccessDeniedException");
        assert_eq!(alcazar.event("CreateKey").await["resources"], Value::Null);
    }

    #[tokio::test]
    async fn what_aws_refuses() {
        let root = alcazar().await.root();
        let tags = |keys: &[&str]| {
            let tags = keys
                .iter()
                .map(|key| json!({"TagKey": key, "TagValue": "v"}));
            json!({"Tags": tags.collect::<Vec<_>>()})
        };
        let many: Vec<String> = (0..51).map(|number| number.to_string()).collect();
        let many: Vec<&str> = many.iter().map(String::as_str).collect();
        for (input, code, words) in [
            (
                json!({"KeySpec": "SYMMETRIC_DEFAULT", "CustomerMasterKeySpec": "SYMMETRIC_DEFAULT"}),
                "ValidationException",
                "You cannot specify KeySpec and CustomerMasterKeySpec in the same request. \
                 CustomerMasterKeySpec is deprecated.",
            ),
            (
                json!({"KeySpec": "ECC_NIST_P256"}),
                "ValidationException",
                "You must specify a KeyUsage value for all KMS keys except for symmetric \
                 encryption keys.",
            ),
            (
                json!({"KeyUsage": "SIGN_VERIFY"}),
                "ValidationException",
                "KeyUsage SIGN_VERIFY is not compatible with KeySpec SYMMETRIC_DEFAULT",
            ),
            (
                json!({"KeySpec": "HMAC_256", "KeyUsage": "SIGN_VERIFY"}),
                "ValidationException",
                "KeyUsage SIGN_VERIFY is not compatible with KeySpec HMAC_256",
            ),
            (
                json!({"KeySpec": "SM2", "KeyUsage": "SIGN_VERIFY"}),
                "UnsupportedOperationException",
                "KeySpec SM2 is not supported",
            ),
            (
                json!({"CustomerMasterKeySpec": "SM2", "KeyUsage": "KEY_AGREEMENT",
                    "Origin": "EXTERNAL"}),
                "UnsupportedOperationException",
                "KeySpec SM2 is not supported",
            ),
            (tags(&["a", "a"]), "TagException", "Duplicate tag keys"),
            (
                tags(&["aws:a"]),
                "TagException",
                "Tags beginning with aws: are reserved",
            ),
            (tags(&many), "TagException", "Too many tags"),
            (
                json!({"Policy": "{"}),
                "MalformedPolicyDocumentException",
                "Syntax errors in policy.",
            ),
            (
                json!({"Policy": format!("{}{{}}", " ".repeat(32_768))}),
                "LimitExceededException",
                "The key policy exceeds 32768 bytes.",
            ),
        ] {
            root.kms("CreateKey", input).await.fails(code).saying(words);
        }
        assert_eq!(
            root.kms("ListKeys", json!({})).await.ok().field("Keys"),
            "[]"
        );
    }

    fn allow(action: &str, condition: Value) -> String {
        json!({"Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Action": action, "Resource": "*", "Condition": condition}
        ]})
        .to_string()
    }

    async fn made_by(alcazar: &Alcazar, name: &str, policy: &str, input: Value) -> String {
        let answer = alcazar
            .user(name, policy)
            .await
            .kms("CreateKey", input)
            .await;
        if answer.status == 200 {
            String::new()
        } else {
            answer.code()
        }
    }

    #[tokio::test]
    async fn policies_see_what_is_asked_for() {
        let alcazar = alcazar().await;
        let denied = "AccessDeniedException";
        let spec = allow(
            "kms:CreateKey",
            json!({"StringEquals": {"kms:KeySpec": "RSA_2048",
            "kms:KeyUsage": "SIGN_VERIFY", "kms:KeyOrigin": "EXTERNAL"}, "Bool": {"kms:MultiRegion": "true"}}),
        );
        assert_eq!(made_by(&alcazar, "ann", &spec, json!({})).await, denied);
        let asked = json!({"KeySpec": "RSA_2048", "KeyUsage": "SIGN_VERIFY", "Origin": "EXTERNAL",
            "MultiRegion": true});
        assert_eq!(made_by(&alcazar, "ann", &spec, asked).await, "");
        let tagged = json!({"Tags": [{"TagKey": "team", "TagValue": "red"}]});
        let create = allow("kms:CreateKey", json!({}));
        assert_eq!(made_by(&alcazar, "bob", &create, json!({})).await, "");
        assert_eq!(
            made_by(&alcazar, "bob", &create, tagged.clone()).await,
            denied
        );
        let red = json!({"StringEquals": {"aws:RequestTag/team": "red"}});
        let both = allow("kms:*", red);
        assert_eq!(made_by(&alcazar, "cid", &both, tagged).await, "");
        assert_eq!(made_by(&alcazar, "cid", &both, json!({})).await, denied);
    }

    #[tokio::test]
    async fn nobody_locks_himself_out_by_chance() {
        let alcazar = alcazar().await;
        let ann = alcazar.user("ann", EVERYTHING).await;
        alcazar.user("bob", EVERYTHING).await;
        let policy = json!({"Statement": [{"Effect": "Allow", "Action": "kms:*", "Resource": "*",
            "Principal": {"AWS": "arn:aws:iam::111122223333:user/bob"}}]});
        let input = json!({"Policy": policy.to_string()});
        ann.kms("CreateKey", input)
            .await
            .fails("MalformedPolicyDocumentException")
            .saying(
                "The new key policy will not allow you to update the key policy in the future.",
            );
        let input = json!({"Policy": policy.to_string(), "BypassPolicyLockoutSafetyCheck": true});
        let made = ann.kms("CreateKey", input).await.ok();
        let key = json!({"KeyId": made.field("/KeyMetadata/KeyId")});
        ann.kms("GetKeyPolicy", key)
            .await
            .fails("AccessDeniedException");
    }
}
