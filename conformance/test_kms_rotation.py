"""Rotation of KMS keys, by boto3 and the AWS CLI."""

from datetime import datetime, timedelta, timezone

import pytest

from support.account import allow
from support.refusal import refused


@pytest.fixture
def kms(account):
    return account.root.kms


@pytest.fixture
def key(account):
    return account.key()


def test_rotation_is_planned_and_called_off(account, kms, key):
    assert not kms.get_key_rotation_status(KeyId=key)["KeyRotationEnabled"]
    kms.enable_key_rotation(KeyId=key, RotationPeriodInDays=90)
    status = kms.get_key_rotation_status(KeyId=key)
    assert (status["KeyRotationEnabled"], status["RotationPeriodInDays"], status["KeyId"]) == (True, 90, key)
    planned = status["NextRotationDate"] - datetime.now(timezone.utc)
    assert timedelta(days=89, hours=23) < planned <= timedelta(days=90)
    kms.enable_key_rotation(KeyId=key)
    assert account.root.cli("kms", "get-key-rotation-status", "--key-id", key)["RotationPeriodInDays"] == 365
    kms.disable_key_rotation(KeyId=key)
    assert not kms.get_key_rotation_status(KeyId=key)["KeyRotationEnabled"]
    for wrong in (89, 2561):
        with refused("ValidationException", "rotationPeriodInDays"):
            kms.enable_key_rotation(KeyId=key, RotationPeriodInDays=wrong)


def test_old_versions_open_for_ever(kms, key):
    sealed = {}
    for _ in range(4):
        made = kms.generate_data_key(KeyId=key, KeySpec="AES_256")
        sealed[made["KeyMaterialId"]] = made
        assert kms.rotate_key_on_demand(KeyId=key)["KeyId"] == key
    assert len(sealed) == 4
    for material, made in sealed.items():
        opened = kms.decrypt(CiphertextBlob=made["CiphertextBlob"])
        assert (opened["Plaintext"], opened["KeyMaterialId"]) == (made["Plaintext"], material)
    current = kms.describe_key(KeyId=key)["KeyMetadata"]["CurrentKeyMaterialId"]
    moved = kms.re_encrypt(CiphertextBlob=made["CiphertextBlob"], DestinationKeyId=key)
    assert (moved["SourceKeyMaterialId"], moved["DestinationKeyMaterialId"]) == (material, current)


def test_rotations_are_listed_by_page(kms, key):
    for _ in range(5):
        kms.rotate_key_on_demand(KeyId=key)
    pages = kms.get_paginator("list_key_rotations").paginate(
        KeyId=key, IncludeKeyMaterial="ALL_KEY_MATERIAL", PaginationConfig={"PageSize": 4})
    listed = [entry for page in pages for entry in page["Rotations"]]
    assert [entry["KeyMaterialState"] for entry in listed] == ["NON_CURRENT"] * 5 + ["CURRENT"]
    assert [entry.get("RotationType") for entry in listed] == [None] + ["ON_DEMAND"] * 5
    assert len({entry["KeyMaterialId"] for entry in listed}) == 6
    assert len(kms.list_key_rotations(KeyId=key)["Rotations"]) == 5


def test_only_so_often(kms, key):
    for _ in range(25):
        kms.rotate_key_on_demand(KeyId=key)
    with pytest.raises(kms.exceptions.LimitExceededException):
        kms.rotate_key_on_demand(KeyId=key)


def test_not_in_every_state(kms, key):
    kms.disable_key(KeyId=key)
    for call in (kms.enable_key_rotation, kms.disable_key_rotation, kms.rotate_key_on_demand):
        with pytest.raises(kms.exceptions.DisabledException, match="is disabled"):
            call(KeyId=key)


def test_a_policy_may_bound_the_period(account, key):
    often = allow("kms:EnableKeyRotation", Condition={"NumericLessThanEquals": {"kms:RotationPeriodInDays": "180"}})
    ann = account.user(often)
    ann.kms.enable_key_rotation(KeyId=key, RotationPeriodInDays=180)
    with refused("AccessDeniedException"):
        ann.kms.enable_key_rotation(KeyId=key)
