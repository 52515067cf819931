//! `kms:DeleteImportedKeyMaterial`: a key cannot be used until the same material is imported again.

use kms_api::shapes::{
    DeleteImportedKeyMaterialRequest, DeleteImportedKeyMaterialResponse, KeySpec,
};
use kms_api::{operations, permission};
use pipeline::{Access, Failure, Lookup, Operation, Permitted};

use super::import_key_material::check_origin;
use crate::errors;
use crate::key::Key;
use crate::sought::Sought;
use crate::{multi_region, queue};

pub(crate) struct DeleteImportedKeyMaterial;

impl Operation for DeleteImportedKeyMaterial {
    type Api = operations::DeleteImportedKeyMaterial;
    type Target = Sought;

    async fn access(
        input: &DeleteImportedKeyMaterialRequest,
        look: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        let sought = Sought::own(look, &input.key_id).await?;
        let needs = permission::DeleteImportedKeyMaterial {
            key: sought.resource(),
        };
        Ok(Access::to(sought, needs))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<DeleteImportedKeyMaterialResponse, Failure> {
        let (input, key) = (call.input(), call.target().key()?);
        check_origin(key)?;
        let versions = key.state.versions();
        let id = match input.key_material_id.as_deref() {
            Some(id) if versions.get(id).is_none() => {
                return Err(errors::no_such_key_material(id));
            }
            Some(id) => Some(id.to_owned()),
            None => key.state.material_id().map(str::to_owned),
        };
        if let Some(id) = &id {
            forget(&call, key, id).await?;
        }
        Ok(DeleteImportedKeyMaterialResponse {
            key_id: Some(key.arn.to_string()),
            key_material_id: id.filter(|_| key.spec == KeySpec::SymmetricDefault),
        })
    }
}

async fn forget(
    call: &Permitted<'_, DeleteImportedKeyMaterial>,
    key: &Key,
    id: &str,
) -> Result<(), Failure> {
    for related in multi_region::related(call.look(), key).await? {
        if let Some(left) = multi_region::without_pending(key, &related, &[id.to_owned()]) {
            call.write(queue::replace(&related, left));
        }
    }
    let mut versions = key.state.versions();
    versions.forget(id, key.is_replica());
    let left = Key {
        state: key.state.with(versions),
        ..key.clone()
    };
    call.write(queue::replace(key, left));
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::testing::{Kms, alcazar, arn};
    use serde_json::json;

    #[tokio::test]
    async fn the_key_waits_for_the_same_material() {
        let alcazar = alcazar().await;
        let root = alcazar.root();
        let key = root.new_imported_key(json!({})).await;
        let valid_to = json!({"ValidTo": 1_796_000_000});
        let imported = root.import(&key, &[7; 32], valid_to).await.ok();
        let id = imported.field("KeyMaterialId");
        let sealed = root.encrypted(&key, "x").await;
        let on_key = json!({"KeyId": key});
        let deleted = root.kms("DeleteImportedKeyMaterial", on_key.clone()).await;
        assert_eq!(
            deleted.ok().json().unwrap(),
            json!({"KeyId": arn(&key), "KeyMaterialId": id})
        );
        assert_eq!(root.state(&key).await, "PendingImport");
        let opening = json!({"CiphertextBlob": sealed});
        root.kms("Decrypt", opening.clone())
            .await
            .fails("KMSInvalidStateException")
            .saying(&format!("{} is pending import.", arn(&key)));
        let described = root.kms("DescribeKey", on_key.clone()).await.ok();
        assert_eq!(described.field("/KeyMetadata/ExpirationModel"), "");
        assert_eq!(described.field("/KeyMetadata/ValidTo"), "");
        root.kms("DeleteImportedKeyMaterial", on_key).await.ok();
        root.import(&key, &[8; 32], json!({}))
            .await
            .fails("IncorrectKeyMaterialException");
        root.import(&key, &[7; 32], json!({})).await.ok();
        root.kms("Decrypt", opening).await.ok();
        let event = alcazar.event("DeleteImportedKeyMaterial").await;
        assert_eq!(event["requestParameters"], json!({"keyId": key}));
        assert_eq!(event["responseElements"]["keyId"], arn(&key));
    }

    #[tokio::test]
    async fn an_older_material_is_as_needed() {
        let root = alcazar().await.root();
        let key = root.new_imported_key(json!({})).await;
        let first = root.import(&key, &[7; 32], json!({})).await.ok();
        let new = json!({"ImportType": "NEW_KEY_MATERIAL"});
        let second = root.import(&key, &[8; 32], new).await.ok();
        root.kms("RotateKeyOnDemand", json!({"KeyId": key}))
            .await
            .ok();
        let delete = async |id: String| {
            let input = json!({"KeyId": key, "KeyMaterialId": id});
            root.kms("DeleteImportedKeyMaterial", input).await
        };
        delete(first.field("KeyMaterialId")).await.ok();
        assert_eq!(root.state(&key).await, "PendingImport");
        delete(second.field("KeyMaterialId")).await.ok();
        root.import(&key, &[7; 32], json!({})).await.ok();
        assert_eq!(root.state(&key).await, "PendingImport");
        root.import(&key, &[8; 32], json!({})).await.ok();
        assert_eq!(root.state(&key).await, "Enabled");
        delete("0".repeat(64)).await.fails("NotFoundException");
    }

    #[tokio::test]
    async fn what_waits_for_a_rotation_may_be_replaced() {
        let root = alcazar().await.root();
        let key = root.new_imported_key(json!({})).await;
        root.import(&key, &[7; 32], json!({})).await.ok();
        let new = json!({"ImportType": "NEW_KEY_MATERIAL"});
        let waiting = root.import(&key, &[8; 32], new.clone()).await.ok();
        let input = json!({"KeyId": key, "KeyMaterialId": waiting.field("KeyMaterialId")});
        root.kms("DeleteImportedKeyMaterial", input.clone())
            .await
            .ok();
        assert_eq!(root.state(&key).await, "Enabled");
        root.kms("DeleteImportedKeyMaterial", input)
            .await
            .fails("NotFoundException");
        root.import(&key, &[9; 32], new).await.ok();
        root.kms("RotateKeyOnDemand", json!({"KeyId": key}))
            .await
            .ok();
    }

    #[tokio::test]
    async fn a_key_that_is_to_be_deleted_stays_so() {
        let root = alcazar().await.root();
        let key = root.new_imported_key(json!({})).await;
        root.import(&key, &[7; 32], json!({})).await.ok();
        let on_key = json!({"KeyId": key});
        root.kms("ScheduleKeyDeletion", on_key.clone()).await.ok();
        root.kms("DeleteImportedKeyMaterial", on_key.clone())
            .await
            .ok();
        assert_eq!(root.state(&key).await, "PendingDeletion");
        root.kms("CancelKeyDeletion", on_key).await.ok();
        assert_eq!(root.state(&key).await, "PendingImport");
        let made_here = json!({"KeyId": root.new_key().await});
        root.kms("DeleteImportedKeyMaterial", made_here)
            .await
            .fails("UnsupportedOperationException");
    }
}
