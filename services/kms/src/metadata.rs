//! A key as DescribeKey and CreateKey tell of it.

use base::Region;
use kms_api::shapes::{
    CustomerMasterKeySpec, EncryptionAlgorithmSpec, KeyMetadata, MultiRegionConfiguration,
    MultiRegionKey,
};

use crate::key::Key;
use crate::key_state::KeyState;
use crate::multi_region::MultiRegion;
use crate::stored;

/// What is told of `key`.
pub(crate) fn of(key: &Key) -> KeyMetadata {
    let deletion_date = match key.state {
        KeyState::PendingDeletion { at, .. } => Some(at),
        KeyState::Enabled(_) | KeyState::Disabled(_) => None,
    };
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
        encryption_algorithms: Some(vec![EncryptionAlgorithmSpec::SymmetricDefault]),
        multi_region: Some(key.multi_region.is_some()),
        multi_region_configuration: key
            .multi_region
            .as_ref()
            .map(|related| multi_region(key, related)),
        current_key_material_id: Some(key.state.material_id().to_owned()),
        ..KeyMetadata::default()
    }
}

/// `KeyState` of `key`.
fn state(key: &Key) -> kms_api::shapes::KeyState {
    match key.state {
        KeyState::Enabled(_) => kms_api::shapes::KeyState::Enabled,
        KeyState::Disabled(_) => kms_api::shapes::KeyState::Disabled,
        KeyState::PendingDeletion { .. } => kms_api::shapes::KeyState::PendingDeletion,
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
