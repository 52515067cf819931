//! `kms:ReplicateKey`: makes the same key in another region.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::sync::Arc;

use base::{Arn, Region, Tags};
use identity::Document;
use kms_api::shapes::{CreateKeyResponse, ReplicateKeyRequest, ReplicateKeyResponse};
use kms_api::{operations, permission};
use pipeline::audit::Abroad;
use pipeline::{Access, Failure, Lookup, Operation, Permitted};
use policy::{InRegion, NamedResource};
use serde_json::{Value, json};

use crate::key::Key;
use crate::key_state::KeyState;
use crate::materials::rewrapped;
use crate::sought::Sought;
use crate::{errors, event, key_policy, metadata, multi_region, queue, quotas, tags};

pub(crate) struct ReplicateKey;

/// The key to be replicated, and where.
pub(crate) struct Target {
    primary: Sought,
    region: Region,
}

impl Operation for ReplicateKey {
    type Api = operations::ReplicateKey;
    type Target = Target;

    async fn access(
        input: &ReplicateKeyRequest,
        look: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        let primary = Sought::own(look, &input.key_id).await?;
        let region = multi_region::region(&input.replica_region, "replicaRegion")?;
        let needs = permission::ReplicateKey {
            key: primary.resource(),
            replica_region: Some(Cow::Owned(region.to_string())),
        };
        let given = input.tags.as_deref().unwrap_or_default();
        let request_tags = tags::requested(given)?;
        let create = create_permission(input, primary.key().ok(), request_tags.clone());
        let replica = replica_arn(&primary, look, region);
        let access = Access::to(Target { primary, region }, needs)
            .and(InRegion(region, create))
            .making(replica.clone(), look.call().account());
        if given.is_empty() {
            return Ok(access);
        }
        // AWS: a replica that is made with tags needs kms:TagResource, by an identity policy.
        let key = Arc::new(NamedResource::new(replica, look.call().account()));
        let tag = permission::TagResource { key, request_tags };
        Ok(access.and(InRegion(region, tag)))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<ReplicateKeyResponse, Failure> {
        let input = call.input();
        let primary = call.target().primary.key()?;
        check(&call, primary).await?;
        quotas::check_keys(&call, primary.account, &call.target().region).await?;
        let given = input.tags.as_deref().unwrap_or_default();
        let tags = tags::added(&Tags::default(), given)?;
        let account = primary.account;
        let policy = match &input.policy {
            None => key_policy::default(account).map_err(Failure::internal)?,
            Some(text) => key_policy::read(call.look(), text).await?,
        };
        let replica = replica(&call, primary, tags, policy)?;
        if input.policy.is_some() {
            let bypass = input.bypass_policy_lockout_safety_check;
            key_policy::check_lockout(&call, &replica, bypass).await?;
        }
        let reply = ReplicateKeyResponse {
            replica_key_metadata: Some(metadata::of(&replica)),
            replica_policy: Some(replica.policy.text().to_owned()),
            replica_tags: Some(given.to_vec()),
        };
        call.record_abroad(made_abroad(input, &replica));
        introduce(&call, primary, &replica).await?;
        call.write(queue::make(replica));
        Ok(reply)
    }
}

/// Lets every related key know of `replica`.
async fn introduce(
    call: &Permitted<'_, ReplicateKey>,
    primary: &Key,
    replica: &Key,
) -> Result<(), Failure> {
    let knowing = |key: &Key| Key {
        multi_region: replica.multi_region.clone(),
        ..key.clone()
    };
    for related in multi_region::related(call.look(), primary).await? {
        call.put(knowing(&related));
    }
    let primary = knowing(primary);
    if let Some(event) = event::synchronized(&primary) {
        call.record(&event);
    }
    call.put(primary);
    Ok(())
}

/// Refuses what cannot be replicated, or not there.
async fn check(call: &Permitted<'_, ReplicateKey>, primary: &Key) -> Result<(), Failure> {
    multi_region::check_primary(primary)?;
    primary.materials(call.call().now())?;
    let region = call.target().region;
    let place = Key::key_of(primary.account, &region, &primary.id);
    match call.look().get::<Key>(&place).await? {
        None => Ok(()),
        Some(existing) => Err(errors::replica_exists(&existing.arn)),
    }
}

fn replica(
    call: &Permitted<'_, ReplicateKey>,
    primary: &Key,
    tags: Tags,
    policy: Document,
) -> Result<Key, Failure> {
    let region = call.target().region;
    let mut related = primary.multi_region.clone();
    if let Some(related) = &mut related {
        related.replicas.insert(region);
    }
    let versions = primary.state.versions();
    let versions = versions.for_replica(|kept| rewrapped(call, primary, kept, region))?;
    Ok(Key {
        arn: Key::arn_of(primary.account, &region, primary.id),
        region,
        created: call.call().now(),
        description: call.input().description.clone().unwrap_or_default(),
        tags,
        aliases: BTreeSet::new(),
        policy,
        multi_region: related,
        state: KeyState::of(versions),
        ..primary.clone()
    })
}

fn replica_arn(primary: &Sought, look: &Lookup<'_>, region: Region) -> Arn {
    let id = primary.arn().resource();
    let id = id.strip_prefix("key/").unwrap_or(id);
    Key::arn_of(look.call().account(), &region, id)
}

fn create_permission(
    input: &ReplicateKeyRequest,
    primary: Option<&Arc<Key>>,
    request_tags: Tags,
) -> permission::CreateKey {
    let said = |read: fn(&Key) -> &'static str| primary.map(|key| Cow::Borrowed(read(key)));
    permission::CreateKey {
        bypass_policy_lockout_safety_check: Some(
            input.bypass_policy_lockout_safety_check.unwrap_or(false),
        ),
        customer_master_key_spec: said(|key| key.spec.as_str()),
        customer_master_key_usage: said(|key| key.usage.as_str()),
        key_origin: said(|key| key.origin.as_str()),
        key_spec: said(|key| key.spec.as_str()),
        key_usage: said(|key| key.usage.as_str()),
        multi_region: Some(true),
        multi_region_key_type: Some(Cow::Borrowed("REPLICA")),
        request_tags,
    }
}

/// AWS document: AWS KMS Developer Guide, "ReplicateKey" (AWS CloudTrail log entries).
fn made_abroad(input: &ReplicateKeyRequest, replica: &Key) -> Abroad {
    let mut elements = Vec::new();
    let made = CreateKeyResponse {
        key_metadata: Some(metadata::of(replica)),
    };
    wire::audit_json(&made, &mut elements);
    Abroad {
        operation: "CreateKey",
        region: replica.region,
        parameters: json!({
            "bypassPolicyLockoutSafetyCheck":
                input.bypass_policy_lockout_safety_check.unwrap_or(false),
            "description": replica.description,
            "keySpec": replica.spec.as_str(),
            "keyUsage": replica.usage.as_str(),
            "multiRegion": true,
            "origin": replica.origin.as_str(),
        }),
        elements: serde_json::from_slice(&elements).unwrap_or(Value::Null),
        resource: Some((replica.arn.clone(), replica.account)),
    }
}
