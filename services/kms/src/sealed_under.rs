//! Which key a ciphertext is under: the one the caller names, or the one it says itself.

use std::borrow::Cow;
use std::sync::Arc;

use base::Arn;
use kms_api::shapes::EncryptionAlgorithmSpec;
use pipeline::{Failure, Lookup};
use policy::Resource;

use crate::ciphertext::Ciphertext;
use crate::encryption_context::Given;
use crate::errors;
use crate::key::Key;
use crate::sought::Sought;

/// The key to decrypt with. A permission is decided on it before the ciphertext is held against it.
pub(crate) enum SealedUnder {
    /// The caller named it.
    Named(Sought),
    /// The ciphertext says so.
    Said(Sought),
}

impl SealedUnder {
    /// The key `named` by the caller, or else the key that `ciphertext` says it is under. A ciphertext of a key pair is
    /// bare and says nothing, whatever its random bytes look like.
    pub(crate) async fn find(
        look: &Lookup<'_>,
        ciphertext: &[u8],
        named: Option<&str>,
        algorithm: EncryptionAlgorithmSpec,
    ) -> Result<Self, Failure> {
        if let Some(text) = named {
            return Ok(Self::Named(Sought::anywhere(look, text).await?));
        }
        if algorithm != EncryptionAlgorithmSpec::SymmetricDefault {
            return Err(errors::invalid_ciphertext());
        }
        let said = Ciphertext::read(ciphertext).ok_or_else(errors::invalid_ciphertext)?;
        let here = look.call().region();
        if said.region.is_some_and(|region| region != here) {
            return Err(errors::unknown_key_of_ciphertext());
        }
        Ok(Self::Said(
            Sought::key_of(look, said.account, &said.key).await?,
        ))
    }

    /// The key that the caller names as `member` of a call that ignores the ciphertext.
    pub(crate) async fn named(
        look: &Lookup<'_>,
        named: Option<&str>,
        member: &str,
    ) -> Result<Self, Failure> {
        let text = named.ok_or_else(|| errors::key_id_without_ciphertext(member))?;
        Ok(Self::Named(Sought::anywhere(look, text).await?))
    }

    fn sought(&self) -> &Sought {
        match self {
            Self::Named(sought) | Self::Said(sought) => sought,
        }
    }

    /// The key as policies see it for a call with this encryption context.
    pub(crate) fn resource_in(&self, context: &Given) -> Arc<dyn Resource> {
        self.sought().resource_in(context)
    }

    /// The ARN of the key.
    pub(crate) fn arn(&self) -> &Arn {
        self.sought().arn()
    }

    /// Name of the alias the caller used.
    pub(crate) fn request_alias(&self) -> Option<Cow<'static, str>> {
        self.sought().request_alias()
    }

    /// The key, which must exist.
    pub(crate) fn key(&self) -> Result<&Arc<Key>, Failure> {
        match self {
            Self::Named(sought) => sought.key(),
            Self::Said(sought) => sought
                .key()
                .map_err(|_| errors::unknown_key_of_ciphertext()),
        }
    }
}
