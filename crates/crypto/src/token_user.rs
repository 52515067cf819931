//! What the user of a token has it do: keys are made in the token, are used there, and cannot be read out of it.
//!
//! Source: PKCS #11 Specification Version 3.1 (OASIS).

mod message;

use std::collections::BTreeMap;

use base::Secret;
use cryptoki::error::{Error, RvError};
use cryptoki::mechanism::Mechanism;
use cryptoki::mechanism::aead::GcmParams;
use cryptoki::object::{Attribute, AttributeType, KeyType, ObjectClass, ObjectHandle};

use crate::pkcs11::{Pin, TokenError, TokenPlace, TokenSession};
use crate::random;

pub use message::{FRAME_BYTES, TokenReply, TokenRequest};

const KEY_BYTES: u64 = 32;
const ID_BYTES: usize = 16;
const IV_BYTES: usize = 12;
const TAG_BITS: u64 = 128;
/// Handles remembered at most: finding a key takes the token time that grows with the keys in it.
const MOST_HANDLES: usize = 10_000;

/// A token in which its user is logged in. To be used on one thread: modules may keep state by thread.
pub struct TokenUser {
    session: TokenSession,
    handles: BTreeMap<String, ObjectHandle>,
}

impl TokenUser {
    /// Logs in. The PIN is tried once, and not at all when that could lock the token.
    ///
    /// # Errors
    /// If there is no such token, or it refuses.
    pub fn log_in(place: &TokenPlace, pin: Secret<String>) -> Result<Self, TokenError> {
        Ok(Self {
            session: TokenSession::open(place, &Pin::kept(pin))?,
            handles: BTreeMap::new(),
        })
    }

    /// Does what is asked for. That it be `LogIn` is for whoever has no user yet.
    pub fn answer(&mut self, request: &TokenRequest) -> TokenReply {
        let done = match request {
            TokenRequest::LogIn { .. } => Ok(Secret::default()),
            TokenRequest::Make { label } => self.make(label).map(|()| Secret::default()),
            TokenRequest::Encrypt {
                label,
                authenticated,
                plaintext,
            } => self
                .encrypt(label, authenticated, plaintext.expose())
                .map(Secret::new),
            TokenRequest::Decrypt {
                label,
                authenticated,
                sealed,
            } => self.decrypt(label, authenticated, sealed),
            TokenRequest::Random { bytes } => self.random(*bytes),
            TokenRequest::Destroy { label } => self.destroy(label).map(|()| Secret::default()),
        };
        TokenReply::from(done)
    }

    /// Makes an AES-256 key of this label.
    fn make(&mut self, label: &str) -> Result<(), TokenError> {
        let template = [
            Attribute::Token(true),
            Attribute::Private(true),
            Attribute::Sensitive(true),
            Attribute::Extractable(false),
            Attribute::Label(label.as_bytes().to_vec()),
            Attribute::Id(random::bytes::<ID_BYTES>().to_vec()),
            Attribute::ValueLen(KEY_BYTES.into()),
            Attribute::Encrypt(true),
            Attribute::Decrypt(true),
            Attribute::Sign(false),
            Attribute::Verify(false),
            Attribute::Wrap(false),
            Attribute::Unwrap(false),
            Attribute::Derive(false),
        ];
        let session = &self.session.session;
        session.generate_key(&Mechanism::AesKeyGen, &template)?;
        Ok(())
    }

    fn find(&self, label: &str) -> Result<Vec<ObjectHandle>, TokenError> {
        let template = [
            Attribute::Class(ObjectClass::SECRET_KEY),
            Attribute::Token(true),
            Attribute::Label(label.as_bytes().to_vec()),
        ];
        Ok(self.session.session.find_objects(&template)?)
    }

    /// The one key of this label, which must be AES-256 and must not be readable.
    fn key(&mut self, label: &str) -> Result<ObjectHandle, TokenError> {
        if let Some(known) = self.handles.get(label) {
            return Ok(*known);
        }
        let unfit = |reason| TokenError::KeyUnfit {
            token: self.session.label.clone(),
            key: label.to_owned(),
            reason,
        };
        let key = match self.find(label)?.as_slice() {
            [] => {
                return Err(TokenError::KeyAbsent {
                    token: self.session.label.clone(),
                    key: label.to_owned(),
                });
            }
            [key] => *key,
            _ => return Err(unfit("several keys have this label")),
        };
        let wanted = [AttributeType::KeyType, AttributeType::ValueLen];
        let told = self.session.session.get_attributes(key, &wanted)?;
        let is = [
            Attribute::KeyType(KeyType::AES),
            Attribute::ValueLen(KEY_BYTES.into()),
        ];
        if is.iter().any(|wanted| !told.contains(wanted)) {
            return Err(unfit("it is no AES-256 key"));
        }
        if self.session.is(key, AttributeType::Extractable)?
            || !self.session.is(key, AttributeType::Sensitive)?
        {
            return Err(unfit("it can be read out of the token"));
        }
        if self.handles.len() >= MOST_HANDLES {
            self.handles.clear();
        }
        self.handles.insert(label.to_owned(), key);
        Ok(key)
    }

    /// Does `work` with the key of this label. One that was found before may be gone: then it is looked for again.
    fn with_key<T>(
        &mut self,
        label: &str,
        work: impl Fn(&TokenSession, ObjectHandle) -> Result<T, Error>,
    ) -> Result<T, TokenError> {
        let known = self.handles.contains_key(label);
        let key = self.key(label)?;
        match work(&self.session, key) {
            Err(Error::Pkcs11(RvError::KeyHandleInvalid | RvError::ObjectHandleInvalid, _))
                if known =>
            {
                self.handles.remove(label);
                let key = self.key(label)?;
                Ok(work(&self.session, key)?)
            }
            done => Ok(done?),
        }
    }

    /// AES-GCM: initialization vector, ciphertext, tag. The vector is random of the token's own, or what the token used
    /// instead.
    fn encrypt(
        &mut self,
        label: &str,
        authenticated: &[u8],
        plaintext: &[u8],
    ) -> Result<Vec<u8>, TokenError> {
        self.with_key(label, |session, key| {
            let mut iv = [0; IV_BYTES];
            session.session.generate_random_slice(&mut iv)?;
            let mechanism = gcm(&mut iv, authenticated)?;
            let sealed = session.session.encrypt(&mechanism, key, plaintext)?;
            Ok([&iv[..], &sealed].concat())
        })
    }

    fn decrypt(
        &mut self,
        label: &str,
        authenticated: &[u8],
        sealed: &[u8],
    ) -> Result<Secret<Vec<u8>>, TokenError> {
        let Some((iv, sealed)) = sealed.split_first_chunk::<IV_BYTES>() else {
            return Err(TokenError::NotAuthentic);
        };
        let opened = self.with_key(label, |session, key| {
            let mut iv = *iv;
            let mechanism = gcm(&mut iv, authenticated)?;
            match session.session.decrypt(&mechanism, key, sealed) {
                // Modules name a failed authentication so, and other troubles too: then they cannot encrypt either.
                Err(Error::Pkcs11(RvError::GeneralError | RvError::FunctionFailed, _)) => {
                    session.session.generate_random_slice(&mut iv)?;
                    session.session.encrypt(&gcm(&mut iv, &[])?, key, &[0])?;
                    Ok(None)
                }
                opened => Ok(Some(Secret::new(opened?))),
            }
        });
        opened?.ok_or(TokenError::NotAuthentic)
    }

    fn random(&self, bytes: u32) -> Result<Secret<Vec<u8>>, TokenError> {
        let drawn = self.session.session.generate_random_vec(bytes)?;
        Ok(Secret::new(drawn))
    }

    /// Destroys every key of this label; none is as good.
    fn destroy(&mut self, label: &str) -> Result<(), TokenError> {
        self.handles.remove(label);
        for key in self.find(label)? {
            self.session.session.destroy_object(key)?;
        }
        Ok(())
    }
}

fn gcm<'a>(iv: &'a mut [u8; IV_BYTES], authenticated: &'a [u8]) -> Result<Mechanism<'a>, Error> {
    let parameters = GcmParams::new(iv, authenticated, TAG_BITS.into())?;
    Ok(Mechanism::AesGcm(parameters))
}
