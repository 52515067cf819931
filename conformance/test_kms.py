"""KMS keys: their life, their policies, tags and aliases, by boto3."""

import json

import pytest

from support.account import allow, deny, key_policy, name, principals
from support.refusal import refused

MISSING = "00000000-0000-4000-8000-000000000000"


@pytest.fixture
def kms(account):
    return account.root.kms


@pytest.fixture
def key(account):
    return account.key()


def pages(kms, operation, member, **parameters):
    found = kms.get_paginator(operation).paginate(PaginationConfig={"PageSize": 2}, **parameters)
    return [item for page in found for item in page[member]]


def test_a_new_key_tells_what_it_is(account, kms):
    made = kms.create_key(Description="for letters", Tags=[{"TagKey": "color", "TagValue": "blue"}])["KeyMetadata"]
    assert made["Arn"] == f"arn:aws:kms:us-east-1:{account.id}:key/{made['KeyId']}"
    expected = {
        "AWSAccountId": account.id, "Enabled": True, "KeyState": "Enabled", "KeyUsage": "ENCRYPT_DECRYPT",
        "KeyManager": "CUSTOMER", "Origin": "AWS_KMS", "KeySpec": "SYMMETRIC_DEFAULT", "Description": "for letters",
        "CustomerMasterKeySpec": "SYMMETRIC_DEFAULT", "EncryptionAlgorithms": ["SYMMETRIC_DEFAULT"],
        "MultiRegion": False,
    }
    assert {member: made.get(member) for member in expected} == expected
    assert kms.describe_key(KeyId=made["KeyId"])["KeyMetadata"] == made
    assert account.root.cli("kms", "describe-key", "--key-id", made["Arn"])["KeyMetadata"]["KeyId"] == made["KeyId"]


def test_what_is_not_built_says_so(kms):
    with refused("NotImplemented") as answer:
        kms.list_keys(ResourceOwners=["OTHER_ACCOUNTS_VIA_RAM"])
    assert answer.value.response["ResponseMetadata"]["HTTPStatusCode"] == 501


def peer(kms):
    """The public half of another's key."""
    made = kms.create_key(KeySpec="ECC_NIST_P256", KeyUsage="KEY_AGREEMENT")["KeyMetadata"]["KeyId"]
    return kms.get_public_key(KeyId=made)["PublicKey"]


# Each operation that has `Recipient`, called with it or without.
WITH_RECIPIENT = {
    "GenerateRandom": lambda kms, key, **given: kms.generate_random(NumberOfBytes=16, **given),
    "GenerateDataKey": lambda kms, key, **given: kms.generate_data_key(KeyId=key, KeySpec="AES_256", **given),
    "GenerateDataKeyPair": lambda kms, key, **given: kms.generate_data_key_pair(
        KeyId=key, KeyPairSpec="ECC_NIST_P256", **given),
    "Decrypt": lambda kms, key, **given: kms.decrypt(
        CiphertextBlob=kms.encrypt(KeyId=key, Plaintext=b"x")["CiphertextBlob"], **given),
    "DeriveSharedSecret": lambda kms, key, **given: kms.derive_shared_secret(
        KeyId=kms.create_key(KeySpec="ECC_NIST_P256", KeyUsage="KEY_AGREEMENT")["KeyMetadata"]["KeyId"],
        KeyAgreementAlgorithm="ECDH", PublicKey=peer(kms), **given),
}


@pytest.mark.parametrize("operation", WITH_RECIPIENT)
def test_no_attestation_document_is_trusted(account, kms, operation):
    call, key = WITH_RECIPIENT[operation], account.key()
    assert "CiphertextForRecipient" not in call(kms, key)
    document = {"KeyEncryptionAlgorithm": "RSAES_OAEP_SHA_256", "AttestationDocument": b"\xd2\x84" + bytes(200)}
    for recipient in (document, {"KeyEncryptionAlgorithm": "RSAES_OAEP_SHA_256"}, {}):
        with refused("ValidationException") as refusal:
            call(kms, key, Recipient=recipient)
        assert refusal.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400
    # Whom attestation alone would let in is let in by nothing here.
    condition = {"StringEqualsIgnoreCase": {"kms:RecipientAttestation:ImageSha384": "00" * 48}}
    enclave = account.user(allow(f"kms:{operation}", Condition=condition), allow(
        "kms:Encrypt", "kms:CreateKey", "kms:GetPublicKey"))
    for given in ({}, {"Recipient": document}):
        with refused("AccessDeniedException", f"kms:{operation}"):
            call(enclave.kms, key, **given)


def test_every_operation_with_a_recipient_has_its_case(kms):
    model = kms.meta.service_model
    shapes = {name: model.operation_model(name).input_shape for name in model.operation_names}
    assert {name for name, shape in shapes.items() if "Recipient" in shape.members} == set(WITH_RECIPIENT)


def test_keys_are_listed_by_page_and_region(account, kms):
    keys = {account.key() for _ in range(5)}
    assert {key["KeyArn"] for key in pages(kms, "list_keys", "Keys")} == keys
    assert account.root.at("eu-central-1").kms.list_keys()["Keys"] == []
    abroad = account.root.at("eu-central-1").kms
    with refused("NotFoundException"):
        abroad.describe_key(KeyId=keys.pop())


def test_a_key_is_named_in_four_ways(account, kms, key):
    kms.create_alias(AliasName="alias/letters", TargetKeyId=key)
    alias_arn = f"arn:aws:kms:us-east-1:{account.id}:alias/letters"
    for named in (key, key.rpartition("/")[2], "alias/letters", alias_arn):
        assert kms.describe_key(KeyId=named)["KeyMetadata"]["Arn"] == key
    for missing in (MISSING, "alias/nobody", f"arn:aws:kms:us-east-1:{account.id}:key/{MISSING}"):
        with pytest.raises(kms.exceptions.NotFoundException):
            kms.describe_key(KeyId=missing)


def test_a_key_is_disabled_and_enabled(kms, key):
    kms.disable_key(KeyId=key)
    assert kms.describe_key(KeyId=key)["KeyMetadata"]["KeyState"] == "Disabled"
    with pytest.raises(kms.exceptions.DisabledException, match="is disabled"):
        kms.generate_data_key(KeyId=key, KeySpec="AES_256")
    kms.enable_key(KeyId=key)
    assert kms.describe_key(KeyId=key)["KeyMetadata"]["Enabled"]


def test_a_deletion_is_scheduled_and_cancelled(account, kms, key):
    sealed = kms.encrypt(KeyId=key, Plaintext=b"kept")["CiphertextBlob"]
    answer = kms.schedule_key_deletion(KeyId=key, PendingWindowInDays=7)
    assert (answer["KeyState"], answer["PendingWindowInDays"]) == ("PendingDeletion", 7)
    described = kms.describe_key(KeyId=key)["KeyMetadata"]
    assert described["DeletionDate"] == answer["DeletionDate"] and not described["Enabled"]
    with pytest.raises(kms.exceptions.KMSInvalidStateException, match=f"{key} is pending deletion."):
        kms.decrypt(CiphertextBlob=sealed)
    for wrong in (6, 31):
        with refused("ValidationException", "pendingWindowInDays"):
            kms.schedule_key_deletion(KeyId=account.key(), PendingWindowInDays=wrong)
    assert kms.cancel_key_deletion(KeyId=key)["KeyId"] == key
    assert kms.describe_key(KeyId=key)["KeyMetadata"]["KeyState"] == "Disabled"
    kms.enable_key(KeyId=key)
    assert kms.decrypt(CiphertextBlob=sealed)["Plaintext"] == b"kept"


def test_a_description_is_changed(kms, key):
    kms.update_key_description(KeyId=key, Description="for parcels")
    assert kms.describe_key(KeyId=key)["KeyMetadata"]["Description"] == "for parcels"


def test_aliases(account, kms, key):
    other = account.key()
    for alias in ("alias/a", "alias/b", "alias/c"):
        kms.create_alias(AliasName=alias, TargetKeyId=key)
    with pytest.raises(kms.exceptions.AlreadyExistsException):
        kms.create_alias(AliasName="alias/a", TargetKeyId=other)
    kms.update_alias(AliasName="alias/a", TargetKeyId=other)
    listed = {it["AliasName"]: it["TargetKeyId"] for it in pages(kms, "list_aliases", "Aliases")}
    assert listed == {
        "alias/a": other.rpartition("/")[2], "alias/b": key.rpartition("/")[2], "alias/c": key.rpartition("/")[2]}
    assert [it["AliasName"] for it in pages(kms, "list_aliases", "Aliases", KeyId=other)] == ["alias/a"]
    kms.delete_alias(AliasName="alias/a")
    with pytest.raises(kms.exceptions.NotFoundException):
        kms.delete_alias(AliasName="alias/a")
    with refused("ValidationException", "prefix"):
        kms.create_alias(AliasName="letters", TargetKeyId=key)
    with refused("NotAuthorizedException"):
        kms.create_alias(AliasName="alias/aws/mine", TargetKeyId=key)


def test_tags(kms, key):
    kms.tag_resource(KeyId=key, Tags=[{"TagKey": at, "TagValue": at} for at in ("a", "b", "c")])
    kms.tag_resource(KeyId=key, Tags=[{"TagKey": "a", "TagValue": "new"}])
    kms.untag_resource(KeyId=key, TagKeys=["b"])
    tags = pages(kms, "list_resource_tags", "Tags", KeyId=key)
    assert sorted((tag["TagKey"], tag["TagValue"]) for tag in tags) == [("a", "new"), ("c", "c")]
    with pytest.raises(kms.exceptions.TagException):
        kms.tag_resource(KeyId=key, Tags=[{"TagKey": "aws:mine", "TagValue": ""}])


def test_key_policies(account, kms, key):
    default = json.loads(kms.get_key_policy(KeyId=key)["Policy"])
    assert default["Statement"][0]["Principal"] == {"AWS": account.root_arn}
    assert kms.list_key_policies(KeyId=key)["PolicyNames"] == ["default"]
    user = account.user()
    wanted = key_policy(principals(account.root_arn), principals(user.arn, actions="kms:DescribeKey"))
    kms.put_key_policy(KeyId=key, PolicyName="default", Policy=wanted)
    assert json.loads(kms.get_key_policy(KeyId=key, PolicyName="default")["Policy"]) == json.loads(wanted)
    assert user.kms.describe_key(KeyId=key)["KeyMetadata"]["Arn"] == key
    with refused("AccessDeniedException", "because no identity-based policy allows the kms:ListResourceTags"):
        user.kms.list_resource_tags(KeyId=key)


def test_a_key_policy_cannot_lock_its_author_out(account, kms, key):
    locked = key_policy(principals(account.user().arn))
    with pytest.raises(kms.exceptions.MalformedPolicyDocumentException, match="will not allow you to update"):
        kms.put_key_policy(KeyId=key, Policy=locked)
    kms.put_key_policy(KeyId=key, Policy=locked, BypassPolicyLockoutSafetyCheck=True)
    with refused("AccessDeniedException", "because no resource-based policy allows the kms:DescribeKey"):
        kms.describe_key(KeyId=key)


def test_principals_of_a_key_policy_must_be_there(account, kms, key):
    nobody = f"arn:aws:iam::{account.id}:user/{name('nobody')}"
    with pytest.raises(kms.exceptions.MalformedPolicyDocumentException, match="invalid principals"):
        kms.put_key_policy(KeyId=key, Policy=key_policy(principals(account.root_arn), principals(nobody)))


def test_an_identity_policy_may_tell_keys_by_tag_and_alias(account, kms, key):
    by_tag = {"StringEquals": {"aws:ResourceTag/color": "blue"}}
    user = account.user(allow("kms:DescribeKey", Condition=by_tag))
    with refused("AccessDeniedException"):
        user.kms.describe_key(KeyId=key)
    kms.tag_resource(KeyId=key, Tags=[{"TagKey": "color", "TagValue": "blue"}])
    user.kms.describe_key(KeyId=key)
    by_alias = {"ForAnyValue:StringEquals": {"kms:ResourceAliases": "alias/closed"}}
    barred = account.user(allow("kms:*"), deny("kms:DescribeKey", Condition=by_alias))
    barred.kms.describe_key(KeyId=key)
    kms.create_alias(AliasName="alias/closed", TargetKeyId=key)
    with refused("AccessDeniedException", "explicit deny"):
        barred.kms.describe_key(KeyId=key)
