"""Secrets of every kind that KMS, Secrets Manager and Parameter Store have to do with, each used in every way: what must be
legible nowhere."""

import os
import secrets

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding, NoEncryption, PrivateFormat, PublicFormat, load_der_private_key)

from support.importing import external_key, importing

MESSAGE = b"a message"
PAIRS = {
    ("RSA_2048", "SIGN_VERIFY", "RSASSA_PSS_SHA_256"): lambda: rsa.generate_private_key(65537, 2048),
    ("RSA_3072", "ENCRYPT_DECRYPT", "RSAES_OAEP_SHA_256"): lambda: rsa.generate_private_key(65537, 3072),
    ("ECC_NIST_P256", "SIGN_VERIFY", "ECDSA_SHA_256"): lambda: ec.generate_private_key(ec.SECP256R1()),
    ("ECC_NIST_P521", "SIGN_VERIFY", "ECDSA_SHA_512"): lambda: ec.generate_private_key(ec.SECP521R1()),
    ("ECC_SECG_P256K1", "SIGN_VERIFY", "ECDSA_SHA_256"): lambda: ec.generate_private_key(ec.SECP256K1()),
    ("ECC_NIST_EDWARDS25519", "SIGN_VERIFY", "ED25519_SHA_512"): ed25519.Ed25519PrivateKey.generate,
    ("ECC_NIST_P384", "KEY_AGREEMENT", "ECDH"): lambda: ec.generate_private_key(ec.SECP384R1()),
}


def octets(number):
    return number.to_bytes((number.bit_length() + 7) // 8, "big")


def halves(private):
    """What is secret in a private key, without the form around it, which is no secret."""
    if isinstance(private, ed25519.Ed25519PrivateKey):
        return [private.private_bytes_raw()]
    if isinstance(private, rsa.RSAPrivateKey):
        numbers = private.private_numbers()
        return [octets(number) for number in (numbers.p, numbers.q, numbers.d, numbers.dmp1, numbers.dmq1, numbers.iqmp)]
    return [octets(private.private_numbers().private_value)]


def spki(private):
    return private.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def symmetric(kms):
    """Material, what it encrypts, and the data keys and key pairs it gives."""
    key, material, plaintext = external_key(kms), os.urandom(32), os.urandom(40)
    importing(kms, key, material)
    yield from (material, plaintext)
    sealed = kms.encrypt(KeyId=key, Plaintext=plaintext)["CiphertextBlob"]
    assert kms.decrypt(CiphertextBlob=sealed)["Plaintext"] == plaintext
    kms.re_encrypt(CiphertextBlob=sealed, DestinationKeyId=key)
    yield kms.generate_data_key(KeyId=key, KeySpec="AES_256")["Plaintext"]
    hidden = kms.generate_data_key_without_plaintext(KeyId=key, NumberOfBytes=64)["CiphertextBlob"]
    yield kms.decrypt(CiphertextBlob=hidden)["Plaintext"]
    yield kms.generate_random(NumberOfBytes=32)["Plaintext"]
    for spec in ("RSA_2048", "ECC_NIST_P256", "ECC_SECG_P256K1", "ECC_NIST_EDWARDS25519"):
        pair = kms.generate_data_key_pair(KeyId=key, KeyPairSpec=spec)
        yield from halves(load_der_private_key(pair["PrivateKeyPlaintext"], None))
        hidden = kms.generate_data_key_pair_without_plaintext(KeyId=key, KeyPairSpec=spec)
        opened = kms.decrypt(CiphertextBlob=hidden["PrivateKeyCiphertextBlob"])["Plaintext"]
        yield from halves(load_der_private_key(opened, None))


def macs(kms):
    """Material of every size, and what it authenticates."""
    for bits in (224, 256, 384, 512):
        key = external_key(kms, KeySpec=f"HMAC_{bits}", KeyUsage="GENERATE_VERIFY_MAC")
        material, message = os.urandom(bits // 8), os.urandom(40)
        importing(kms, key, material)
        given = {"KeyId": key, "Message": message, "MacAlgorithm": f"HMAC_SHA_{bits}"}
        kms.verify_mac(**given, Mac=kms.generate_mac(**given)["Mac"])
        yield from (material, message)


def key_pairs(kms):
    """Private keys from outside, and what is decrypted and agreed on with them."""
    for (spec, usage, algorithm), generate in PAIRS.items():
        private, key = generate(), external_key(kms, KeySpec=spec, KeyUsage=usage)
        material = private.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
        importing(kms, key, material, "RSA_AES_KEY_WRAP_SHA_256")
        yield from halves(private)
        if usage == "SIGN_VERIFY":
            kms.sign(KeyId=key, Message=MESSAGE, SigningAlgorithm=algorithm)
        elif usage == "ENCRYPT_DECRYPT":
            secret, oaep = os.urandom(40), padding.OAEP(padding.MGF1(hashes.SHA256()), hashes.SHA256(), None)
            sealed = private.public_key().encrypt(secret, oaep)
            opened = kms.decrypt(KeyId=key, CiphertextBlob=sealed, EncryptionAlgorithm=algorithm)
            assert opened["Plaintext"] == secret
            yield secret
        else:
            peer = ec.generate_private_key(ec.SECP384R1())
            yield kms.derive_shared_secret(
                KeyId=key, KeyAgreementAlgorithm=algorithm, PublicKey=spki(peer))["SharedSecret"]


def secrets_agreed_on(kms):
    """With keys that KMS made."""
    for spec, curve in (("ECC_NIST_P256", ec.SECP256R1()), ("ECC_NIST_P521", ec.SECP521R1())):
        key = kms.create_key(KeySpec=spec, KeyUsage="KEY_AGREEMENT")["KeyMetadata"]["KeyId"]
        peer = ec.generate_private_key(curve)
        yield kms.derive_shared_secret(KeyId=key, KeyAgreementAlgorithm="ECDH", PublicKey=spki(peer))["SharedSecret"]
    key = kms.create_key(KeySpec="ML_KEM_768", KeyUsage="ENCAPSULATE_DECAPSULATE")["KeyMetadata"]["KeyId"]
    given = {"KeyId": key, "EncapsulationAlgorithm": "ML_KEM"}
    made = kms.encapsulate(**given)
    ciphertext = made["SharedSecretCiphertextBlob"]
    assert kms.decapsulate(**given, SharedSecretCiphertextBlob=ciphertext)["SharedSecret"] == made["SharedSecret"]
    yield made["SharedSecret"]


def refusals(kms):
    """Material that is refused is not told either."""
    key, material = external_key(kms), os.urandom(31)
    pair = external_key(kms, KeySpec="RSA_2048", KeyUsage="SIGN_VERIFY")
    private = ec.generate_private_key(ec.SECP256R1())
    wrong = private.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    for attempt in (lambda: importing(kms, key, material),
                    lambda: importing(kms, pair, wrong, "RSA_AES_KEY_WRAP_SHA_256")):
        try:
            attempt()
        except kms.exceptions.IncorrectKeyMaterialException:
            continue
        raise AssertionError("it was not refused")
    yield from (material, *halves(private))


def secret_values(root):
    """Values of secrets, old and new, in each way that they are read, and passwords."""
    client = root.secretsmanager
    for kind, make in (("SecretString", lambda: secrets.token_urlsafe(30)), ("SecretBinary", lambda: os.urandom(40))):
        first, second = make(), make()
        made = client.create_secret(Name=f"canary/{kind}", **{kind: first})["ARN"]
        client.put_secret_value(SecretId=made, **{kind: second})
        client.update_secret(SecretId=made, Description="canary")
        assert client.get_secret_value(SecretId=made)[kind] == second
        found = client.batch_get_secret_value(SecretIdList=[made])["SecretValues"]
        assert [value[kind] for value in found] == [second]
        yield from (value if isinstance(value, bytes) else value.encode() for value in (first, second))
    yield client.get_random_password(PasswordLength=40, ExcludePunctuation=True)["RandomPassword"].encode()


def parameters(root):
    """Values of parameters of every type and tier, in each way that they are read."""
    for kind, tier in (("SecureString", "Standard"), ("SecureString", "Advanced"), ("String", "Standard"), ("StringList", "Advanced")):
        name, value, later = f"/canary/{kind}/{tier}", secrets.token_urlsafe(30), secrets.token_urlsafe(30)
        root.ssm.put_parameter(Name=name, Value=value, Type=kind, Tier=tier)
        root.ssm.put_parameter(Name=name, Value=later, Type=kind, Tier=tier, Overwrite=True)
        assert root.ssm.get_parameter(Name=name, WithDecryption=True)["Parameter"]["Value"] == later
        root.ssm.get_parameters(Names=[name], WithDecryption=True)
        root.ssm.get_parameter_history(Name=name, WithDecryption=True)
        yield from (value.encode(), later.encode())
    root.ssm.get_parameters_by_path(Path="/canary", Recursive=True, WithDecryption=True)


def used(root):
    """Everything of the above."""
    found = [canary for make in (symmetric, macs, key_pairs, secrets_agreed_on, refusals) for canary in make(root.kms)]
    found += [canary for make in (secret_values, parameters) for canary in make(root)]
    assert len(found) > 60 and all(len(canary) >= 27 for canary in found)
    return found
