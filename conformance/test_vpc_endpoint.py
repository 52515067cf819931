"""A server with a VPC endpoint: what arrives there is held to its policy, has its condition keys, and is recorded with it."""

import json
import socket
import subprocess

import pytest
from botocore.exceptions import ClientError

from support.account import Account, allow, document
from support.principal import Principal
from support.server import Server, binary, environment

ID = "vpce-0a1b2c3d4e5f60718"
VPC = "vpc-0a1b2c3d"
ACCOUNT = "111122223333"


class Inside:
    """The same server, reached at the address of its endpoint."""

    def __init__(self, server, address):
        self.server = server
        self.address = address

    def __getattr__(self, name):
        return getattr(self.server, name)


def free():
    """An address that nobody listens on."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return f"127.0.0.1:{taken.getsockname()[1]}"


def option(address, **further):
    members = {"vpc": VPC, "account": ACCOUNT, "region": "eu-west-1", "listen": address} | further
    return ",".join([ID, *(f"{name}={value}" for name, value in members.items())])


@pytest.fixture
def reached(tmp_path):
    """The root user at the usual address, and one who reaches the endpoint's."""
    address = free()
    policy = tmp_path / "endpoint.json"
    policy.write_text(document(
        allow("*", Principal="*"),
        {"Effect": "Deny", "Principal": "*", "Action": "kms:ScheduleKeyDeletion", "Resource": "*"}))
    server = Server(tmp_path, "--vpc-endpoint", option(address, policy=policy), ALCAZAR_ROOT_ACCOUNT_ID=ACCOUNT).start()
    account = Account(server, ACCOUNT, Account.root_of(server, ACCOUNT))
    yield account, Inside(server, address)
    server.kill()


def through(principal, inside):
    return Principal(inside, principal.access_key_id, principal.secret_access_key, principal.session_token)


def test_a_call_through_an_endpoint(reached):
    account, inside = reached
    key = account.key()
    user = account.user(allow("kms:*", Condition={
        "StringEquals": {"aws:SourceVpce": ID, "aws:SourceVpc": VPC, "aws:VpceAccount": ACCOUNT},
        "ArnEquals": {"aws:SourceVpcArn": f"arn:aws:ec2:eu-west-1:{ACCOUNT}:vpc/{VPC}"},
        "IpAddress": {"aws:VpcSourceIp": "127.0.0.1"},
        "Null": {"aws:SourceIp": "true"}}))
    with pytest.raises(ClientError, match="no identity-based policy allows the kms:DescribeKey action"):
        user.kms.describe_key(KeyId=key)
    within = through(user, inside)
    within.kms.describe_key(KeyId=key)
    with pytest.raises(ClientError) as denied:
        within.kms.schedule_key_deletion(KeyId=key)
    assert denied.value.response["Error"]["Message"] == (
        f"User: {user.arn} is not authorized to perform: kms:ScheduleKeyDeletion on resource: {key} "
        "with an explicit deny in a VPC endpoint policy")
    events = {event["eventName"]: event for event in reversed(account.server.events())}
    for name in ("DescribeKey", "ScheduleKeyDeletion"):
        assert (events[name]["vpcEndpointId"], events[name]["vpcEndpointAccountId"]) == (ID, ACCOUNT)
    assert "vpcEndpointId" not in events["CreateKey"]
    text = account.server.ask("explain", events["ScheduleKeyDeletion"]["eventID"])
    assert text.startswith("Denied: explicit deny by VPC endpoint policy"), text


@pytest.mark.parametrize("given,told", [
    (option("127.0.0.1:0", account="999999999999"), "alcazar account create NAME --account-id 999999999999"),
    (option("127.0.0.1:0", policy="/nowhere/policy.json"), "/nowhere/policy.json: No such file"),
    (option("192.0.2.1:0"), "without TLS every plaintext"),
    (option("127.0.0.1:0", subnet="x"), "there is no \"subnet\""),
    (option("127.0.0.1:0").replace(ID, "vpce-mine"), "17 hexadecimal digits"),
    (option("127.0.0.1:0").replace(",region=eu-west-1", ""), "region is missing"),
])
def test_a_wrong_endpoint_is_named_and_nothing_is_served(tmp_path, given, told):
    command = [binary(), "serve", "--data", tmp_path / "data", "--listen", "127.0.0.1:0", "--vpc-endpoint", given]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60,
                          env=environment(ALCAZAR_ROOT_ACCOUNT_ID=ACCOUNT))
    assert done.returncode != 0 and done.stdout == ""
    assert told in done.stderr, done.stderr


def test_a_malformed_policy_is_told_as_iam_tells_it(tmp_path):
    policy = tmp_path / "policy.json"
    policy.write_text(json.dumps({"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}))
    command = [binary(), "serve", "--data", tmp_path / "data", "--listen", "127.0.0.1:0",
               "--vpc-endpoint", option("127.0.0.1:0", policy=policy)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60,
                          env=environment(ALCAZAR_ROOT_ACCOUNT_ID=ACCOUNT))
    assert done.returncode != 0
    assert "policy.json): Missing required field Principal" in done.stderr, done.stderr
