//! Makes AWS managed keys, each by its first use.

use kms_api::shapes::KeySpec;
use pipeline::audit::Told;
use pipeline::{Duty, Failure, ManagedKey};
use serde_json::json;
use storage::Reads;

use crate::alias::Alias;
use crate::key::Key;
use crate::key_id::KeyId;
use crate::key_material::{KeyMaterial, Opened};
use crate::key_state::KeyState;
use crate::managed_key::Owner;
use crate::materials::Materials;
use crate::{errors, event, queue};

/// How often it is tried: whoever comes second finds the key of whoever came first.
const TRIES: usize = 3;

/// Makes the key unless it is there.
pub(crate) async fn make(duty: Duty<'_>, wanted: ManagedKey) -> Result<(), Failure> {
    let owner = Owner::of_name(wanted.service);
    let owner = owner.ok_or_else(|| errors::not_built(format!("A key of {}", wanted.service)))?;
    for _ in 0..TRIES {
        if is_there(&duty, &owner, wanted).await? || made(&duty, &owner, wanted).await? {
            return Ok(());
        }
    }
    Err(Failure::internal("an alias of AWS's own kept changing"))
}

async fn is_there(duty: &Duty<'_>, owner: &Owner, wanted: ManagedKey) -> Result<bool, Failure> {
    let place = Alias::key_of(wanted.account, &wanted.region, &owner.alias());
    Ok(duty.get::<Alias>(&place).await?.is_some())
}

/// Answers whether it was made; not, where somebody else made it meanwhile.
async fn made(duty: &Duty<'_>, owner: &Owner, wanted: ManagedKey) -> Result<bool, Failure> {
    let ManagedKey {
        account, region, ..
    } = wanted;
    let id = KeyId::random(false);
    let domain = duty.domain_key_of(account, region)?;
    let material = Opened::generate(KeySpec::SymmetricDefault)?;
    let material = KeyMaterial::first(material, &domain, &Key::arn_of(account, &region, id));
    let state = KeyState::Enabled(Materials::of(material.map_err(Failure::internal)?));
    let made = owner.key(account, region, id, duty.now(), state);
    let (key, alias) = made.map_err(Failure::internal)?;
    let mut reads = Reads::none();
    reads.absent::<Alias>(&Alias::key_of(account, &region, &alias.name));
    let told = Told::Elements(json!({"keyMetadata": {
        "keyId": key.id.to_string(), "arn": key.arn.as_str(), "keyManager": "AWS",
        "description": key.description,
    }}));
    let event = event::of(&key, "CreateKey", told);
    let mut writes = queue::make(key);
    writes.put(alias);
    duty.commit(reads, writes, &[event]).await
}
