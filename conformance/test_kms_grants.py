"""Grants of KMS, by boto3 and the stock command line."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from support.account import allow, assume, name, trust
from support.principal import CliError
from support.refusal import refused


@pytest.fixture
def key(account):
    return account.key()


@pytest.fixture
def ann(account):
    return account.user()


def grant(kms, key, grantee, *operations, **further):
    return kms.create_grant(KeyId=key, GranteePrincipal=grantee, Operations=list(operations), **further)


def test_a_grant_counts_at_once(account, key, ann):
    kms = account.root.kms
    with refused("AccessDeniedException"):
        ann.kms.encrypt(KeyId=key, Plaintext=b"x")
    made = grant(kms, key, ann.arn, "Encrypt", "Decrypt", Name="n")
    sealed = ann.kms.encrypt(KeyId=key, Plaintext=b"x", GrantTokens=[made["GrantToken"]])["CiphertextBlob"]
    assert ann.kms.decrypt(CiphertextBlob=sealed)["Plaintext"] == b"x"
    again = grant(kms, key, ann.arn, "Decrypt", "Encrypt", Name="n")
    assert again["GrantId"] == made["GrantId"] and again["GrantToken"] != made["GrantToken"]
    listed = kms.list_grants(KeyId=key)["Grants"]
    assert [it["GrantId"] for it in listed] == [made["GrantId"]]
    assert listed[0]["IssuingAccount"] == account.root_arn and "GrantToken" not in listed[0]
    kms.revoke_grant(KeyId=key, GrantId=made["GrantId"])
    with refused("AccessDeniedException"):
        ann.kms.decrypt(CiphertextBlob=sealed)
    with refused("InvalidGrantTokenException"):
        kms.encrypt(KeyId=key, Plaintext=b"x", GrantTokens=[made["GrantToken"]])


def test_across_accounts(account, second_account, key):
    eve = second_account.user()
    made = grant(account.root.kms, key, eve.arn, "Encrypt", "RetireGrant", RetiringPrincipal=second_account.root_arn)
    assert eve.kms.encrypt(KeyId=key, Plaintext=b"x")["KeyId"] == key
    retirable = second_account.root.kms.list_retirable_grants(RetiringPrincipal=second_account.root_arn)["Grants"]
    assert [it["GrantId"] for it in retirable] == [made["GrantId"]]
    eve.kms.retire_grant(GrantToken=made["GrantToken"])
    with refused("AccessDeniedException"):
        eve.kms.encrypt(KeyId=key, Plaintext=b"x")


def test_constraints(account, key, ann):
    grant(account.root.kms, key, ann.arn, "Encrypt", Constraints={"EncryptionContextSubset": {"a": "1"}})
    ann.kms.encrypt(KeyId=key, Plaintext=b"x", EncryptionContext={"a": "1", "b": "2"})
    for context in ({}, {"A": "1"}, {"a": "2"}, {"a": "2", "A": "1"}):
        with refused("AccessDeniedException"):
            ann.kms.encrypt(KeyId=key, Plaintext=b"x", EncryptionContext=context)


def test_retired_by_the_entitled_alone(account, key, ann):
    kms, bob = account.root.kms, account.user()
    for caller, further, may in (
        (ann, {}, False),
        (ann, {"RetiringPrincipal": ann.arn}, True),
        (bob, {"RetiringPrincipal": ann.arn}, False),
        (account.root, {}, True),
    ):
        made = grant(kms, key, ann.arn, "Encrypt", **further)
        if may:
            caller.kms.retire_grant(KeyId=key, GrantId=made["GrantId"])
            continue
        with refused("AccessDeniedException"):
            caller.kms.retire_grant(KeyId=key, GrantId=made["GrantId"])


def test_a_role_made_anew_gets_nothing(account, key):
    iam, role = account.root.iam, name("role")

    def session():
        arn = iam.create_role(RoleName=role, AssumeRolePolicyDocument=trust(account.root_arn))["Role"]["Arn"]
        caller = account.user(allow("sts:AssumeRole"))
        return arn, assume(caller, arn)

    arn, first = session()
    grant(account.root.kms, key, arn, "Encrypt")
    first.kms.encrypt(KeyId=key, Plaintext=b"x")
    iam.delete_role(RoleName=role)
    _, second = session()
    with refused("AccessDeniedException"):
        second.kms.encrypt(KeyId=key, Plaintext=b"x")


def test_the_command_line(account, key, ann):
    made = account.root.cli("kms", "create-grant", "--key-id", key, "--grantee-principal", ann.arn,
                            "--operations", "Encrypt", "DescribeKey")
    assert ann.cli("kms", "describe-key", "--key-id", key)["KeyMetadata"]["Arn"] == key
    with pytest.raises(CliError, match="DryRunOperationException"):
        account.root.cli("kms", "revoke-grant", "--key-id", key, "--grant-id", made["GrantId"], "--dry-run")
    account.root.cli("kms", "retire-grant", "--grant-token", made["GrantToken"])
    assert account.root.cli("kms", "list-grants", "--key-id", key)["Grants"] == []


def test_when_a_key_was_last_used(account, key):
    kms = account.root.kms
    assert kms.get_key_last_usage(KeyId=key)["KeyLastUsage"] == {}
    kms.encrypt(KeyId=key, Plaintext=b"x")
    assert kms.get_key_last_usage(KeyId=key)["KeyLastUsage"]["Operation"] == "Encrypt"


def test_many_at_once(account, key, ann):
    def life(number):
        context = {"caller": str(number)}
        made = grant(account.root.kms, key, ann.arn, "Encrypt", Constraints={"EncryptionContextEquals": context})
        ann.kms.encrypt(KeyId=key, Plaintext=b"x", EncryptionContext=context)
        account.root.kms.retire_grant(GrantToken=made["GrantToken"])
        with refused("AccessDeniedException"):
            ann.kms.encrypt(KeyId=key, Plaintext=b"x", EncryptionContext=context)

    account.root.kms, ann.kms  # made before they are shared
    with ThreadPoolExecutor(64) as callers:
        list(callers.map(life, range(64)))
    assert account.root.kms.list_grants(KeyId=key)["Grants"] == []
