//! A key as DescribeKey and CreateKey tell of it.

use kms_api::shapes::{
    CustomerMasterKeySpec, EncryptionAlgorithmSpec, KeyManagerType, KeyMetadata, KeySpec,
    KeyUsageType, OriginType,
};

use crate::key::Key;
use crate::key_state::KeyState;

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
        key_usage: Some(KeyUsageType::EncryptDecrypt),
        key_state: Some(state(key)),
        deletion_date,
        origin: Some(OriginType::AwsKms),
        key_manager: Some(KeyManagerType::Customer),
        customer_master_key_spec: Some(CustomerMasterKeySpec::SymmetricDefault),
        key_spec: Some(KeySpec::SymmetricDefault),
        encryption_algorithms: Some(vec![EncryptionAlgorithmSpec::SymmetricDefault]),
        multi_region: Some(false),
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
