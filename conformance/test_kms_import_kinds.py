"""Known keys of every kind, imported by every wrapping that KMS documents for them: they are the same keys afterwards.

Symmetric keys cannot be compared: the key of a ciphertext is derived from the material and a nonce, in a form of the
server's own. What one importation sealed another opens, in test_kms_import.py.
"""

import functools
import hmac
import os

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from support.importing import external_key, importing, parameters
from support.refusal import refused

MESSAGE = b"a message"
WRAPPING_KEYS = ["RSA_2048", "RSA_3072", "RSA_4096"]
OAEP, KEY_WRAP = ["RSAES_OAEP_SHA_1", "RSAES_OAEP_SHA_256"], ["RSA_AES_KEY_WRAP_SHA_1", "RSA_AES_KEY_WRAP_SHA_256"]
RSA = {"RSA_2048": 2048, "RSA_3072": 3072, "RSA_4096": 4096}
CURVES = {"ECC_NIST_P256": ec.SECP256R1, "ECC_NIST_P384": ec.SECP384R1, "ECC_NIST_P521": ec.SECP521R1,
          "ECC_SECG_P256K1": ec.SECP256K1}
HMACS = ["HMAC_224", "HMAC_256", "HMAC_384", "HMAC_512"]
KINDS = ([(spec, "SIGN_VERIFY") for spec in [*RSA, *CURVES, "ECC_NIST_EDWARDS25519"]]
         + [(spec, "ENCRYPT_DECRYPT") for spec in RSA]
         + [(spec, "KEY_AGREEMENT") for spec in list(CURVES)[:3]])


def documented(spec, algorithm, wrapping_key):
    """Whether material of this spec may be wrapped so, by the Developer Guide's "Select a wrapping algorithm"."""
    if spec in RSA:
        return algorithm in KEY_WRAP
    if spec == "ECC_NIST_P521" and wrapping_key == "RSA_2048":
        return algorithm in KEY_WRAP
    return algorithm in OAEP or spec.startswith("ECC")


EVERY_WRAPPING = [(algorithm, key) for algorithm in OAEP + KEY_WRAP for key in WRAPPING_KEYS]


@pytest.fixture
def kms(account):
    return account.root.kms


@functools.cache
def private_key(spec, which=0):
    """One of several key pairs of a spec, made once."""
    if spec in RSA:
        return rsa.generate_private_key(65537, RSA[spec])
    return ec.generate_private_key(CURVES[spec]()) if spec in CURVES else ed25519.Ed25519PrivateKey.generate()


def pkcs8(private):
    return private.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())


def spki(private):
    return private.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def signatures(kms, key, spec):
    private = private_key(spec)
    if spec in RSA:
        algorithm, how = "RSASSA_PSS_SHA_256", (padding.PSS(padding.MGF1(hashes.SHA256()), 32), hashes.SHA256())
    elif spec in CURVES:
        bits = {"ECC_NIST_P384": 384, "ECC_NIST_P521": 512}.get(spec, 256)
        algorithm, how = f"ECDSA_SHA_{bits}", (ec.ECDSA(getattr(hashes, f"SHA{bits}")()),)
    else:
        algorithm, how = "ED25519_SHA_512", ()
    given = {"KeyId": key, "Message": MESSAGE, "SigningAlgorithm": algorithm}
    private.public_key().verify(kms.sign(**given)["Signature"], MESSAGE, *how)
    assert kms.verify(**given, Signature=private.sign(MESSAGE, *how))["SignatureValid"]


def decryption(kms, key, spec):
    oaep = padding.OAEP(padding.MGF1(hashes.SHA256()), hashes.SHA256(), None)
    given = {"KeyId": key, "EncryptionAlgorithm": "RSAES_OAEP_SHA_256"}
    sealed = private_key(spec).public_key().encrypt(MESSAGE, oaep)
    assert kms.decrypt(CiphertextBlob=sealed, **given)["Plaintext"] == MESSAGE
    sealed = kms.encrypt(Plaintext=MESSAGE, **given)["CiphertextBlob"]
    assert private_key(spec).decrypt(sealed, oaep) == MESSAGE


def agreement(kms, key, spec):
    peer = ec.generate_private_key(CURVES[spec]())
    derived = kms.derive_shared_secret(KeyId=key, KeyAgreementAlgorithm="ECDH", PublicKey=spki(peer))
    assert derived["SharedSecret"] == private_key(spec).exchange(ec.ECDH(), peer.public_key())
    assert derived["KeyOrigin"] == "EXTERNAL"


IS_THE_SAME = {"SIGN_VERIFY": signatures, "ENCRYPT_DECRYPT": decryption, "KEY_AGREEMENT": agreement}


@pytest.mark.parametrize("algorithm,wrapping_key", EVERY_WRAPPING)
@pytest.mark.parametrize("spec,usage", KINDS)
def test_a_key_pair_is_the_same_afterwards(kms, spec, usage, algorithm, wrapping_key):
    key = external_key(kms, KeySpec=spec, KeyUsage=usage)
    if not documented(spec, algorithm, wrapping_key):
        with pytest.raises(kms.exceptions.UnsupportedOperationException):
            parameters(kms, key, algorithm, wrapping_key)
        return
    importing(kms, key, pkcs8(private_key(spec)), algorithm, wrapping_key)
    assert kms.get_public_key(KeyId=key)["PublicKey"] == spki(private_key(spec))
    IS_THE_SAME[usage](kms, key, spec)


@pytest.mark.parametrize("algorithm,wrapping_key", EVERY_WRAPPING)
@pytest.mark.parametrize("spec", HMACS)
def test_a_mac_key_is_the_same_afterwards(kms, spec, algorithm, wrapping_key):
    key = external_key(kms, KeySpec=spec, KeyUsage="GENERATE_VERIFY_MAC")
    if not documented(spec, algorithm, wrapping_key):
        with pytest.raises(kms.exceptions.UnsupportedOperationException):
            parameters(kms, key, algorithm, wrapping_key)
        return
    bits = spec.removeprefix("HMAC_")
    material = os.urandom(int(bits) // 8)
    importing(kms, key, material, algorithm, wrapping_key)
    given = {"KeyId": key, "Message": MESSAGE, "MacAlgorithm": f"HMAC_SHA_{bits}"}
    expected = hmac.digest(material, MESSAGE, f"sha{bits}")
    assert kms.generate_mac(**given)["Mac"] == expected
    assert kms.verify_mac(**given, Mac=expected)["MacValid"]


@pytest.mark.parametrize("spec,usage", KINDS)
def test_a_key_pair_comes_back_and_no_other(kms, spec, usage):
    key, how = external_key(kms, KeySpec=spec, KeyUsage=usage), "RSA_AES_KEY_WRAP_SHA_256"
    importing(kms, key, pkcs8(private_key(spec)), how)
    importing(kms, key, pkcs8(private_key(spec)), how)
    with pytest.raises(kms.exceptions.IncorrectKeyMaterialException):
        importing(kms, key, pkcs8(private_key(spec, 1)), how)
    kms.delete_imported_key_material(KeyId=key)
    with pytest.raises(kms.exceptions.KMSInvalidStateException, match="is pending import"):
        kms.get_public_key(KeyId=key)
    with pytest.raises(kms.exceptions.IncorrectKeyMaterialException):
        importing(kms, key, pkcs8(private_key(spec, 1)), how)
    importing(kms, key, pkcs8(private_key(spec)), how)
    IS_THE_SAME[usage](kms, key, spec)


@pytest.mark.parametrize("spec", HMACS)
def test_a_mac_key_comes_back_and_no_other(kms, spec):
    key = external_key(kms, KeySpec=spec, KeyUsage="GENERATE_VERIFY_MAC")
    length = int(spec.removeprefix("HMAC_")) // 8
    material = os.urandom(length)
    for other in (length - 1, length + 1):
        with pytest.raises(kms.exceptions.IncorrectKeyMaterialException):
            importing(kms, key, os.urandom(other))
    importing(kms, key, material)
    kms.delete_imported_key_material(KeyId=key)
    with pytest.raises(kms.exceptions.IncorrectKeyMaterialException):
        importing(kms, key, os.urandom(length))
    importing(kms, key, material)


OTHER_KINDS = {"RSA_2048": "RSA_3072", "ECC_NIST_P256": "ECC_SECG_P256K1", "ECC_NIST_P384": "ECC_NIST_P256",
               "ECC_SECG_P256K1": "ECC_NIST_P256", "ECC_NIST_EDWARDS25519": "ECC_NIST_P256"}


@pytest.mark.parametrize("spec,other", OTHER_KINDS.items())
def test_a_key_pair_of_another_kind_is_refused(kms, spec, other):
    key, how = external_key(kms, KeySpec=spec, KeyUsage="SIGN_VERIFY"), "RSA_AES_KEY_WRAP_SHA_256"
    for material in (pkcs8(private_key(other)), spki(private_key(spec)), pkcs8(private_key(spec)) + b"\0",
                     os.urandom(64)):
        with pytest.raises(kms.exceptions.IncorrectKeyMaterialException):
            importing(kms, key, material, how)
    assert kms.describe_key(KeyId=key)["KeyMetadata"]["KeyState"] == "PendingImport"
    with refused("KMSInvalidStateException", "is pending import"):
        kms.get_public_key(KeyId=key)
