//! Import tokens and wrapped key material, whatever comes: nothing but the pair that was handed out imports anything.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "helpers of tests: what goes wrong here shall end the test"
)]

use std::panic::AssertUnwindSafe;

use bolero::check;
use harness::{Alcazar, Answer, Client};
use serde_json::{Value, json};

/// A token of a key without material, as JSON carries it.
async fn token(root: &Client) -> (String, String) {
    let made = root.call("kms", "CreateKey", json!({"Origin": "EXTERNAL"}));
    let key = made.await.ok().field("/KeyMetadata/KeyId");
    let input = json!({"KeyId": key, "WrappingAlgorithm": "RSAES_OAEP_SHA_256",
        "WrappingKeySpec": "RSA_2048"});
    let given = root.call("kms", "GetParametersForImport", input).await.ok();
    (key, given.field("ImportToken"))
}

async fn import(root: &Client, key: &str, token: &str, material: Value) -> Answer {
    let input = json!({"KeyId": key, "ImportToken": token, "EncryptedKeyMaterial": material,
        "ExpirationModel": "KEY_MATERIAL_DOES_NOT_EXPIRE"});
    root.call("kms", "ImportKeyMaterial", input).await
}

/// Base64 of any bytes, by the four characters that stand for three.
fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let whole = bytes.chunks_exact(3).flat_map(|three| {
        let bits = u32::from_be_bytes([0, three[0], three[1], three[2]]);
        [18, 12, 6, 0].map(|shift| char::from(DIGITS[(bits >> shift) as usize & 63]))
    });
    whole.collect()
}

#[test]
fn import_tokens() {
    let _ = tracing_subscriber::fmt().with_test_writer().try_init();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let alcazar = runtime.block_on(Alcazar::new(&[&kms::SERVICE]));
    let root = alcazar.root();
    let (key, good) = runtime.block_on(token(&root));
    let server = AssertUnwindSafe((runtime, root, alcazar, key, good));
    check!()
        .with_type::<(bool, u16, u8, Vec<u8>, Vec<u8>)>()
        .with_iterations(1_000)
        .for_each(|(altered, at, digit, bytes, material)| {
            let (runtime, root, _alcazar, key, good) = &*server;
            let token = match altered {
                true => {
                    let mut token = good.clone().into_bytes();
                    let at = usize::from(*at) % (token.len() - 4);
                    token[at] = b'A' + digit % 26;
                    String::from_utf8(token).unwrap()
                }
                false => base64(bytes),
            };
            let material = json!(base64(material));
            let answer = runtime.block_on(import(root, key, &token, material));
            assert_eq!(answer.status, 400, "{}", answer.text);
        });
}
