"""NIST's and the RFCs' vectors through the whole server: their keys imported, their results compared.

Vectors of AES-GCM cannot be set: a ciphertext of KMS is an envelope whose key is derived from the material and a nonce
that the server chooses. Material of ML-DSA keys cannot be imported, in AWS neither; their vectors are in
crates/crypto/tests. Project Wycheproof's are in test_kms_wycheproof.py.
"""

import hashlib
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from support import ed25519ph
from support.importing import external_key, importing
from support.refusal import refused

FILES = Path(__file__).parent.parent / "crates/crypto/tests/nist"
CURVES = {"P-256": ec.SECP256R1, "P-384": ec.SECP384R1, "P-521": ec.SECP521R1}


def vectors(name):
    """Section and fields of each vector of a file."""
    section, found = "", []
    for block in (FILES / name).read_text().split("\n\n"):
        fields = {}
        for line in block.splitlines():
            if line.startswith("["):
                section = line.strip("[]")
            elif " = " in line and not line.startswith("#"):
                key, value = line.split(" = ", 1)
                fields[key] = value
        if fields:
            found.append((section, fields))
    return found


@pytest.fixture
def kms(account):
    return account.root.kms


def pkcs8(private):
    return private.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())


def imported(kms, spec, usage, private):
    key = external_key(kms, KeySpec=spec, KeyUsage=usage)
    importing(kms, key, pkcs8(private), "RSA_AES_KEY_WRAP_SHA_256")
    return key


def number(fields, name):
    return int(fields[name], 16)


@pytest.mark.parametrize("section,fields", vectors("ecdsa_siggen.rsp"))
def test_ecdsa(kms, section, fields):
    curve, bits = section[:5], section[-3:]
    private = ec.derive_private_key(number(fields, "d"), CURVES[curve]())
    key = imported(kms, f"ECC_NIST_{curve.replace('-', '')}", "SIGN_VERIFY", private)
    signature = encode_dss_signature(number(fields, "R"), number(fields, "S"))
    given = {"KeyId": key, "Message": bytes.fromhex(fields["Msg"]), "SigningAlgorithm": f"ECDSA_SHA_{bits}"}
    assert kms.verify(**given, Signature=signature)["SignatureValid"]
    changed = encode_dss_signature(number(fields, "R"), number(fields, "S") ^ 1)
    with refused("KMSInvalidSignatureException"):
        kms.verify(**given, Signature=changed)


@pytest.mark.parametrize("section,fields", vectors("rsa_sigver15.rsp"))
def test_rsassa_pkcs1_v1_5(kms, section, fields):
    p, q, e = number(fields, "p"), number(fields, "q"), number(fields, "e")
    d = pow(e, -1, (p - 1) * (q - 1))
    numbers = rsa.RSAPrivateNumbers(
        p, q, d, rsa.rsa_crt_dmp1(d, p), rsa.rsa_crt_dmq1(d, q), rsa.rsa_crt_iqmp(p, q),
        rsa.RSAPublicNumbers(e, number(fields, "n")))
    key = imported(kms, f"RSA_{section.removeprefix('mod = ')}", "SIGN_VERIFY", numbers.private_key())
    given = {"KeyId": key, "Message": bytes.fromhex(fields["Msg"]),
             "SigningAlgorithm": f"RSASSA_PKCS1_V1_5_SHA_{fields['SHAAlg'][3:]}"}
    signature = bytes.fromhex(fields["S"])
    if fields["Result"].startswith("P"):
        assert kms.verify(**given, Signature=signature)["SignatureValid"]
        # It is the only one there is.
        assert kms.sign(**given)["Signature"] == signature
        return
    with refused("KMSInvalidSignatureException"):
        kms.verify(**given, Signature=signature)


@pytest.mark.parametrize("section,fields", vectors("ecdh.rsp"))
def test_ecdh(kms, section, fields):
    curve = CURVES[section]()
    private = ec.derive_private_key(number(fields, "dsIUT"), curve)
    key = imported(kms, f"ECC_NIST_{section.replace('-', '')}", "KEY_AGREEMENT", private)
    length = (curve.key_size + 7) // 8
    # The names of the algorithm and of the curve, as in any key of the curve.
    own = private.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    point = b"".join(number(fields, name).to_bytes(length, "big") for name in ("QsCAVSx", "QsCAVSy"))
    given = {"KeyId": key, "KeyAgreementAlgorithm": "ECDH", "PublicKey": own[:-2 * length] + point}
    if fields["Result"].startswith("P"):
        assert kms.derive_shared_secret(**given)["SharedSecret"] == number(fields, "Z").to_bytes(length, "big")
        return
    with refused("ValidationException"):
        kms.derive_shared_secret(**given)


@pytest.mark.parametrize("section,fields", vectors("hmac.rsp"))
def test_hmac(kms, section, fields):
    """HMAC fills a key with zeros up to the block, so that a short one is the same key as its filled form."""
    bits = int(section.removeprefix("HMAC-SHA-"))
    key = external_key(kms, KeySpec=f"HMAC_{bits}", KeyUsage="GENERATE_VERIFY_MAC")
    importing(kms, key, bytes.fromhex(fields["Key"]).ljust(bits // 8, b"\0"))
    given = {"KeyId": key, "Message": bytes.fromhex(fields["Msg"]), "MacAlgorithm": f"HMAC_SHA_{bits}"}
    assert kms.generate_mac(**given)["Mac"].hex() == fields["MD"]
    assert kms.verify_mac(**given, Mac=bytes.fromhex(fields["MD"]))["MacValid"]


# RFC 8032, section 7.1, tests 2 and 3: secret key, message, signature.
ED25519 = [
    ("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb", "72",
     "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
     "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"),
    ("c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7", "af82",
     "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac"
     "18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a"),
]


@pytest.mark.parametrize("secret,message,signature", ED25519)
def test_ed25519(kms, secret, message, signature):
    private = ed25519.Ed25519PrivateKey.from_private_bytes(bytes.fromhex(secret))
    key = imported(kms, "ECC_NIST_EDWARDS25519", "SIGN_VERIFY", private)
    given = {"KeyId": key, "Message": bytes.fromhex(message), "SigningAlgorithm": "ED25519_SHA_512"}
    assert kms.sign(**given)["Signature"].hex() == signature
    assert kms.verify(**given, Signature=bytes.fromhex(signature))["SignatureValid"]


# RFC 8032, section 7.3: secret key, signature over "abc".
ED25519PH = ("833fe62409237b9d62ec77587520911e9a759cec1d19755b7da901b96dca3d42",
             "98a70222f0b8121aa9d30f813d683f809e462b469c7ff87639499bb94e6dae41"
             "31f85042463c2a355a2003d062adf5aaa10b8c61e636062aaad11c2a26083406")


def test_ed25519ph(kms):
    """KMS takes what it signs as a SHA-512 digest and hashes it again, so that the RFC's own message of three letters
    cannot be set: its signature proves the scheme of `support/ed25519ph.py`, and that proves the server's."""
    secret, signature = (bytes.fromhex(text) for text in ED25519PH)
    assert ed25519ph.sign(secret, b"abc") == signature
    private = ed25519.Ed25519PrivateKey.from_private_bytes(secret)
    key = imported(kms, "ECC_NIST_EDWARDS25519", "SIGN_VERIFY", private)
    digest = hashlib.sha512(b"abc").digest()
    given = {"KeyId": key, "Message": digest, "MessageType": "DIGEST", "SigningAlgorithm": "ED25519_PH_SHA_512"}
    twice = ed25519ph.sign(secret, digest)
    assert kms.sign(**given)["Signature"] == twice
    assert kms.verify(**given, Signature=twice)["SignatureValid"]
    for wrong in (signature, private.sign(digest)):
        with refused("KMSInvalidSignatureException"):
            kms.verify(**given, Signature=wrong)
