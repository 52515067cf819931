//! `kms:CreateKey`: makes a symmetric encryption key.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::sync::Arc;

use base::Tags;
use identity::Document;
use kms_api::shapes::{CreateKeyRequest, CreateKeyResponse, KeyUsageType, OriginType};
use kms_api::{operations, permission};
use pipeline::{Access, Failure, Lookup, Operation, Permitted};
use policy::NamedResource;

use crate::key::{KEY_ORIGIN, KEY_SPEC, KEY_USAGE, Key};
use crate::key_id::KeyId;
use crate::key_material::KeyMaterial;
use crate::key_state::KeyState;
use crate::{errors, key_policy, metadata, tags};

pub(crate) struct CreateKey;

impl Operation for CreateKey {
    type Api = operations::CreateKey;
    /// The id of the key to be made.
    type Target = KeyId;

    async fn access(input: &CreateKeyRequest, look: &Lookup<'_>) -> Result<Access<Self>, Failure> {
        let (account, id) = (look.call().account(), KeyId::random());
        let arn = Key::arn_of(account, &look.call().region(), id);
        let given = input.tags.as_deref().unwrap_or_default();
        let access = Access::to(id, permission(input, tags::requested(given)));
        let access = access.making(arn.clone(), account);
        if given.is_empty() {
            return Ok(access);
        }
        // AWS: a key that is made with tags needs kms:TagResource, by an identity policy.
        let key = Arc::new(NamedResource::new(arn, account));
        Ok(access.and(permission::TagResource {
            key,
            request_tags: tags::requested(given),
        }))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<CreateKeyResponse, Failure> {
        let input = call.input();
        check_built(input)?;
        let given = input.tags.as_deref().unwrap_or_default();
        let tags = tags::added(&Tags::default(), given)?;
        let key = match &input.policy {
            None => {
                let policy = key_policy::default(call.call().account());
                new(&call, tags, policy.map_err(Failure::internal)?)?
            }
            Some(text) => {
                let key = new(&call, tags, key_policy::read(call.look(), text).await?)?;
                let bypass = input.bypass_policy_lockout_safety_check;
                key_policy::check_lockout(&call, &key, bypass).await?;
                key
            }
        };
        let key_metadata = Some(metadata::of(&key));
        call.put(key);
        Ok(CreateKeyResponse { key_metadata })
    }
}

fn new(call: &Permitted<'_, CreateKey>, tags: Tags, policy: Document) -> Result<Key, Failure> {
    let (account, region, id) = (call.call().account(), call.call().region(), *call.target());
    let arn = Key::arn_of(account, &region, id);
    let material = KeyMaterial::generate(&call.domain_key()?, &arn);
    Ok(Key {
        id,
        arn,
        account,
        region,
        created: call.call().now(),
        description: call.input().description.clone().unwrap_or_default(),
        tags,
        aliases: BTreeSet::new(),
        policy,
        state: KeyState::Enabled(material.map_err(Failure::internal)?),
    })
}

fn permission(input: &CreateKeyRequest, request_tags: Tags) -> permission::CreateKey {
    let multi_region = input.multi_region.unwrap_or(false);
    let said = |name: Option<&'static str>, default| Some(Cow::Borrowed(name.unwrap_or(default)));
    permission::CreateKey {
        bypass_policy_lockout_safety_check: Some(
            input.bypass_policy_lockout_safety_check.unwrap_or(false),
        ),
        key_origin: said(input.origin.map(OriginType::as_str), KEY_ORIGIN),
        key_spec: said(key_spec(input), KEY_SPEC),
        key_usage: said(input.key_usage.map(KeyUsageType::as_str), KEY_USAGE),
        multi_region: Some(multi_region),
        multi_region_key_type: multi_region.then_some(Cow::Borrowed("PRIMARY")),
        request_tags,
    }
}

/// `KeySpec`, or `CustomerMasterKeySpec` as it was called before.
fn key_spec(input: &CreateKeyRequest) -> Option<&'static str> {
    let deprecated = input.customer_master_key_spec.map(|spec| spec.as_str());
    input.key_spec.map(|spec| spec.as_str()).or(deprecated)
}

/// Refuses what AWS refuses, and then what is not built.
fn check_built(input: &CreateKeyRequest) -> Result<(), Failure> {
    if input.key_spec.is_some() && input.customer_master_key_spec.is_some() {
        return Err(errors::validation(
            "You cannot specify KeySpec and CustomerMasterKeySpec in the same request. \
             CustomerMasterKeySpec is deprecated.",
        ));
    }
    let spec = key_spec(input).unwrap_or(KEY_SPEC);
    match input.key_usage {
        None if spec != KEY_SPEC && !spec.starts_with("HMAC_") => {
            return Err(errors::validation(
                "You must specify a KeyUsage value for all KMS keys except for symmetric \
                 encryption keys.",
            ));
        }
        Some(usage) if spec == KEY_SPEC && usage != KeyUsageType::EncryptDecrypt => {
            return Err(errors::validation(format!(
                "KeyUsage {usage} is not compatible with KeySpec {spec}"
            )));
        }
        _ => {}
    }
    let other_origin = input.origin.filter(|origin| *origin != OriginType::AwsKms);
    let wanted = [
        (spec != KEY_SPEC).then(|| format!("KeySpec {spec}")),
        other_origin.map(|origin| format!("Origin {origin}")),
        input
            .custom_key_store_id
            .as_ref()
            .map(|_| "CustomKeyStoreId".to_owned()),
        input.xks_key_id.as_ref().map(|_| "XksKeyId".to_owned()),
        (input.multi_region == Some(true)).then(|| "MultiRegion".to_owned()),
    ];
    match wanted.into_iter().flatten().next() {
        Some(wanted) => Err(errors::not_built(wanted)),
        None => Ok(()),
    }
}
