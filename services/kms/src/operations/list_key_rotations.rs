//! `kms:ListKeyRotations`: the materials a key has had, and the one that waits.

use kms_api::shapes::{
    ImportState, IncludeKeyMaterial, KeyMaterialState, ListKeyRotationsRequest,
    ListKeyRotationsResponse, RotationsListEntry,
};
use kms_api::{operations, permission};
use pipeline::{Access, Failure, Lookup, Operation, Permitted};

use crate::key::Key;
use crate::materials::{Imported, Kept};
use crate::paging::Asked;
use crate::sought::Sought;
use crate::{metadata, multi_region, rotation};

pub(crate) struct ListKeyRotations;

impl Operation for ListKeyRotations {
    type Api = operations::ListKeyRotations;
    type Target = Sought;

    async fn access(
        input: &ListKeyRotationsRequest,
        look: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        let sought = Sought::own(look, &input.key_id).await?;
        let needs = permission::ListKeyRotations {
            key: sought.resource(),
        };
        Ok(Access::to(sought, needs))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<ListKeyRotationsResponse, Failure> {
        let (input, key) = (call.input(), call.target().key()?);
        rotation::check_kind(key)?;
        let asked = Asked::read(
            call.call(),
            &["ListKeyRotations", key.arn.as_str()],
            input.marker.as_deref(),
            (input.limit, 100),
        )?;
        let all = input.include_key_material == Some(IncludeKeyMaterial::AllKeyMaterial);
        let pending = pending_state(&call, key).await?;
        let listed = listed(key, all, pending);
        let reached = listed.into_iter().filter(|(name, _)| asked.reaches(name));
        let page = asked.cut(reached, |(name, _)| name);
        let (truncated, next_marker) = (page.truncated(), asked.next_marker(call.call(), &page)?);
        Ok(ListKeyRotationsResponse {
            rotations: Some(page.items.into_iter().map(|(_, entry)| entry).collect()),
            truncated,
            next_marker,
        })
    }
}

/// `KeyMaterialState` of what waits for the next rotation of `key`.
async fn pending_state(
    call: &Permitted<'_, ListKeyRotations>,
    key: &Key,
) -> Result<KeyMaterialState, Failure> {
    let imported = |key: &Key| {
        let versions = key.state.versions();
        let pending = versions.pending();
        pending.is_none_or(|pending| pending.wrapped.is_some())
    };
    let related = multi_region::related(call.look(), key).await?;
    Ok(
        match imported(key) && related.iter().all(|key| imported(key)) {
            true => KeyMaterialState::PendingRotation,
            false => KeyMaterialState::PendingMultiRegionImportAndRotation,
        },
    )
}

/// The entries by names that sort as the versions do, oldest first.
fn listed(key: &Key, all: bool, pending: KeyMaterialState) -> Vec<(String, RotationsListEntry)> {
    let versions = key.state.versions();
    let named = |kept: &Kept, state| {
        let name = format!("{:010}", kept.version.number);
        (name, entry(key, kept, state))
    };
    let current = versions.current().map(|kept| kept.version.number);
    let permanent = versions.permanent().iter();
    let permanent = permanent.filter(|kept| all || kept.version.rotated.is_some());
    let permanent = permanent.map(|kept| match Some(kept.version.number) == current {
        true => named(kept, KeyMaterialState::Current),
        false => named(kept, KeyMaterialState::NonCurrent),
    });
    let waiting = versions.pending().filter(|_| all);
    permanent
        .chain(waiting.map(|kept| named(kept, pending)))
        .collect()
}

fn entry(key: &Key, kept: &Kept, state: KeyMaterialState) -> RotationsListEntry {
    let rotated = kept.version.rotated;
    let entry = RotationsListEntry {
        key_id: Some(key.id.to_string()),
        key_material_id: Some(kept.version.id.clone()),
        key_material_state: Some(state),
        rotation_date: rotated.map(|rotated| rotated.at),
        rotation_type: rotated.map(|rotated| rotated.kind),
        ..RotationsListEntry::default()
    };
    match &kept.imported {
        Some(imported) => with_import(entry, imported, kept.wrapped.is_some()),
        None => entry,
    }
}

fn with_import(entry: RotationsListEntry, imported: &Imported, held: bool) -> RotationsListEntry {
    RotationsListEntry {
        import_state: Some(match held {
            true => ImportState::Imported,
            false => ImportState::PendingImport,
        }),
        key_material_description: imported.description.clone(),
        expiration_model: held.then(|| metadata::expiration_model(imported.expires)),
        valid_to: imported.expires,
        ..entry
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{Kms, alcazar};
    use serde_json::{Value, json};

    #[tokio::test]
    async fn what_is_told_of_each() {
        let alcazar = alcazar().await;
        let root = alcazar.root();
        let key = root.new_key().await;
        let list = async |include: Value| {
            let input = json!({"KeyId": key, "IncludeKeyMaterial": include});
            root.kms("ListKeyRotations", input)
                .await
                .ok()
                .json()
                .unwrap()
        };
        let described = root.kms("DescribeKey", json!({"KeyId": key})).await.ok();
        let first = described.field("/KeyMetadata/CurrentKeyMaterialId");
        assert_eq!(
            list(Value::Null).await,
            json!({"Rotations": [], "Truncated": false})
        );
        let all = list(json!("ALL_KEY_MATERIAL")).await;
        assert_eq!(
            all["Rotations"],
            json!([{"KeyId": key, "KeyMaterialId": first, "KeyMaterialState": "CURRENT"}])
        );
        alcazar.clock.advance_seconds(10);
        root.kms("RotateKeyOnDemand", json!({"KeyId": key}))
            .await
            .ok();
        let described = root.kms("DescribeKey", json!({"KeyId": key})).await.ok();
        let second = described.field("/KeyMetadata/CurrentKeyMaterialId");
        let rotation = json!({"KeyId": key, "KeyMaterialId": second,
            "KeyMaterialState": "CURRENT", "RotationDate": 1_795_415_903,
            "RotationType": "ON_DEMAND"});
        let rotations = list(json!("ROTATIONS_ONLY")).await;
        assert_eq!(rotations["Rotations"], json!([rotation]));
        let all = list(json!("ALL_KEY_MATERIAL")).await;
        assert_eq!(all["Rotations"][0]["KeyMaterialState"], "NON_CURRENT");
        assert_eq!(all["Rotations"][1], rotation);
        let event = alcazar.event("ListKeyRotations").await;
        assert_eq!(event["readOnly"], true);
        assert_eq!(event["responseElements"], Value::Null);
    }

    #[tokio::test]
    async fn in_pages() {
        let root = alcazar().await.root();
        let key = root.new_key().await;
        for _ in 0..11 {
            root.kms("RotateKeyOnDemand", json!({"KeyId": key}))
                .await
                .ok();
        }
        let (mut found, mut marker) = (Vec::new(), Value::Null);
        for page in 0..3 {
            let input = json!({"KeyId": key, "Limit": 5, "Marker": marker,
                "IncludeKeyMaterial": "ALL_KEY_MATERIAL"});
            let listed = root.kms("ListKeyRotations", input).await.ok();
            let listed = listed.json().unwrap();
            found.extend(listed["Rotations"].as_array().unwrap().clone());
            assert_eq!(listed["Truncated"], page < 2);
            marker = listed["NextMarker"].clone();
        }
        assert_eq!((found.len(), marker), (12, Value::Null));
        let states = found.iter().map(|entry| &entry["KeyMaterialState"]);
        let current = states.filter(|state| **state == "CURRENT").count();
        assert_eq!(
            (current, &found[11]["KeyMaterialState"]),
            (1, &json!("CURRENT"))
        );
        let refused = root.kms("ListKeyRotations", json!({"KeyId": key, "Marker": "!"}));
        refused.await.fails("InvalidMarkerException");
    }
}
