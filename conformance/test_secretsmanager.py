"""Secrets, by boto3, the stock command line, and AWS's caching client for Python."""

import base64
import json
import string

import pytest
from aws_secretsmanager_caching import InjectSecretString, SecretCache, SecretCacheConfig

from support.account import Account, allow, deny, document, key_policy, name, principals
from support.consumers import Refused, ansible, piped
from support.principal import CliError
from support.refusal import refused

ABROAD = "eu-central-1"


@pytest.fixture
def secrets(account):
    return account.root.secretsmanager


@pytest.fixture
def key(account):
    return account.key()


def stages(secrets, secret):
    return secrets.describe_secret(SecretId=secret)["VersionIdsToStages"]


def test_a_secret_lives_and_dies(account, secrets, key):
    made = secrets.create_secret(Name="prod/db", Description="the database", SecretString="one", KmsKeyId=key,
                                 Tags=[{"Key": "team", "Value": "red"}])
    assert made["ARN"].startswith(f"arn:aws:secretsmanager:us-east-1:{account.id}:secret:prod/db-")
    for name_of_it in ("prod/db", made["ARN"], made["ARN"][:-7]):
        read = secrets.get_secret_value(SecretId=name_of_it)
        assert (read["SecretString"], read["VersionId"], read["VersionStages"]) == ("one", made["VersionId"], ["AWSCURRENT"])
    put = secrets.put_secret_value(SecretId="prod/db", SecretBinary=b"\0\xfftwo")
    assert secrets.get_secret_value(SecretId="prod/db")["SecretBinary"] == b"\0\xfftwo"
    assert stages(secrets, "prod/db") == {made["VersionId"]: ["AWSPREVIOUS"], put["VersionId"]: ["AWSCURRENT"]}
    secrets.update_secret(SecretId="prod/db", SecretString="three", Description="changed")
    read = secrets.get_secret_value(SecretId="prod/db", VersionStage="AWSPREVIOUS")
    assert read["VersionId"] == put["VersionId"]
    secrets.tag_resource(SecretId="prod/db", Tags=[{"Key": "cost", "Value": "1"}])
    secrets.untag_resource(SecretId="prod/db", TagKeys=["team"])
    told = secrets.describe_secret(SecretId="prod/db")
    assert (told["Description"], told["Tags"], told["KmsKeyId"]) == ("changed", [{"Key": "cost", "Value": "1"}], key)
    secrets.delete_secret(SecretId="prod/db", RecoveryWindowInDays=7)
    with refused("InvalidRequestException"):
        secrets.get_secret_value(SecretId="prod/db")
    secrets.restore_secret(SecretId="prod/db")
    assert secrets.get_secret_value(SecretId="prod/db")["SecretString"] == "three"
    secrets.delete_secret(SecretId="prod/db", ForceDeleteWithoutRecovery=True)
    with refused("ResourceNotFoundException"):
        secrets.describe_secret(SecretId="prod/db")


def test_labels_are_moved(secrets, key):
    first = secrets.create_secret(Name="s", SecretString="one", KmsKeyId=key)["VersionId"]
    second = secrets.put_secret_value(SecretId="s", SecretString="two", VersionStages=["AWSPENDING"])["VersionId"]
    assert secrets.get_secret_value(SecretId="s")["SecretString"] == "one"
    secrets.update_secret_version_stage(
        SecretId="s", VersionStage="AWSCURRENT", RemoveFromVersionId=first, MoveToVersionId=second)
    assert stages(secrets, "s") == {first: ["AWSPREVIOUS"], second: ["AWSCURRENT", "AWSPENDING"]}
    listed = secrets.list_secret_version_ids(SecretId="s", MaxResults=1)
    rest = secrets.list_secret_version_ids(SecretId="s", MaxResults=1, NextToken=listed["NextToken"])
    assert [version["VersionId"] for version in listed["Versions"] + rest["Versions"]] == [first, second]
    assert "NextToken" not in rest


def test_secrets_are_listed_by_page(secrets):
    names = [f"app/{number}" for number in range(5)]
    for each in names:
        secrets.create_secret(Name=each, Description="a b")
    secrets.create_secret(Name="other")
    pages = secrets.get_paginator("list_secrets").paginate(
        Filters=[{"Key": "name", "Values": ["app/"]}], PaginationConfig={"PageSize": 2})
    assert [secret["Name"] for page in pages for secret in page["SecretList"]] == names
    found = secrets.list_secrets(SortBy="name", SortOrder="desc", MaxResults=1)["SecretList"]
    assert [secret["Name"] for secret in found] == ["other"]


def test_a_batch_is_read(secrets, key):
    for each in ("a1", "a2", "b1"):
        secrets.create_secret(Name=each, SecretString=each, KmsKeyId=key)
    batch = secrets.batch_get_secret_value(SecretIdList=["a1", "b1", "none"])
    assert [secret["SecretString"] for secret in batch["SecretValues"]] == ["a1", "b1"]
    assert [(error["SecretId"], error["ErrorCode"]) for error in batch["Errors"]] == [
        ("none", "ResourceNotFoundException")]
    page = secrets.batch_get_secret_value(Filters=[{"Key": "name", "Values": ["a"]}], MaxResults=1)
    rest = secrets.batch_get_secret_value(
        Filters=[{"Key": "name", "Values": ["a"]}], MaxResults=1, NextToken=page["NextToken"])
    assert [page["SecretValues"][0]["Name"], rest["SecretValues"][0]["Name"]] == ["a1", "a2"]


def test_passwords_obey(secrets):
    made = secrets.get_random_password(PasswordLength=20, ExcludePunctuation=True, IncludeSpace=True)["RandomPassword"]
    assert len(made) == 20 and " " in made and not set(made) & set(string.punctuation)
    with refused("InvalidParameterException"):
        secrets.get_random_password(PasswordLength=3)


def test_other_accounts_need_both_policies(account, second_account, secrets, key):
    arn = secrets.create_secret(Name="shared", SecretString="one", KmsKeyId=key)["ARN"]
    stranger = second_account.user(allow("secretsmanager:*", "kms:*")).secretsmanager
    with refused("AccessDeniedException"):
        stranger.get_secret_value(SecretId=arn)
    policy = document({"Effect": "Allow", "Principal": {"AWS": second_account.root_arn},
                       "Action": "secretsmanager:GetSecretValue", "Resource": "*"})
    assert secrets.validate_resource_policy(SecretId=arn, ResourcePolicy=policy)["PolicyValidationPassed"]
    secrets.put_resource_policy(SecretId=arn, ResourcePolicy=policy, BlockPublicPolicy=True)
    assert json.loads(secrets.get_resource_policy(SecretId=arn)["ResourcePolicy"]) == json.loads(policy)
    with refused("AccessDeniedException"):
        stranger.get_secret_value(SecretId=arn)
    account.root.kms.put_key_policy(KeyId=key, Policy=key_policy(
        principals(account.root_arn), principals(second_account.root_arn, actions="kms:Decrypt")))
    assert stranger.get_secret_value(SecretId=arn)["SecretString"] == "one"
    public = document({"Effect": "Allow", "Principal": "*", "Action": "secretsmanager:*", "Resource": "*"})
    with refused("PublicPolicyException"):
        secrets.put_resource_policy(SecretId=arn, ResourcePolicy=public, BlockPublicPolicy=True)
    secrets.delete_resource_policy(SecretId=arn)
    with refused("AccessDeniedException"):
        stranger.get_secret_value(SecretId=arn)


def test_the_key_decides_too(account, secrets, key):
    secrets.create_secret(Name="s", SecretString="one", KmsKeyId=key)
    reader = account.user(allow("secretsmanager:GetSecretValue"),
                          allow("kms:Decrypt", Condition={"StringEquals": {
                              "kms:ViaService": "secretsmanager.us-east-1.amazonaws.com"}}))
    assert reader.secretsmanager.get_secret_value(SecretId="s")["SecretString"] == "one"
    without = account.user(allow("secretsmanager:GetSecretValue"), deny("kms:Decrypt"))
    with refused("AccessDeniedException"):
        without.secretsmanager.get_secret_value(SecretId="s")
    account.root.kms.disable_key(KeyId=key)
    with refused("DecryptionFailure"):
        reader.secretsmanager.get_secret_value(SecretId="s")


def test_copies_in_other_regions(account, secrets, key):
    abroad = account.root.at(ABROAD)
    other_key = abroad.kms.create_key()["KeyMetadata"]["Arn"]
    secrets.create_secret(Name="s", SecretString="one", KmsKeyId=key)
    status = secrets.replicate_secret_to_regions(
        SecretId="s", AddReplicaRegions=[{"Region": ABROAD, "KmsKeyId": other_key}])["ReplicationStatus"]
    assert [(replica["Region"], replica["Status"]) for replica in status] == [(ABROAD, "InSync")]
    secrets.put_secret_value(SecretId="s", SecretString="two")
    assert abroad.secretsmanager.get_secret_value(SecretId="s")["SecretString"] == "two"
    with refused("InvalidParameterException"):
        abroad.secretsmanager.put_secret_value(SecretId="s", SecretString="three")
    secrets.remove_regions_from_replication(SecretId="s", RemoveReplicaRegions=[ABROAD])
    with refused("ResourceNotFoundException"):
        abroad.secretsmanager.describe_secret(SecretId="s")
    secrets.replicate_secret_to_regions(SecretId="s", AddReplicaRegions=[{"Region": ABROAD, "KmsKeyId": other_key}])
    abroad.secretsmanager.stop_replication_to_replica(SecretId="s")
    abroad.secretsmanager.put_secret_value(SecretId="s", SecretString="mine")
    assert secrets.get_secret_value(SecretId="s")["SecretString"] == "two"


def test_the_command_line(account, key):
    cli = account.root.cli
    made = cli("secretsmanager", "create-secret", "--name", "cli", "--secret-string", "one", "--kms-key-id", key)
    assert cli("secretsmanager", "get-secret-value", "--secret-id", made["ARN"])["SecretString"] == "one"
    listed = cli("secretsmanager", "list-secrets", "--filters", "Key=name,Values=cli")["SecretList"]
    assert [secret["ARN"] for secret in listed] == [made["ARN"]]
    cli("secretsmanager", "delete-secret", "--secret-id", "cli", "--force-delete-without-recovery")
    with pytest.raises(CliError) as error:
        cli("secretsmanager", "get-secret-value", "--secret-id", "cli")
    assert error.value.code == "ResourceNotFoundException"


def test_the_caching_client(secrets, key):
    secrets.create_secret(Name="cached", SecretString='{"user": "u", "password": "one"}', KmsKeyId=key)
    cache = SecretCache(config=SecretCacheConfig(secret_refresh_interval=0), client=secrets)

    @InjectSecretString("cached", cache)
    def connect(secret):
        return json.loads(secret)["password"]

    assert connect() == "one"
    secrets.put_secret_value(SecretId="cached", SecretString='{"password": "two"}')
    fresh = SecretCache(client=secrets)
    assert json.loads(fresh.get_secret_string("cached"))["password"] == "two"
    assert json.loads(fresh.get_secret_string("cached", "AWSPREVIOUS"))["password"] == "one"
    secrets.create_secret(Name="binary", SecretBinary=b"\x00\x01", KmsKeyId=key)
    assert fresh.get_secret_binary("binary") == b"\x00\x01"


@pytest.mark.parametrize("lookup", ["secretsmanager_secret", "aws_secret"])
def test_ansible_looks_secrets_up(account, secrets, lookup):
    secrets.create_secret(Name="app/db", SecretString='{"password": "hunter2"}')
    said, _ = piped(account.root, ansible(f"lookup('amazon.aws.{lookup}', 'app/db.password', nested=true)"), b"")
    assert '"msg": "hunter2"' in said.decode()
    below = f"lookup('amazon.aws.{lookup}', 'app/', bypath=true)"
    said, _ = piped(account.root, ansible(below), b"")
    assert "hunter2" in said.decode()
    with pytest.raises(Refused):
        piped(account.user(allow("kms:*")), ansible(f"lookup('amazon.aws.{lookup}', 'app/db')"), b"")


def test_what_was_answered_outlives_a_kill(own_server):
    account = Account.create(own_server)
    root, key = account.root, account.key()
    root.secretsmanager.create_secret(Name="s", SecretString="0", KmsKeyId=key)
    for number in range(1, 4):
        version = root.secretsmanager.put_secret_value(SecretId="s", SecretString=str(number))["VersionId"]
        own_server.kill()
        own_server.start()
        root = Account.root_of(own_server, account.id)
        read = root.secretsmanager.get_secret_value(SecretId="s")
        assert (read["SecretString"], read["VersionId"]) == (str(number), version)
    secret = name("needle").encode() * 3
    root.secretsmanager.put_secret_value(SecretId="s", SecretString=secret.decode())
    own_server.kill()
    kept = b"".join(path.read_bytes() for path in own_server.data.rglob("*") if path.is_file())
    assert secret not in kept and base64.b64encode(secret) not in kept
