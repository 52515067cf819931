//! The states of a key. Only an enabled key gives material away.
//!
//! AWS document: AWS KMS Developer Guide, "Key states of AWS KMS keys".

use base::Timestamp;
use serde::{Deserialize, Serialize};

use crate::key_material::{KeyMaterial, Materials};

/// What a key may be used for now.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum KeyState {
    /// For everything.
    Enabled(Materials),
    /// For nothing, until it is enabled.
    Disabled(Dormant),
    /// For nothing; it goes at this instant unless its deletion is cancelled.
    PendingDeletion {
        /// When it is deleted.
        at: Timestamp,
        /// What is deleted then.
        materials: Dormant,
    },
}

/// Material that cannot be used in this state of its key.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Dormant(Materials);

impl KeyState {
    /// `KeyMaterialId` of the current material.
    pub(crate) fn material_id(&self) -> &str {
        self.any_materials().current().id()
    }

    /// The same key, enabled.
    pub(crate) fn enabled(&self) -> Self {
        Self::Enabled(self.any_materials().clone())
    }

    /// The same key, disabled.
    pub(crate) fn disabled(&self) -> Self {
        Self::Disabled(self.dormant())
    }

    /// The same key, to be deleted at `at`.
    pub(crate) fn pending_deletion(&self, at: Timestamp) -> Self {
        Self::PendingDeletion {
            at,
            materials: self.dormant(),
        }
    }

    /// A dormant key forgets the material that was opened.
    fn dormant(&self) -> Dormant {
        Dormant(self.any_materials().closed())
    }

    fn any_materials(&self) -> &Materials {
        match self {
            Self::Enabled(materials) => materials,
            Self::Disabled(dormant) => &dormant.0,
            Self::PendingDeletion { materials, .. } => &materials.0,
        }
    }
}

/// The stored form of a state.
#[derive(Serialize, Deserialize)]
pub(crate) struct StoredState {
    name: StoredName,
    /// Microseconds since the epoch.
    deletion: Option<i64>,
    #[serde(flatten)]
    current: StoredMaterial,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    older: Vec<StoredMaterial>,
}

#[derive(Serialize, Deserialize)]
struct StoredMaterial {
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
        let materials = state.any_materials();
        Self {
            name,
            deletion,
            current: materials.current().into(),
            older: materials.older().iter().map(Into::into).collect(),
        }
    }
}

impl From<&KeyMaterial> for StoredMaterial {
    fn from(material: &KeyMaterial) -> Self {
        Self {
            version: material.version(),
            material_id: material.id().to_owned(),
            wrapped: material.wrapped().to_vec(),
        }
    }
}

impl StoredMaterial {
    fn read(self) -> KeyMaterial {
        KeyMaterial::stored(self.version, self.material_id, self.wrapped)
    }
}

impl StoredState {
    /// The state; none if a key is pending deletion without a date.
    pub(crate) fn read(self) -> Option<KeyState> {
        let older = self.older.into_iter().map(StoredMaterial::read).collect();
        let materials = Materials::stored(self.current.read(), older);
        Some(match (self.name, self.deletion) {
            (StoredName::Enabled, _) => KeyState::Enabled(materials),
            (StoredName::Disabled, _) => KeyState::Disabled(Dormant(materials)),
            (StoredName::PendingDeletion, at) => KeyState::PendingDeletion {
                at: Timestamp::from_micros(at?),
                materials: Dormant(materials),
            },
        })
    }
}
