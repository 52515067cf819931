"""Programs that were written for AWS and run unmodified: the AWS Encryption SDK for Python and for JavaScript, the AWS
Encryption CLI, the Amazon S3 Encryption Client."""

import json
import os

import pytest

from support.account import allow
from support.consumers import Refused, Sdk, piped, python

IRELAND = "eu-west-1"
CONTEXT = {"team": "red", "purpose": "test"}
SDKS = ["python", "node", "cli"]
MESSAGE = os.urandom(300_000)  # of many frames


@pytest.fixture
def root(account):
    return account.root


def made(root, **wanted):
    return root.kms.create_key(**wanted)["KeyMetadata"]["Arn"]


@pytest.mark.parametrize("writer", SDKS)
@pytest.mark.parametrize("reader", SDKS)
def test_what_one_writes_each_reads(account, root, writer, reader):
    key = account.key()
    written = Sdk(writer)(root, "encrypt", MESSAGE, "plain", CONTEXT, key)
    assert MESSAGE[:100] not in written
    assert Sdk(reader)(root, "decrypt", written, "plain", CONTEXT, key) == MESSAGE


@pytest.mark.parametrize("sdk", ["python", "node"])
def test_several_keys_and_whoever_has_one_of_them(account, root, sdk):
    first, second = account.key(), account.key()
    written = Sdk(sdk)(root, "encrypt", b"x", "several", CONTEXT, first, second)
    root.kms.disable_key(KeyId=first)
    assert Sdk(sdk)(root, "decrypt", written, "several", CONTEXT, first, second) == b"x"
    reader = account.user(allow("kms:Decrypt", resource=second))
    assert Sdk(sdk)(reader, "decrypt", written, "discovery", CONTEXT, second) == b"x"


@pytest.mark.parametrize("sdk", ["python", "node"])
def test_a_replica_opens_what_the_primary_sealed(root, sdk):
    primary = made(root, MultiRegion=True)
    replica = root.kms.replicate_key(KeyId=primary, ReplicaRegion=IRELAND)["ReplicaKeyMetadata"]["Arn"]
    written = Sdk(sdk)(root, "encrypt", b"x", "multi_region", CONTEXT, primary)
    there = root.at(IRELAND)
    for keyring in ("multi_region", "multi_region_discovery"):
        assert Sdk(sdk)(there, "decrypt", written, keyring, CONTEXT, replica) == b"x"


@pytest.mark.parametrize("usage,spec,keyring", [
    ("ENCRYPT_DECRYPT", "RSA_3072", "rsa"), ("KEY_AGREEMENT", "ECC_NIST_P256", "agreement")])
def test_keyrings_of_asymmetric_keys(root, usage, spec, keyring):
    keys = [made(root, KeySpec=spec, KeyUsage=usage) for _ in range(1 + (keyring == "agreement"))]
    written = Sdk("python")(root, "encrypt", b"x", keyring, CONTEXT, *keys)
    assert Sdk("python")(root, "decrypt", written, keyring, CONTEXT, *keys) == b"x"
    if keyring == "agreement":  # from the other side
        assert Sdk("python")(root, "decrypt", written, keyring, CONTEXT, *reversed(keys)) == b"x"


@pytest.mark.parametrize("sdk", SDKS)
def test_what_is_refused(server, account, root, sdk):
    key, other = account.key(), account.key()
    written = Sdk(sdk)(root, "encrypt", b"x", "plain", CONTEXT, key)
    powerless = account.user(allow("kms:GenerateDataKey", "kms:Encrypt"))
    with pytest.raises(Refused):
        Sdk(sdk)(powerless, "decrypt", written, "plain", CONTEXT, key)
    denied = [event["eventName"] for event in server.events()
              if event.get("errorCode") == "AccessDenied" and event["userIdentity"].get("userName") == powerless.name]
    assert denied == ["Decrypt"]
    with pytest.raises(Refused):
        Sdk(sdk)(root, "decrypt", written, "plain", CONTEXT, other)
    with pytest.raises(Refused):
        Sdk(sdk)(root, "decrypt", written, "plain", CONTEXT | {"team": "blue"}, key)
    torn = written.replace(b"red", b"bed")
    with pytest.raises(Refused):
        Sdk(sdk)(root, "decrypt", torn, "plain", CONTEXT | {"team": "bed"}, key)


def test_the_record_tells_the_context(server, account, root):
    key = account.key()
    Sdk("python")(root, "encrypt", b"x", "plain", CONTEXT, key)
    found = [event for event in server.events() if event["eventName"] == "GenerateDataKey"
             and (event["requestParameters"] or {}).get("keyId") == key]
    context = found[0]["requestParameters"]["encryptionContext"]
    assert context.pop("aws-crypto-public-key") and context == CONTEXT
    assert "AwsCryptographicMPL" in found[0]["userAgent"]


def test_objects_of_the_s3_encryption_client(account, root):
    key = account.key()
    read, kept = piped(root, python("s3_encryption_client.py", key, json.dumps(CONTEXT)), MESSAGE)
    assert read == MESSAGE
    kept = json.loads(kept.splitlines()[-1])
    assert kept["length"] > len(MESSAGE) and kept["metadata"]
    with pytest.raises(Refused, match="context"):
        piped(root, python("s3_encryption_client.py", key, json.dumps(CONTEXT), '{"team": "blue"}'), MESSAGE)
    writer = account.user(allow("kms:GenerateDataKey"))
    with pytest.raises(Refused, match="AccessDenied"):
        piped(writer, python("s3_encryption_client.py", key, json.dumps(CONTEXT)), MESSAGE)
