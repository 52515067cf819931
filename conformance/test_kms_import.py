"""Key material of the account's own, wrapped by Python's cryptography."""

import os
from datetime import datetime, timedelta, timezone

import pytest
from cryptography.hazmat.primitives.serialization import load_der_public_key

from support.importing import external_key, importing, parameters, wrapped
from support.refusal import refused


@pytest.fixture
def kms(account):
    return account.root.kms


@pytest.fixture
def key(kms):
    return external_key(kms)


def materials(kms, key):
    return kms.list_key_rotations(KeyId=key, IncludeKeyMaterial="ALL_KEY_MATERIAL")["Rotations"]


@pytest.mark.parametrize("algorithm", ["RSAES_OAEP_SHA_1", "RSAES_OAEP_SHA_256"])
@pytest.mark.parametrize("spec", ["RSA_2048", "RSA_3072", "RSA_4096"])
def test_every_wrapping_of_symmetric_material(kms, key, algorithm, spec):
    assert kms.describe_key(KeyId=key)["KeyMetadata"]["KeyState"] == "PendingImport"
    material = importing(kms, key, os.urandom(32), algorithm, spec)["KeyMaterialId"]
    metadata = kms.describe_key(KeyId=key)["KeyMetadata"]
    assert (metadata["KeyState"], metadata["CurrentKeyMaterialId"]) == ("Enabled", material)
    assert metadata["ExpirationModel"] == "KEY_MATERIAL_DOES_NOT_EXPIRE" and "ValidTo" not in metadata
    sealed = kms.encrypt(KeyId=key, Plaintext=b"mine")["CiphertextBlob"]
    assert kms.decrypt(CiphertextBlob=sealed)["Plaintext"] == b"mine"


def test_the_wrapping_key_is_what_was_asked_for(kms, key):
    for spec, bits in (("RSA_2048", 2048), ("RSA_3072", 3072), ("RSA_4096", 4096)):
        given = parameters(kms, key, spec=spec)
        assert load_der_public_key(given["PublicKey"]).key_size == bits
        good_for = given["ParametersValidTo"] - datetime.now(timezone.utc)
        assert timedelta(hours=23, minutes=59) < good_for <= timedelta(hours=24)
    for algorithm, spec in (("SM2PKE", "SM2"), ("RSAES_PKCS1_V1_5", "RSA_2048"),
                            ("RSA_AES_KEY_WRAP_SHA_256", "RSA_4096")):
        with pytest.raises(kms.exceptions.UnsupportedOperationException):
            parameters(kms, key, algorithm, spec)


def test_material_is_deleted_and_comes_back(kms, key):
    secret = os.urandom(32)
    material = importing(kms, key, secret)["KeyMaterialId"]
    sealed = kms.encrypt(KeyId=key, Plaintext=b"mine")["CiphertextBlob"]
    assert kms.delete_imported_key_material(KeyId=key)["KeyMaterialId"] == material
    with pytest.raises(kms.exceptions.KMSInvalidStateException, match="is pending import"):
        kms.decrypt(CiphertextBlob=sealed)
    with pytest.raises(kms.exceptions.IncorrectKeyMaterialException):
        importing(kms, key, os.urandom(32))
    assert importing(kms, key, secret)["KeyMaterialId"] == material
    assert kms.decrypt(CiphertextBlob=sealed)["Plaintext"] == b"mine"


def test_material_that_expires_says_when(kms, key):
    at = datetime.now(timezone.utc).replace(microsecond=0) + timedelta(days=9)
    importing(kms, key, os.urandom(32), ValidTo=at, KeyMaterialDescription="for nine days")
    metadata = kms.describe_key(KeyId=key)["KeyMetadata"]
    assert (metadata["ExpirationModel"], metadata["ValidTo"]) == ("KEY_MATERIAL_EXPIRES", at)
    assert materials(kms, key)[0]["KeyMaterialDescription"] == "for nine days"
    with refused("ValidationException"):
        importing(kms, key, os.urandom(32), ValidTo=at + timedelta(days=365))


def test_a_rotation_to_new_material(kms, key):
    importing(kms, key, os.urandom(32))
    sealed = kms.encrypt(KeyId=key, Plaintext=b"old")["CiphertextBlob"]
    with pytest.raises(kms.exceptions.KMSInvalidStateException):
        kms.rotate_key_on_demand(KeyId=key)
    importing(kms, key, os.urandom(32), ImportType="NEW_KEY_MATERIAL")
    assert [it["KeyMaterialState"] for it in materials(kms, key)] == ["CURRENT", "PENDING_ROTATION"]
    kms.rotate_key_on_demand(KeyId=key)
    assert [it["KeyMaterialState"] for it in materials(kms, key)] == ["NON_CURRENT", "CURRENT"]
    assert kms.decrypt(CiphertextBlob=sealed)["Plaintext"] == b"old"


def test_a_token_is_for_one_key_and_one_wrapping_key(account, second_account, kms, key):
    given, again, other = parameters(kms, key), parameters(kms, key), external_key(kms)
    secret = wrapped(given["PublicKey"], "RSAES_OAEP_SHA_256", os.urandom(32))
    foreign = second_account.root.kms

    def attempt(token, material=secret, to=key, client=kms):
        client.import_key_material(KeyId=to, ImportToken=token, EncryptedKeyMaterial=material,
                                   ExpirationModel="KEY_MATERIAL_DOES_NOT_EXPIRE")

    with pytest.raises(kms.exceptions.InvalidImportTokenException):
        attempt(given["ImportToken"], to=other)
    with pytest.raises(foreign.exceptions.InvalidImportTokenException):
        attempt(given["ImportToken"], to=external_key(foreign), client=foreign)
    with pytest.raises(kms.exceptions.InvalidCiphertextException):
        attempt(again["ImportToken"])
    weaker = wrapped(given["PublicKey"], "RSAES_OAEP_SHA_1", os.urandom(32))
    with pytest.raises(kms.exceptions.InvalidCiphertextException):
        attempt(given["ImportToken"], weaker)
    tampered = bytearray(given["ImportToken"])
    tampered[len(tampered) // 2] ^= 1
    with pytest.raises(kms.exceptions.InvalidImportTokenException):
        attempt(bytes(tampered))
    for length in (16, 31, 33):
        with pytest.raises(kms.exceptions.IncorrectKeyMaterialException):
            importing(kms, key, os.urandom(length))
    attempt(given["ImportToken"])
    with pytest.raises(kms.exceptions.UnsupportedOperationException):
        parameters(kms, account.key())
