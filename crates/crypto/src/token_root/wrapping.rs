//! Three ways in which a token wraps the master key.

use super::key::{Means, WrappingKey};
use crate::pkcs11::{TokenError, TokenSession};
use crate::{context, random};
use base::Secret;
use cryptoki::error::{Error, RvError};
use cryptoki::mechanism::aead::GcmParams;
use cryptoki::mechanism::rsa::{PkcsMgfType, PkcsOaepParams, PkcsOaepSource, PkcsPssParams};
use cryptoki::mechanism::{Mechanism, MechanismType};
use cryptoki::object::{Attribute, KeyType, ObjectClass, ObjectHandle};
use serde::{Deserialize, Serialize};

const AAD: &[u8] = b"alcazar master key, token";
const IV_BYTES: usize = 12;
const TAG_BITS: u64 = 128;

/// How a token wrapped the master key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "mechanism", rename_all = "snake_case", deny_unknown_fields)]
pub enum TokenWrapping {
    /// `CKM_AES_GCM` with a tag of 128 bits.
    AesGcm {
        /// The initialization vector: ours, or the token's own where it makes them.
        #[serde(with = "crate::root::base64_text")]
        iv: Vec<u8>,
    },
    /// `CKM_AES_KEY_WRAP_PAD` (RFC 5649).
    AesKeyWrapPad {},
    /// `CKM_RSA_PKCS_OAEP`, signed by the same key: OAEP alone does not tell who encrypted.
    RsaOaep {
        /// Of OAEP and its mask.
        digest: Digest,
        /// `CKM_SHA256_RSA_PKCS_PSS`, with a salt of 32 bytes.
        #[serde(with = "crate::root::base64_text")]
        signature: Vec<u8>,
    },
}

/// A digest of OAEP.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Digest {
    /// SHA-256.
    Sha256,
    /// SHA-1, for tokens that know no other. OAEP does not rest on collision resistance.
    Sha1,
}

pub(super) fn wrap(
    session: &TokenSession,
    key: &WrappingKey,
    master: &Secret<[u8; 32]>,
) -> Result<(TokenWrapping, Vec<u8>), TokenError> {
    match key.means {
        Means::AesGcm(key) => {
            let mut iv = random::bytes::<IV_BYTES>().to_vec();
            let parameters = GcmParams::new(&mut iv, AAD, TAG_BITS.into())?;
            let mechanism = Mechanism::AesGcm(parameters);
            let wrapped = session.session.encrypt(&mechanism, key, master.expose())?;
            Ok((TokenWrapping::AesGcm { iv }, wrapped))
        }
        Means::AesKeyWrapPad(key) => {
            let handed = hand_over(session, master)?;
            let mechanism = Mechanism::AesKeyWrapPad;
            let wrapped = session.session.wrap_key(&mechanism, key, handed);
            session.session.destroy_object(handed)?;
            Ok((TokenWrapping::AesKeyWrapPad {}, wrapped?))
        }
        Means::Rsa { private, public } => {
            let (digest, wrapped) = encrypt(session, public, master)?;
            let signed = signed_text(&wrapped);
            let signature = session.session.sign(&pss(), private, &signed)?;
            Ok((TokenWrapping::RsaOaep { digest, signature }, wrapped))
        }
    }
}

pub(super) fn unwrap(
    session: &TokenSession,
    key: &WrappingKey,
    wrapping: &TokenWrapping,
    wrapped: &[u8],
) -> Result<Secret<Vec<u8>>, TokenError> {
    match (key.means, wrapping) {
        (Means::AesGcm(key), TokenWrapping::AesGcm { iv }) if iv.len() == IV_BYTES => {
            let mut iv = iv.clone();
            let parameters = GcmParams::new(&mut iv, AAD, TAG_BITS.into())?;
            let mechanism = Mechanism::AesGcm(parameters);
            open(session.session.decrypt(&mechanism, key, wrapped))
        }
        (Means::AesKeyWrapPad(key), TokenWrapping::AesKeyWrapPad {}) => {
            let mechanism = Mechanism::AesKeyWrapPad;
            let template = readable();
            let handed = session
                .session
                .unwrap_key(&mechanism, key, wrapped, &template);
            let handed = handed.map_err(refused)?;
            let value = session.value(handed);
            session.session.destroy_object(handed)?;
            value
        }
        (Means::Rsa { private, public }, TokenWrapping::RsaOaep { digest, signature }) => {
            let signed = signed_text(wrapped);
            let verified = session.session.verify(&pss(), public, &signed, signature);
            verified.map_err(refused)?;
            open(session.session.decrypt(&oaep(*digest), private, wrapped))
        }
        _ => Err(TokenError::NotAuthentic),
    }
}

fn open(opened: Result<Vec<u8>, Error>) -> Result<Secret<Vec<u8>>, TokenError> {
    opened.map(Secret::new).map_err(refused)
}

/// Modules name a failed authentication in many ways; a general failure of this one call is most likely that, and the
/// words for it tell that the token may be another.
fn refused(error: Error) -> TokenError {
    match error {
        Error::Pkcs11(RvError::GeneralError | RvError::FunctionFailed, _) => {
            TokenError::NotAuthentic
        }
        other => other.into(),
    }
}

/// What a session's key of no further use looks like: it is gone with the session, and can be read.
fn readable() -> Vec<Attribute> {
    vec![
        Attribute::Class(ObjectClass::SECRET_KEY),
        Attribute::KeyType(KeyType::GENERIC_SECRET),
        Attribute::Token(false),
        Attribute::Sensitive(false),
        Attribute::Extractable(true),
    ]
}

/// The master key as an object of the session, for the token to wrap.
fn hand_over(
    session: &TokenSession,
    master: &Secret<[u8; 32]>,
) -> Result<ObjectHandle, TokenError> {
    let mut template = readable();
    template.push(Attribute::Value(master.expose().to_vec()));
    let made = session.session.create_object(&template);
    if let Some(Attribute::Value(copy)) = template.last_mut() {
        zeroize::Zeroize::zeroize(copy);
    }
    Ok(made?)
}

fn encrypt(
    session: &TokenSession,
    public: ObjectHandle,
    master: &Secret<[u8; 32]>,
) -> Result<(Digest, Vec<u8>), TokenError> {
    let by = |digest| {
        session
            .session
            .encrypt(&oaep(digest), public, master.expose())
    };
    match by(Digest::Sha256) {
        Ok(wrapped) => Ok((Digest::Sha256, wrapped)),
        Err(Error::Pkcs11(RvError::ArgumentsBad | RvError::MechanismParamInvalid, _)) => {
            Ok((Digest::Sha1, by(Digest::Sha1)?))
        }
        Err(other) => Err(other.into()),
    }
}

fn oaep(digest: Digest) -> Mechanism<'static> {
    let (digest, mask) = match digest {
        Digest::Sha256 => (MechanismType::SHA256, PkcsMgfType::MGF1_SHA256),
        Digest::Sha1 => (MechanismType::SHA1, PkcsMgfType::MGF1_SHA1),
    };
    PkcsOaepParams::new(digest, mask, PkcsOaepSource::empty()).into()
}

fn pss() -> Mechanism<'static> {
    Mechanism::Sha256RsaPkcsPss(PkcsPssParams {
        hash_alg: MechanismType::SHA256,
        mgf: PkcsMgfType::MGF1_SHA256,
        s_len: 32.into(),
    })
}

fn signed_text(wrapped: &[u8]) -> Vec<u8> {
    context::bind(&[AAD, wrapped])
}
