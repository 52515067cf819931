"""The instance metadata service: unmodified SDKs find credentials of a role by themselves, and nobody without a token does."""

import http.client
import json
import os
import re
import signal
import subprocess

import boto3
import pytest
from botocore.exceptions import ClientError

from support import consumers
from support.account import Account, allow, document, name
from support.principal import AWS
from support.server import binary, environment

INSTANCE = "i-0123456789abcdef0"
GREETING = re.compile(r"Alcazar gives credentials of \S+ to this machine at http://(\S+) as (i-[0-9a-f]{17})")
TTL, TOKEN = "X-aws-ec2-metadata-token-ttl-seconds", "X-aws-ec2-metadata-token"
CREDENTIALS = "/latest/meta-data/iam/security-credentials/"


class Imds:
    """One run of `alcazar imds`."""

    def __init__(self, server, *options):
        command = [binary(), "imds", "--data", server.data, "--listen", "127.0.0.1:0", *options]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment())
        greeted = GREETING.match(self.process.stdout.readline())
        assert greeted, self.process.communicate()
        self.address, self.instance = greeted.groups()

    def ask(self, method, path, **headers):
        """Status, headers and text of an answer."""
        connection = http.client.HTTPConnection(self.address, timeout=10)
        connection.request(method, path, headers={key.replace("_", "-"): value for key, value in headers.items()})
        answer = connection.getresponse()
        found = answer.status, answer.headers, answer.read().decode()
        connection.close()
        return found

    def token(self, seconds="60"):
        status, headers, token = self.ask("PUT", "/latest/api/token", **{TTL: seconds})
        assert (status, headers[TTL]) == (200, seconds)
        return token

    def get(self, path, token=None):
        status, _, text = self.ask("GET", path, **{TOKEN: token or self.token()})
        return status, text

    def close(self):
        self.process.send_signal(signal.SIGTERM)
        assert self.process.wait(timeout=20) == 0
        self.process.communicate()


def ec2(**condition):
    return document({"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole",
                     "Condition": condition})


@pytest.fixture
def start(server, account):
    """Starts it for a role of the account."""
    running = []

    def started(role, *options):
        service = Imds(server, "--role", role.rpartition("/")[2], "--account", account.id, *options)
        running.append(service)
        return service
    yield started
    for service in running:
        service.close()


@pytest.fixture
def role(account):
    return account.role(allow("kms:ListKeys"), trusting=ec2())


def variables(server, address):
    """What a program of the instance has: no credentials."""
    return environment(
        AWS_EC2_METADATA_DISABLED="false", AWS_EC2_METADATA_SERVICE_ENDPOINT=f"http://{address}",
        AWS_ENDPOINT_URL=f"https://{server.address}", AWS_CA_BUNDLE=str(server.data / "ca.pem"))


def test_boto3_finds_role_and_region_by_itself(server, start, role, monkeypatch):
    imds = start(role, "--instance-id", INSTANCE, "--region", "eu-central-1")
    for variable in list(os.environ):
        if variable.startswith("AWS_"):
            monkeypatch.delenv(variable)
    for variable, value in variables(server, imds.address).items():
        monkeypatch.setenv(variable, value)
    session = boto3.Session()
    credentials = session.get_credentials()
    assert credentials.method == "iam-role"
    sts = session.client("sts", region_name="us-east-1")
    assert sts.get_caller_identity()["Arn"].endswith(f"assumed-role/{role.rpartition('/')[2]}/{INSTANCE}")
    assert session.client("kms", region_name="us-east-1").list_keys()["Keys"] == []
    with pytest.raises(ClientError, match="AccessDenied"):
        session.client("iam", region_name="us-east-1").list_users()
    _, text = imds.get("/latest/meta-data/placement/region")
    assert text == "eu-central-1"


def test_the_command_line_finds_it(server, start, role):
    imds = start(role)
    assert re.fullmatch("i-[0-9a-f]{17}", imds.instance)
    known = variables(server, imds.address) | {"AWS_DEFAULT_REGION": "us-east-1"}
    done = subprocess.run([AWS, "sts", "get-caller-identity", "--query", "Arn", "--output", "text"],
                          env=known, capture_output=True, text=True, timeout=60)
    assert done.stdout.strip().endswith(f"/{imds.instance}"), done.stderr


def test_node_finds_it(server, start, role):
    imds = start(role)
    known = variables(server, imds.address) | {"AWS_REGION": "us-east-1", "NODE_EXTRA_CA_CERTS": str(server.data / "ca.pem")}
    done = subprocess.run(consumers.node("instance.mjs"), env=known, capture_output=True, text=True, timeout=60)
    assert json.loads(done.stdout or "null") == [], done.stderr


def test_only_with_a_token(start, role):
    imds = start(role)
    path = CREDENTIALS + role.rpartition("/")[2]
    assert imds.get(path)[0] == 200
    other = start(role).token()
    for headers in ({}, {TOKEN: ""}, {TOKEN: "x" * 75}, {TOKEN: other}):
        status, _, text = imds.ask("GET", path, **headers)
        assert status == 401 and "AccessKeyId" not in text
    for headers, status in (({}, 400), ({TTL: "0"}, 400), ({TTL: "21601"}, 400), ({TTL: "x"}, 400),
                            ({TTL: "60", "X-Forwarded-For": "10.0.0.1"}, 403), ({TTL: "21600"}, 200)):
        assert imds.ask("PUT", "/latest/api/token", **headers)[0] == status, headers
    token = imds.token()
    for method, asked, status in (("POST", path, 405), ("DELETE", path, 405), ("PUT", path, 403), ("HEAD", path, 200),
                                  ("GET", CREDENTIALS + "other", 404), ("GET", "/latest/user-data", 404),
                                  ("GET", "/latest/meta-datax", 404), ("GET", "/", 404)):
        assert imds.ask(method, asked, **{TOKEN: token})[0] == status, (method, asked)


def test_what_is_told(start, role):
    imds = start(role, "--instance-id", INSTANCE)
    short = role.rpartition("/")[2]
    for path, text in (("/latest/meta-data/", "iam/\ninstance-id\nplacement/"), ("/latest/meta-data/instance-id", INSTANCE),
                       (CREDENTIALS, short), ("/latest/meta-data/placement/availability-zone", "us-east-1a")):
        assert imds.get(path) == (200, text)
    token = imds.token()
    first, again = (json.loads(imds.get(CREDENTIALS + short, token)[1]) for _ in range(2))
    assert first == again
    assert first.keys() == {"Code", "LastUpdated", "Type", "AccessKeyId", "SecretAccessKey", "Token", "Expiration"}
    assert (first["Code"], first["Type"]) == ("Success", "AWS-HMAC")


def test_conditions_and_records_tell_of_the_instance(server, account, start):
    arn = f"arn:aws:ec2:us-east-1:{account.id}:instance/{INSTANCE}"
    role = account.role(
        allow("kms:ListKeys", Condition={"ArnEquals": {"ec2:SourceInstanceARN": arn}, "NumericEquals": {"ec2:RoleDelivery": "2.0"}}),
        trusting=ec2(ArnEquals={"aws:SourceArn": arn}))
    imds = start(role, "--instance-id", INSTANCE)
    known = variables(server, imds.address) | {"AWS_DEFAULT_REGION": "us-east-1"}
    done = subprocess.run([AWS, "kms", "list-keys"], env=known, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    events = server.events("--account", account.id)
    assumed = [event for event in events if event["eventName"] == "AssumeRole" and event["requestParameters"]["roleArn"] == role]
    assert [event["userIdentity"] for event in assumed] == [{"type": "AWSService", "invokedBy": "ec2.amazonaws.com"}]
    listed = next(event for event in events if event["eventName"] == "ListKeys")
    assert listed["userIdentity"]["arn"].endswith(INSTANCE)


def test_whoever_starts_it_is_told_why_not(server, account):
    untrusting = account.role()
    for role, said in ((untrusting, "does not trust ec2.amazonaws.com"), (name("role"), "has no role")):
        done = subprocess.run([binary(), "imds", "--data", server.data, "--account", account.id, "--role",
                               role.rpartition("/")[2]], capture_output=True, text=True, env=environment(), timeout=60)
        assert done.returncode == 1 and said in done.stderr
    for listen in ("0.0.0.0:80", "10.0.0.1:80"):
        done = subprocess.run([binary(), "imds", "--data", server.data, "--role", "r", "--listen", listen],
                              capture_output=True, text=True, env=environment(), timeout=60)
        assert done.returncode == 2 and "other machines" in done.stderr


def test_credentials_outlast_the_server_and_a_deleted_role_does_not_outlast_itself(own_server, tmp_path):
    account = Account.create(own_server)
    role = account.role(allow("kms:ListKeys"), trusting=ec2())
    imds = Imds(own_server, "--role", role.rpartition("/")[2], "--account", account.id)
    path = CREDENTIALS + role.rpartition("/")[2]
    before = imds.get(path)
    own_server.kill()
    assert imds.get(path) == before
    own_server.start()
    known = variables(own_server, imds.address) | {"AWS_DEFAULT_REGION": "us-east-1"}
    listed = [AWS, "kms", "list-keys"]
    assert subprocess.run(listed, env=known, capture_output=True, timeout=60).returncode == 0
    root = Account.root_of(own_server, account.id)
    root.iam.delete_role_policy(RoleName=role.rpartition("/")[2], PolicyName="own")
    root.iam.delete_role(RoleName=role.rpartition("/")[2])
    done = subprocess.run(listed, env=known, capture_output=True, text=True, timeout=60)
    assert "UnrecognizedClient" in done.stderr or "InvalidClientTokenId" in done.stderr, done.stderr
    imds.close()
