"""Keys that are the same in several regions, by boto3."""

import os

import pytest

from support.account import allow, key_policy, principals
from support.importing import external_key, importing
from support.refusal import refused

IRELAND, TOKYO = "eu-west-1", "ap-northeast-1"


@pytest.fixture
def kms(account):
    return account.root.kms


@pytest.fixture
def there(account):
    return account.root.at(IRELAND).kms


@pytest.fixture
def key(kms):
    return kms.create_key(MultiRegion=True)["KeyMetadata"]["KeyId"]


def related(kms, key):
    return kms.describe_key(KeyId=key)["KeyMetadata"]["MultiRegionConfiguration"]


def test_what_one_seals_the_other_opens(kms, there, key):
    assert key.startswith("mrk-")
    made = kms.replicate_key(KeyId=key, ReplicaRegion=IRELAND)
    assert made["ReplicaKeyMetadata"]["KeyId"] == key and f":{IRELAND}:" in made["ReplicaKeyMetadata"]["Arn"]
    sealed = kms.encrypt(KeyId=key, Plaintext=b"x", EncryptionContext={"a": "1"})["CiphertextBlob"]
    opened = there.decrypt(CiphertextBlob=sealed, EncryptionContext={"a": "1"})
    assert (opened["Plaintext"], opened["KeyId"]) == (b"x", made["ReplicaKeyMetadata"]["Arn"])
    for client, kind in ((kms, "PRIMARY"), (there, "REPLICA")):
        assert related(client, key)["MultiRegionKeyType"] == kind
        assert [it["Region"] for it in related(client, key)["ReplicaKeys"]] == [IRELAND]
    with pytest.raises(kms.exceptions.AlreadyExistsException):
        kms.replicate_key(KeyId=key, ReplicaRegion=IRELAND)


def test_a_replica_has_its_own_policy_tags_and_description(account, kms, there, key):
    policy = key_policy(principals(account.root_arn))
    made = kms.replicate_key(KeyId=key, ReplicaRegion=IRELAND, Policy=policy, Description="there",
                             Tags=[{"TagKey": "color", "TagValue": "green"}])
    assert (made["ReplicaPolicy"], made["ReplicaKeyMetadata"]["Description"]) == (policy, "there")
    assert made["ReplicaTags"] == there.list_resource_tags(KeyId=key)["Tags"]
    assert kms.list_resource_tags(KeyId=key)["Tags"] == []


def test_rotation_follows_the_primary(kms, there, key):
    kms.replicate_key(KeyId=key, ReplicaRegion=IRELAND)
    sealed = there.encrypt(KeyId=key, Plaintext=b"x")["CiphertextBlob"]
    kms.rotate_key_on_demand(KeyId=key)
    kms.enable_key_rotation(KeyId=key)
    assert there.get_key_rotation_status(KeyId=key)["KeyRotationEnabled"]
    assert there.list_key_rotations(KeyId=key)["Rotations"] == kms.list_key_rotations(KeyId=key)["Rotations"]
    for client in (kms, there):
        assert client.decrypt(CiphertextBlob=sealed)["Plaintext"] == b"x"
    with pytest.raises(there.exceptions.UnsupportedOperationException):
        there.rotate_key_on_demand(KeyId=key)


def test_another_primary(kms, there, key):
    kms.replicate_key(KeyId=key, ReplicaRegion=IRELAND)
    kms.update_primary_region(KeyId=key, PrimaryRegion=IRELAND)
    assert related(there, key)["MultiRegionKeyType"] == "PRIMARY"
    assert related(kms, key)["PrimaryKey"]["Region"] == IRELAND
    there.replicate_key(KeyId=key, ReplicaRegion=TOKYO)
    with pytest.raises(kms.exceptions.UnsupportedOperationException):
        kms.replicate_key(KeyId=key, ReplicaRegion="sa-east-1")


def test_a_primary_waits_for_its_replicas(kms, there, key):
    kms.replicate_key(KeyId=key, ReplicaRegion=IRELAND)
    answer = kms.schedule_key_deletion(KeyId=key, PendingWindowInDays=7)
    assert (answer["KeyState"], "DeletionDate" in answer) == ("PendingReplicaDeletion", False)
    metadata = kms.describe_key(KeyId=key)["KeyMetadata"]
    assert (metadata["KeyState"], metadata["PendingDeletionWindowInDays"]) == ("PendingReplicaDeletion", 7)
    there.encrypt(KeyId=key, Plaintext=b"x")
    kms.cancel_key_deletion(KeyId=key)
    assert kms.describe_key(KeyId=key)["KeyMetadata"]["KeyState"] == "Disabled"


def test_imported_material_is_imported_into_each(kms, there):
    secret = os.urandom(32)
    key = external_key(kms, MultiRegion=True)
    importing(kms, key, secret)
    key = kms.replicate_key(KeyId=key, ReplicaRegion=IRELAND)["ReplicaKeyMetadata"]["KeyId"]
    sealed = kms.encrypt(KeyId=key, Plaintext=b"x")["CiphertextBlob"]
    with pytest.raises(there.exceptions.KMSInvalidStateException):
        there.decrypt(CiphertextBlob=sealed)
    with pytest.raises(there.exceptions.IncorrectKeyMaterialException):
        importing(there, key, os.urandom(32))
    importing(there, key, secret)
    assert there.decrypt(CiphertextBlob=sealed)["Plaintext"] == b"x"


def test_a_replica_needs_permission_in_both_regions(account, key):
    here = {"Condition": {"StringEquals": {"aws:RequestedRegion": "us-east-1"}}}
    for statements in ([allow("kms:ReplicateKey")], [allow("kms:CreateKey")], [allow("kms:*", **here)]):
        with refused("AccessDeniedException"):
            account.user(*statements).kms.replicate_key(KeyId=key, ReplicaRegion=IRELAND)
    account.user(allow("kms:ReplicateKey", "kms:CreateKey")).kms.replicate_key(KeyId=key, ReplicaRegion=IRELAND)


SIGNING = {"RSA_2048": "RSASSA_PSS_SHA_256", "ECC_NIST_P256": "ECDSA_SHA_256", "ECC_NIST_P521": "ECDSA_SHA_512",
           "ECC_SECG_P256K1": "ECDSA_SHA_256", "ECC_NIST_EDWARDS25519": "ED25519_SHA_512",
           "ML_DSA_44": "ML_DSA_SHAKE_256", "ML_DSA_87": "ML_DSA_SHAKE_256"}


@pytest.mark.parametrize("spec,algorithm", SIGNING.items())
def test_what_one_signs_the_other_verifies(kms, there, spec, algorithm):
    key = kms.create_key(MultiRegion=True, KeySpec=spec, KeyUsage="SIGN_VERIFY")["KeyMetadata"]["KeyId"]
    kms.replicate_key(KeyId=key, ReplicaRegion=IRELAND)
    assert kms.get_public_key(KeyId=key)["PublicKey"] == there.get_public_key(KeyId=key)["PublicKey"]
    given = {"KeyId": key, "Message": b"a message", "SigningAlgorithm": algorithm}
    signature = kms.sign(**given)["Signature"]
    assert there.verify(**given, Signature=signature)["SignatureValid"]
    kms.update_primary_region(KeyId=key, PrimaryRegion=IRELAND)
    assert kms.verify(**given, Signature=there.sign(**given)["Signature"])["SignatureValid"]
    with refused("KMSInvalidSignatureException"):
        there.verify(**given | {"Message": b"another"}, Signature=signature)
    tokyo = there.replicate_key(KeyId=key, ReplicaRegion=TOKYO)["ReplicaKeyMetadata"]
    assert (tokyo["KeySpec"], tokyo["MultiRegionConfiguration"]["PrimaryKey"]["Region"]) == (spec, IRELAND)


@pytest.mark.parametrize("bits", [224, 256, 384, 512])
def test_related_keys_make_the_same_code(kms, there, bits):
    given = {"KeySpec": f"HMAC_{bits}", "KeyUsage": "GENERATE_VERIFY_MAC"}
    key = kms.create_key(MultiRegion=True, **given)["KeyMetadata"]["KeyId"]
    kms.replicate_key(KeyId=key, ReplicaRegion=IRELAND)
    given = {"KeyId": key, "Message": b"a message", "MacAlgorithm": f"HMAC_SHA_{bits}"}
    mac = kms.generate_mac(**given)["Mac"]
    assert there.verify_mac(**given, Mac=mac)["MacValid"] and there.generate_mac(**given)["Mac"] == mac
    kms.update_primary_region(KeyId=key, PrimaryRegion=IRELAND)
    assert there.generate_mac(**given)["Mac"] == kms.generate_mac(**given)["Mac"] == mac


def test_related_keys_agree_and_decrypt(kms, there):
    key = kms.create_key(MultiRegion=True, KeySpec="RSA_3072", KeyUsage="ENCRYPT_DECRYPT")["KeyMetadata"]["KeyId"]
    kms.replicate_key(KeyId=key, ReplicaRegion=IRELAND)
    given = {"KeyId": key, "EncryptionAlgorithm": "RSAES_OAEP_SHA_256"}
    sealed = kms.encrypt(Plaintext=b"x", **given)["CiphertextBlob"]
    assert there.decrypt(CiphertextBlob=sealed, **given)["Plaintext"] == b"x"
    ours, peers = (kms.create_key(MultiRegion=multi, KeySpec="ECC_NIST_P384", KeyUsage="KEY_AGREEMENT")["KeyMetadata"]["KeyId"]
                   for multi in (True, False))
    kms.replicate_key(KeyId=ours, ReplicaRegion=IRELAND)
    peer = kms.get_public_key(KeyId=peers)["PublicKey"]
    secrets = [client.derive_shared_secret(KeyId=ours, KeyAgreementAlgorithm="ECDH", PublicKey=peer)["SharedSecret"]
               for client in (kms, there)]
    assert secrets[0] == secrets[1]
