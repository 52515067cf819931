//! AWS owned keys: each service's own, made by its first use, in the account that is nobody's.
//!
//! Customers list, describe and use none: their key policies let nobody but the service, and a service uses only its own.
//! What is told of them (that they were made, and rotated) is told in that account's trail, which is the operator's alone.
//! AWS document: AWS KMS Developer Guide, "AWS owned keys".

use std::sync::Arc;

use base::Secret;
use crypto::context;
use identity::Document;
use kms_api::shapes::KeySpec;
use pipeline::audit::Told;
use pipeline::owned_key::account;
use pipeline::{Duty, Failure, OwnedKey};
use policy::{Grammar, Malformed};
use serde_json::json;
use storage::Reads;

use crate::alias::Alias;
use crate::ciphertext::Ciphertext;
use crate::key::Key;
use crate::key_id::KeyId;
use crate::key_material::{KeyMaterial, Opened};
use crate::key_state::KeyState;
use crate::managed_key::of_service;
use crate::materials::Materials;
use crate::{event, queue};

/// How often it is tried: whoever comes second finds the key of whoever came first.
const TRIES: usize = 3;

/// `plaintext` under the present material of the key.
pub(crate) async fn seal(
    duty: Duty<'_>,
    owned: OwnedKey,
    authenticated: &[u8],
    plaintext: &[u8],
) -> Result<Vec<u8>, Failure> {
    let key = found_or_made(&duty, owned).await?;
    let material = key.materials(duty.now())?.current();
    let bound = bound(owned, &key, material.version(), authenticated);
    let opened = material.open(&key, || duty.domain_key_of(key.account, key.region))?;
    let sealed = opened.symmetric()?.seal(&bound, plaintext);
    let sealed = sealed.map_err(Failure::internal)?;
    Ok(Ciphertext::write(&key, material.version(), &sealed))
}

/// What `seal` has sealed, under whichever material.
pub(crate) async fn open(
    duty: Duty<'_>,
    owned: OwnedKey,
    authenticated: &[u8],
    sealed: &[u8],
) -> Result<Secret<Vec<u8>>, Failure> {
    let unknown = || Failure::internal("nothing that a service has sealed under its own key");
    let said = Ciphertext::read(sealed).ok_or_else(unknown)?;
    let place = Key::key_of(account(), &owned.region, &said.key);
    let key = duty.get::<Key>(&place).await?.ok_or_else(unknown)?;
    if !said.is_under(&key) {
        return Err(unknown());
    }
    let material = key.materials(duty.now())?.version(said.version)?;
    let bound = bound(owned, &key, said.version, authenticated);
    let opened = material.open(&key, || duty.domain_key_of(key.account, key.region))?;
    let opened = opened.symmetric()?.open(&bound, said.sealed);
    opened.map_err(Failure::internal)
}

/// What is authenticated: no other service's, no other key's, and nothing that a caller of KMS could have sealed.
fn bound(owned: OwnedKey, key: &Key, version: u32, authenticated: &[u8]) -> Vec<u8> {
    let version = version.to_be_bytes();
    let (service, arn) = (owned.service.as_bytes(), key.arn.as_str().as_bytes());
    context::bind(&[b"owned", service, arn, &version, authenticated])
}

async fn found_or_made(duty: &Duty<'_>, owned: OwnedKey) -> Result<Arc<Key>, Failure> {
    let place = Alias::key_of(account(), &owned.region, &name(owned));
    for _ in 0..TRIES {
        if let Some(alias) = duty.get::<Alias>(&place).await? {
            let place = Key::key_of(account(), &owned.region, &alias.target);
            let key = duty.get::<Key>(&place).await?;
            let key =
                key.ok_or_else(|| Failure::internal("an alias of a service's leads nowhere"))?;
            return Ok(key.arc());
        }
        make(duty, owned).await?;
    }
    Err(Failure::internal("an alias of a service's kept changing"))
}

fn name(owned: OwnedKey) -> String {
    format!("alias/aws/{}", owned.service)
}

/// Makes the key, unless somebody else has meanwhile.
async fn make(duty: &Duty<'_>, owned: OwnedKey) -> Result<(), Failure> {
    let OwnedKey { region, service } = owned;
    let alias = Alias {
        name: name(owned),
        account: account(),
        region,
        target: KeyId::random(false),
        created: duty.now(),
        updated: duty.now(),
    };
    let arn = Key::arn_of(account(), &region, alias.target);
    let material = Opened::generate(KeySpec::SymmetricDefault)?;
    let domain = duty.domain_key_of(account(), region)?;
    let material = KeyMaterial::first(material, &domain, &arn).map_err(Failure::internal)?;
    let state = KeyState::Enabled(Materials::of(material));
    let description = format!("{service}'s own key");
    let policy = policy(service).map_err(Failure::internal)?;
    let key = of_service(&alias, description, policy, state);
    let told = Told::Elements(json!({"keyMetadata": {
        "keyId": key.id.to_string(), "arn": key.arn.as_str(), "keyManager": "AWS",
        "description": key.description,
    }}));
    let event = event::of(&key, "CreateKey", told);
    let mut reads = Reads::none();
    reads.absent::<Alias>(&Alias::key_of(account(), &region, &alias.name));
    let mut writes = queue::make(key);
    writes.put(alias);
    duty.commit(reads, writes, &[event]).await.map(drop)
}

/// The service's alone. It does not come to the key by a call, and so by no permission either.
fn policy(service: &str) -> Result<Document, Malformed> {
    let text = json!({"Version": "2012-10-17", "Id": format!("owned-{service}-1"), "Statement": [{
        "Sid": "For the service alone", "Effect": "Allow", "Resource": "*",
        "Principal": {"Service": format!("{service}.amazonaws.com")},
        "Action": ["kms:Encrypt", "kms:Decrypt"],
    }]});
    Document::parse(&text.to_string(), Grammar::Key)
}
