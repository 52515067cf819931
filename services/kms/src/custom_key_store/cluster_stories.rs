//! Stories of key stores in clusters, told with tokens in memory.

use harness::Alcazar;
use pipeline::{HsmCluster, KeyStores, Quotas, TokenFault, TokenStore};
use serde_json::{Value, json};

use super::stories::{connected, made, round, state, tried};
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
pub(crate) async fn store(alcazar: &Alcazar) -> String {
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
async fn a_token_is_not_asked_by_what_is_only_tried() {
    let alcazar = alcazar().await;
    let store = store(&alcazar).await;
    let key = key(&alcazar, &store).await;
    let here = alcazar.root().new_key().await;
    tried(&alcazar, &key, &here, json!({"a": "1"})).await;
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
    alcazar.clock.advance_seconds(7 * 86_400 - 1);
    delete_due(&alcazar).await;
    assert_eq!(alcazar.key_stores.keys(CLUSTER), [key.as_str()]);
    assert_eq!(root.state(&key).await, "PendingDeletion");
    alcazar.clock.advance_seconds(1);
    delete_due(&alcazar).await;
    assert_eq!(alcazar.key_stores.keys(CLUSTER), [""; 0]);
    let gone = root.kms("DescribeKey", json!({"KeyId": key})).await;
    gone.fails("NotFoundException");
    assert_eq!(alcazar.key_stores.unsettled().await.unwrap(), []);
}

/// Rounds of the duties that delete keys, and destroy what is in tokens of them.
async fn delete_due(alcazar: &Alcazar) {
    let deletion = crate::workers::KEY_DELETION;
    assert!(alcazar.core.run_worker(deletion).await.unwrap());
    let upkeep = super::worker::CUSTOM_KEY_STORES;
    // It fails where tokens do.
    let _ = alcazar.core.run_worker(upkeep).await;
}

/// A key whose deletion is due in a second.
async fn doomed(alcazar: &Alcazar, store: &str) -> String {
    let key = key(alcazar, store).await;
    let input = json!({"KeyId": key, "PendingWindowInDays": 7});
    let root = alcazar.root();
    root.kms("ScheduleKeyDeletion", input).await.ok();
    alcazar.clock.advance_seconds(7 * 86_400 - 1);
    delete_due(alcazar).await;
    alcazar.clock.advance_seconds(1);
    key
}

/// AWS: the KMS key goes; what is left of it in the cluster is an orphan. Here it goes as soon as the tokens can be asked.
#[tokio::test]
async fn a_key_goes_though_its_tokens_cannot_be_asked_and_what_is_in_them_follows() {
    let alcazar = alcazar().await;
    let root = alcazar.root();
    let store = store(&alcazar).await;
    let id = json!({"CustomKeyStoreId": store});
    let first = doomed(&alcazar, &store).await;
    root.kms("DisconnectCustomKeyStore", id.clone()).await.ok();
    round(&alcazar).await;
    delete_due(&alcazar).await;
    let gone = root.kms("DescribeKey", json!({"KeyId": first})).await;
    gone.fails("NotFoundException");
    assert_eq!(alcazar.key_stores.keys(CLUSTER), [first.as_str()]);
    connected(&alcazar, &store).await;
    delete_due(&alcazar).await;
    assert_eq!(alcazar.key_stores.keys(CLUSTER), [""; 0]);
    let second = doomed(&alcazar, &store).await;
    alcazar.key_stores.fail(Some(TokenFault::TimedOut));
    delete_due(&alcazar).await;
    let gone = root.kms("DescribeKey", json!({"KeyId": second})).await;
    gone.fails("NotFoundException");
    assert_eq!(alcazar.key_stores.keys(CLUSTER), [second.as_str()]);
    alcazar.key_stores.fail(None);
    delete_due(&alcazar).await;
    assert_eq!(alcazar.key_stores.keys(CLUSTER), [""; 0]);
}

/// AWS: material in a cluster that no key store has any more is its owner's to delete.
#[tokio::test]
async fn an_orphan_of_a_store_that_is_deleted_stays_in_the_cluster() {
    let alcazar = alcazar().await;
    let root = alcazar.root();
    let store = store(&alcazar).await;
    let key = doomed(&alcazar, &store).await;
    let id = json!({"CustomKeyStoreId": store});
    root.kms("DisconnectCustomKeyStore", id.clone()).await.ok();
    round(&alcazar).await;
    delete_due(&alcazar).await;
    root.kms("DeleteCustomKeyStore", id).await.ok();
    delete_due(&alcazar).await;
    assert_eq!(alcazar.key_stores.keys(CLUSTER), [key.as_str()]);
    assert_eq!(alcazar.key_stores.unsettled().await.unwrap(), []);
}

/// AWS: a custom key store has a request quota of its own, whoever uses its keys.
#[tokio::test]
async fn a_store_has_a_request_quota_of_its_own() {
    let quotas = crate::SERVICE.quotas.iter();
    let rate = |name: &str| match name {
        "kms/custom-key-store" => 3,
        _ => 1_000_000,
    };
    let quotas = quotas.map(|quota| (quota.name.to_owned(), rate(quota.name)));
    let quotas = Quotas::File(quotas.collect());
    let alcazar = Alcazar::with_quotas(&[&crate::SERVICE], quotas).await;
    let root = alcazar.root();
    let store = store(&alcazar).await;
    let (key, own) = (key(&alcazar, &store).await, root.new_key().await);
    let other = super::stories::external_store(&alcazar).await;
    alcazar.clock.advance_seconds(1);
    let encrypt = |key: &str| json!({"KeyId": key, "Plaintext": blob("x")});
    let random = |store: &str| json!({"NumberOfBytes": 1, "CustomKeyStoreId": store});
    root.kms("Encrypt", encrypt(&key)).await.ok();
    let sealed = root.kms("Encrypt", encrypt(&key)).await.ok();
    root.kms("GenerateRandom", random(&store)).await.ok();
    let decrypt = json!({"CiphertextBlob": sealed.field("CiphertextBlob")});
    let throttled = "ThrottlingException";
    root.kms("Decrypt", decrypt).await.fails(throttled);
    root.kms("Encrypt", encrypt(&key)).await.fails(throttled);
    let refused = root.kms("GenerateRandom", random(&store)).await;
    refused.fails(throttled);
    // Keys that are not in it, and other stores, do not share it.
    root.kms("Encrypt", encrypt(&own)).await.ok();
    for _ in 0..4 {
        let answer = root.kms("GenerateRandom", random(&other)).await;
        match answer.code().as_ref() {
            "ThrottlingException" => break,
            code => assert_eq!(code, "UnsupportedOperationException"),
        }
    }
    // A store that is not there has no quota, and leaves nothing behind to count it by.
    for number in 0..8 {
        let made_up = format!("cks-{number:017}");
        let answer = root.kms("GenerateRandom", random(&made_up)).await;
        answer.fails("CustomKeyStoreNotFoundException");
    }
    for _ in 0..8 {
        let answer = root.kms("GenerateRandom", random("cks-1")).await;
        answer.fails("CustomKeyStoreNotFoundException");
    }
    alcazar.clock.advance_seconds(1);
    root.kms("Encrypt", encrypt(&key)).await.ok();
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
