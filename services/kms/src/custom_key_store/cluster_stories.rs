//! Stories of key stores in clusters, told with tokens in memory.

use harness::Alcazar;
use pipeline::{HsmCluster, KeyStores, TokenFault, TokenStore};
use serde_json::{Value, json};

use super::stories::{connected, made, round, state};
use crate::testing::{Kms, alcazar, blob, unblob};

const CLUSTER: &str = "cluster-abcdefgh234";
const PIN: &str = "kmsusers-own";
/// A certificate of an authority that signed itself: a cluster's own, and its trust anchor.
const CERTIFICATE: &str = "-----BEGIN CERTIFICATE-----\n\
    MIIBeDCCAR2gAwIBAgIUXrbLGOEUJ4ziifPc6AXF/1U5RfwwCgYIKoZIzj0EAwIw\n\
    EDEOMAwGA1UEAwwFb3duZXIwIBcNMjYxMTI5MTEyOTExWhgPMjEyNjExMDUxMTI5\n\
    MTFaMBAxDjAMBgNVBAMMBW93bmVyMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE\n\
    HqKWQ4TcHwxejF0d/TE/xt5qOT4waqw7rbjzHQrROOvv4C0Q2DUnDjnbLFdUrkny\n\
    JYjVqRuDFS8zlr04nQ0toKNTMFEwHQYDVR0OBBYEFBerLPNSlq3tGCF7mjGRjt+1\n\
    7+QyMB8GA1UdIwQYMBaAFBerLPNSlq3tGCF7mjGRjt+17+QyMA8GA1UdEwEB/wQF\n\
    MAMBAf8wCgYIKoZIzj0EAwIDSQAwRgIhAOMKizPGgYm6kxyrN+JTBOofgk64bWVc\n\
    c20cZ3eHoh1JAiEAy+BsZaktj1oKIqJ3DCU2riKmbdkQWQwdsyu2lDearGc=\n\
    -----END CERTIFICATE-----\n";
/// Another of the same name.
const OTHER: &str = "-----BEGIN CERTIFICATE-----\n\
    MIIBdzCCAR2gAwIBAgIUCsMK2JJFdGpXB6hpiF/xGoG/UtUwCgYIKoZIzj0EAwIw\n\
    EDEOMAwGA1UEAwwFb3duZXIwIBcNMjYxMTI5MTEyOTExWhgPMjEyNjExMDUxMTI5\n\
    MTFaMBAxDjAMBgNVBAMMBW93bmVyMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE\n\
    UjH6AXTiN9El1TdCCVtIqiOcTtlBrl4IYM0wqQ9ZrrhnMFaKgYaCPGnbxxFSM8iI\n\
    WmsNk12uXXI/JNVEeaejt6NTMFEwHQYDVR0OBBYEFJMFYhJVSeRvqokuP1FAP7IX\n\
    0jBKMB8GA1UdIwQYMBaAFJMFYhJVSeRvqokuP1FAP7IX0jBKMA8GA1UdEwEB/wQF\n\
    MAMBAf8wCgYIKoZIzj0EAwIDSAAwRQIhAPxOpSpCE2HZsCxqxkDL94wuAkFfl1s0\n\
    hpuyj45OZr2rAiAfK0/HeUloGimcXKPbyhzzrqVSbxLXm6rCR2w1ShlR8Q==\n\
    -----END CERTIFICATE-----\n";

fn cluster(zones: &[&str]) -> HsmCluster {
    HsmCluster {
        active: true,
        zones: zones.iter().map(|&zone| zone.to_owned()).collect(),
        certificate: Some(CERTIFICATE.to_owned()),
    }
}

fn wanted(name: &str, anchor: &str) -> Value {
    json!({"CustomKeyStoreName": name, "CloudHsmClusterId": CLUSTER,
        "TrustAnchorCertificate": anchor, "KeyStorePassword": PIN})
}

/// A connected store in a cluster with an HSM in each of two zones.
async fn store(alcazar: &Alcazar) -> String {
    alcazar
        .key_stores
        .set(CLUSTER, cluster(&["a", "b"]), Some(PIN));
    let store = made(alcazar, wanted("mine", CERTIFICATE)).await;
    connected(alcazar, &store).await;
    store
}

async fn key(alcazar: &Alcazar, store: &str) -> String {
    let input = json!({"Origin": "AWS_CLOUDHSM", "CustomKeyStoreId": store});
    let key = alcazar.root().kms("CreateKey", input).await.ok();
    key.field("/KeyMetadata/Arn")
}

#[tokio::test]
async fn a_key_is_made_and_used_in_tokens_and_destroyed_with_its_record() {
    let alcazar = alcazar().await;
    let root = alcazar.root();
    let store = store(&alcazar).await;
    let key = key(&alcazar, &store).await;
    assert_eq!(alcazar.key_stores.keys(CLUSTER), [key.as_str()]);
    let input = json!({"KeyId": key, "Plaintext": blob("hunter2")});
    let sealed = root.kms("Encrypt", input).await.ok();
    let input = json!({"CiphertextBlob": sealed.field("CiphertextBlob")});
    let opened = root.kms("Decrypt", input).await.ok();
    assert_eq!(unblob(&opened.field("Plaintext")), b"hunter2");
    round(&alcazar).await;
    assert_eq!(alcazar.key_stores.keys(CLUSTER), [key.as_str()]);
    let input = json!({"KeyId": key, "PendingWindowInDays": 7});
    root.kms("ScheduleKeyDeletion", input).await.ok();
    alcazar.clock.advance_seconds(8 * 86_400);
    let deletion = crate::workers::KEY_DELETION;
    alcazar.core.run_worker(deletion).await.unwrap();
    round(&alcazar).await;
    assert_eq!(alcazar.key_stores.keys(CLUSTER), [""; 0]);
}

/// As a server leaves it that was killed after the key was made, and before its record was.
#[tokio::test]
async fn a_key_without_a_record_is_destroyed_once_its_store_is_connected() {
    let alcazar = alcazar().await;
    let store = store(&alcazar).await;
    let recorded = key(&alcazar, &store).await;
    let ghost = "arn:aws:kms:us-east-1:111122223333:key/00000000-1111-2222-3333-444444444444";
    let tokens = TokenStore {
        account: "111122223333".parse().unwrap(),
        id: store.clone(),
        cluster: CLUSTER.to_owned(),
        password: PIN.to_owned().into(),
    };
    let name = ghost.parse().unwrap();
    let made = alcazar.key_stores.make_key(&tokens, &name);
    made.await.unwrap();
    let id = json!({"CustomKeyStoreId": store});
    let root = alcazar.root();
    root.kms("DisconnectCustomKeyStore", id).await.ok();
    round(&alcazar).await;
    assert_eq!(alcazar.key_stores.keys(CLUSTER).len(), 2);
    connected(&alcazar, &store).await;
    round(&alcazar).await;
    assert_eq!(alcazar.key_stores.keys(CLUSTER), [recorded]);
    let left = alcazar.key_stores.unsettled().await.unwrap();
    assert_eq!(left, []);
}

#[tokio::test]
async fn what_a_cluster_must_be() {
    let alcazar = alcazar().await;
    let root = alcazar.root();
    let fails = async |input: Value, code: &str| {
        root.kms("CreateCustomKeyStore", input).await.fails(code);
    };
    let fine = || wanted("mine", CERTIFICATE);
    fails(fine(), "CloudHsmClusterNotFoundException").await;
    let stores = &alcazar.key_stores;
    let young = HsmCluster {
        active: false,
        ..cluster(&["a", "b"])
    };
    stores.set(CLUSTER, young, Some(PIN));
    fails(fine(), "CloudHsmClusterNotActiveException").await;
    stores.set(CLUSTER, cluster(&["a", "a"]), Some(PIN));
    fails(fine(), "CloudHsmClusterInvalidConfigurationException").await;
    stores.set(CLUSTER, cluster(&["a", "b"]), Some(PIN));
    fails(wanted("mine", OTHER), "IncorrectTrustAnchorException").await;
    let store = store(&alcazar).await;
    let again = wanted("other", CERTIFICATE);
    fails(again, "CloudHsmClusterInUseException").await;
    stores.set(CLUSTER, cluster(&["a"]), Some(PIN));
    let input = json!({"Origin": "AWS_CLOUDHSM", "CustomKeyStoreId": store});
    let refused = root.kms("CreateKey", input).await;
    refused.fails("CloudHsmClusterInvalidConfigurationException");
}

#[tokio::test]
async fn why_a_store_is_not_connected_is_told() {
    let alcazar = alcazar().await;
    let root = alcazar.root();
    let store = store(&alcazar).await;
    let id = json!({"CustomKeyStoreId": store});
    for (fault, code) in [
        (TokenFault::WrongPin, "INVALID_CREDENTIALS"),
        (TokenFault::PinLocked, "USER_LOCKED_OUT"),
        (TokenFault::NoUser, "USER_NOT_FOUND"),
        (TokenFault::NoHsm, "INSUFFICIENT_CLOUDHSM_HSMS"),
        (TokenFault::TimedOut, "NETWORK_ERRORS"),
        (TokenFault::Failed("x".to_owned()), "INTERNAL_ERROR"),
    ] {
        root.kms("DisconnectCustomKeyStore", id.clone()).await.ok();
        round(&alcazar).await;
        alcazar.key_stores.fail(Some(fault));
        root.kms("ConnectCustomKeyStore", id.clone()).await.ok();
        round(&alcazar).await;
        let told = state(&alcazar, &store).await;
        assert_eq!(told["ConnectionState"], "FAILED");
        assert_eq!(told["ConnectionErrorCode"], code);
        alcazar.key_stores.fail(None);
    }
}

/// Trying a PIN again that tokens have come to refuse would lock them; other troubles pass.
#[tokio::test]
async fn a_connected_store_fails_when_its_user_is_refused_and_else_waits() {
    let alcazar = alcazar().await;
    let root = alcazar.root();
    let store = store(&alcazar).await;
    let key = key(&alcazar, &store).await;
    let encrypt = json!({"KeyId": key, "Plaintext": blob("x")});
    for (fault, code) in [
        (TokenFault::TimedOut, "DependencyTimeoutException"),
        (TokenFault::NoHsm, "KMSInvalidStateException"),
        (TokenFault::NoKey, "KMSInvalidStateException"),
        (
            TokenFault::Failed("x".to_owned()),
            "KMSInvalidStateException",
        ),
    ] {
        alcazar.key_stores.fail(Some(fault));
        root.kms("Encrypt", encrypt.clone()).await.fails(code);
        round(&alcazar).await;
        let told = state(&alcazar, &store).await;
        assert_eq!(told["ConnectionState"], "CONNECTED");
    }
    alcazar.key_stores.fail(Some(TokenFault::WrongPin));
    round(&alcazar).await;
    let told = state(&alcazar, &store).await;
    assert_eq!(told["ConnectionErrorCode"], "INVALID_CREDENTIALS");
    assert_eq!(root.state(&key).await, "Unavailable");
}
