//! Every list comes in pages, each item once, and takes no marker but its own.

use crate::support::{POWERLESS, alcazar, blob, create, kms, new_key};
use harness::Client;
use serde_json::{Value, json};

/// Each list with the name of what it lists, and a call of it; of `key`, of which there are three of everything that a
/// key can have several of.
fn lists(key: &str) -> [(&'static str, &'static str, Value); 7] {
    let of_key = json!({"KeyId": key});
    [
        ("ListAliases", "Aliases", of_key.clone()),
        ("ListGrants", "Grants", of_key.clone()),
        ("ListKeyPolicies", "PolicyNames", of_key.clone()),
        ("ListKeyRotations", "Rotations", of_key.clone()),
        ("ListKeys", "Keys", json!({})),
        ("ListResourceTags", "Tags", of_key),
        (
            "ListRetirableGrants",
            "Grants",
            json!({"RetiringPrincipal": POWERLESS}),
        ),
    ]
}

async fn page(root: &Client, operation: &str, input: &Value, more: Value) -> Value {
    let mut input = input.clone();
    let members = input.as_object_mut().unwrap();
    members.extend(more.as_object().unwrap().clone());
    kms(root, operation, input).await.ok().json().unwrap()
}

async fn furnished(root: &Client) -> String {
    let key = new_key(root).await;
    new_key(root).await;
    new_key(root).await;
    for number in 0..3 {
        let name = json!({"AliasName": format!("alias/{number}"), "TargetKeyId": key});
        kms(root, "CreateAlias", name).await.ok();
        let retiring = json!({"RetiringPrincipal": POWERLESS});
        create(root, &key, POWERLESS, retiring).await.ok();
        let tag = json!([{"TagKey": number.to_string(), "TagValue": ""}]);
        let tag = json!({"KeyId": key, "Tags": tag});
        kms(root, "TagResource", tag).await.ok();
        let rotate = json!({"KeyId": key});
        kms(root, "RotateKeyOnDemand", rotate).await.ok();
    }
    key
}

#[tokio::test]
async fn every_item_comes_once_whatever_the_size_of_pages() {
    let alcazar = alcazar().await;
    let root = alcazar.root();
    alcazar.powerless().await;
    let key = furnished(&root).await;
    for (operation, member, input) in lists(&key) {
        let whole = page(&root, operation, &input, json!({})).await;
        assert_eq!(whole["Truncated"], false, "{operation}");
        let expected = whole[member].as_array().unwrap();
        let several = operation != "ListKeyPolicies";
        assert_eq!(expected.len(), if several { 3 } else { 1 }, "{operation}");
        for limit in 1..=3 {
            let (mut found, mut marker) = (Vec::new(), Value::Null);
            loop {
                let more = json!({"Limit": limit, "Marker": marker});
                let part = page(&root, operation, &input, more).await;
                let items = part[member].as_array().unwrap();
                assert!(items.len() <= limit, "{operation}");
                found.extend(items.clone());
                marker = part["NextMarker"].clone();
                assert_eq!(part["Truncated"], !marker.is_null(), "{operation}");
                if marker.is_null() {
                    break;
                }
            }
            assert_eq!(&found, expected, "{operation} by {limit}");
        }
    }
}

#[tokio::test]
async fn forged_markers_are_refused() {
    let alcazar = alcazar().await;
    let root = alcazar.root();
    alcazar.powerless().await;
    let key = furnished(&root).await;
    for (operation, _, input) in lists(&key) {
        for marker in ["!", "a b", "%00", &blob([0xff, 0xfe]), "ZmFrZQ=="] {
            let mut forged = input.clone();
            forged["Marker"] = json!(marker);
            let refused = kms(&root, operation, forged).await;
            refused.fails("InvalidMarkerException");
        }
        for limit in [0, -1, 1001] {
            let mut wrong = input.clone();
            wrong["Limit"] = json!(limit);
            kms(&root, operation, wrong)
                .await
                .fails("ValidationException");
        }
    }
}

/// A marker leads on in the list it was given for, to the account that asked, and nowhere else.
#[tokio::test]
async fn markers_are_of_one_list_and_say_nothing() {
    let alcazar = alcazar().await;
    let root = alcazar.root();
    alcazar.powerless().await;
    let (key, other) = (furnished(&root).await, new_key(&root).await);
    let mut markers = Vec::new();
    for (operation, _, input) in lists(&key) {
        let first = page(&root, operation, &input, json!({"Limit": 1})).await;
        let again = page(&root, operation, &input, json!({"Limit": 1})).await;
        if let Some(marker) = first["NextMarker"].as_str() {
            assert_ne!(
                again["NextMarker"], marker,
                "{operation}: sealed anew each time"
            );
            markers.push((operation, marker.to_owned()));
        }
    }
    assert!(markers.len() > 5);
    for (given_by, marker) in &markers {
        for (operation, _, input) in lists(&key) {
            let mut forged = input.clone();
            forged["Marker"] = json!(marker);
            let answer = kms(&root, operation, forged.clone()).await;
            match operation == *given_by {
                true => answer.ok(),
                false => answer.fails("InvalidMarkerException"),
            };
            let abroad = kms(&root.region("eu-west-1"), operation, forged).await;
            assert_ne!(abroad.status, 200, "{given_by} {operation}");
        }
        let of_other = lists(&other).into_iter().find(|it| it.0 == *given_by);
        let (operation, _, mut forged) = of_other.unwrap();
        if forged.get("KeyId").is_some() {
            forged["Marker"] = json!(marker);
            let refused = kms(&root, operation, forged).await;
            refused.fails("InvalidMarkerException");
        }
    }
}
