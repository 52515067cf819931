//! The key of one account in one region, which wraps the key material kept there.

use crate::{Material, ModuleFailure, NotAuthentic};

/// Wraps key material of one account and region. Material wrapped in one domain does not unwrap in another.
#[derive(Debug)]
pub struct DomainKey(Material);

impl DomainKey {
    pub(crate) fn new(material: Material) -> Self {
        Self(material)
    }

    /// `material` sealed under the domain key together with `aad`: bind the key's id and the material's version.
    pub fn wrap(&self, material: &Material, aad: &[u8]) -> Result<Vec<u8>, ModuleFailure> {
        self.0.seal(aad, material.expose())
    }

    /// The material that `wrap` was given with the same `aad`.
    pub fn unwrap(&self, wrapped: &[u8], aad: &[u8]) -> Result<Material, NotAuthentic> {
        Material::unseal(&self.0, aad, wrapped)
    }

    /// Any other secret of the domain (such as a private key's encoding), sealed together with `aad`.
    pub fn seal(&self, aad: &[u8], secret: &[u8]) -> Result<Vec<u8>, ModuleFailure> {
        self.0.seal(aad, secret)
    }

    /// The secret that `seal` was given with the same `aad`.
    pub fn open(&self, aad: &[u8], sealed: &[u8]) -> Result<base::Secret<Vec<u8>>, NotAuthentic> {
        self.0.open(aad, sealed)
    }
}
