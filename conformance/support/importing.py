"""Wrapping key material as a user of AWS would, with Python's cryptography."""

import os

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.keywrap import aes_key_wrap_with_padding
from cryptography.hazmat.primitives.serialization import load_der_public_key

HASHES = {"SHA_1": hashes.SHA1, "SHA_256": hashes.SHA256}


def wrapped(public_key, algorithm, material):
    """`material` under the DER of `public_key`, by a wrapping algorithm of KMS."""
    hashed = HASHES["SHA_" + algorithm.rpartition("_")[2]]()
    oaep = padding.OAEP(mgf=padding.MGF1(hashed), algorithm=hashed, label=None)
    public = load_der_public_key(public_key)
    if algorithm.startswith("RSAES_OAEP"):
        return public.encrypt(material, oaep)
    key = os.urandom(32)
    return public.encrypt(key, oaep) + aes_key_wrap_with_padding(key, material)


def parameters(kms, key, algorithm="RSAES_OAEP_SHA_256", spec="RSA_2048"):
    """What GetParametersForImport answers."""
    return kms.get_parameters_for_import(KeyId=key, WrappingAlgorithm=algorithm, WrappingKeySpec=spec)


def importing(kms, key, material, algorithm="RSAES_OAEP_SHA_256", spec="RSA_2048", **further):
    """Imports `material`; what does not expire unless it is said to."""
    given = parameters(kms, key, algorithm, spec)
    if "ValidTo" not in further:
        further["ExpirationModel"] = "KEY_MATERIAL_DOES_NOT_EXPIRE"
    return kms.import_key_material(
        KeyId=key, ImportToken=given["ImportToken"],
        EncryptedKeyMaterial=wrapped(given["PublicKey"], algorithm, material), **further)


def external_key(kms, **further):
    """A new key whose material is to be imported: its ARN."""
    return kms.create_key(Origin="EXTERNAL", **further)["KeyMetadata"]["Arn"]
