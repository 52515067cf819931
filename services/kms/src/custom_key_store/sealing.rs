//! Encrypting and decrypting under a key in a custom key store.
//!
//! Form of what is sealed by an external key store: `tie (16 bytes) || what the proxy encrypted`. The tie is random, is
//! authenticated with the inner ciphertext and is never told to the proxy, which so cannot answer with the inner
//! ciphertext of another.

use std::sync::Arc;

use base::Secret;
use crypto::{context, random};
use pipeline::{Failure, Lookup, Operation, Permitted};
use wire::Blob;

use super::custody::Elsewhere;
use super::proxy::{Asking, Outer};
use super::trouble::Trouble;
use super::{Backing, Connection, CustomKeyStore, External, cluster, errors};
use crate::ciphertext::Ciphertext;
use crate::encryption_context::{self, Given};
use crate::errors::{incorrect_key, invalid_ciphertext};
use crate::key::Key;
use crate::sealing::open;

const TIE_BYTES: usize = 16;
const NOT_CONNECTED: &str = "This KMS key is in a custom key store that is not connected to its external key store \
                             proxy. Connect the external key store and try the request again.";
const NOT_CONNECTED_TO_CLUSTER: &str = "This KMS key is in a custom key store that is not connected to its AWS CloudHSM \
                                        cluster. Connect the custom key store and try the request again.";

/// The store that keeps `key`, as it is now.
pub(crate) async fn store_of(
    look: &Lookup<'_>,
    key: &Key,
    place: &Elsewhere,
) -> Result<Arc<CustomKeyStore>, Failure> {
    let at = CustomKeyStore::key_of(key.account, &key.region, &place.store);
    let store = look.glimpse::<CustomKeyStore>(&at).await?;
    store.ok_or_else(|| Failure::internal("the custom key store of a key is missing"))
}

async fn connected_store_of(
    look: &Lookup<'_>,
    key: &Key,
    place: &Elsewhere,
) -> Result<Arc<CustomKeyStore>, Failure> {
    let store = store_of(look, key, place).await?;
    match (store.connection, &store.backing) {
        (Connection::Connected, _) => Ok(store),
        (_, Backing::External(_)) => Err(errors::invalid_key_state(NOT_CONNECTED)),
        (_, Backing::CloudHsm(_)) => Err(errors::invalid_key_state(NOT_CONNECTED_TO_CLUSTER)),
    }
}

/// What is known here of encrypting under `key`, or of decrypting `ciphertext`: its keeper is not asked.
pub(crate) async fn check<O: Operation>(
    call: &Permitted<'_, O>,
    key: &Key,
    place: &Elsewhere,
    ciphertext: Option<&[u8]>,
) -> Result<(), Failure> {
    let materials = key.materials(call.call().now())?;
    if let Some(bytes) = ciphertext {
        let ciphertext = Ciphertext::read(bytes).ok_or_else(invalid_ciphertext)?;
        if !ciphertext.is_under(key) {
            return Err(incorrect_key());
        }
        materials.version(ciphertext.version)?;
    }
    connected_store_of(call.look(), key, place).await.map(drop)
}

/// A key of an external key store: the conversation with its proxy, and the id of the external key.
fn external<'a, O: Operation>(
    call: &'a Permitted<'_, O>,
    key: &Key,
    store: &CustomKeyStore,
    place: &'a Elsewhere,
    external: &External,
) -> Result<(Asking<'a>, &'a str), Failure> {
    let id = place.xks_key_id.as_deref();
    let id = id.ok_or_else(|| Failure::internal("a key without its external key"))?;
    Ok((Asking::of_call(call, store.proxy(external), Some(key)), id))
}

/// What is authenticated with the inner ciphertext.
fn tied(tie: &[u8; TIE_BYTES], authenticated: &[u8]) -> Vec<u8> {
    context::bind(&[tie, authenticated])
}

/// Encrypts `plaintext`: in the token, or here first and then by the proxy.
pub(crate) async fn encrypt<O: Operation>(
    call: &Permitted<'_, O>,
    key: &Key,
    place: &Elsewhere,
    context: &Given,
    plaintext: &[u8],
) -> Result<Blob, Failure> {
    let material = key.materials(call.call().now())?.current();
    let store = connected_store_of(call.look(), key, place).await?;
    let version = material.version();
    let authenticated = encryption_context::authenticated(context, &key.sealing_name(), version);
    let sealed = match &store.backing {
        Backing::CloudHsm(hsm) => {
            let tokens = store.tokens(hsm);
            let stores = call.key_stores();
            let sealed = stores.encrypt(&tokens, &key.arn, &authenticated, plaintext);
            sealed.await.map_err(cluster::in_use)?
        }
        Backing::External(proxy) => {
            let (asking, id) = external(call, key, &store, place, proxy)?;
            let tie = random::bytes::<TIE_BYTES>();
            let inner = open(call, key, material)?.seal(&tied(&tie, &authenticated), plaintext);
            let inner = inner.map_err(Failure::internal)?;
            let outer = asking.encrypt(id, &authenticated, &inner).await;
            [&tie[..], &outer.map_err(Trouble::in_use)?].concat()
        }
    };
    Ok(Blob(Ciphertext::write(key, version, &sealed)))
}

/// Decrypts what `encrypt` has encrypted with the same `context`.
pub(crate) async fn decrypt<O: Operation>(
    call: &Permitted<'_, O>,
    key: &Key,
    place: &Elsewhere,
    context: &Given,
    ciphertext: &[u8],
) -> Result<Secret<Vec<u8>>, Failure> {
    let materials = key.materials(call.call().now())?;
    let ciphertext = Ciphertext::read(ciphertext).ok_or_else(invalid_ciphertext)?;
    if !ciphertext.is_under(key) {
        return Err(incorrect_key());
    }
    let version = ciphertext.version;
    let material = materials.version(version)?;
    let store = connected_store_of(call.look(), key, place).await?;
    let authenticated = encryption_context::authenticated(context, &key.sealing_name(), version);
    match &store.backing {
        Backing::CloudHsm(hsm) => {
            let (tokens, stores) = (store.tokens(hsm), call.key_stores());
            let opened = stores.decrypt(&tokens, &key.arn, &authenticated, ciphertext.sealed);
            opened.await.map_err(cluster::in_use)
        }
        Backing::External(proxy) => {
            let (tie, outer) = ciphertext
                .sealed
                .split_first_chunk()
                .ok_or_else(invalid_ciphertext)?;
            let outer = Outer::parse(outer).ok_or_else(invalid_ciphertext)?;
            let (asking, id) = external(call, key, &store, place, proxy)?;
            let inner = asking.decrypt(id, &authenticated, &outer).await;
            let inner = inner.map_err(Trouble::in_use)?;
            let authenticated = tied(tie, &authenticated);
            let opened = open(call, key, material)?.open(&authenticated, inner.expose());
            opened.map_err(|_| Trouble::CiphertextWrong.in_use())
        }
    }
}
