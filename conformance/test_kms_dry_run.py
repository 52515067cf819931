"""DryRun, by boto3: every operation that has it decides, checks and does nothing."""

import os

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from support.account import Account, allow
from support.refusal import refused

POINT = ec.generate_private_key(ec.SECP256R1()).public_key()
KINDS = {"symmetric": ("SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT"), "signing": ("ECC_NIST_P256", "SIGN_VERIFY"),
         "rsa": ("RSA_2048", "ENCRYPT_DECRYPT"), "mac": ("HMAC_256", "GENERATE_VERIFY_MAC"),
         "agreeing": ("ECC_NIST_P256", "KEY_AGREEMENT"), "encapsulating": ("ML_KEM_768", "ENCAPSULATE_DECAPSULATE")}


class Scene:
    """An account with a key of every kind, and what each has made."""

    def __init__(self, account):
        self.account, self.kms = account, account.root.kms
        self.keys = {kind: self.kms.create_key(KeySpec=spec, KeyUsage=usage)["KeyMetadata"]["Arn"]
                     for kind, (spec, usage) in KINDS.items()}
        self.signing = {"KeyId": self.keys["signing"], "Message": b"x", "SigningAlgorithm": "ECDSA_SHA_256"}
        self.mac = {"KeyId": self.keys["mac"], "Message": b"x", "MacAlgorithm": "HMAC_SHA_256"}
        self.kem = {"KeyId": self.keys["encapsulating"], "EncapsulationAlgorithm": "ML_KEM"}
        self.symmetric = {"KeyId": self.keys["symmetric"]}
        self.sealed = self.kms.encrypt(Plaintext=b"x", **self.symmetric)["CiphertextBlob"]

    def grant(self):
        made = self.kms.create_grant(GranteePrincipal=self.account.root_arn, Operations=["Encrypt"], **self.symmetric)
        return self.symmetric | {"GrantId": made["GrantId"]}

    def grants(self):
        return {grant["GrantId"] for grant in self.kms.list_grants(**self.symmetric)["Grants"]}

    def calls(self):
        """What each operation is called with where it succeeds."""
        kms, pair = self.kms, self.symmetric | {"KeyPairSpec": "ECC_NIST_P256"}
        point = POINT.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        return {
            "CreateGrant": self.symmetric | {"GranteePrincipal": self.account.root_arn, "Operations": ["Encrypt"]},
            "Decapsulate": self.kem | {
                "SharedSecretCiphertextBlob": kms.encapsulate(**self.kem)["SharedSecretCiphertextBlob"]},
            "Decrypt": {"CiphertextBlob": self.sealed},
            "DeriveSharedSecret": {"KeyId": self.keys["agreeing"], "KeyAgreementAlgorithm": "ECDH", "PublicKey": point},
            "Encapsulate": self.kem,
            "Encrypt": self.symmetric | {"Plaintext": b"x"},
            "GenerateDataKey": self.symmetric | {"KeySpec": "AES_256"},
            "GenerateDataKeyPair": pair,
            "GenerateDataKeyPairWithoutPlaintext": pair,
            "GenerateDataKeyWithoutPlaintext": self.symmetric | {"NumberOfBytes": 7},
            "GenerateMac": self.mac,
            "ReEncrypt": {"CiphertextBlob": self.sealed, "DestinationKeyId": self.keys["rsa"],
                          "DestinationEncryptionAlgorithm": "RSAES_OAEP_SHA_256"},
            "RetireGrant": self.grant(),
            "RevokeGrant": self.grant(),
            "Sign": self.signing,
            "Verify": self.signing | {"Signature": kms.sign(**self.signing)["Signature"]},
            "VerifyMac": self.mac | {"Mac": kms.generate_mac(**self.mac)["Mac"]},
        }


@pytest.fixture(scope="module")
def scene(server):
    return Scene(Account.create(server))


@pytest.fixture(scope="module")
def calls(scene):
    return scene.calls()


def method(principal, operation):
    kms = principal.kms
    [name] = [name for name, called in kms.meta.method_to_api_mapping.items() if called == operation]
    return getattr(kms, name)


def test_every_operation_with_a_dry_run_has_its_case(scene, calls):
    model = scene.kms.meta.service_model
    shapes = {name: model.operation_model(name).input_shape for name in model.operation_names}
    assert {name for name, shape in shapes.items() if "DryRun" in shape.members} == set(calls)


def test_what_would_succeed_is_said_and_not_done(scene, calls):
    stranger = scene.account.user(allow("kms:DescribeKey"))
    before = scene.grants()
    for operation, given in calls.items():
        with refused("DryRunOperationException", "would have succeeded") as refusal:
            method(scene.account.root, operation)(**given, DryRun=True)
        assert refusal.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400, operation
        with refused("AccessDeniedException"):
            method(stranger, operation)(**given, DryRun=True)
    assert scene.grants() == before
    for operation, given in calls.items():
        assert method(scene.account.root, operation)(**given, DryRun=False)["ResponseMetadata"]["HTTPStatusCode"] == 200
    assert len(scene.grants()) == len(before) - 1


WRONG = {
    "Decrypt": ({"CiphertextBlob": b"x"}, "InvalidCiphertextException"),
    "Decapsulate": ({"SharedSecretCiphertextBlob": b"x"}, "InvalidCiphertextException"),
    "DeriveSharedSecret": ({"PublicKey": b"x"}, "ValidationException"),
    "Encrypt": ({"EncryptionAlgorithm": "RSAES_OAEP_SHA_256"}, "InvalidKeyUsageException"),
    "ReEncrypt": ({"CiphertextBlob": b"x"}, "InvalidCiphertextException"),
    "RetireGrant": ({"GrantId": "0" * 64}, "NotFoundException"),
    "RevokeGrant": ({"GrantId": "0" * 64}, "NotFoundException"),
    "Verify": ({"Signature": os.urandom(70)}, "KMSInvalidSignatureException"),
    "VerifyMac": ({"Mac": os.urandom(32)}, "KMSInvalidMacException"),
}


@pytest.mark.parametrize("operation", WRONG)
def test_what_would_fail_fails(scene, calls, operation):
    changed, code = WRONG[operation]
    with refused(code):
        method(scene.account.root, operation)(**calls[operation] | changed, DryRun=True)
