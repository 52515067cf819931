//! Encrypted assertions: XML Encryption 1.1, an AES key wrapped for an RSA key of ours.

use base::Secret;
use crypto::{ContentCipher, DecryptionKey, Oaep};

use crate::names::{ENCRYPTION, SIGNATURE};
use crate::signature::bytes;
use crate::xml::Element;

const ENCRYPTION_1_1: &str = "http://www.w3.org/2009/xmlenc11#";

/// The text of the element that `encrypted`, an `EncryptedAssertion`, holds. Nothing tells why there is none.
pub(crate) fn opened(encrypted: &Element, keys: &[DecryptionKey]) -> Option<Secret<Vec<u8>>> {
    let data = encrypted.only(ENCRYPTION, "EncryptedData").ok()??;
    let key = encrypted_key(encrypted, data)?;
    let oaep = oaep(method(key)?)?;
    let cipher = cipher(method(data)?.attribute("Algorithm")?)?;
    let (key, data) = (ciphertext(key)?, ciphertext(data)?);
    let mut keys = keys.iter();
    keys.find_map(|ours| ours.open(oaep, &key, cipher, &data).ok())
}

/// Within the data's `KeyInfo`, or beside the data (SAML 2.0 Core, 2.5.2 and errata E43).
fn encrypted_key<'a>(encrypted: &'a Element, data: &'a Element) -> Option<&'a Element> {
    let beside = encrypted.only(ENCRYPTION, "EncryptedKey").ok()?;
    let info = data.only(SIGNATURE, "KeyInfo").ok()?;
    let within = match info {
        Some(info) => info.only(ENCRYPTION, "EncryptedKey").ok()?,
        None => None,
    };
    match (beside, within) {
        (Some(key), None) | (None, Some(key)) => Some(key),
        _ => None,
    }
}

fn method(element: &Element) -> Option<&Element> {
    element.only(ENCRYPTION, "EncryptionMethod").ok()?
}

fn ciphertext(element: &Element) -> Option<Vec<u8>> {
    let data = element.only(ENCRYPTION, "CipherData").ok()??;
    bytes(data.only(ENCRYPTION, "CipherValue").ok()??).ok()
}

/// XML Encryption 1.1, section 5.5.2: both hash functions are the same one here, and a label is not taken.
fn oaep(method: &Element) -> Option<Oaep> {
    let digest = method.only(SIGNATURE, "DigestMethod").ok()?;
    let digest = match digest {
        None => "http://www.w3.org/2000/09/xmldsig#sha1",
        Some(digest) => digest.attribute("Algorithm")?,
    };
    let mask = method.only(ENCRYPTION_1_1, "MGF").ok()?;
    let mask = match (method.attribute("Algorithm")?, mask) {
        ("http://www.w3.org/2001/04/xmlenc#rsa-oaep-mgf1p", None)
        | ("http://www.w3.org/2009/xmlenc11#rsa-oaep", None) => "mgf1sha1",
        ("http://www.w3.org/2009/xmlenc11#rsa-oaep", Some(mask)) => {
            mask.attribute("Algorithm")?.strip_prefix(ENCRYPTION_1_1)?
        }
        _ => return None,
    };
    if method.only(ENCRYPTION, "OAEPparams").ok()?.is_some() {
        return None;
    }
    match (digest, mask) {
        ("http://www.w3.org/2000/09/xmldsig#sha1", "mgf1sha1") => Some(Oaep::Sha1),
        ("http://www.w3.org/2001/04/xmlenc#sha256", "mgf1sha256") => Some(Oaep::Sha256),
        _ => None,
    }
}

/// XML Encryption 1.1, section 5.2.
fn cipher(uri: &str) -> Option<ContentCipher> {
    Some(match uri {
        "http://www.w3.org/2001/04/xmlenc#aes128-cbc" => ContentCipher::Aes128Cbc,
        "http://www.w3.org/2001/04/xmlenc#aes192-cbc" => ContentCipher::Aes192Cbc,
        "http://www.w3.org/2001/04/xmlenc#aes256-cbc" => ContentCipher::Aes256Cbc,
        "http://www.w3.org/2009/xmlenc11#aes128-gcm" => ContentCipher::Aes128Gcm,
        "http://www.w3.org/2009/xmlenc11#aes192-gcm" => ContentCipher::Aes192Gcm,
        "http://www.w3.org/2009/xmlenc11#aes256-gcm" => ContentCipher::Aes256Gcm,
        _ => return None,
    })
}
