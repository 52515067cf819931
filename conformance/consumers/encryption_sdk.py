"""The AWS Encryption SDK for Python, as a program: encrypts or decrypts standard input under a keyring of KMS keys.

    encryption_sdk.py encrypt|decrypt KEYRING CONTEXT KEY...

CONTEXT is a JSON object. The environment says which server, and who asks.
"""

import json
import sys

import boto3
from aws_cryptographic_material_providers.mpl import AwsCryptographicMaterialProviders
from aws_cryptographic_material_providers.mpl.config import MaterialProvidersConfig
from aws_cryptographic_material_providers.mpl.models import (
    CreateAwsKmsDiscoveryKeyringInput, CreateAwsKmsEcdhKeyringInput, CreateAwsKmsKeyringInput,
    CreateAwsKmsMrkDiscoveryKeyringInput, CreateAwsKmsMrkKeyringInput, CreateAwsKmsMultiKeyringInput,
    CreateAwsKmsRsaKeyringInput, DiscoveryFilter, KmsEcdhStaticConfigurationsKmsPrivateKeyToStaticPublicKey,
    KmsPrivateKeyToStaticPublicKeyInput)
from aws_encryption_sdk import EncryptionSDKClient
from aws_encryption_sdk.identifiers import AlgorithmSuite
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_der_public_key

LIBRARY = AwsCryptographicMaterialProviders(config=MaterialProvidersConfig())


def client(region=None):
    return boto3.client("kms", region_name=region)


def filtered(arn):
    return DiscoveryFilter(account_ids=[arn.split(":")[4]], partition="aws")


def plain(key):
    return LIBRARY.create_aws_kms_keyring(CreateAwsKmsKeyringInput(kms_key_id=key, kms_client=client()))


def several(*keys):
    given = CreateAwsKmsMultiKeyringInput(generator=keys[0], kms_key_ids=list(keys[1:]))
    return LIBRARY.create_aws_kms_multi_keyring(given)


def multi_region(key):
    given = CreateAwsKmsMrkKeyringInput(kms_key_id=key, kms_client=client(key.split(":")[3]))
    return LIBRARY.create_aws_kms_mrk_keyring(given)


def discovery(key):
    given = CreateAwsKmsDiscoveryKeyringInput(kms_client=client(), discovery_filter=filtered(key))
    return LIBRARY.create_aws_kms_discovery_keyring(given)


def multi_region_discovery(key):
    region = key.split(":")[3]
    given = CreateAwsKmsMrkDiscoveryKeyringInput(
        kms_client=client(region), region=region, discovery_filter=filtered(key))
    return LIBRARY.create_aws_kms_mrk_discovery_keyring(given)


def public_der(key):
    return client().get_public_key(KeyId=key)["PublicKey"]


def rsa(key):
    pem = load_der_public_key(public_der(key)).public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    return LIBRARY.create_aws_kms_rsa_keyring(CreateAwsKmsRsaKeyringInput(
        public_key=pem, kms_key_id=key, encryption_algorithm="RSAES_OAEP_SHA_256", kms_client=client()))


def agreement(sender, recipient):
    """By ECDH: the shared secret of two KMS keys is derived in KMS."""
    scheme = KmsEcdhStaticConfigurationsKmsPrivateKeyToStaticPublicKey(KmsPrivateKeyToStaticPublicKeyInput(
        sender_kms_identifier=sender, recipient_public_key=public_der(recipient)))
    return LIBRARY.create_aws_kms_ecdh_keyring(CreateAwsKmsEcdhKeyringInput(
        key_agreement_scheme=scheme, curve_spec="ECC_NIST_P256", kms_client=client()))


KEYRINGS = {made.__name__: made for made in (
    plain, several, multi_region, discovery, multi_region_discovery, rsa, agreement)}


def main(action, keyring, context, *keys):
    further = {}
    if keyring == "rsa" and action == "encrypt":
        # This keyring has no signed suites: who encrypts by the public key cannot be told apart.
        further["algorithm"] = AlgorithmSuite.AES_256_GCM_HKDF_SHA512_COMMIT_KEY
    work = getattr(EncryptionSDKClient(), action)
    done, _ = work(source=sys.stdin.buffer.read(), keyring=KEYRINGS[keyring](*keys),
                   encryption_context=json.loads(context), **further)
    sys.stdout.buffer.write(done)


main(*sys.argv[1:])
