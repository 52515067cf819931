"""Keys of every kind: what Alcazar makes holds for Python's cryptography, and what that makes for Alcazar. OpenSSL's command
line is in test_kms_openssl.py."""

import hashlib
import hmac

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, mlkem, padding, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding, NoEncryption, PrivateFormat, PublicFormat, load_der_private_key, load_der_public_key)

from support.account import allow
from support.importing import external_key, importing
from support.refusal import refused

MESSAGE = b"a message"
HASHES = {"256": hashes.SHA256, "384": hashes.SHA384, "512": hashes.SHA512}
RSA = ["RSA_2048", "RSA_3072", "RSA_4096"]
RSASSA = [f"{scheme}_SHA_{bits}" for scheme in ("RSASSA_PSS", "RSASSA_PKCS1_V1_5") for bits in HASHES]
ECDSA = {"ECC_NIST_P256": "ECDSA_SHA_256", "ECC_NIST_P384": "ECDSA_SHA_384", "ECC_NIST_P521": "ECDSA_SHA_512",
         "ECC_SECG_P256K1": "ECDSA_SHA_256"}
CURVES = {"ECC_NIST_P256": ec.SECP256R1, "ECC_NIST_P384": ec.SECP384R1, "ECC_NIST_P521": ec.SECP521R1}
ML_DSA = ["ML_DSA_44", "ML_DSA_65", "ML_DSA_87"]
SIGNING = ([(spec, algorithm) for spec in RSA for algorithm in RSASSA] + list(ECDSA.items())
           + [("ECC_NIST_EDWARDS25519", "ED25519_SHA_512"), ("ECC_NIST_EDWARDS25519", "ED25519_PH_SHA_512")]
           + [(spec, "ML_DSA_SHAKE_256") for spec in ML_DSA])


@pytest.fixture
def kms(account):
    return account.root.kms


def made(kms, spec, usage):
    return kms.create_key(KeySpec=spec, KeyUsage=usage)["KeyMetadata"]["Arn"]


def public_key(kms, key):
    return load_der_public_key(kms.get_public_key(KeyId=key)["PublicKey"])


def verify_elsewhere(public, algorithm, signature, message=MESSAGE):
    """Raises InvalidSignature if Python's cryptography does not take it."""
    hashed = HASHES.get(algorithm[-3:], hashes.SHA256)()
    if "PSS" in algorithm:
        public.verify(signature, message, padding.PSS(padding.MGF1(hashed), hashed.digest_size), hashed)
    elif "PKCS1" in algorithm:
        public.verify(signature, message, padding.PKCS1v15(), hashed)
    elif "ECDSA" in algorithm:
        public.verify(signature, message, ec.ECDSA(hashed))
    else:
        public.verify(signature, message)


@pytest.mark.parametrize("spec,algorithm", [it for it in SIGNING if it[1] != "ED25519_PH_SHA_512"])
def test_signatures_hold_elsewhere(kms, spec, algorithm):
    key = made(kms, spec, "SIGN_VERIFY")
    signed = kms.sign(KeyId=key, Message=MESSAGE, SigningAlgorithm=algorithm)
    assert (signed["KeyId"], signed["SigningAlgorithm"]) == (key, algorithm)
    public = public_key(kms, key)
    verify_elsewhere(public, algorithm, signed["Signature"])
    with pytest.raises(InvalidSignature):
        verify_elsewhere(public, algorithm, signed["Signature"], b"another message")
    assert kms.verify(KeyId=key, Message=MESSAGE, Signature=signed["Signature"],
                      SigningAlgorithm=algorithm)["SignatureValid"]
    with refused("KMSInvalidSignatureException"):
        kms.verify(KeyId=key, Message=b"another message", Signature=signed["Signature"], SigningAlgorithm=algorithm)


@pytest.mark.parametrize("spec,algorithm", [it for it in SIGNING if it[1].startswith(("RSASSA", "ECDSA"))])
def test_a_digest_signs_as_its_message(kms, spec, algorithm):
    key = made(kms, spec, "SIGN_VERIFY")
    digest = hashlib.new(f"sha{algorithm[-3:]}", MESSAGE).digest()
    signature = kms.sign(KeyId=key, Message=digest, MessageType="DIGEST", SigningAlgorithm=algorithm)["Signature"]
    verify_elsewhere(public_key(kms, key), algorithm, signature)
    assert kms.verify(KeyId=key, Message=MESSAGE, Signature=signature, SigningAlgorithm=algorithm)["SignatureValid"]
    with refused("ValidationException", "Digest is invalid length for algorithm"):
        kms.sign(KeyId=key, Message=digest[1:], MessageType="DIGEST", SigningAlgorithm=algorithm)


def test_ed25519ph_takes_digests_alone(kms):
    key, algorithm = made(kms, "ECC_NIST_EDWARDS25519", "SIGN_VERIFY"), "ED25519_PH_SHA_512"
    digest = hashlib.sha512(MESSAGE).digest()
    given = {"KeyId": key, "Message": digest, "MessageType": "DIGEST", "SigningAlgorithm": algorithm}
    signature = kms.sign(**given)["Signature"]
    assert kms.verify(**given, Signature=signature)["SignatureValid"]
    with pytest.raises(InvalidSignature):
        public_key(kms, key).verify(signature, digest)
    with refused("ValidationException", "Message type RAW is incompatible"):
        kms.sign(**given | {"MessageType": "RAW"})


@pytest.mark.parametrize("spec", ML_DSA)
def test_an_external_mu_signs_as_its_message(kms, spec):
    key, algorithm = made(kms, spec, "SIGN_VERIFY"), "ML_DSA_SHAKE_256"
    public = public_key(kms, key)
    tr = hashlib.shake_256(public.public_bytes_raw()).digest(64)
    mu = hashlib.shake_256(tr + b"\0\0" + MESSAGE).digest(64)
    given = {"KeyId": key, "Message": mu, "MessageType": "EXTERNAL_MU", "SigningAlgorithm": algorithm}
    signature = kms.sign(**given)["Signature"]
    public.verify(signature, MESSAGE)
    public.verify_mu(signature, mu)
    assert kms.verify(**given, Signature=signature)["SignatureValid"]
    assert kms.verify(KeyId=key, Message=MESSAGE, Signature=signature, SigningAlgorithm=algorithm)["SignatureValid"]


@pytest.mark.parametrize("spec", RSA)
@pytest.mark.parametrize("algorithm,hashed", [("RSAES_OAEP_SHA_1", hashes.SHA1), ("RSAES_OAEP_SHA_256", hashes.SHA256)])
def test_what_others_encrypted_decrypts(kms, spec, algorithm, hashed):
    key = made(kms, spec, "ENCRYPT_DECRYPT")
    public = public_key(kms, key)
    sealed = public.encrypt(b"held", padding.OAEP(padding.MGF1(hashed()), hashed(), None))
    given = {"KeyId": key, "EncryptionAlgorithm": algorithm}
    assert kms.decrypt(CiphertextBlob=sealed, **given)["Plaintext"] == b"held"
    longest = public.key_size // 8 - 2 * hashed.digest_size - 2
    sealed = kms.encrypt(Plaintext=b"x" * longest, **given)["CiphertextBlob"]
    assert len(sealed) == public.key_size // 8
    assert kms.decrypt(CiphertextBlob=sealed, **given)["Plaintext"] == b"x" * longest
    with refused("ValidationException", f"cannot encrypt data larger than {longest} bytes."):
        kms.encrypt(Plaintext=b"x" * (longest + 1), **given)
    with refused("InvalidCiphertextException"):
        kms.decrypt(CiphertextBlob=sealed, EncryptionAlgorithm=algorithm)
    with refused("InvalidKeyUsageException", "SYMMETRIC_DEFAULT"):
        kms.encrypt(KeyId=key, Plaintext=b"x")


@pytest.mark.parametrize("bits", [224, 256, 384, 512])
def test_macs(kms, bits):
    key = made(kms, f"HMAC_{bits}", "GENERATE_VERIFY_MAC")
    given = {"KeyId": key, "Message": MESSAGE, "MacAlgorithm": f"HMAC_SHA_{bits}"}
    mac = kms.generate_mac(**given)["Mac"]
    assert len(mac) == bits // 8
    assert kms.verify_mac(**given, Mac=mac)["MacValid"]
    with refused("KMSInvalidMacException"):
        kms.verify_mac(**given, Mac=mac[:-1])
    with refused("KMSInvalidMacException"):
        kms.verify_mac(**given | {"Message": b"another"}, Mac=mac)


@pytest.mark.parametrize("spec", CURVES)
def test_a_secret_shared_with_others(kms, spec):
    key = made(kms, spec, "KEY_AGREEMENT")
    own = ec.generate_private_key(CURVES[spec]())
    peer = own.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    derived = kms.derive_shared_secret(KeyId=key, KeyAgreementAlgorithm="ECDH", PublicKey=peer)
    assert derived["SharedSecret"] == own.exchange(ec.ECDH(), public_key(kms, key))
    assert derived["KeyOrigin"] == "AWS_KMS"


@pytest.mark.parametrize("spec", ["ML_KEM_512", "ML_KEM_768", "ML_KEM_1024"])
def test_an_encapsulated_secret(kms, spec):
    key = made(kms, spec, "ENCAPSULATE_DECAPSULATE")
    given = {"KeyId": key, "EncapsulationAlgorithm": "ML_KEM"}
    ours = kms.encapsulate(**given)
    opened = kms.decapsulate(**given, SharedSecretCiphertextBlob=ours["SharedSecretCiphertextBlob"])
    assert opened["SharedSecret"] == ours["SharedSecret"]
    if spec != "ML_KEM_512":
        secret, ciphertext = public_key(kms, key).encapsulate()
        theirs = kms.decapsulate(**given, SharedSecretCiphertextBlob=ciphertext)
        assert theirs["SharedSecret"] == secret
    with refused("InvalidCiphertextException"):
        kms.decapsulate(**given, SharedSecretCiphertextBlob=b"x")


DATA_KEY_PAIRS = {
    **dict.fromkeys(RSA[:2], rsa.RSAPrivateKey), **dict.fromkeys(ECDSA, ec.EllipticCurvePrivateKey),
    "ECC_NIST_EDWARDS25519": ed25519.Ed25519PrivateKey, "ML_KEM_768": mlkem.MLKEM768PrivateKey,
    "ML_KEM_1024": mlkem.MLKEM1024PrivateKey}


@pytest.mark.parametrize("spec", DATA_KEY_PAIRS)
def test_data_key_pairs_are_keys_elsewhere(account, kms, spec):
    given = {"KeyId": account.key(), "KeyPairSpec": spec, "EncryptionContext": {"a": "1"}}
    pair = kms.generate_data_key_pair(**given)
    private = load_der_private_key(pair["PrivateKeyPlaintext"], None)
    assert isinstance(private, DATA_KEY_PAIRS[spec])
    encoded = private.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    assert encoded == pair["PublicKey"]
    opened = kms.decrypt(CiphertextBlob=pair["PrivateKeyCiphertextBlob"], EncryptionContext={"a": "1"})
    assert opened["Plaintext"] == pair["PrivateKeyPlaintext"]
    sealed = kms.generate_data_key_pair_without_plaintext(**given)
    opened = kms.decrypt(CiphertextBlob=sealed["PrivateKeyCiphertextBlob"], EncryptionContext={"a": "1"})
    private = load_der_private_key(opened["Plaintext"], None)
    encoded = private.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    assert encoded == sealed["PublicKey"] and "PrivateKeyPlaintext" not in sealed


def test_an_imported_mac_key_is_the_same_key(kms):
    """A code under a known key is the one that Python computes."""
    key = external_key(kms, KeySpec="HMAC_256", KeyUsage="GENERATE_VERIFY_MAC")
    material = bytes(range(32))
    importing(kms, key, material)
    mac = kms.generate_mac(KeyId=key, Message=MESSAGE, MacAlgorithm="HMAC_SHA_256")["Mac"]
    assert mac == hmac.digest(material, MESSAGE, "sha256")


OWN = {
    ("RSA_2048", "RSASSA_PSS_SHA_256"): lambda: rsa.generate_private_key(65537, 2048),
    ("RSA_3072", "RSASSA_PKCS1_V1_5_SHA_384"): lambda: rsa.generate_private_key(65537, 3072),
    ("ECC_NIST_P256", "ECDSA_SHA_256"): lambda: ec.generate_private_key(ec.SECP256R1()),
    ("ECC_NIST_P384", "ECDSA_SHA_384"): lambda: ec.generate_private_key(ec.SECP384R1()),
    ("ECC_NIST_P521", "ECDSA_SHA_512"): lambda: ec.generate_private_key(ec.SECP521R1()),
    ("ECC_SECG_P256K1", "ECDSA_SHA_256"): lambda: ec.generate_private_key(ec.SECP256K1()),
    ("ECC_NIST_EDWARDS25519", "ED25519_SHA_512"): ed25519.Ed25519PrivateKey.generate,
}


def sign_elsewhere(private, algorithm):
    hashed = HASHES.get(algorithm[-3:], hashes.SHA256)()
    if "PSS" in algorithm:
        return private.sign(MESSAGE, padding.PSS(padding.MGF1(hashed), hashed.digest_size), hashed)
    if "PKCS1" in algorithm:
        return private.sign(MESSAGE, padding.PKCS1v15(), hashed)
    if "ECDSA" in algorithm:
        return private.sign(MESSAGE, ec.ECDSA(hashed))
    return private.sign(MESSAGE)


@pytest.mark.parametrize("spec,algorithm", OWN)
def test_signatures_from_elsewhere_hold(kms, spec, algorithm):
    """A key pair of Python's, imported: what the one signs the other verifies."""
    private = OWN[spec, algorithm]()
    key = external_key(kms, KeySpec=spec, KeyUsage="SIGN_VERIFY")
    material = private.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    importing(kms, key, material, "RSA_AES_KEY_WRAP_SHA_256")
    public = private.public_key()
    encoded = public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    assert kms.get_public_key(KeyId=key)["PublicKey"] == encoded
    given = {"KeyId": key, "Message": MESSAGE, "SigningAlgorithm": algorithm}
    assert kms.verify(**given, Signature=sign_elsewhere(private, algorithm))["SignatureValid"]
    verify_elsewhere(public, algorithm, kms.sign(**given)["Signature"])


def test_policies_see_the_algorithm(account, kms):
    key = made(kms, "RSA_2048", "SIGN_VERIFY")
    only = {"StringEquals": {"kms:SigningAlgorithm": "RSASSA_PSS_SHA_256", "kms:MessageType": "RAW"}}
    user = account.user(allow("kms:Sign", Condition=only))
    user.kms.sign(KeyId=key, Message=MESSAGE, SigningAlgorithm="RSASSA_PSS_SHA_256")
    with refused("AccessDeniedException", "kms:Sign"):
        user.kms.sign(KeyId=key, Message=MESSAGE, SigningAlgorithm="RSASSA_PSS_SHA_384")
    with refused("AccessDeniedException", "kms:Sign"):
        digest = hashlib.sha256(MESSAGE).digest()
        user.kms.sign(KeyId=key, Message=digest, MessageType="DIGEST", SigningAlgorithm="RSASSA_PSS_SHA_256")


@pytest.mark.parametrize("spec,usage,code", [
    ("SM2", "SIGN_VERIFY", "UnsupportedOperationException"), ("ECC_SECG_P256K1", "KEY_AGREEMENT", "ValidationException"),
    ("ML_DSA_44", "ENCRYPT_DECRYPT", "ValidationException"), ("HMAC_224", "SIGN_VERIFY", "ValidationException")])
def test_kinds_of_key_that_are_not(kms, spec, usage, code):
    with refused(code, spec):
        kms.create_key(KeySpec=spec, KeyUsage=usage)
