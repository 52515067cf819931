//! Stories of custom key stores, told with tokens and a proxy in memory.

use harness::{Alcazar, PROXY_SECRET};
use pipeline::XksFault;
use serde_json::{Value, json};
use storage::Mishap;

use super::worker::CUSTOM_KEY_STORES;
use crate::testing::{Kms, alcazar, blob, unblob};

pub(super) async fn round(alcazar: &Alcazar) {
    assert!(alcazar.core.run_worker(CUSTOM_KEY_STORES).await.unwrap());
}

fn external(name: &str, path: &str, secret: &str) -> Value {
    json!({"CustomKeyStoreName": name, "CustomKeyStoreType": "EXTERNAL_KEY_STORE",
        "XksProxyUriEndpoint": "https://xks.example.com", "XksProxyUriPath": path,
        "XksProxyConnectivity": "PUBLIC_ENDPOINT", "XksProxyAuthenticationCredential":
            {"AccessKeyId": "ABCDEFGHIJKLMNOPQRST", "RawSecretAccessKey": secret}})
}

pub(super) async fn made(alcazar: &Alcazar, input: Value) -> String {
    let made = alcazar.root().kms("CreateCustomKeyStore", input).await.ok();
    made.field("CustomKeyStoreId")
}

pub(super) async fn state(alcazar: &Alcazar, id: &str) -> Value {
    let input = json!({"CustomKeyStoreId": id});
    let told = alcazar.root().kms("DescribeCustomKeyStores", input).await;
    told.ok().json().unwrap()["CustomKeyStores"][0].clone()
}

pub(super) async fn connected(alcazar: &Alcazar, id: &str) {
    let input = json!({"CustomKeyStoreId": id});
    alcazar
        .root()
        .kms("ConnectCustomKeyStore", input)
        .await
        .ok();
    assert_eq!(state(alcazar, id).await["ConnectionState"], "CONNECTING");
    round(alcazar).await;
    assert_eq!(state(alcazar, id).await["ConnectionState"], "CONNECTED");
}

/// A connected store behind the proxy.
pub(crate) async fn external_store(alcazar: &Alcazar) -> String {
    let store = made(alcazar, external("its", "/kms/xks/v1", PROXY_SECRET)).await;
    connected(alcazar, &store).await;
    store
}

async fn xks(alcazar: &Alcazar) -> (String, String) {
    let store = external_store(alcazar).await;
    let input =
        json!({"Origin": "EXTERNAL_KEY_STORE", "CustomKeyStoreId": store, "XksKeyId": "key-1"});
    let key = alcazar.root().kms("CreateKey", input).await.ok();
    (store, key.field("/KeyMetadata/KeyId"))
}

#[tokio::test]
async fn an_external_key_encrypts_twice() {
    let alcazar = alcazar().await;
    let root = alcazar.root();
    let (store, key) = xks(&alcazar).await;
    let input =
        json!({"KeyId": key, "Plaintext": blob("hunter2"), "EncryptionContext": {"a": "1"}});
    let sealed = root
        .kms("Encrypt", input)
        .await
        .ok()
        .field("CiphertextBlob");
    let asked = alcazar.key_stores.proxy.asked().pop().unwrap();
    assert_eq!(asked.url, "xks.example.com/kms/xks/v1/keys/key-1/encrypt");
    let seen = unblob(asked.body["plaintext"].as_str().unwrap());
    assert!(!seen.windows(7).any(|part| part == b"hunter2"));
    let metadata = &asked.body["requestMetadata"];
    assert_eq!(metadata["kmsOperation"], "Encrypt");
    assert_eq!(
        metadata["awsPrincipalArn"],
        "arn:aws:iam::111122223333:root"
    );
    let input = json!({"CiphertextBlob": sealed, "EncryptionContext": {"a": "1"}});
    let opened = root.kms("Decrypt", input).await.ok();
    assert_eq!(unblob(&opened.field("Plaintext")), b"hunter2");
    assert!(opened.json().unwrap().get("KeyMaterialId").is_none());
    let other = json!({"CiphertextBlob": sealed, "EncryptionContext": {"a": "2"}});
    root.kms("Decrypt", other)
        .await
        .fails("KMSInvalidStateException");
    let described = root.kms("DescribeKey", json!({"KeyId": key})).await.ok();
    assert_eq!(described.field("/KeyMetadata/CustomKeyStoreId"), store);
    assert_eq!(
        described.field("/KeyMetadata/XksKeyConfiguration/Id"),
        "key-1"
    );
}

/// To a proxy or a token what is tried would be a use like any other: neither is asked.
pub(super) async fn tried(alcazar: &Alcazar, key: &str, here: &str, context: Value) {
    let root = alcazar.root();
    let seal = async |key: &str| {
        let input = json!({"KeyId": key, "Plaintext": blob("x"), "EncryptionContext": context});
        let sealed = root.kms("Encrypt", input).await.ok();
        sealed.field("CiphertextBlob")
    };
    let (there, ours) = (seal(key).await, seal(here).await);
    let before = alcazar.key_stores.used();
    let moved = |ciphertext: &str, to: &str| {
        let mut input = json!({"CiphertextBlob": ciphertext, "DestinationKeyId": to});
        input["SourceEncryptionContext"] = context.clone();
        input
    };
    let ignored = json!(["IGNORE_CIPHERTEXT"]);
    let with_pair = json!({"KeyId": key, "KeyPairSpec": "ECC_NIST_P256"});
    let every = [
        ("Encrypt", json!({"KeyId": key, "Plaintext": blob("x")})),
        (
            "Decrypt",
            json!({"CiphertextBlob": there, "EncryptionContext": context}),
        ),
        ("Decrypt", json!({"KeyId": key, "DryRunModifiers": ignored})),
        (
            "GenerateDataKey",
            json!({"KeyId": key, "KeySpec": "AES_256"}),
        ),
        (
            "GenerateDataKeyWithoutPlaintext",
            json!({"KeyId": key, "KeySpec": "AES_256"}),
        ),
        ("ReEncrypt", moved(&there, key)),
        ("ReEncrypt", moved(&there, here)),
        ("ReEncrypt", moved(&ours, key)),
        (
            "ReEncrypt",
            json!({"SourceKeyId": key, "DestinationKeyId": here, "DryRunModifiers": ignored}),
        ),
    ];
    for (operation, mut input) in every.clone() {
        input["DryRun"] = json!(true);
        let answer = root.kms(operation, input).await;
        answer.fails("DryRunOperationException");
    }
    for operation in ["GenerateDataKeyPair", "GenerateDataKeyPairWithoutPlaintext"] {
        let mut input = with_pair.clone();
        input["DryRun"] = json!(true);
        root.kms(operation, input)
            .await
            .fails("UnsupportedOperationException");
    }
    let mut torn = json!({"CiphertextBlob": blob("x"), "KeyId": key, "DryRun": true});
    root.kms("Decrypt", torn.clone())
        .await
        .fails("InvalidCiphertextException");
    torn["CiphertextBlob"] = json!(ours);
    root.kms("Decrypt", torn)
        .await
        .fails("IncorrectKeyException");
    assert_eq!(alcazar.key_stores.used(), before);
    let store = root.kms("DescribeKey", json!({"KeyId": key})).await.ok();
    let store = json!({"CustomKeyStoreId": store.field("/KeyMetadata/CustomKeyStoreId")});
    root.kms("DisconnectCustomKeyStore", store).await.ok();
    for (operation, mut input) in every {
        input["DryRun"] = json!(true);
        let answer = root.kms(operation, input).await;
        answer.fails("KMSInvalidStateException");
    }
}

#[tokio::test]
async fn a_proxy_is_not_asked_by_what_is_only_tried() {
    let alcazar = alcazar().await;
    let (_, key) = xks(&alcazar).await;
    let here = alcazar.root().new_key().await;
    tried(&alcazar, &key, &here, json!({"a": "1"})).await;
}

/// None of a proxy's four operations changes a key, so that asking again does no harm. Its owner sees that it was one call.
#[tokio::test]
async fn a_call_that_is_begun_again_asks_the_proxy_again_under_the_same_request_id() {
    let alcazar = alcazar().await;
    let store = external_store(&alcazar).await;
    let proxy = &alcazar.key_stores.proxy;
    let before = proxy.asked().len();
    alcazar.memory.meet_next(Mishap::Conflict);
    let input =
        json!({"Origin": "EXTERNAL_KEY_STORE", "CustomKeyStoreId": store, "XksKeyId": "key-1"});
    let made = alcazar.root().kms("CreateKey", input).await.ok();
    let asked = proxy.asked().split_off(before);
    let url = "xks.example.com/kms/xks/v1/keys/key-1/metadata";
    assert_eq!(asked.len(), 2);
    assert!(asked.iter().all(|asked| asked.url == url));
    let id = |at: usize| asked[at].body["requestMetadata"]["kmsRequestId"].clone();
    assert!(id(0) == id(1) && id(0).is_string());
    let events = alcazar.events().await;
    let recorded = events.iter().filter(|it| it["eventName"] == "CreateKey");
    assert_eq!(
        recorded
            .map(|it| it["requestID"].clone())
            .collect::<Vec<_>>(),
        [id(0)]
    );
    // What came to be is used once a call.
    let key = made.field("/KeyMetadata/KeyId");
    let before = proxy.asked().len();
    let input = json!({"KeyId": key, "Plaintext": blob("x")});
    alcazar.root().kms("Encrypt", input).await.ok();
    assert_eq!(proxy.asked().len(), before + 1);
}

#[tokio::test]
async fn no_event_has_a_secret() {
    let alcazar = alcazar().await;
    xks(&alcazar).await;
    let events = format!("{:?}", alcazar.events().await);
    assert!(events.contains("CreateCustomKeyStore"));
    assert!(!events.contains(PROXY_SECRET) && !events.contains("ABCDEFGHIJKLMNOPQRST"));
}

#[tokio::test]
async fn a_lying_proxy_is_not_believed() {
    let alcazar = alcazar().await;
    let root = alcazar.root();
    let (_, key) = xks(&alcazar).await;
    let encrypt = json!({"KeyId": key, "Plaintext": blob("x")});
    let sealed = root.kms("Encrypt", encrypt.clone()).await.ok();
    let decrypt = json!({"CiphertextBlob": sealed.field("CiphertextBlob")});
    let proxy = &alcazar.key_stores.proxy;
    for said in [
        Ok((200, "{".to_owned())),
        Ok((302, String::new())),
        Ok((200, json!({"plaintext": blob([0; 46])}).to_string())),
        Ok((
            400,
            json!({"errorName": "InvalidCiphertextException"}).to_string(),
        )),
        Ok((
            404,
            json!({"errorName": "KeyNotFoundException"}).to_string(),
        )),
        Ok((429, json!({"errorName": "ThrottlingException"}).to_string())),
        Err(XksFault::TimedOut),
        Err(XksFault::Tls),
        Err(XksFault::NotReachable),
    ] {
        proxy.twist(move |_, _| said.clone());
        root.kms("Decrypt", decrypt.clone())
            .await
            .fails("KMSInvalidStateException");
        root.kms("Encrypt", encrypt.clone())
            .await
            .fails("KMSInvalidStateException");
    }
    for (member, value) in [
        ("authenticationTag", blob([0; 16])),
        ("ciphertext", blob("short")),
        ("initializationVector", blob([0; 11])),
        ("ciphertextMetadata", blob([0; 21])),
        ("ciphertextDataIntegrityValue", blob([0; 32])),
    ] {
        proxy.twist(move |_, said| {
            let (status, body) = said?;
            let mut body: Value = serde_json::from_str(&body).unwrap();
            body[member] = value.clone().into();
            Ok((status, body.to_string()))
        });
        root.kms("Encrypt", encrypt.clone())
            .await
            .fails("KMSInvalidStateException");
    }
    proxy.straighten();
    root.kms("Decrypt", decrypt).await.ok();
}

#[tokio::test]
async fn a_proxy_cannot_answer_with_what_it_was_given_for_another_ciphertext() {
    let alcazar = alcazar().await;
    let root = alcazar.root();
    let (_, key) = xks(&alcazar).await;
    let proxy = &alcazar.key_stores.proxy;
    let (mut sealed, mut inner) = (Vec::new(), Vec::new());
    for plaintext in ["allow", "never"] {
        let input = json!({"KeyId": key, "Plaintext": blob(plaintext)});
        let made = root.kms("Encrypt", input).await.ok();
        sealed.push(made.field("CiphertextBlob"));
        inner.push(proxy.asked().pop().unwrap().body["plaintext"].clone());
    }
    for (own, other) in [(0, 1), (1, 0)] {
        let decrypt = json!({"CiphertextBlob": sealed[own]});
        let answer = json!({"plaintext": inner[other]}).to_string();
        proxy.twist(move |_, _| Ok((200, answer.clone())));
        root.kms("Decrypt", decrypt.clone())
            .await
            .fails("KMSInvalidStateException");
        let answer = json!({"plaintext": inner[own]}).to_string();
        proxy.twist(move |_, _| Ok((200, answer.clone())));
        root.kms("Decrypt", decrypt).await.ok();
    }
}

#[tokio::test]
async fn what_ties_the_layers_is_not_told_to_the_proxy() {
    let alcazar = alcazar().await;
    let (_, key) = xks(&alcazar).await;
    let input = json!({"KeyId": key, "Plaintext": blob("x")});
    let sealed = alcazar.root().kms("Encrypt", input).await.ok();
    let sealed = sealed.field("CiphertextBlob");
    let input = json!({"CiphertextBlob": sealed});
    alcazar.root().kms("Decrypt", input).await.ok();
    let sealed = unblob(&sealed);
    let tie = crate::ciphertext::Ciphertext::read(&sealed).unwrap().sealed;
    let tie = &tie[..16];
    let mut told = 0;
    for asked in alcazar.key_stores.proxy.asked() {
        for member in ["additionalAuthenticatedData", "plaintext", "ciphertext"] {
            let Some(text) = asked.body[member].as_str() else {
                continue;
            };
            told += 1;
            let bytes = unblob(text);
            assert!(!bytes.windows(16).any(|part| part == tie), "{member}");
        }
    }
    assert_eq!(told, 4);
}

#[tokio::test]
async fn what_is_refused_of_external_stores_and_keys() {
    let alcazar = alcazar().await;
    let root = alcazar.root();
    let wrong = external(
        "mine",
        "/kms/xks/v1",
        "wrongwrongwrongwrongwrongwrongwrongwrongwrong",
    );
    root.kms("CreateCustomKeyStore", wrong)
        .await
        .fails("XksProxyIncorrectAuthenticationCredentialException");
    let (store, key) = xks(&alcazar).await;
    let name = external("its", "/other/kms/xks/v1", PROXY_SECRET);
    root.kms("CreateCustomKeyStore", name)
        .await
        .fails("CustomKeyStoreNameInUseException");
    let uri = external("other", "/kms/xks/v1", PROXY_SECRET);
    root.kms("CreateCustomKeyStore", uri)
        .await
        .fails("XksProxyUriInUseException");
    for (xks_key, code) in [
        ("key-1", "XksKeyAlreadyInUseException"),
        ("disabled", "XksKeyInvalidConfigurationException"),
        ("signing", "XksKeyInvalidConfigurationException"),
        ("none", "XksKeyNotFoundException"),
        ("..", "ValidationException"),
    ] {
        let input =
            json!({"Origin": "EXTERNAL_KEY_STORE", "CustomKeyStoreId": store, "XksKeyId": xks_key});
        root.kms("CreateKey", input).await.fails(code);
    }
    for (operation, more) in [
        ("EnableKeyRotation", json!({})),
        ("RotateKeyOnDemand", json!({})),
        ("GetKeyRotationStatus", json!({})),
        (
            "GenerateDataKeyPair",
            json!({"KeyPairSpec": "ECC_NIST_P256"}),
        ),
    ] {
        let mut input = json!({"KeyId": key});
        input
            .as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        root.kms(operation, input)
            .await
            .fails("UnsupportedOperationException");
    }
    let random = json!({"NumberOfBytes": 8, "CustomKeyStoreId": store});
    root.kms("GenerateRandom", random)
        .await
        .fails("UnsupportedOperationException");
    let foreign = alcazar.other_root();
    let input =
        json!({"Origin": "EXTERNAL_KEY_STORE", "CustomKeyStoreId": store, "XksKeyId": "key-2"});
    foreign
        .kms("CreateKey", input)
        .await
        .fails("CustomKeyStoreNotFoundException");
}

#[tokio::test]
async fn the_owner_of_an_endpoint_service_is_refused_as_its_name_is() {
    let alcazar = alcazar().await;
    let root = alcazar.root();
    let service = "com.amazonaws.vpce.us-east-1.vpce-svc-0123456789abcdef0";
    let members = [
        ("XksProxyVpcEndpointServiceName", service),
        ("XksProxyVpcEndpointServiceOwner", "111122223333"),
    ];
    let words = |member| format!("{member} cannot be specified with public endpoint connectivity.");
    for (member, value) in members {
        let mut input = external("mine", "/kms/xks/v1", PROXY_SECRET);
        input[member] = value.into();
        let refused = root.kms("CreateCustomKeyStore", input).await;
        refused.fails("ValidationException").saying(&words(member));
    }
    let (store, _) = xks(&alcazar).await;
    let input = |member: &str, value| json!({"CustomKeyStoreId": store, member: value});
    for (member, value) in members {
        let refused = root.kms("UpdateCustomKeyStore", input(member, value)).await;
        refused.fails("CustomKeyStoreInvalidStateException");
    }
    let id = json!({"CustomKeyStoreId": store});
    root.kms("DisconnectCustomKeyStore", id).await.ok();
    round(&alcazar).await;
    for (member, value) in members {
        let refused = root.kms("UpdateCustomKeyStore", input(member, value)).await;
        refused.fails("ValidationException").saying(&words(member));
    }
}

#[tokio::test]
async fn a_disconnected_store_keeps_its_keys_from_being_used() {
    let alcazar = alcazar().await;
    let root = alcazar.root();
    let (store, key) = xks(&alcazar).await;
    let id = json!({"CustomKeyStoreId": store});
    root.kms("DeleteCustomKeyStore", id.clone())
        .await
        .fails("CustomKeyStoreInvalidStateException");
    root.kms("DisconnectCustomKeyStore", id.clone()).await.ok();
    let asked = alcazar.key_stores.proxy.asked().len();
    let encrypt = json!({"KeyId": key, "Plaintext": blob("x")});
    root.kms("Encrypt", encrypt)
        .await
        .fails("KMSInvalidStateException");
    assert_eq!(alcazar.key_stores.proxy.asked().len(), asked);
    assert_eq!(root.state(&key).await, "Unavailable");
    round(&alcazar).await;
    assert_eq!(
        state(&alcazar, &store).await["ConnectionState"],
        "DISCONNECTED"
    );
    root.kms("DeleteCustomKeyStore", id.clone())
        .await
        .fails("CustomKeyStoreHasCMKsException");
    root.kms(
        "ScheduleKeyDeletion",
        json!({"KeyId": key, "PendingWindowInDays": 7}),
    )
    .await
    .ok();
    assert_eq!(root.state(&key).await, "PendingDeletion");
    alcazar.clock.advance_seconds(8 * 86_400);
    alcazar
        .core
        .run_worker(crate::workers::KEY_DELETION)
        .await
        .unwrap();
    root.kms("DeleteCustomKeyStore", id.clone()).await.ok();
    root.kms("DescribeCustomKeyStores", id)
        .await
        .fails("CustomKeyStoreNotFoundException");
}

#[tokio::test]
async fn a_proxy_that_does_not_answer_is_not_connected() {
    let alcazar = alcazar().await;
    let root = alcazar.root();
    let store = made(&alcazar, external("mine", "/kms/xks/v1", PROXY_SECRET)).await;
    for (fault, code) in [
        (XksFault::TimedOut, "XKS_PROXY_TIMED_OUT"),
        (XksFault::Tls, "XKS_PROXY_INVALID_TLS_CONFIGURATION"),
        (XksFault::NotReachable, "XKS_PROXY_NOT_REACHABLE"),
        (XksFault::Malformed, "XKS_PROXY_INVALID_RESPONSE"),
    ] {
        alcazar.key_stores.proxy.twist(move |_, _| Err(fault));
        let id = json!({"CustomKeyStoreId": store});
        root.kms("ConnectCustomKeyStore", id.clone()).await.ok();
        round(&alcazar).await;
        let told = state(&alcazar, &store).await;
        assert_eq!(told["ConnectionState"], "FAILED");
        assert_eq!(told["ConnectionErrorCode"], code);
        root.kms("ConnectCustomKeyStore", id.clone())
            .await
            .fails("CustomKeyStoreInvalidStateException");
        root.kms("DisconnectCustomKeyStore", id).await.ok();
        round(&alcazar).await;
    }
}

#[tokio::test]
async fn stores_are_told_of_in_pages() {
    let alcazar = alcazar().await;
    let root = alcazar.root();
    let mut made_ids = Vec::new();
    for name in ["one", "two", "three"] {
        let store = external(name, &format!("/{name}/kms/xks/v1"), PROXY_SECRET);
        made_ids.push(made(&alcazar, store).await);
    }
    made_ids.sort();
    for limit in 1..=3 {
        let (mut found, mut marker) = (Vec::new(), Value::Null);
        loop {
            let input = json!({"Limit": limit, "Marker": marker});
            let told = root.kms("DescribeCustomKeyStores", input).await.ok();
            let told = told.json().unwrap();
            let page = told["CustomKeyStores"].as_array().unwrap();
            assert!(page.len() <= limit);
            let ids = page.iter().map(|it| it["CustomKeyStoreId"].as_str());
            found.extend(ids.map(|id| id.unwrap().to_owned()));
            marker = told["NextMarker"].clone();
            assert_eq!(told["Truncated"], !marker.is_null());
            if marker.is_null() {
                break;
            }
        }
        found.sort();
        assert_eq!(found, made_ids, "by {limit}");
    }
    root.kms("DescribeCustomKeyStores", json!({"Marker": "forged"}))
        .await
        .fails("InvalidMarkerException");
}

#[tokio::test]
async fn an_account_has_ten_stores_in_a_region() {
    let alcazar = alcazar().await;
    let store = |number: usize| {
        let name = format!("store-{number}");
        external(&name, &format!("/{name}/kms/xks/v1"), PROXY_SECRET)
    };
    for number in 0..10 {
        made(&alcazar, store(number)).await;
    }
    let refused = alcazar.root().kms("CreateCustomKeyStore", store(10)).await;
    refused
        .fails("LimitExceededException")
        .saying("The account has 10 custom key stores in this region already.");
}
