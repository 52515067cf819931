//! The states of a key. Only an enabled key gives material away.
//!
//! AWS document: AWS KMS Developer Guide, "Key states of AWS KMS keys".

use base::Timestamp;
use serde::{Deserialize, Serialize};

use crate::materials::{Imported, Kept, Materials, Rotated, Version, Versions};
use crate::stored;

/// What a key may be used for now.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum KeyState {
    /// For everything.
    Enabled(Materials),
    /// For nothing, until it is enabled.
    Disabled(Versions),
    /// For nothing, until the material that it lacks is imported.
    PendingImport(Versions),
    /// For nothing; it goes at this instant unless its deletion is cancelled.
    PendingDeletion {
        /// When it is deleted.
        at: Timestamp,
        /// What is deleted then.
        versions: Versions,
    },
    /// For nothing; its deletion is scheduled when the last of its replicas is gone.
    PendingReplicaDeletion {
        /// Days to wait from then on.
        window_in_days: i64,
        /// What is deleted then.
        versions: Versions,
    },
}

impl KeyState {
    /// `KeyMaterialId` of the current material; none where none was ever imported.
    pub(crate) fn material_id(&self) -> Option<&str> {
        match self {
            Self::Enabled(materials) => Some(materials.current().id()),
            Self::Disabled(versions)
            | Self::PendingImport(versions)
            | Self::PendingDeletion { versions, .. }
            | Self::PendingReplicaDeletion { versions, .. } => {
                versions.current().map(|current| &*current.version.id)
            }
        }
    }

    /// Every version of the material, at rest.
    pub(crate) fn versions(&self) -> Versions {
        match self {
            Self::Enabled(materials) => materials.versions(),
            Self::Disabled(versions)
            | Self::PendingImport(versions)
            | Self::PendingDeletion { versions, .. }
            | Self::PendingReplicaDeletion { versions, .. } => versions.clone(),
        }
    }

    /// The state of a key of these versions that nothing else keeps from being used.
    pub(crate) fn of(versions: Versions) -> Self {
        match versions.complete() {
            Ok(materials) => Self::Enabled(materials),
            Err(versions) => Self::PendingImport(versions),
        }
    }

    /// The same key with other versions. A key whose material is whole again is enabled; one that lost some is not.
    pub(crate) fn with(&self, versions: Versions) -> Self {
        match self {
            Self::Enabled(_) | Self::PendingImport(_) => Self::of(versions),
            Self::Disabled(_) => Self::disabled_of(versions),
            Self::PendingDeletion { at, .. } => Self::PendingDeletion { at: *at, versions },
            Self::PendingReplicaDeletion { window_in_days, .. } => Self::PendingReplicaDeletion {
                window_in_days: *window_in_days,
                versions,
            },
        }
    }

    /// The same key, enabled, if its material is there.
    pub(crate) fn enabled(&self) -> Self {
        match self {
            Self::Enabled(materials) => Self::Enabled(materials.clone()),
            _ => Self::of(self.versions()),
        }
    }

    /// The same key, disabled, if its material is there.
    pub(crate) fn disabled(&self) -> Self {
        Self::disabled_of(self.versions())
    }

    fn disabled_of(versions: Versions) -> Self {
        match versions.complete() {
            Ok(materials) => Self::Disabled(materials.versions()),
            Err(versions) => Self::PendingImport(versions),
        }
    }

    /// The same key, to be deleted at `at`.
    pub(crate) fn pending_deletion(&self, at: Timestamp) -> Self {
        Self::PendingDeletion {
            at,
            versions: self.versions(),
        }
    }

    /// The same key, to be deleted this many days after the last of its replicas.
    pub(crate) fn pending_replica_deletion(&self, window_in_days: i64) -> Self {
        Self::PendingReplicaDeletion {
            window_in_days,
            versions: self.versions(),
        }
    }
}

/// The stored form of a state.
#[derive(Serialize, Deserialize)]
pub(crate) struct StoredState {
    name: StoredName,
    /// Microseconds since the epoch.
    deletion: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    window_in_days: Option<i64>,
    /// The current material; absent where none was ever imported.
    #[serde(flatten)]
    current: StoredMaterial,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    older: Vec<StoredMaterial>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pending: Option<StoredMaterial>,
}

/// All members are optional because those of the current material lie among those of the state.
#[derive(Default, Serialize, Deserialize)]
struct StoredMaterial {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    version: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    material_id: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    wrapped: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    rotated: Option<StoredRotated>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    imported: Option<StoredImported>,
}

#[derive(Serialize, Deserialize)]
struct StoredRotated {
    at: i64,
    kind: String,
}

#[derive(Serialize, Deserialize)]
struct StoredImported {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    description: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    expires: Option<i64>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum StoredName {
    Enabled,
    Disabled,
    PendingImport,
    PendingDeletion,
    PendingReplicaDeletion,
}

impl From<&KeyState> for StoredState {
    fn from(state: &KeyState) -> Self {
        let (name, deletion, window_in_days) = match state {
            KeyState::Enabled(_) => (StoredName::Enabled, None, None),
            KeyState::Disabled(_) => (StoredName::Disabled, None, None),
            KeyState::PendingImport(_) => (StoredName::PendingImport, None, None),
            KeyState::PendingDeletion { at, .. } => {
                (StoredName::PendingDeletion, Some(at.micros()), None)
            }
            KeyState::PendingReplicaDeletion { window_in_days, .. } => (
                StoredName::PendingReplicaDeletion,
                None,
                Some(*window_in_days),
            ),
        };
        let versions = state.versions();
        let (current, older) = match versions.permanent() {
            [older @ .., current] => (current.into(), older),
            [] => (StoredMaterial::default(), [].as_slice()),
        };
        Self {
            name,
            deletion,
            window_in_days,
            current,
            older: older.iter().map(Into::into).collect(),
            pending: versions.pending().map(Into::into),
        }
    }
}

impl From<&Kept> for StoredMaterial {
    fn from(kept: &Kept) -> Self {
        let rotated = kept.version.rotated.map(|rotated| StoredRotated {
            at: rotated.at.micros(),
            kind: rotated.kind.as_str().to_owned(),
        });
        let imported = kept.imported.as_ref().map(|imported| StoredImported {
            description: imported.description.clone(),
            expires: imported.expires.map(Timestamp::micros),
        });
        Self {
            version: Some(kept.version.number),
            material_id: Some(kept.version.id.clone()),
            wrapped: kept.wrapped.as_ref().map(hex::encode),
            rotated,
            imported,
        }
    }
}

impl StoredMaterial {
    fn read(self) -> Option<Kept> {
        let imported = self.imported.map(|imported| Imported {
            description: imported.description,
            expires: imported.expires.map(Timestamp::from_micros),
        });
        let rotated = match self.rotated {
            Some(rotated) => Some(Rotated {
                at: Timestamp::from_micros(rotated.at),
                kind: stored::named(&rotated.kind)?,
            }),
            None => None,
        };
        let wrapped = self.wrapped.map(hex::decode).transpose().ok()?;
        // Only imported material can be missing.
        if wrapped.is_none() && imported.is_none() {
            return None;
        }
        Some(Kept {
            version: Version {
                number: self.version?,
                id: self.material_id?,
                rotated,
            },
            imported,
            wrapped,
        })
    }

    fn is_absent(&self) -> bool {
        self.version.is_none() && self.material_id.is_none() && self.wrapped.is_none()
    }
}

impl StoredState {
    /// The state; none if it contradicts itself, as a key pending deletion without a date, or an enabled one without
    /// its material.
    pub(crate) fn read(self) -> Option<KeyState> {
        let mut permanent: Vec<Kept> = Vec::new();
        for older in self.older {
            permanent.push(older.read()?);
        }
        match self.current.is_absent() {
            true if permanent.is_empty() => {}
            true => return None,
            false => permanent.push(self.current.read()?),
        }
        let pending = match self.pending {
            Some(pending) => Some(pending.read()?),
            None => None,
        };
        let versions = Versions::stored(permanent, pending);
        Some(match (self.name, self.deletion, self.window_in_days) {
            (StoredName::Enabled, _, _) => KeyState::Enabled(versions.complete().ok()?),
            (StoredName::Disabled, _, _) => {
                KeyState::Disabled(versions.complete().ok()?.versions())
            }
            (StoredName::PendingImport, _, _) => KeyState::PendingImport(versions),
            (StoredName::PendingDeletion, at, _) => KeyState::PendingDeletion {
                at: Timestamp::from_micros(at?),
                versions,
            },
            (StoredName::PendingReplicaDeletion, _, window_in_days) => {
                KeyState::PendingReplicaDeletion {
                    window_in_days: window_in_days?,
                    versions,
                }
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use kms_api::shapes::RotationType;

    const GOLDEN: &str = r#"{"name":"pending_import","deletion":null,"version":2,"material_id":"b","rotated":{"at":2000000,"kind":"ON_DEMAND"},"imported":{"description":"d"},"older":[{"version":1,"material_id":"a","wrapped":"01","imported":{"expires":3000000}}],"pending":{"version":3,"material_id":"c","wrapped":"03","imported":{}}}"#;

    fn kept(number: u32, id: &str, wrapped: Option<u8>) -> Kept {
        Kept {
            version: Version {
                number,
                id: id.into(),
                rotated: None,
            },
            imported: Some(Imported::default()),
            wrapped: wrapped.map(|byte| vec![byte]),
        }
    }

    fn versions() -> Versions {
        let mut first = kept(1, "a", Some(1));
        first.imported = Some(Imported {
            description: None,
            expires: Some(Timestamp::from_seconds(3)),
        });
        let mut second = kept(2, "b", None);
        second.imported = Some(Imported {
            description: Some("d".into()),
            expires: None,
        });
        second.version.rotated = Some(Rotated {
            at: Timestamp::from_seconds(2),
            kind: RotationType::OnDemand,
        });
        Versions::stored(vec![first, second], Some(kept(3, "c", Some(3))))
    }

    fn read(text: &str) -> Option<KeyState> {
        serde_json::from_str::<StoredState>(text).ok()?.read()
    }

    #[test]
    fn golden_bytes_of_a_key_that_lacks_material() {
        let state = KeyState::of(versions());
        assert!(matches!(state, KeyState::PendingImport(_)));
        let stored = serde_json::to_string(&StoredState::from(&state)).unwrap();
        assert_eq!(stored, GOLDEN);
        assert_eq!(read(GOLDEN), Some(state));
    }

    #[test]
    fn golden_bytes_of_a_key_without_any() {
        let stored = r#"{"name":"pending_import","deletion":null}"#;
        let state = KeyState::of(Versions::default());
        assert_eq!(
            serde_json::to_string(&StoredState::from(&state)).unwrap(),
            stored
        );
        assert_eq!(read(stored), Some(state));
    }

    #[test]
    fn golden_bytes_of_a_primary_key_that_waits_for_its_replicas() {
        let stored = r#"{"name":"pending_replica_deletion","deletion":null,"window_in_days":7}"#;
        let state = KeyState::of(Versions::default()).pending_replica_deletion(7);
        assert_eq!(
            serde_json::to_string(&StoredState::from(&state)).unwrap(),
            stored
        );
        assert_eq!(read(stored), Some(state));
    }

    #[test]
    fn what_does_not_load() {
        for (from, to) in [
            ("pending_import", "enabled"),
            ("pending_import", "disabled"),
            ("pending_import", "pending_replica_deletion"),
            ("ON_DEMAND", "SOMEHOW"),
            (r#""wrapped":"01""#, r#""wrapped":"0""#),
            (r#""wrapped":"03","imported":{}"#, r#""x":0"#),
            (r#""version":2,"material_id":"b","#, ""),
            (r#""material_id":"a","#, ""),
        ] {
            let altered = GOLDEN.replacen(from, to, 1);
            assert_ne!(altered, GOLDEN);
            assert_eq!(read(&altered), None, "{altered}");
        }
    }

    #[test]
    fn material_comes_and_goes() {
        let whole = Versions::stored(vec![kept(1, "a", Some(1))], None);
        let lacking = Versions::stored(vec![kept(1, "a", None)], None);
        let at = Timestamp::from_seconds(1);
        let enabled = KeyState::of(whole.clone());
        let disabled = enabled.disabled();
        assert!(matches!(
            enabled.with(lacking.clone()),
            KeyState::PendingImport(_)
        ));
        assert!(matches!(
            disabled.with(lacking.clone()),
            KeyState::PendingImport(_)
        ));
        assert!(matches!(
            disabled.with(whole.clone()),
            KeyState::Disabled(_)
        ));
        let import = KeyState::of(lacking.clone());
        assert!(matches!(import.with(whole.clone()), KeyState::Enabled(_)));
        assert!(matches!(import.enabled(), KeyState::PendingImport(_)));
        let deleted = import.pending_deletion(at);
        assert_eq!(deleted.with(whole.clone()), enabled.pending_deletion(at));
        assert!(matches!(deleted.disabled(), KeyState::PendingImport(_)));
        assert_eq!(deleted.with(whole).disabled(), disabled);
    }
}
