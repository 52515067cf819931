//! Encrypting and decrypting under a key, for whichever operation asks.

use base::Secret;
use crypto::Oaep;
use kms_api::shapes::{
    DryRunModifierType, EncryptionAlgorithmSpec, KeySpec, KeyUsageType, RecipientInfo,
};
use pipeline::{Failure, Operation, Permitted};
use wire::Blob;

use crate::ciphertext::Ciphertext;
use crate::custom_key_store::sealing as elsewhere;
use crate::encryption_context::{self, Given};
use crate::key::Key;
use crate::key_material::KeyMaterial;
use crate::{errors, rsa_sealing, usage};

/// An algorithm that a key knows.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Algorithm {
    /// AES-256-GCM under a symmetric encryption key.
    SymmetricDefault,
    /// Under an RSA key.
    RsaesOaep(Oaep),
}

/// Encrypts `plaintext` under the current material of `key`.
pub(crate) async fn encrypt<O: Operation>(
    call: &Permitted<'_, O>,
    key: &Key,
    algorithm: Algorithm,
    context: &Given,
    plaintext: &[u8],
) -> Result<Blob, Failure> {
    if let Algorithm::RsaesOaep(oaep) = algorithm {
        return rsa_sealing::encrypt(call, key, oaep, context, plaintext);
    }
    if let Some(place) = key.custody.elsewhere() {
        let sealed = elsewhere::encrypt(call, key, place, context, plaintext);
        return Box::pin(sealed).await;
    }
    let material = key.materials(call.call().now())?.current();
    let name = key.sealing_name();
    let authenticated = encryption_context::authenticated(context, &name, material.version());
    let sealed = open(call, key, material)?.seal(&authenticated, plaintext);
    let sealed = sealed.map_err(Failure::internal)?;
    Ok(Blob(Ciphertext::write(key, material.version(), &sealed)))
}

/// What was encrypted, and the id of the material it was under, of keys that can have several.
pub(crate) struct Decrypted<'k> {
    pub(crate) plaintext: Secret<Vec<u8>>,
    pub(crate) material_id: Option<&'k str>,
}

/// Decrypts what was encrypted under `key` with the same `context`.
pub(crate) async fn decrypt<'k, O: Operation>(
    call: &Permitted<'_, O>,
    key: &'k Key,
    algorithm: Algorithm,
    context: &Given,
    ciphertext: &[u8],
) -> Result<Decrypted<'k>, Failure> {
    if let Algorithm::RsaesOaep(oaep) = algorithm {
        return Ok(Decrypted {
            plaintext: rsa_sealing::decrypt(call, key, oaep, context, ciphertext)?,
            material_id: None,
        });
    }
    if let Some(place) = key.custody.elsewhere() {
        let opened = elsewhere::decrypt(call, key, place, context, ciphertext);
        return Ok(Decrypted {
            plaintext: Box::pin(opened).await?,
            material_id: None,
        });
    }
    let materials = key.materials(call.call().now())?;
    let ciphertext = Ciphertext::read(ciphertext).ok_or_else(errors::invalid_ciphertext)?;
    if !ciphertext.is_under(key) {
        return Err(errors::incorrect_key());
    }
    let name = key.sealing_name();
    let authenticated = encryption_context::authenticated(context, &name, ciphertext.version);
    let material = materials.version(ciphertext.version)?;
    let opened = open(call, key, material)?.open(&authenticated, ciphertext.sealed);
    Ok(Decrypted {
        plaintext: opened.map_err(|_| errors::invalid_ciphertext())?,
        material_id: Some(material.id()),
    })
}

/// The material, which is kept here.
pub(crate) fn open<'k, O: Operation>(
    call: &Permitted<'_, O>,
    key: &Key,
    material: &'k KeyMaterial,
) -> Result<&'k crypto::Material, Failure> {
    let domain = || call.domain_key_of(key.account, key.region);
    material.open(key, domain)?.symmetric()
}

/// Whether a call is only tried and does not look at the ciphertext: then there need be none.
/// AWS document: API reference, Decrypt, `DryRunModifiers`.
pub(crate) fn ignores_ciphertext(
    dry_run: Option<bool>,
    modifiers: &Option<Vec<DryRunModifierType>>,
) -> Result<bool, Failure> {
    let ignored = DryRunModifierType::IgnoreCiphertext;
    let wanted = modifiers.iter().flatten().any(|it| *it == ignored);
    match wanted && dry_run != Some(true) {
        true => Err(errors::modifiers_without_dry_run()),
        false => Ok(wanted),
    }
}

/// The ciphertext, which a caller may leave out only where it is ignored.
pub(crate) fn check_ciphertext(given: &Option<Blob>) -> Result<&[u8], Failure> {
    given.as_deref().ok_or_else(|| {
        errors::validation(
            "1 validation error detected: Value null at 'ciphertextBlob' failed to satisfy \
             constraint: Member must not be null",
        )
    })
}

/// The algorithm in force: what the caller asks for, or the only one of symmetric keys.
pub(crate) fn algorithm(given: Option<EncryptionAlgorithmSpec>) -> EncryptionAlgorithmSpec {
    given.unwrap_or(EncryptionAlgorithmSpec::SymmetricDefault)
}

/// The algorithm in force, which `key` must know and be for.
pub(crate) fn check_algorithm<O: Operation>(
    call: &Permitted<'_, O>,
    key: &Key,
    given: Option<EncryptionAlgorithmSpec>,
) -> Result<Algorithm, Failure> {
    usage::check(call, key, KeyUsageType::EncryptDecrypt)?;
    let rsa = key.spec != KeySpec::SymmetricDefault;
    match algorithm(given) {
        EncryptionAlgorithmSpec::SymmetricDefault if !rsa => Ok(Algorithm::SymmetricDefault),
        EncryptionAlgorithmSpec::RsaesOaepSha1 if rsa => Ok(Algorithm::RsaesOaep(Oaep::Sha1)),
        EncryptionAlgorithmSpec::RsaesOaepSha256 if rsa => Ok(Algorithm::RsaesOaep(Oaep::Sha256)),
        other => {
            let (algorithm, spec) = (other.as_str(), key.spec.as_str());
            Err(errors::incompatible_algorithm(algorithm, spec))
        }
    }
}

/// Refuses every attestation document: there is no source of them that this server trusts.
pub(crate) fn check_recipient(given: &Option<RecipientInfo>) -> Result<(), Failure> {
    match given {
        None => Ok(()),
        Some(_) => Err(errors::untrusted_attestation()),
    }
}

/// Whether a call is only tried and its key is kept elsewhere. Then what is known here was checked, `ciphertext` too if that
/// is to be decrypted, and the keeper is not asked: to it, it would be a use like any other.
pub(crate) async fn is_tried_elsewhere<O: Operation>(
    call: &Permitted<'_, O>,
    key: &Key,
    dry_run: Option<bool>,
    ciphertext: Option<&[u8]>,
) -> Result<bool, Failure> {
    match (dry_run, key.custody.elsewhere()) {
        (Some(true), Some(place)) => {
            Box::pin(elsewhere::check(call, key, place, ciphertext)).await?;
            Ok(true)
        }
        _ => Ok(false),
    }
}

/// Ends a call that is only to be tried, when nothing is left to go wrong.
pub(crate) fn check_dry_run(given: Option<bool>) -> Result<(), Failure> {
    match given {
        Some(true) => Err(errors::dry_run()),
        _ => Ok(()),
    }
}
