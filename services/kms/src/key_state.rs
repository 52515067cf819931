//! The states of a key. Only an enabled key gives material away.
//!
//! AWS document: AWS KMS Developer Guide, "Key states of AWS KMS keys".

use base::Timestamp;
use serde::{Deserialize, Serialize};

use crate::key_material::KeyMaterial;

/// What a key may be used for now.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum KeyState {
    /// For everything.
    Enabled(KeyMaterial),
    /// For nothing, until it is enabled.
    Disabled(Dormant),
    /// For nothing; it goes at this instant unless its deletion is cancelled.
    PendingDeletion {
        /// When it is deleted.
        at: Timestamp,
        /// What is deleted then.
        material: Dormant,
    },
}

/// Material that cannot be used in this state of its key.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Dormant(KeyMaterial);

impl KeyState {
    /// `KeyMaterialId` of the current material.
    pub(crate) fn material_id(&self) -> &str {
        self.any_material().id()
    }

    /// The same key, enabled.
    pub(crate) fn enabled(&self) -> Self {
        Self::Enabled(self.any_material().clone())
    }

    /// The same key, disabled.
    pub(crate) fn disabled(&self) -> Self {
        Self::Disabled(self.dormant())
    }

    /// The same key, to be deleted at `at`.
    pub(crate) fn pending_deletion(&self, at: Timestamp) -> Self {
        Self::PendingDeletion {
            at,
            material: self.dormant(),
        }
    }

    /// A dormant key forgets the material that was opened.
    fn dormant(&self) -> Dormant {
        let material = self.any_material();
        let (version, id) = (material.version(), material.id().to_owned());
        Dormant(KeyMaterial::stored(
            version,
            id,
            material.wrapped().to_vec(),
        ))
    }

    fn any_material(&self) -> &KeyMaterial {
        match self {
            Self::Enabled(material) => material,
            Self::Disabled(dormant) => &dormant.0,
            Self::PendingDeletion { material, .. } => &material.0,
        }
    }
}

/// The stored form of a state.
#[derive(Serialize, Deserialize)]
pub(crate) struct StoredState {
    name: StoredName,
    /// Microseconds since the epoch.
    deletion: Option<i64>,
    version: u32,
    material_id: String,
    #[serde(with = "hex::serde")]
    wrapped: Vec<u8>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum StoredName {
    Enabled,
    Disabled,
    PendingDeletion,
}

impl From<&KeyState> for StoredState {
    fn from(state: &KeyState) -> Self {
        let (name, deletion) = match state {
            KeyState::Enabled(_) => (StoredName::Enabled, None),
            KeyState::Disabled(_) => (StoredName::Disabled, None),
            KeyState::PendingDeletion { at, .. } => {
                (StoredName::PendingDeletion, Some(at.micros()))
            }
        };
        let material = state.any_material();
        Self {
            name,
            deletion,
            version: material.version(),
            material_id: material.id().to_owned(),
            wrapped: material.wrapped().to_vec(),
        }
    }
}

impl StoredState {
    /// The state; none if a key is pending deletion without a date.
    pub(crate) fn read(self) -> Option<KeyState> {
        let material = KeyMaterial::stored(self.version, self.material_id, self.wrapped);
        Some(match (self.name, self.deletion) {
            (StoredName::Enabled, _) => KeyState::Enabled(material),
            (StoredName::Disabled, _) => KeyState::Disabled(Dormant(material)),
            (StoredName::PendingDeletion, at) => KeyState::PendingDeletion {
                at: Timestamp::from_micros(at?),
                material: Dormant(material),
            },
        })
    }
}
