"""Parameters, by boto3 and the stock command line."""

import json
import time
from dataclasses import replace
from datetime import datetime, timedelta, timezone

import pytest
from botocore.exceptions import ClientError

from support.account import Account, allow, document
from support.consumers import Refused, ansible, piped, python
from support.principal import CliError
from support.refusal import refused
from support.server import DidNotStart, Server

# The account that services' own keys are in.
OWN = "000000000000"


@pytest.fixture
def ssm(account):
    return account.root.ssm


@pytest.fixture
def key(account):
    return account.key()


def test_a_parameter_lives_and_dies(account, ssm):
    made = ssm.put_parameter(Name="/prod/db/host", Value="one", Type="String", Description="the host",
                             Tags=[{"Key": "team", "Value": "red"}])
    assert (made["Version"], made["Tier"]) == (1, "Standard")
    assert ssm.put_parameter(Name="/prod/db/host", Value="two", Overwrite=True)["Version"] == 2
    arn = f"arn:aws:ssm:us-east-1:{account.id}:parameter/prod/db/host"
    for called, value in (("/prod/db/host", "two"), ("/prod/db/host:1", "one"), (arn, "two"), (f"{arn}:1", "one")):
        read = ssm.get_parameter(Name=called)["Parameter"]
        assert (read["Value"], read["ARN"], read["DataType"]) == (value, arn, "text")
    history = ssm.get_parameter_history(Name="/prod/db/host")["Parameters"]
    assert [version["Value"] for version in history] == ["one", "two"]
    assert [version["Description"] for version in history] == ["the host", "the host"]
    ssm.delete_parameter(Name="/prod/db/host")
    with refused("ParameterNotFound"):
        ssm.get_parameter(Name="/prod/db/host")


def test_secrets_are_sealed_by_kms(account, ssm, key):
    for called, more in (("/s", {"KeyId": key}), ("/t", {"KeyId": key, "Tier": "Advanced"}), ("/u", {})):
        ssm.put_parameter(Name=called, Value="hunter2", Type="SecureString", **more)
        assert ssm.get_parameter(Name=called, WithDecryption=True)["Parameter"]["Value"] == "hunter2"
        assert "hunter2" not in ssm.get_parameter(Name=called)["Parameter"]["Value"]
    described = {it["Name"]: it["KeyId"] for it in ssm.describe_parameters()["Parameters"]}
    assert described == {"/s": key, "/t": key, "/u": "alias/aws/ssm"}
    ann = account.user(allow("ssm:*")).ssm
    with refused("AccessDeniedException", "kms:Decrypt"):
        ann.get_parameter(Name="/s", WithDecryption=True)
    account.root.kms.disable_key(KeyId=key)
    for called in ("/s", "/t"):
        with refused("InvalidKeyId", "DisabledException"):
            ssm.get_parameter(Name=called, WithDecryption=True)


def test_what_is_no_secret_is_under_a_key_of_the_services_own(account, ssm):
    """AWS owned keys: in no account, listed and described by nobody, and in the trail of the operator alone."""
    ssm.put_parameter(Name="/plain", Value="7", Type="String")
    assert ssm.get_parameter(Name="/plain")["Parameter"]["Value"] == "7"
    [made] = [event for event in account.server.events("--account", OWN)
              if event["eventName"] == "CreateKey" and event["awsRegion"] == "us-east-1"]
    arn, kms = made["resources"][0]["ARN"], account.root.kms
    assert arn.startswith(f"arn:aws:kms:us-east-1:{OWN}:key/")
    for call, given in ((kms.describe_key, {}), (kms.encrypt, {"Plaintext": b"x"}), (kms.schedule_key_deletion, {}),
                        (kms.get_key_rotation_status, {})):
        with pytest.raises(ClientError) as refusal:
            call(KeyId=arn, **given)
        assert refusal.value.response["Error"]["Code"] in ("AccessDeniedException", "NotFoundException")
    keys = [key["KeyArn"] for page in kms.get_paginator("list_keys").paginate() for key in page["Keys"]]
    assert arn not in keys
    asked = account.server.events("--account", account.id)
    assert not [event for event in asked if event["eventName"] == "CreateKey"]
    with pytest.raises(AssertionError, match="the services' own"):
        account.server.ask("account", "create", "mine", "--account-id", OWN)


def test_labels(ssm):
    for value in ("one", "two"):
        ssm.put_parameter(Name="/a", Value=value, Type="String", Overwrite=True)
    made = ssm.label_parameter_version(Name="/a", ParameterVersion=1, Labels=["stable", "aws-no"])
    assert made["InvalidLabels"] == ["aws-no"]
    assert ssm.get_parameter(Name="/a:stable")["Parameter"]["Value"] == "one"
    removed = ssm.unlabel_parameter_version(Name="/a", ParameterVersion=1, Labels=["stable", "none"])
    assert (removed["RemovedLabels"], removed["InvalidLabels"]) == (["stable"], ["none"])
    with refused("ParameterVersionNotFound", "could not find label stable for parameter /a"):
        ssm.get_parameter(Name="/a:stable")


def test_a_hierarchy_is_read_by_page(ssm):
    names = [f"/app/{number}" for number in range(25)]
    for each in [*names, "/app/deep/er", "/other"]:
        ssm.put_parameter(Name=each, Value=each, Type="String")
    pages = ssm.get_paginator("get_parameters_by_path").paginate(Path="/app", PaginationConfig={"PageSize": 4})
    assert sorted(it["Name"] for page in pages for it in page["Parameters"]) == sorted(names)
    pages = ssm.get_paginator("get_parameters_by_path").paginate(Path="/app", Recursive=True)
    assert len([it for page in pages for it in page["Parameters"]]) == 26
    filters = [{"Key": "Name", "Option": "BeginsWith", "Values": ["/app/1"]}]
    pages = ssm.get_paginator("describe_parameters").paginate(ParameterFilters=filters, PaginationConfig={"PageSize": 3})
    assert len([it for page in pages for it in page["Parameters"]]) == 11
    read = ssm.get_parameters(Names=["/app/1", "/none"])
    assert ([it["Value"] for it in read["Parameters"]], read["InvalidParameters"]) == (["/app/1"], ["/none"])
    gone = ssm.delete_parameters(Names=["/app/1", "/none"])
    assert (gone["DeletedParameters"], gone["InvalidParameters"]) == (["/app/1"], ["/none"])


def test_tags(ssm):
    ssm.put_parameter(Name="/a", Value="1", Type="String")
    held = {"ResourceType": "Parameter", "ResourceId": "/a"}
    ssm.add_tags_to_resource(Tags=[{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "2"}], **held)
    ssm.remove_tags_from_resource(TagKeys=["a"], **held)
    assert ssm.list_tags_for_resource(**held)["TagList"] == [{"Key": "b", "Value": "2"}]


def test_another_account_reads_what_is_shared(account, second_account, ssm):
    ssm.put_parameter(Name="/a", Value="1", Type="String", Tier="Advanced")
    arn = f"arn:aws:ssm:us-east-1:{account.id}:parameter/a"
    stranger = second_account.user(allow("ssm:*")).ssm
    with refused("AccessDeniedException"):
        stranger.get_parameter(Name=arn)
    policy = document({"Effect": "Allow", "Principal": {"AWS": second_account.root_arn},
                       "Action": "ssm:GetParameter", "Resource": arn})
    made = ssm.put_resource_policy(ResourceArn=arn, Policy=policy)
    assert stranger.get_parameter(Name=arn)["Parameter"]["Value"] == "1"
    assert [it["PolicyId"] for it in ssm.get_resource_policies(ResourceArn=arn)["Policies"]] == [made["PolicyId"]]
    ssm.delete_resource_policy(ResourceArn=arn, PolicyId=made["PolicyId"], PolicyHash=made["PolicyHash"])
    with refused("AccessDeniedException"):
        stranger.get_parameter(Name=arn)


def test_secrets_are_read_as_parameters(account, ssm):
    account.root.secretsmanager.create_secret(Name="prod/db", SecretString="hunter2")
    called = "/aws/reference/secretsmanager/prod/db"
    read = ssm.get_parameter(Name=called, WithDecryption=True)["Parameter"]
    assert (read["Name"], read["Value"], read["Type"]) == (called, "hunter2", "SecureString")
    assert "hunter2" not in read["SourceResult"]
    with refused("ValidationException", "WithDecryption flag must be True"):
        ssm.get_parameter(Name=called)
    with refused("AccessDeniedException", "secretsmanager:GetSecretValue"):
        account.user(allow("ssm:*", "kms:*")).ssm.get_parameter(Name=called, WithDecryption=True)


def policy(kind, **attributes):
    return {"Type": kind, "Version": "1.0", "Attributes": attributes}


def in_seconds(seconds):
    return (datetime.now(timezone.utc) + timedelta(seconds=seconds)).isoformat()


def test_policies_stay_until_others_take_their_place(ssm):
    end = policy("Expiration", Timestamp=in_seconds(10 * 86400))
    policies = [end, policy("ExpirationNotification", Before="15", Unit="Hours"),
                policy("NoChangeNotification", After="20", Unit="Days")]
    put = {"Name": "/a", "Value": "1", "Type": "String", "Overwrite": True}
    with refused("ValidationException", "advanced"):
        ssm.put_parameter(**put, Policies=json.dumps(policies))
    for bad, code in (([end, end], "IncompatiblePolicyException"), ([policy("Rotation")], "InvalidPolicyTypeException"),
                      ([policy("Expiration", Timestamp="soon")], "InvalidPolicyAttributeException"),
                      ([policies[2]] * 11, "PoliciesLimitExceededException")):
        with refused(code):
            ssm.put_parameter(**put, Tier="Advanced", Policies=json.dumps(bad))
    ssm.put_parameter(**put, Tier="Advanced", Policies=json.dumps(policies))
    ssm.put_parameter(**put)
    told = ssm.describe_parameters()["Parameters"][0]["Policies"]
    assert [json.loads(it["PolicyText"]) for it in told] == policies
    assert {it["PolicyStatus"] for it in told} == {"Pending"}
    ssm.put_parameter(**put, Policies="[{}]")
    history = ssm.get_parameter_history(Name="/a")["Parameters"]
    assert [len(it["Policies"]) for it in history] == [3, 3, 0]


def test_a_parameter_expires_also_when_the_server_was_killed(own_server):
    account = Account.create(own_server)
    end = policy("Expiration", Timestamp=in_seconds(3))
    for called in ("/a", "/b"):
        account.root.ssm.put_parameter(Name=called, Value="1", Type="String", Tier="Advanced",
                                       Policies=json.dumps([end] if called == "/a" else []))
    own_server.kill()
    until, left = time.monotonic() + 30, None
    while left != ["/b"] and time.monotonic() < until:
        # A server that starts looks at once.
        own_server.start()
        account.root = Account.root_of(own_server, account.id)
        left = [it["Name"] for it in account.root.ssm.describe_parameters()["Parameters"]]
        own_server.kill()
    assert left == ["/b"]
    own_server.start()
    expired = own_server.events("--event-name", "DeleteParameter")
    assert [(it["eventType"], it["serviceEventDetails"]["name"]) for it in expired] == [("AwsServiceEvent", "/a")]


def test_the_command_line(account):
    cli = account.root.cli
    cli("ssm", "put-parameter", "--name", "/a/b", "--value", "x", "--type", "SecureString")
    read = cli("ssm", "get-parameters-by-path", "--path", "/a", "--with-decryption")
    assert [it["Value"] for it in read["Parameters"]] == ["x"]
    with pytest.raises(CliError) as raised:
        cli("ssm", "put-parameter", "--name", "/a/b", "--value", "y", "--type", "SecureString")
    assert raised.value.code == "ParameterAlreadyExists"


def test_service_settings(account, ssm):
    tier = "/ssm/parameter-store/default-parameter-tier"
    told = ssm.get_service_setting(SettingId=tier)["ServiceSetting"]
    assert (told["SettingValue"], told["Status"]) == ("Standard", "Default")
    ssm.update_service_setting(SettingId=told["ARN"], SettingValue="Advanced")
    assert ssm.get_service_setting(SettingId=tier)["ServiceSetting"]["LastModifiedUser"] == account.root_arn
    assert ssm.put_parameter(Name="/a", Value="1", Type="String")["Tier"] == "Advanced"
    assert ssm.reset_service_setting(SettingId=tier)["ServiceSetting"]["SettingValue"] == "Standard"
    assert ssm.put_parameter(Name="/b", Value="1", Type="String")["Tier"] == "Standard"
    with refused("ServiceSettingNotFound"):
        ssm.get_service_setting(SettingId="/ssm/parameter-store/none")
    with refused("AccessDeniedException", "ssm:UpdateServiceSetting"):
        account.user(allow("ssm:GetServiceSetting")).ssm.update_service_setting(SettingId=tier, SettingValue="Advanced")


def test_public_parameters(tmp_path):
    file = tmp_path / "public.json"
    file.write_text('{"/aws/service/images/base": "ami-12345678", "/aws/service/regions": {"Value": "a,b", "Type": "StringList"}}')
    server = Server(tmp_path, "--public-parameters", file).start()
    try:
        account = Account.create(server)
        for region in ("us-east-1", "eu-west-1"):
            ssm = replace(account.root, region=region, clients={}).ssm
            assert ssm.get_parameter(Name="/aws/service/images/base")["Parameter"]["Value"] == "ami-12345678"
            below = ssm.get_parameters_by_path(Path="/aws/service", Recursive=True)["Parameters"]
            assert [it["Name"] for it in below] == ["/aws/service/images/base", "/aws/service/regions"]
            filters = [{"Key": "Path", "Option": "Recursive", "Values": ["/aws/service"]}]
            assert len(ssm.describe_parameters(ParameterFilters=filters)["Parameters"]) == 2
            assert ssm.describe_parameters()["Parameters"] == []
        with refused("AccessDeniedException"):
            ssm.put_parameter(Name="/aws/service/images/base", Value="ami-87654321", Type="String", Overwrite=True)
        with refused("ParameterNotFound"):
            ssm.delete_parameter(Name="/aws/service/images/base")
        reader = account.user(allow("ssm:GetParameter", resource="arn:aws:ssm:*::parameter/aws/service/images/*")).ssm
        assert reader.get_parameter(Name="/aws/service/images/base")["Parameter"]["Version"] == 1
        with refused("AccessDeniedException", "arn:aws:ssm:us-east-1::parameter/aws/service/regions"):
            reader.get_parameter(Name="/aws/service/regions")
        server.kill()
        file.write_text('{"/prod/images/base": "ami-12345678"}')
        with pytest.raises(DidNotStart, match="/prod/images/base: the name of a public parameter begins with /aws/service/"):
            server.start()
    finally:
        server.kill()


def test_a_program_written_for_aws_reads_all_below_a_path(account, ssm, key):
    for called, value, kind in (("/app/prod/db/password", "hunter2", "SecureString"), ("/app/prod/host", "here", "String")):
        ssm.put_parameter(Name=called, Value=value, Type=kind, **({"KeyId": key} if kind == "SecureString" else {}))
    for number in range(12):
        ssm.put_parameter(Name=f"/app/prod/many/{number}", Value=str(number), Type="String")
    reader = account.user(allow("ssm:GetParametersByPath", "ssm:GetParameter", "kms:Decrypt"))
    read, _ = piped(reader, python("parameters.py", "/app/prod", "/app/prod/db/password"), b"")
    read = json.loads(read)
    assert read["one"] == "hunter2"
    many = {f"many/{number}": str(number) for number in range(12)}
    assert read["below"] == many | {"db/password": "hunter2", "host": "here"}
    with pytest.raises(Refused, match="AccessDenied"):
        piped(account.user(allow("ssm:*")), python("parameters.py", "/app/prod", "/app/prod/host"), b"")


@pytest.mark.parametrize("lookup", ["ssm_parameter", "aws_ssm"])
def test_ansible_looks_parameters_up(account, ssm, lookup):
    ssm.put_parameter(Name="/app/password", Value="hunter2", Type="SecureString")
    ssm.put_parameter(Name="/app/host", Value="here", Type="String")
    said, _ = piped(account.root, ansible(f"lookup('amazon.aws.{lookup}', '/app/password')"), b"")
    assert '"msg": "hunter2"' in said.decode()
    below = f"lookup('amazon.aws.{lookup}', '/app', bypath=true, shortnames=true)"
    said, _ = piped(account.root, ansible(below), b"")
    assert json.loads(said.decode().partition("=> ")[2])["msg"] == {"host": "here", "password": "hunter2"}


def test_what_is_not_built_says_so(ssm):
    with refused("NotImplemented"):
        ssm.get_service_setting(SettingId="/ssm/managed-instance/activation-tier")
    with refused("NotImplemented"):
        ssm.describe_instance_information()
