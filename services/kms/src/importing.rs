//! What imported material becomes of a key: its first, the next, or one that it has had.

use kms_api::shapes::{ImportKeyMaterialRequest, ImportType};
use pipeline::{Failure, Operation, Permitted};

use crate::key::Key;
use crate::key_material::{Opened, bound_to};
use crate::materials::{Imported, Kept, Version, Versions};
use crate::public_half::PublicHalf;
use crate::{errors, multi_region, queue};

/// What the material becomes.
#[derive(Clone, Copy)]
pub(crate) enum Place {
    /// The first of the key.
    First,
    /// The one for the next rotation.
    Next,
    /// One that the key knows.
    Again,
}

impl Place {
    /// What material of this id becomes, as the caller wants it.
    pub(crate) fn choose(
        input: &ImportKeyMaterialRequest,
        key: &Key,
        versions: &Versions,
        id: &str,
    ) -> Result<Self, Failure> {
        let never = versions.current().is_none();
        let default = match never {
            true => ImportType::NewKeyMaterial,
            false => ImportType::ExistingKeyMaterial,
        };
        match input.import_type.unwrap_or(default) {
            ImportType::NewKeyMaterial if input.key_material_id.is_some() => {
                let words = "KeyMaterialId must not be set if ImportType is NEW_KEY_MATERIAL.";
                Err(errors::validation(words))
            }
            ImportType::NewKeyMaterial if never => Ok(Self::First),
            ImportType::NewKeyMaterial => Self::next(key, versions, id),
            ImportType::ExistingKeyMaterial => {
                let meant = input.key_material_id.as_deref().unwrap_or(id);
                match meant == id && versions.get(id).is_some() {
                    true => Ok(Self::Again),
                    false => Err(errors::incorrect_key_material(
                        "The key material is not the same that was imported before.",
                    )),
                }
            }
        }
    }

    fn next(key: &Key, versions: &Versions, id: &str) -> Result<Self, Failure> {
        if key.is_replica() {
            return Err(errors::unsupported(format!(
                "{} is a multi-Region replica key. Import new key material into its primary key.",
                key.arn
            )));
        }
        if versions.get(id).is_some() {
            return Err(errors::incorrect_key_material(
                "The key material is associated with the key already.",
            ));
        }
        match versions.pending() {
            Some(_) => Err(errors::pending_rotation(&key.arn)),
            None => Ok(Self::Next),
        }
    }

    /// Puts the material there. Related keys learn which it is, and have to import it themselves.
    pub(crate) async fn put<O: Operation>(
        self,
        call: &Permitted<'_, O>,
        key: &Key,
        id: &str,
        imported: Imported,
        material: &Opened,
    ) -> Result<(), Failure> {
        let mut versions = key.state.versions();
        let number = match (self, versions.get(id)) {
            (Self::Again, Some(known)) => known.version.number,
            _ => versions.next_number(),
        };
        let domain = call.domain_key_of(key.account, key.region)?;
        let wrapped = material.wrap(&domain, &bound_to(&key.arn, number));
        let wrapped = wrapped.map_err(Failure::internal)?;
        if let Self::Again = self {
            versions.restore(id, wrapped, imported);
            call.write(queue::replace(key, holding(key, versions, material)));
            return Ok(());
        }
        let kept = Kept {
            version: Version {
                number,
                id: id.to_owned(),
                rotated: None,
            },
            imported: Some(imported),
            wrapped: Some(wrapped),
        };
        for related in multi_region::related(call.look(), key).await? {
            let versions = self.added(related.state.versions(), kept.without_material());
            call.write(queue::replace(&related, with(&related, versions)));
        }
        let versions = self.added(versions, kept);
        call.write(queue::replace(key, holding(key, versions, material)));
        Ok(())
    }

    fn added(self, mut versions: Versions, kept: Kept) -> Versions {
        match self {
            Self::First => versions.append(kept),
            Self::Next | Self::Again => versions.await_rotation(kept),
        }
        versions
    }
}

fn with(key: &Key, versions: Versions) -> Key {
    Key {
        state: key.state.with(versions),
        ..key.clone()
    }
}

/// The key whose `material` was imported.
fn holding(key: &Key, versions: Versions, material: &Opened) -> Key {
    Key {
        public: PublicHalf::of(material),
        ..with(key, versions)
    }
}
