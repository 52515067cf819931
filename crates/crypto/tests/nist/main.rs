//! NIST's vectors: excerpts of the files that each names in its first line. What needs a private key is tried through
//! the server itself, in `conformance/test_kms_vectors.py`, from the same files.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use crypto::{
    Hash, KeyPair, KeyPairSpec, Message, MlDsaSet, NistCurve, PublicKey, RsaSize, Signable,
    SigningAlgorithm,
};
use shake::Shake256;
use shake::digest::{ExtendableOutput, Update, XofReader};
use std::collections::BTreeMap;

/// The fields of one vector, and the section it is in.
type Vector<'a> = (&'a str, BTreeMap<&'a str, &'a str>);

fn vectors(text: &str) -> Vec<Vector<'_>> {
    let (mut section, mut vectors) = ("", Vec::new());
    for block in text.split("\n\n") {
        let mut fields = BTreeMap::new();
        for line in block.lines() {
            if let Some(head) = line.strip_prefix('[') {
                section = head.trim_end_matches(']');
            } else if let Some((name, value)) = line.split_once(" = ") {
                fields.insert(name, value);
            }
        }
        if !fields.is_empty() {
            vectors.push((section, fields));
        }
    }
    vectors
}

fn bytes(hex: &str) -> Vec<u8> {
    hex::decode(hex).unwrap()
}

/// One DER element.
fn element(tag: u8, content: &[u8]) -> Vec<u8> {
    let mut der = vec![tag];
    match content.len() {
        length @ ..128 => der.push(length as u8),
        length @ 128..256 => der.extend([0x81, length as u8]),
        length => der.extend([0x82, (length >> 8) as u8, length as u8]),
    }
    der.extend(content);
    der
}

fn integer(bytes: &[u8]) -> Vec<u8> {
    let first = bytes
        .iter()
        .position(|byte| *byte != 0)
        .unwrap_or(bytes.len());
    let significant = &bytes[first..];
    let sign = match significant.first() {
        Some(0x80..) | None => &[0][..],
        Some(_) => &[],
    };
    element(2, &[sign, significant].concat())
}

/// `SubjectPublicKeyInfo` (RFC 5280) of a key whose algorithm is `algorithm`.
fn spki(algorithm: &str, key: &[u8]) -> Vec<u8> {
    let key = element(3, &[&[0], key].concat());
    element(0x30, &[bytes(algorithm), key].concat())
}

fn rsa_key(fields: &BTreeMap<&str, &str>) -> PublicKey {
    let (n, e) = (bytes(fields["n"]), bytes(fields["e"]));
    let size = match n.len() {
        256 => RsaSize::Bits2048,
        384 => RsaSize::Bits3072,
        512 => RsaSize::Bits4096,
        other => panic!("{other} bytes"),
    };
    let key = element(0x30, &[integer(&n), integer(&e)].concat());
    let der = spki("300d06092a864886f70d0101010500", &key);
    PublicKey::from_der(KeyPairSpec::Rsa(size), &der).unwrap()
}

fn hash(name: &str) -> Hash {
    match name {
        "SHA256" => Hash::Sha256,
        "SHA384" => Hash::Sha384,
        "SHA512" => Hash::Sha512,
        other => panic!("{other}"),
    }
}

fn verifies(
    key: &PublicKey,
    algorithm: SigningAlgorithm,
    message: &[u8],
    signature: &[u8],
) -> bool {
    let signable = Signable::new(key.spec(), algorithm, Message::Raw(message)).unwrap();
    key.verify(&signable, signature).is_ok()
}

#[test]
fn ecdsa() {
    let vectors = vectors(include_str!("ecdsa_sigver.rsp"));
    assert_eq!(vectors.len(), 45);
    for (section, fields) in vectors {
        let (curve, hash, algorithm, length) = match section {
            "P-256,SHA-256" => (
                NistCurve::P256,
                Hash::Sha256,
                "301306072a8648ce3d020106082a8648ce3d030107",
                32,
            ),
            "P-384,SHA-384" => (
                NistCurve::P384,
                Hash::Sha384,
                "301006072a8648ce3d020106052b81040022",
                48,
            ),
            "P-521,SHA-512" => (
                NistCurve::P521,
                Hash::Sha512,
                "301006072a8648ce3d020106052b81040023",
                66,
            ),
            other => panic!("{other}"),
        };
        let coordinate = |name| {
            let written = bytes(&format!("{:0>width$}", fields[name], width = 2 * length));
            written[written.len() - length..].to_vec()
        };
        let point = [&[4][..], &coordinate("Qx"), &coordinate("Qy")].concat();
        let signature = [integer(&coordinate("R")), integer(&coordinate("S"))].concat();
        let key = PublicKey::from_der(KeyPairSpec::Nist(curve), &spki(algorithm, &point));
        let accepted = key.is_ok_and(|key| {
            let algorithm = SigningAlgorithm::Ecdsa(hash);
            let signature = element(0x30, &signature);
            verifies(&key, algorithm, &bytes(fields["Msg"]), &signature)
        });
        assert_eq!(accepted, fields["Result"].starts_with('P'), "{fields:?}");
    }
}

#[test]
fn rsassa_pkcs1_v1_5() {
    let vectors = vectors(include_str!("rsa_sigver15.rsp"));
    assert!(vectors.len() > 20, "{}", vectors.len());
    for (_, fields) in vectors {
        let algorithm = SigningAlgorithm::RsassaPkcs1V15(hash(fields["SHAAlg"]));
        let (message, signature) = (bytes(fields["Msg"]), bytes(fields["S"]));
        let accepted = verifies(&rsa_key(&fields), algorithm, &message, &signature);
        assert_eq!(accepted, fields["Result"].starts_with('P'), "{fields:?}");
    }
}

/// Signatures that hold, with a salt of ten bytes: another scheme than KMS's, whose salt is as long as the digest.
#[test]
fn rsassa_pss_with_another_salt() {
    let vectors = vectors(include_str!("rsa_sigverpss_salt10.rsp"));
    assert_eq!(vectors.len(), 9);
    for (_, fields) in vectors {
        let algorithm = SigningAlgorithm::RsassaPss(hash(fields["SHAAlg"]));
        let (message, signature) = (bytes(fields["Msg"]), bytes(fields["S"]));
        assert!(!verifies(
            &rsa_key(&fields),
            algorithm,
            &message,
            &signature
        ));
    }
}

/// The set of this name, and how its algorithm is named in DER.
fn ml_dsa(section: &str) -> (MlDsaSet, String) {
    let (set, number) = match section {
        "ML-DSA-44" => (MlDsaSet::MlDsa44, 0x11),
        "ML-DSA-65" => (MlDsaSet::MlDsa65, 0x12),
        "ML-DSA-87" => (MlDsaSet::MlDsa87, 0x13),
        other => panic!("{other}"),
    };
    (set, format!("300b06096086480165030403{number:x}"))
}

#[test]
fn ml_dsa_public_keys_of_seeds() {
    let vectors = vectors(include_str!("ml_dsa_keygen.rsp"));
    assert_eq!(vectors.len(), 9);
    for (section, fields) in vectors {
        let (set, algorithm) = ml_dsa(section);
        let seed = element(4, &element(0x80, &bytes(fields["seed"])));
        let der = element(0x30, &[vec![2, 1, 0], bytes(&algorithm), seed].concat());
        let key = KeyPair::from_pkcs8(KeyPairSpec::MlDsa(set), &der).unwrap();
        let expected = spki(&algorithm, &bytes(fields["pk"]));
        assert_eq!(key.public_key().der(), expected, "{section}");
    }
}

/// 64 bytes of SHAKE256.
fn shake256(parts: [&[u8]; 2]) -> [u8; 64] {
    let (mut hasher, mut out) = (Shake256::default(), [0; 64]);
    parts.iter().for_each(|part| hasher.update(part));
    hasher.finalize_xof().read(&mut out);
    out
}

#[test]
fn ml_dsa_signatures_over_mu() {
    let vectors = vectors(include_str!("ml_dsa_sigver.rsp"));
    let (mut public, mut tried, mut accepted) = (Vec::new(), 0, 0);
    for (section, fields) in vectors {
        if let Some(key) = fields.get("pk") {
            public = bytes(key);
            continue;
        }
        let (set, algorithm) = ml_dsa(section);
        let der = spki(&algorithm, &public);
        let key = PublicKey::from_der(KeyPairSpec::MlDsa(set), &der).unwrap();
        let mu = shake256([&shake256([&public, &[]]), &bytes(fields["Msg"])]);
        let algorithm = SigningAlgorithm::MlDsaShake256;
        let signable = Signable::new(key.spec(), algorithm, Message::ExternalMu(&mu)).unwrap();
        let holds = key.verify(&signable, &bytes(fields["S"])).is_ok();
        let expected = fields["Result"].starts_with('P');
        assert_eq!(holds, expected, "{section} {}", fields["Result"]);
        (tried, accepted) = (tried + 1, accepted + usize::from(holds));
    }
    assert_eq!((tried, accepted), (15, 3));
}
