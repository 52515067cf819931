//! A key as DescribeKey and CreateKey tell of it.

use base::{Region, Timestamp};
use kms_api::shapes::{
    CustomerMasterKeySpec, ExpirationModelType, KeyMetadata, KeySpec, MultiRegionConfiguration,
    MultiRegionKey, OriginType, XksKeyConfigurationType,
};

use crate::custom_key_store::{Backing, Connection, CustomKeyStore};
use crate::key::Key;
use crate::key_state::KeyState;
use crate::multi_region::MultiRegion;
use crate::{key_spec, stored};

/// What is told of `key`.
pub(crate) fn of(key: &Key) -> KeyMetadata {
    let deletion_date = match key.state {
        KeyState::PendingDeletion { at, .. } => Some(at),
        _ => None,
    };
    let window = match key.state {
        KeyState::PendingReplicaDeletion { window_in_days, .. } => {
            i32::try_from(window_in_days).ok()
        }
        _ => None,
    };
    let expiration = expiration(key);
    let place = key.custody.elsewhere();
    KeyMetadata {
        aws_account_id: Some(key.account.to_string()),
        key_id: key.id.to_string(),
        arn: Some(key.arn.to_string()),
        creation_date: Some(key.created),
        enabled: Some(matches!(key.state, KeyState::Enabled(_))),
        description: Some(key.description.clone()),
        key_usage: Some(key.usage),
        key_state: Some(state(key)),
        deletion_date,
        origin: Some(key.origin),
        key_manager: Some(key.manager),
        customer_master_key_spec: stored::named::<CustomerMasterKeySpec>(key.spec.as_str()),
        key_spec: Some(key.spec),
        encryption_algorithms: key_spec::encryption_algorithms(key),
        signing_algorithms: key_spec::signing_algorithms(key),
        mac_algorithms: key_spec::mac_algorithms(key),
        key_agreement_algorithms: key_spec::key_agreement_algorithms(key),
        encapsulation_algorithms: key_spec::encapsulation_algorithms(key),
        multi_region: Some(key.multi_region.is_some()),
        multi_region_configuration: key
            .multi_region
            .as_ref()
            .map(|related| multi_region(key, related)),
        pending_deletion_window_in_days: window,
        expiration_model: expiration.map(|(model, _)| model),
        valid_to: expiration.and_then(|(_, at)| at),
        current_key_material_id: current_material_id(key),
        custom_key_store_id: place.map(|place| place.store.clone()),
        xks_key_configuration: place
            .and_then(|place| place.xks_key_id.clone())
            .map(|id| XksKeyConfigurationType { id: Some(id) }),
        ..KeyMetadata::default()
    }
}

/// What is told of a key that `store` keeps. AWS: a key that cannot be reached is unavailable, whatever else it is, unless
/// it is going to be deleted.
pub(crate) fn in_store(key: &Key, store: &CustomKeyStore) -> KeyMetadata {
    let mut told = of(key);
    if let Backing::CloudHsm(hsm) = &store.backing {
        told.cloud_hsm_cluster_id = Some(hsm.cluster.clone());
    }
    let leaves = matches!(key.state, KeyState::PendingDeletion { .. });
    if store.connection != Connection::Connected && !leaves {
        told.key_state = Some(kms_api::shapes::KeyState::Unavailable);
        told.enabled = Some(false);
    }
    told
}

/// `KeyState` of `key`.
pub(crate) fn state(key: &Key) -> kms_api::shapes::KeyState {
    match key.state {
        KeyState::Enabled(_) => kms_api::shapes::KeyState::Enabled,
        KeyState::Disabled(_) => kms_api::shapes::KeyState::Disabled,
        KeyState::PendingImport(_) => kms_api::shapes::KeyState::PendingImport,
        KeyState::PendingDeletion { .. } => kms_api::shapes::KeyState::PendingDeletion,
        KeyState::PendingReplicaDeletion { .. } => {
            kms_api::shapes::KeyState::PendingReplicaDeletion
        }
    }
}

/// `CurrentKeyMaterialId`, of the keys that can have several materials.
pub(crate) fn current_material_id(key: &Key) -> Option<String> {
    let id = key.state.material_id().map(str::to_owned);
    let here = key.custody.elsewhere().is_none();
    id.filter(|_| here && key.spec == KeySpec::SymmetricDefault)
}

/// `ExpirationModel` of a key with imported material, and `ValidTo`: when the first of what it is bound to expires.
fn expiration(key: &Key) -> Option<(ExpirationModelType, Option<Timestamp>)> {
    let versions = key.state.versions();
    let held = versions.permanent().iter();
    let held: Vec<_> = held.filter(|kept| kept.wrapped.is_some()).collect();
    if key.origin != OriginType::External || held.is_empty() {
        return None;
    }
    let imported = held.iter().filter_map(|kept| kept.imported.as_ref());
    let first = imported.filter_map(|imported| imported.expires).min();
    Some((expiration_model(first), first))
}

/// `ExpirationModel` of material that expires then.
pub(crate) fn expiration_model(expires: Option<Timestamp>) -> ExpirationModelType {
    match expires {
        Some(_) => ExpirationModelType::KeyMaterialExpires,
        None => ExpirationModelType::KeyMaterialDoesNotExpire,
    }
}

/// `MultiRegionConfiguration` of `key`, whose relatives are `related`.
fn multi_region(key: &Key, related: &MultiRegion) -> MultiRegionConfiguration {
    let of = |region: &Region| MultiRegionKey {
        arn: Some(Key::arn_of(key.account, region, key.id).to_string()),
        region: Some(region.to_string()),
    };
    MultiRegionConfiguration {
        multi_region_key_type: Some(related.key_type(key.region)),
        primary_key: Some(of(&related.primary)),
        replica_keys: Some(related.replicas.iter().map(of).collect()),
    }
}
