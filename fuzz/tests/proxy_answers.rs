//! Answers of external key store proxies, whatever comes: a call ends in an error of its caller's, and what it takes for a
//! ciphertext opens again.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "helpers of tests: what goes wrong here shall end the test"
)]

use std::panic::AssertUnwindSafe;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bolero::check;
use harness::{Alcazar, Client, PROXY_SECRET};
use serde_json::{Value, json};

const MEMBERS: [&str; 6] = [
    "ciphertext",
    "ciphertextMetadata",
    "initializationVector",
    "authenticationTag",
    "ciphertextDataIntegrityValue",
    "plaintext",
];

/// A key in a store that is connected.
async fn key(alcazar: &Alcazar, root: &Client) -> String {
    let made = json!({"CustomKeyStoreName": "mine", "CustomKeyStoreType": "EXTERNAL_KEY_STORE",
        "XksProxyUriEndpoint": "https://xks.example.com", "XksProxyUriPath": "/kms/xks/v1",
        "XksProxyConnectivity": "PUBLIC_ENDPOINT", "XksProxyAuthenticationCredential":
            {"AccessKeyId": "ABCDEFGHIJKLMNOPQRST", "RawSecretAccessKey": PROXY_SECRET}});
    let made = root.call("kms", "CreateCustomKeyStore", made).await.ok();
    let store = made.field("CustomKeyStoreId");
    let named = json!({"CustomKeyStoreId": store});
    root.call("kms", "ConnectCustomKeyStore", named).await.ok();
    assert!(
        alcazar
            .core
            .run_worker("kms custom key stores")
            .await
            .unwrap()
    );
    let made =
        json!({"Origin": "EXTERNAL_KEY_STORE", "CustomKeyStoreId": store, "XksKeyId": "key-1"});
    let made = root.call("kms", "CreateKey", made).await.ok();
    made.field("/KeyMetadata/KeyId")
}

/// The proxy says this from now on: something else, or what it means with one member changed.
fn say(alcazar: &Alcazar, status: u16, member: Option<u8>, bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes).into_owned();
    let value = json!(STANDARD.encode(bytes));
    let member = member.map(|at| MEMBERS[usize::from(at) % MEMBERS.len()]);
    alcazar.key_stores.proxy.twist(move |_, said| {
        let Some(member) = member else {
            return Ok((status, text.clone()));
        };
        let (honest, body) = said?;
        let mut body: Value = serde_json::from_str(&body).unwrap();
        body[member] = value.clone();
        Ok((honest, body.to_string()))
    });
}

#[test]
fn proxy_answers() {
    let _ = tracing_subscriber::fmt().with_test_writer().try_init();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let alcazar = runtime.block_on(Alcazar::new(&[&kms::SERVICE]));
    let root = alcazar.root();
    let key = runtime.block_on(key(&alcazar, &root));
    let encrypt = json!({"KeyId": key, "Plaintext": STANDARD.encode("hunter2")});
    let sealed = runtime
        .block_on(root.call("kms", "Encrypt", encrypt.clone()))
        .ok();
    let decrypt = json!({"CiphertextBlob": sealed.field("CiphertextBlob")});
    let server = AssertUnwindSafe((runtime, root, alcazar, encrypt, decrypt));
    check!()
        .with_type::<(bool, u16, Option<u8>, Vec<u8>)>()
        .with_iterations(1_000)
        .for_each(|(fine, status, member, bytes)| {
            let (runtime, root, alcazar, encrypt, decrypt) = &*server;
            let status = if *fine { 200 } else { 100 + status % 500 };
            say(alcazar, status, *member, bytes);
            let opened = runtime.block_on(root.call("kms", "Decrypt", decrypt.clone()));
            let made = runtime.block_on(root.call("kms", "Encrypt", encrypt.clone()));
            alcazar.key_stores.proxy.straighten();
            assert!(matches!(opened.status, 200 | 400), "{}", opened.text);
            if opened.status == 200 {
                assert_eq!(opened.field("Plaintext"), STANDARD.encode("hunter2"));
            }
            assert!(matches!(made.status, 200 | 400), "{}", made.text);
            if made.status == 200 {
                let again = json!({"CiphertextBlob": made.field("CiphertextBlob")});
                runtime.block_on(root.call("kms", "Decrypt", again)).ok();
            }
        });
}
