//! A root key in a PKCS#11 token: made there, used there, never readable. What the token loses, nobody can recover.

mod key;
mod wrapping;

use crate::pkcs11::{Pin, TokenError, TokenPlace, TokenSession, with_session};
use crate::{Material, RootError, RootKey, RootKind, Wrapped};
use base::Secret;
use key::WrappingKey;
use serde::{Deserialize, Serialize};

pub use wrapping::{Digest, TokenWrapping};

/// The label of the root key, where the operator chooses none.
pub const DEFAULT_KEY_LABEL: &str = "alcazar-root";

/// The master key as a token wrapped it, and where to find the key that did. Not secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TokenWrapped {
    /// The token's label.
    pub token: String,
    /// Its serial number when it wrapped: for people; a token restored from its backup may have another.
    pub serial: String,
    /// The key's label.
    pub key: String,
    /// The key's id.
    #[serde(with = "crate::root::base64_text")]
    pub id: Vec<u8>,
    /// How it wrapped.
    pub wrapping: TokenWrapping,
    /// The wrapped master key.
    #[serde(with = "crate::root::base64_text")]
    pub master: Vec<u8>,
}

/// The root key of a token. Every use is a session of its own, on a thread of its own.
#[derive(Clone, Debug)]
pub struct TokenRoot {
    place: TokenPlace,
    key: String,
    pin: Pin,
}

impl TokenRoot {
    /// The key labelled `key` in the token at `place`. Nothing is asked of the token yet.
    pub fn new(place: TokenPlace, key: String, pin: Pin) -> Self {
        Self { place, key, pin }
    }

    /// Makes the key if the token has none of that label; one that is there must be unreadable and able to wrap.
    /// Answers whether it was made. The best way to wrap that the token knows is chosen: AES-GCM, AES key wrapping
    /// with padding, RSA-OAEP.
    pub fn ensure_key(&self) -> Result<bool, RootError> {
        let label = self.key.clone();
        Ok(self.session(move |session| key::ensure(session, &label))?)
    }

    fn session<T: Send + 'static>(
        &self,
        work: impl FnOnce(&TokenSession) -> Result<T, TokenError> + Send + 'static,
    ) -> Result<T, TokenError> {
        with_session(self.place.clone(), self.pin.clone(), work)
    }
}

impl RootKey for TokenRoot {
    fn kind(&self) -> RootKind {
        RootKind::Token
    }

    /// The master key, wrapped, after the token has shown that it unwraps the same again.
    fn wrap(&self, master: &Material) -> Result<Wrapped, RootError> {
        let label = self.key.clone();
        let master = Secret::new(*master.expose());
        let wrapped = self.session(move |session| wrap(session, &label, &master))?;
        Ok(Wrapped::Token(wrapped))
    }

    fn unwrap(&self, wrapped: &Wrapped) -> Result<Material, RootError> {
        let Wrapped::Token(wrapped) = wrapped else {
            return Err(RootError::OtherKind {
                stored: wrapped.kind(),
                offered: self.kind(),
            });
        };
        let (label, wrapped) = (self.key.clone(), wrapped.clone());
        match self.session(move |session| unwrap(session, &label, &wrapped)) {
            Ok(master) => Ok(master),
            Err(TokenError::NotAuthentic) => Err(RootError::WrongRoot(self.kind())),
            Err(other) => Err(other.into()),
        }
    }
}

fn wrap(
    session: &TokenSession,
    label: &str,
    master: &Secret<[u8; 32]>,
) -> Result<TokenWrapped, TokenError> {
    let key = WrappingKey::find(session, label, None)?;
    let (wrapping, bytes) = wrapping::wrap(session, &key, master)?;
    let wrapped = TokenWrapped {
        token: session.label.clone(),
        serial: session.serial.clone(),
        key: label.to_owned(),
        id: key.id.clone(),
        wrapping,
        master: bytes,
    };
    let again = unwrap(session, label, &wrapped)?;
    match base::same_bytes(again.expose(), master.expose()) {
        true => Ok(wrapped),
        false => Err(TokenError::Failed(
            "it does not unwrap what it wrapped".to_owned(),
        )),
    }
}

fn unwrap(
    session: &TokenSession,
    label: &str,
    wrapped: &TokenWrapped,
) -> Result<Material, TokenError> {
    let key = WrappingKey::find(session, label, Some(&wrapped.id))?;
    let master = wrapping::unwrap(session, &key, &wrapped.wrapping, &wrapped.master)?;
    let master = master.expose().as_slice().try_into();
    let master = master.map_err(|_| TokenError::NotAuthentic)?;
    Ok(Material::from_bytes(master))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A key ring wrapped by a token stays readable for ever.
    #[test]
    fn golden() {
        let of = |wrapping| {
            format!(
                r#"{{"kind":"token","token":"t","serial":"s","key":"k","id":"AQI=","wrapping":{wrapping},"master":"AwQ="}}"#
            )
        };
        for (text, wrapping) in [
            (
                r#"{"mechanism":"aes_gcm","iv":"BQY="}"#,
                TokenWrapping::AesGcm { iv: vec![5, 6] },
            ),
            (
                r#"{"mechanism":"aes_key_wrap_pad"}"#,
                TokenWrapping::AesKeyWrapPad {},
            ),
            (
                r#"{"mechanism":"rsa_oaep","digest":"sha256","signature":"Bw=="}"#,
                TokenWrapping::RsaOaep {
                    digest: Digest::Sha256,
                    signature: vec![7],
                },
            ),
        ] {
            let wrapped = Wrapped::Token(TokenWrapped {
                token: "t".into(),
                serial: "s".into(),
                key: "k".into(),
                id: vec![1, 2],
                wrapping,
                master: vec![3, 4],
            });
            assert_eq!(serde_json::to_string(&wrapped).unwrap(), of(text));
            assert_eq!(serde_json::from_str::<Wrapped>(&of(text)).unwrap(), wrapped);
        }
    }
}
