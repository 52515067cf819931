//! What the stories share.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use crypto::{KeyPairSpec, Oaep, PublicKey, RsaSize};
use harness::{Alcazar, Answer, Client};
use serde_json::{Value, json};

/// A server of KMS alone.
pub(crate) async fn alcazar() -> Alcazar {
    Alcazar::new(&[&kms::SERVICE]).await
}

/// An identity policy that allows `action` on everything.
pub(crate) fn allow(action: &str) -> String {
    json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Action": action, "Resource": "*"}
    ]})
    .to_string()
}

/// A key policy of these statements, each with `Resource` `*`.
pub(crate) fn key_policy(statements: &[Value]) -> String {
    let mut statements = statements.to_vec();
    for statement in &mut statements {
        statement["Resource"] = json!("*");
    }
    json!({"Version": "2012-10-17", "Statement": statements}).to_string()
}

/// A key policy's statement that allows `principal` to do `action`.
pub(crate) fn grant(principal: &str, action: &str) -> Value {
    json!({"Effect": "Allow", "Principal": {"AWS": principal}, "Action": action})
}

/// The root user of the first account.
pub(crate) const ROOT: &str = "arn:aws:iam::111122223333:root";

/// The ARN of a key of the first account.
pub(crate) fn arn(id: &str) -> String {
    format!("arn:aws:kms:us-east-1:111122223333:key/{id}")
}

/// Calls `operation` of KMS.
pub(crate) async fn kms(client: &Client, operation: &str, input: Value) -> Answer {
    client.call("kms", operation, input).await
}

/// The id of a new key with the default policy.
pub(crate) async fn new_key(client: &Client) -> String {
    new_key_with(client, json!({})).await
}

/// The id of a new key.
pub(crate) async fn new_key_with(client: &Client, input: Value) -> String {
    kms(client, "CreateKey", input)
        .await
        .ok()
        .field("/KeyMetadata/KeyId")
}

/// Encrypts a secret under `key`.
pub(crate) async fn encrypt(client: &Client, key: &str) -> Answer {
    kms(
        client,
        "Encrypt",
        json!({"KeyId": key, "Plaintext": STANDARD.encode("secret")}),
    )
    .await
}

/// Decrypts what `encrypt` gave.
pub(crate) async fn decrypt(client: &Client, ciphertext: &str) -> Answer {
    kms(client, "Decrypt", json!({"CiphertextBlob": ciphertext})).await
}

/// Replaces the policy of `key`.
pub(crate) async fn put_policy(client: &Client, key: &str, statements: &[Value]) {
    let input = json!({"KeyId": key, "Policy": key_policy(statements)});
    kms(client, "PutKeyPolicy", input).await.ok();
}

/// Bytes as JSON carries them.
pub(crate) fn blob(bytes: impl AsRef<[u8]>) -> String {
    STANDARD.encode(bytes)
}

/// A call of ImportKeyMaterial with `material`, wrapped as it should be, and what is in `further`.
pub(crate) async fn import_of(
    client: &Client,
    key: &str,
    material: &[u8],
    further: Value,
) -> Value {
    let input = json!({"KeyId": key, "WrappingAlgorithm": "RSAES_OAEP_SHA_256",
        "WrappingKeySpec": "RSA_2048"});
    let parameters = kms(client, "GetParametersForImport", input).await.ok();
    let public = STANDARD.decode(parameters.field("PublicKey")).unwrap();
    let public = PublicKey::from_der(KeyPairSpec::Rsa(RsaSize::Bits2048), &public).unwrap();
    let wrapped = public.encrypt(Oaep::Sha256, material).unwrap();
    let mut input = json!({"KeyId": key, "ImportToken": parameters.field("ImportToken"),
        "EncryptedKeyMaterial": blob(wrapped)});
    if further.get("ValidTo").is_none() {
        input["ExpirationModel"] = json!("KEY_MATERIAL_DOES_NOT_EXPIRE");
    }
    let further = further.as_object().unwrap().clone();
    input.as_object_mut().unwrap().extend(further);
    input
}

/// Imports `material`.
pub(crate) async fn import(client: &Client, key: &str, material: &[u8], further: Value) -> Answer {
    let input = import_of(client, key, material, further).await;
    kms(client, "ImportKeyMaterial", input).await
}

/// A user that no policy allows anything.
pub(crate) const POWERLESS: &str = "arn:aws:iam::111122223333:user/powerless";

fn merged(mut input: Value, more: &Value) -> Value {
    let members = input.as_object_mut().unwrap();
    members.extend(more.as_object().unwrap().clone());
    input
}

/// A new grant: its id and its token.
pub(crate) async fn granted(by: &Client, key: &str, to: &str, more: Value) -> (String, String) {
    let made = create(by, key, to, more).await.ok();
    (made.field("GrantId"), made.field("GrantToken"))
}

/// Makes a grant to encrypt, with these further parameters.
pub(crate) async fn create(by: &Client, key: &str, to: &str, more: Value) -> Answer {
    let input = json!({"KeyId": key, "GranteePrincipal": to, "Operations": ["Encrypt"]});
    kms(by, "CreateGrant", merged(input, &more)).await
}

/// Encrypts a secret with an encryption context.
pub(crate) async fn encrypt_in(caller: &Client, key: &str, context: Value) -> Answer {
    let plaintext = STANDARD.encode("secret");
    let input = json!({"KeyId": key, "Plaintext": plaintext, "EncryptionContext": context});
    kms(caller, "Encrypt", input).await
}
