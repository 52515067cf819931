"""Project Wycheproof's vectors through the whole server: their keys imported, each vector held to what it says.

Signatures of Ed25519 cannot be set, for their private keys are nowhere; nor AES-GCM, ML-DSA and ML-KEM, as
test_kms_vectors.py says. Their vectors are in crates/crypto/tests. Nor can what the API has no words for: empty
messages, signatures and ciphertexts, and OAEP labels.
"""

import pytest
from botocore.exceptions import ClientError
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_der_public_key

from support.importing import external_key, importing, parameters
from support.refusal import refused
from support.wycheproof import ecdsa_private, groups, rsa_private

CURVES = {"secp256k1": (ec.SECP256K1(), "SECG_P256K1"), "secp256r1": (ec.SECP256R1(), "NIST_P256"),
          "secp384r1": (ec.SECP384R1(), "NIST_P384"), "secp521r1": (ec.SECP521R1(), "NIST_P521")}


@pytest.fixture
def kms(account):
    return account.root.kms


def imported(kms, spec, usage, material):
    key = external_key(kms, KeySpec=spec, KeyUsage=usage)
    importing(kms, key, material, "RSA_AES_KEY_WRAP_SHA_256")
    return key


def pkcs8(private):
    return private.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())


def octets(test, *names):
    return [bytes.fromhex(test[name]) for name in names]


def outcome(call, **given):
    """What a call answers, or the code of its error."""
    try:
        return call(**given)
    except ClientError as error:
        return error.response["Error"]["Code"]


def held(kms, key, algorithm, tests):
    """Verifies each signature; how many were valid and how many were not."""
    found = {"valid": 0, "invalid": 0, "acceptable": 0}
    for test in tests:
        message, signature = octets(test, "msg", "sig")
        if not message or not signature:
            continue
        answer = outcome(kms.verify, KeyId=key, Message=message, Signature=signature, SigningAlgorithm=algorithm)
        took = isinstance(answer, dict) and answer["SignatureValid"]
        assert took or answer == "KMSInvalidSignatureException", (test["tcId"], answer)
        assert test["result"] == "acceptable" or took == (test["result"] == "valid"), test
        found[test["result"]] += 1
    return found["valid"], found["invalid"]


@pytest.mark.parametrize("name,valid,invalid", [
    ("rsa_oaep_2048_sha1_mgf1sha1", 8, 18), ("rsa_oaep_2048_sha256_mgf1sha256", 9, 18),
    ("rsa_oaep_3072_sha256_mgf1sha256", 9, 18), ("rsa_oaep_4096_sha256_mgf1sha256", 9, 18)])
def test_rsaes_oaep(kms, name, valid, invalid):
    [group] = groups(name)
    key = imported(kms, f"RSA_{group['keySize']}", "ENCRYPT_DECRYPT", bytes.fromhex(group["privateKeyPkcs8"]))
    algorithm = "RSAES_OAEP_" + group["sha"].replace("-", "_")
    found = {"valid": 0, "invalid": 0}
    for test in group["tests"]:
        message, sealed = octets(test, "msg", "ct")
        if test["label"] or not sealed:
            continue
        answer = outcome(kms.decrypt, KeyId=key, CiphertextBlob=sealed, EncryptionAlgorithm=algorithm)
        expected = message if test["result"] == "valid" else "InvalidCiphertextException"
        assert (answer["Plaintext"] if isinstance(answer, dict) else answer) == expected, test["tcId"]
        found[test["result"]] += 1
    assert found["valid"] >= valid and found["invalid"] >= invalid, found


PSS = ["2048_sha256_mgf1_32", "2048_sha384_mgf1_48", "3072_sha256_mgf1_32", "4096_sha256_mgf1_32",
       "4096_sha384_mgf1_48", "4096_sha512_mgf1_64"]
PKCS1 = [f"{size}_sha{bits}" for size in (2048, 3072, 4096) for bits in (256, 384, 512)]


@pytest.mark.parametrize("name,scheme", [(f"rsa_pss_{name}", "PSS") for name in PSS]
                         + [(f"rsa_signature_{name}", "PKCS1_V1_5") for name in PKCS1])
def test_rsassa(kms, name, scheme):
    [(group, private)] = [(group, rsa_private(group)) for group in groups(name) if rsa_private(group)]
    key = imported(kms, f"RSA_{group['keySize']}", "SIGN_VERIFY", private)
    algorithm = f"RSASSA_{scheme}_" + group["sha"].replace("-", "_")
    valid, invalid = held(kms, key, algorithm, group["tests"])
    assert valid >= {"PSS": 60, "PKCS1_V1_5": 6}[scheme] and invalid >= {"PSS": 40, "PKCS1_V1_5": 200}[scheme]


@pytest.mark.parametrize("name", ["rsa_pss_2048_sha256_mgf1_0", "rsa_pss_4096_sha512_mgf1_32"])
def test_rsassa_pss_has_salt_of_the_length_of_the_digest(kms, name):
    [group] = groups(name)
    key = imported(kms, f"RSA_{group['keySize']}", "SIGN_VERIFY", rsa_private(group))
    tests = [test | {"result": "invalid"} for test in group["tests"] if test["result"] == "valid"]
    assert held(kms, key, "RSASSA_PSS_" + group["sha"].replace("-", "_"), tests)[1] > 20


def malformed(signature, order):
    """What is made of a valid signature and must not hold: other forms of the same numbers, and others."""
    yield from (signature + b"\0", signature[:-1], b"\x30\x81" + signature[1:], b"\x31" + signature[1:])
    # Above the order of the curve, a number stands for what is left of it.
    header, first = signature[:2], signature[4:4 + signature[3]]
    larger = int.from_bytes(first, "big") + order
    encoded = larger.to_bytes(larger.bit_length() // 8 + 1, "big")
    rest = b"\x02" + bytes([len(encoded)]) + encoded + signature[4 + len(first):]
    yield header[:1] + bytes([len(rest)]) + rest
    yield bytes.fromhex("3006020100020100")


@pytest.mark.parametrize("curve,bits", [("secp256k1", 256), ("secp256r1", 256), ("secp384r1", 384), ("secp521r1", 512)])
def test_ecdsa(kms, curve, bits):
    """Those whose nonce tells the private key, and what is made of them."""
    curve, spec = CURVES[curve]
    valid = 0
    for group in groups(f"ecdsa_{curve.name}_sha{bits}"):
        if not (private := ecdsa_private(group, curve, f"sha{bits}")):
            continue
        key = imported(kms, f"ECC_{spec}", "SIGN_VERIFY", pkcs8(private))
        valid += held(kms, key, f"ECDSA_SHA_{bits}", group["tests"])[0]
        test = group["tests"][0]
        wrong = {sig for sig in malformed(bytes.fromhex(test["sig"]), curve.group_order) if curve.key_size < 384}
        held(kms, key, f"ECDSA_SHA_{bits}", [test | {"sig": sig.hex(), "result": "invalid"} for sig in wrong])
    assert valid >= 10


@pytest.mark.parametrize("curve", ["secp256r1", "secp384r1", "secp521r1"])
def test_ecdh(kms, curve):
    """Each private key of the file with up to four peers that are valid; all that are not."""
    curve, spec = CURVES[curve]
    [group] = groups(f"ecdh_{curve.name}")
    keys, agreed, not_agreed = {}, {}, 0
    for test in group["tests"]:
        secret = int(test["private"], 16)
        if test["result"] == "acceptable" or test["result"] == "valid" and agreed.get(secret, 0) >= 4:
            continue
        if secret not in keys:
            material = pkcs8(ec.derive_private_key(secret, curve))
            keys[secret] = imported(kms, f"ECC_{spec}", "KEY_AGREEMENT", material)
        answer = outcome(kms.derive_shared_secret, KeyId=keys[secret], KeyAgreementAlgorithm="ECDH",
                         PublicKey=bytes.fromhex(test["public"]))
        if test["result"] == "valid":
            assert answer["SharedSecret"].hex() == test["shared"], test["tcId"]
            agreed[secret] = agreed.get(secret, 0) + 1
        else:
            assert answer == "ValidationException", (test["tcId"], answer)
            not_agreed += 1
    assert len(agreed) > 15 and not_agreed > 40


@pytest.mark.parametrize("bits", [224, 256, 384, 512])
def test_hmac(kms, bits):
    """Codes of their whole length; HMAC fills a key with zeros, so that a short one is the same as its filled form."""
    keys, found = {}, {"valid": 0, "invalid": 0}
    for group in groups(f"hmac_sha{bits}"):
        if group["keySize"] > bits or group["tagSize"] != bits:
            continue
        for test in group["tests"]:
            material, message, code = octets(test, "key", "msg", "tag")
            material = material.ljust(bits // 8, b"\0")
            if not message:
                continue
            if material not in keys:
                keys[material] = external_key(kms, KeySpec=f"HMAC_{bits}", KeyUsage="GENERATE_VERIFY_MAC")
                importing(kms, keys[material], material)
            given = {"KeyId": keys[material], "Message": message, "MacAlgorithm": f"HMAC_SHA_{bits}"}
            answer = outcome(kms.verify_mac, **given, Mac=code)
            valid = test["result"] == "valid"
            assert isinstance(answer, dict) if valid else answer == "KMSInvalidMacException", test["tcId"]
            assert (kms.generate_mac(**given)["Mac"] == code) == valid, test["tcId"]
            found[test["result"]] += 1
    assert found["valid"] > 20 and found["invalid"] > 20, found


def test_key_wrap_with_padding(kms):
    """Inside RSA_AES_KEY_WRAP: what was wrapped well is looked at, and is no key pair; the rest does not open."""
    [group] = [group for group in groups("aes_kwp") if group["keySize"] == 256]
    key = external_key(kms, KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY")
    given = parameters(kms, key, "RSA_AES_KEY_WRAP_SHA_256")
    oaep = padding.OAEP(padding.MGF1(hashes.SHA256()), hashes.SHA256(), None)
    found = {"valid": 0, "invalid": 0}
    for test in group["tests"]:
        wrapping_key, wrapped = octets(test, "key", "ct")
        sealed = load_der_public_key(given["PublicKey"]).encrypt(wrapping_key, oaep) + wrapped
        valid = test["result"] == "valid"
        with refused("IncorrectKeyMaterialException" if valid else "InvalidCiphertextException"):
            kms.import_key_material(KeyId=key, ImportToken=given["ImportToken"], EncryptedKeyMaterial=sealed,
                                    ExpirationModel="KEY_MATERIAL_DOES_NOT_EXPIRE")
        found[test["result"]] += 1
    assert found["valid"] > 20 and found["invalid"] > 60, found
