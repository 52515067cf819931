//! Encrypting and decrypting under an RSA key: bare ciphertexts, as any library makes them from the public key.

use base::Secret;
use crypto::{KeyPairSpec, Oaep};
use kms_api::shapes::KeyUsageType;
use pipeline::{Failure, Operation, Permitted};
use wire::Blob;

use crate::encryption_context::Given;
use crate::key::Key;
use crate::{errors, usage};

/// Encrypts `plaintext` under the public key of `key`.
pub(crate) fn encrypt<O: Operation>(
    call: &Permitted<'_, O>,
    key: &Key,
    oaep: Oaep,
    context: &Given,
    plaintext: &[u8],
) -> Result<Blob, Failure> {
    check_no_context(key, context)?;
    let pair = usage::pair(call, key, KeyUsageType::EncryptDecrypt)?;
    if let KeyPairSpec::Rsa(size) = pair.spec() {
        let longest = oaep.longest_plaintext(size);
        if plaintext.len() > longest {
            let spec = key.spec.as_str();
            return Err(errors::plaintext_too_long(name(oaep), spec, longest));
        }
    }
    let sealed = pair.public_key().encrypt(oaep, plaintext);
    sealed.map(Blob).map_err(Failure::internal)
}

/// Decrypts what was encrypted under the public key of `key`.
pub(crate) fn decrypt<O: Operation>(
    call: &Permitted<'_, O>,
    key: &Key,
    oaep: Oaep,
    context: &Given,
    ciphertext: &[u8],
) -> Result<Secret<Vec<u8>>, Failure> {
    check_no_context(key, context)?;
    let pair = usage::pair(call, key, KeyUsageType::EncryptDecrypt)?;
    let opened = pair.decrypt(oaep, ciphertext);
    opened.map_err(|_| errors::invalid_ciphertext())
}

fn name(oaep: Oaep) -> &'static str {
    match oaep {
        Oaep::Sha1 => "RSAES_OAEP_SHA_1",
        Oaep::Sha256 => "RSAES_OAEP_SHA_256",
    }
}

/// AWS document: AWS KMS Developer Guide, "Encryption context": not with asymmetric keys.
fn check_no_context(key: &Key, context: &Given) -> Result<(), Failure> {
    match context {
        Some(pairs) if !pairs.is_empty() => Err(errors::context_of_key_pair(key.spec.as_str())),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{Kms, alcazar, arn, blob, unblob};
    use serde_json::{Value, json};

    const ALGORITHMS: [(&str, usize); 2] = [("RSAES_OAEP_SHA_1", 214), ("RSAES_OAEP_SHA_256", 190)];

    #[tokio::test]
    async fn a_bare_ciphertext_and_back() {
        let alcazar = alcazar().await;
        let root = alcazar.root();
        let key = root.new_key_of("RSA_2048", "ENCRYPT_DECRYPT").await;
        for (algorithm, longest) in ALGORITHMS {
            alcazar.clock.advance_seconds(1);
            let input = json!({"KeyId": key, "EncryptionAlgorithm": algorithm,
                "Plaintext": blob(vec![7; longest])});
            let sealed = root.kms("Encrypt", input).await.ok();
            assert_eq!(sealed.field("EncryptionAlgorithm"), algorithm);
            let ciphertext = sealed.field("CiphertextBlob");
            assert_eq!(unblob(&ciphertext).len(), 256);
            let input = json!({"KeyId": key, "EncryptionAlgorithm": algorithm,
                "CiphertextBlob": ciphertext});
            let opened = root.kms("Decrypt", input).await.ok();
            assert_eq!(unblob(&opened.field("Plaintext")), vec![7; longest]);
            assert_eq!(opened.field("KeyId"), arn(&key));
            assert_eq!(opened.field("EncryptionAlgorithm"), algorithm);
            assert_eq!(opened.field("KeyMaterialId"), "");
        }
        let event = alcazar.event("Decrypt").await;
        assert_eq!(
            event["requestParameters"]["encryptionAlgorithm"],
            "RSAES_OAEP_SHA_256"
        );
    }

    #[tokio::test]
    async fn re_encrypt_between_kinds() {
        let root = alcazar().await.root();
        let rsa = root.new_key_of("RSA_2048", "ENCRYPT_DECRYPT").await;
        let symmetric = root.new_key().await;
        let input = json!({"CiphertextBlob": root.encrypted(&symmetric, "x").await,
            "DestinationKeyId": rsa, "DestinationEncryptionAlgorithm": "RSAES_OAEP_SHA_256"});
        let moved = root.kms("ReEncrypt", input).await.ok();
        assert_eq!(moved.field("SourceKeyMaterialId").len(), 64);
        assert_eq!(moved.field("DestinationKeyMaterialId"), "");
        let input = json!({"CiphertextBlob": moved.field("CiphertextBlob"), "SourceKeyId": rsa,
            "SourceEncryptionAlgorithm": "RSAES_OAEP_SHA_256", "DestinationKeyId": symmetric,
            "DestinationEncryptionContext": {"a": "1"}});
        let back = root.kms("ReEncrypt", input).await.ok();
        assert_eq!(back.field("SourceKeyMaterialId"), "");
        let input = json!({"CiphertextBlob": back.field("CiphertextBlob"),
            "EncryptionContext": {"a": "1"}});
        let opened = root.kms("Decrypt", input).await.ok();
        assert_eq!(unblob(&opened.field("Plaintext")), b"x");
    }

    #[tokio::test]
    async fn what_is_refused() {
        let root = alcazar().await.root();
        let key = root.new_key_of("RSA_2048", "ENCRYPT_DECRYPT").await;
        let signing = root.new_key_of("RSA_2048", "SIGN_VERIFY").await;
        let usage = format!(
            "{} key usage is SIGN_VERIFY which is not valid for Encrypt.",
            arn(&signing)
        );
        for (key, algorithm, length, context, code, words) in [
            (
                &signing,
                json!("RSAES_OAEP_SHA_256"),
                1,
                Value::Null,
                "InvalidKeyUsageException",
                usage.as_str(),
            ),
            (
                &key,
                Value::Null,
                1,
                Value::Null,
                "InvalidKeyUsageException",
                "Algorithm SYMMETRIC_DEFAULT is incompatible with key spec RSA_2048.",
            ),
            (
                &key,
                json!("RSAES_OAEP_SHA_256"),
                191,
                Value::Null,
                "ValidationException",
                "Algorithm RSAES_OAEP_SHA_256 and key spec RSA_2048 cannot encrypt data larger \
                 than 190 bytes.",
            ),
            (
                &key,
                json!("RSAES_OAEP_SHA_1"),
                215,
                json!({}),
                "ValidationException",
                "Algorithm RSAES_OAEP_SHA_1 and key spec RSA_2048 cannot encrypt data larger than \
                 214 bytes.",
            ),
            (
                &key,
                json!("RSAES_OAEP_SHA_1"),
                1,
                json!({"a": "1"}),
                "ValidationException",
                "An encryption context is not supported by key spec RSA_2048.",
            ),
        ] {
            let input = json!({"KeyId": key, "EncryptionAlgorithm": algorithm,
                "EncryptionContext": context, "Plaintext": blob(vec![7; length])});
            root.kms("Encrypt", input).await.fails(code).saying(words);
        }
    }

    #[tokio::test]
    async fn a_ciphertext_opens_under_its_key_and_algorithm_only() {
        let root = alcazar().await.root();
        let key = root.new_key_of("RSA_2048", "ENCRYPT_DECRYPT").await;
        let other = root.new_key_of("RSA_2048", "ENCRYPT_DECRYPT").await;
        let input = json!({"KeyId": key, "EncryptionAlgorithm": "RSAES_OAEP_SHA_256",
            "Plaintext": blob("x")});
        let sealed = root
            .kms("Encrypt", input)
            .await
            .ok()
            .field("CiphertextBlob");
        for (key, algorithm) in [
            (json!(other), "RSAES_OAEP_SHA_256"),
            (json!(key), "RSAES_OAEP_SHA_1"),
            (Value::Null, "RSAES_OAEP_SHA_256"),
        ] {
            let input = json!({"KeyId": key, "EncryptionAlgorithm": algorithm,
                "CiphertextBlob": sealed});
            root.kms("Decrypt", input)
                .await
                .fails("InvalidCiphertextException");
        }
        // One that looks as if it named a multi-Region key of some account.
        let misleading = blob([&[2, 0x19, 0xdf, 0x66, 0x90, 0xe5][..], &[7; 250]].concat());
        for algorithm in ["RSAES_OAEP_SHA_1", "RSAES_OAEP_SHA_256"] {
            let input = json!({"EncryptionAlgorithm": algorithm, "CiphertextBlob": misleading});
            let refused = root.kms("Decrypt", input).await;
            refused.fails("InvalidCiphertextException");
        }
        let input = json!({"KeyId": key, "EncryptionAlgorithm": "RSAES_OAEP_SHA_256",
            "CiphertextBlob": sealed, "EncryptionContext": {"a": "1"}});
        root.kms("Decrypt", input)
            .await
            .fails("ValidationException");
    }
}
