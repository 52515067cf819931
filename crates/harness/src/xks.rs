//! An external key store proxy in memory: what it says is what the published interface asks for, what it computes is no
//! cipher. Tests can make it say something else.

use std::sync::{Mutex, MutexGuard, PoisonError};

use base::Secret;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use crypto::digest::sha256_of;
use pipeline::{XksAnswer, XksFault, XksProxy};
use serde_json::{Value, json};

/// What a proxy says: a status and a body, or nothing.
pub type Said = Result<(u16, String), XksFault>;
type Twist = Box<dyn Fn(&str, Said) -> Said + Send + Sync>;

/// A request as the proxy saw it.
#[derive(Clone, Debug)]
pub struct Asked {
    /// Host and path.
    pub url: String,
    /// The access key that it was signed by.
    pub access_key_id: String,
    /// What it said.
    pub body: Value,
}

/// A proxy that knows the keys `key-1`, `key-2`, `disabled` and `signing`, and one access key's secret.
#[derive(Default)]
pub struct MemoryProxy {
    twist: Mutex<Option<Twist>>,
    asked: Mutex<Vec<Asked>>,
}

/// The secret that the proxy takes.
pub const SECRET: &str = "0123456789012345678901234567890123456789012";

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl MemoryProxy {
    /// From now on its answers are changed so on their way.
    pub fn twist(&self, twist: impl Fn(&str, Said) -> Said + Send + Sync + 'static) {
        *lock(&self.twist) = Some(Box::new(twist));
    }

    /// From now on it says what it means.
    pub fn straighten(&self) {
        *lock(&self.twist) = None;
    }

    /// What it was asked so far.
    pub fn asked(&self) -> Vec<Asked> {
        lock(&self.asked).clone()
    }

    pub(crate) fn answer(
        &self,
        proxy: &XksProxy,
        path: &str,
        body: &[u8],
    ) -> Result<XksAnswer, XksFault> {
        let body: Value = serde_json::from_slice(body).expect("KMS sends JSON");
        lock(&self.asked).push(Asked {
            url: format!("{}{}{path}", proxy.host, proxy.path),
            access_key_id: proxy.access_key_id.clone(),
            body: body.clone(),
        });
        let mut said = match proxy.secret_access_key.expose() == SECRET {
            true => honest(path, &body),
            false => error(401, "AuthenticationFailedException"),
        };
        if let Some(twist) = &*lock(&self.twist) {
            said = twist(path, said);
        }
        let (status, body) = said?;
        let body = Secret::new(body.into_bytes());
        Ok(XksAnswer { status, body })
    }
}

fn error(status: u16, name: &str) -> Said {
    Ok((status, json!({"errorName": name}).to_string()))
}

fn honest(path: &str, body: &Value) -> Said {
    if path == "/health" {
        let manager = json!({"id": "1", "model": "m", "healthStatus": "ACTIVE"});
        let health = json!({"xksProxyFleetSize": 1, "xksProxyVendor": "v", "xksProxyModel": "m",
            "ekmVendor": "v", "ekmFleetDetails": [manager]});
        return Ok((200, health.to_string()));
    }
    let (key, operation) = path
        .strip_prefix("/keys/")
        .and_then(|path| path.split_once('/'))
        .expect("a path of the interface");
    let (usage, status) = match key {
        "key-1" | "key-2" => (json!(["ENCRYPT", "DECRYPT"]), "ENABLED"),
        "signing" => (json!(["SIGN"]), "ENABLED"),
        "disabled" => (json!(["ENCRYPT", "DECRYPT"]), "DISABLED"),
        _ => return error(404, "KeyNotFoundException"),
    };
    let bytes = |name: &str| {
        let text = body[name].as_str().unwrap_or_default();
        STANDARD.decode(text).expect("base64")
    };
    match operation {
        "metadata" => {
            let metadata = json!({"keySpec": "AES_256", "keyUsage": usage, "keyStatus": status});
            Ok((200, metadata.to_string()))
        }
        "encrypt" => Ok((
            200,
            encrypted(
                key,
                &bytes("additionalAuthenticatedData"),
                &bytes("plaintext"),
            ),
        )),
        _ => {
            let (ciphertext, aad) = (bytes("ciphertext"), bytes("additionalAuthenticatedData"));
            let iv = bytes("initializationVector");
            if tag(key, &aad, &iv, &ciphertext) != bytes("authenticationTag")
                || bytes("ciphertextMetadata") != b"v1"
            {
                return error(400, "InvalidCiphertextException");
            }
            let plaintext = STANDARD.encode(mask(key, &iv, &ciphertext));
            Ok((200, json!({"plaintext": plaintext}).to_string()))
        }
    }
}

fn encrypted(key: &str, aad: &[u8], plaintext: &[u8]) -> String {
    let iv = crypto::random::bytes::<12>();
    let ciphertext = mask(key, &iv, plaintext);
    let tag = tag(key, aad, &iv, &ciphertext);
    let integrity = sha256_of(&[aad, b"v1", &iv, &ciphertext, &tag]);
    json!({
        "ciphertext": STANDARD.encode(&ciphertext),
        "ciphertextMetadata": STANDARD.encode("v1"),
        "initializationVector": STANDARD.encode(iv),
        "authenticationTag": STANDARD.encode(tag),
        "ciphertextDataIntegrityValue": STANDARD.encode(integrity),
    })
    .to_string()
}

fn tag(key: &str, aad: &[u8], iv: &[u8], ciphertext: &[u8]) -> Vec<u8> {
    sha256_of(&[key.as_bytes(), aad, iv, ciphertext])[..16].to_vec()
}

fn mask(key: &str, iv: &[u8], text: &[u8]) -> Vec<u8> {
    let pad = sha256_of(&[key.as_bytes(), iv]);
    text.iter()
        .zip(pad.iter().cycle())
        .map(|(a, b)| a ^ b)
        .collect()
}
