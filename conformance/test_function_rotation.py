"""A rotation function written for AWS Lambda rotates a secret here, also when the server is killed in the middle."""

import json
import time
from pathlib import Path

import pytest

from support.account import Account, allow, document
from support.functions import Functions
from support.server import Server

ACCOUNT = "111122223333"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/rotator"
LAMBDA = document({"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"})
ROOT = {"ALCAZAR_ROOT_ACCOUNT_ID": ACCOUNT, "ALCAZAR_ROOT_ACCESS_KEY_ID": "AKIAEXAMPLEEXAMPLE00",
        "ALCAZAR_ROOT_SECRET_ACCESS_KEY": "a-secret-of-the-tests-own-0123456789"}
# As AWS's documentation gives it to the role of a rotation function.
STEPS = allow("secretsmanager:DescribeSecret", "secretsmanager:GetSecretValue", "secretsmanager:PutSecretValue",
              "secretsmanager:UpdateSecretVersionStage")
PASSWORD = allow("secretsmanager:GetRandomPassword")
TEMPLATE = (Path(__file__).parent / "support/function/rotate.py").read_text()
# The same, slow enough to be killed in any step.
SLOW = TEMPLATE.replace('    """The four steps of a rotation."""\n', "    import time\n    time.sleep(1)\n")


# Puts the secret wherever a function may say why it failed.
TELLS = """
import json, os
import boto3

def lambda_handler(event, context):
    client = boto3.client("secretsmanager")
    value = json.loads(client.get_secret_value(SecretId=event["SecretId"])["SecretString"])["password"]
    raise type(value, (Exception,), {})("the password is " + value)
"""


@pytest.fixture
def rotating(tmp_path):
    """Starts a server with a rotation function of this code: the server, its root user, the function's ARN."""
    functions, running = Functions(), []

    def started(code=None, log="function=info,warn", **members):
        arn = functions.declare(ACCOUNT, "rotate", code, role=ROLE, timeout=20, **members)
        server = Server(tmp_path, "--functions", str(functions.folder), **ROOT, ALCAZAR_LOG=log).start()
        running.append(server)
        root = Account(server, ACCOUNT, Account.root_of(server, ACCOUNT)).root
        root.iam.create_role(RoleName="rotator", AssumeRolePolicyDocument=LAMBDA)
        root.iam.put_role_policy(RoleName="rotator", PolicyName="own", PolicyDocument=document(STEPS, PASSWORD))
        return server, root, arn
    yield started
    for server in running:
        server.kill()
    functions.close()


def secret(root):
    made = root.secretsmanager.create_secret(Name="db", SecretString=json.dumps({"username": "a", "password": "old"}))
    return made["ARN"], made["VersionId"]


def until(what, within=120):
    deadline = time.monotonic() + within
    while True:
        found = what()
        if found:
            return found
        assert time.monotonic() < deadline
        time.sleep(0.2)


def rotated(root, arn):
    """The secret, once a rotation has ended."""
    described = root.secretsmanager.describe_secret(SecretId=arn)
    return described if "LastRotatedDate" in described else None


def check(server, root, arn, old, token):
    described = root.secretsmanager.describe_secret(SecretId=arn)
    stages = {version: set(stages) - {"AWSPENDING"} for version, stages in described["VersionIdsToStages"].items()}
    assert stages == {token: {"AWSCURRENT"}, old: {"AWSPREVIOUS"}}
    value = json.loads(root.secretsmanager.get_secret_value(SecretId=arn)["SecretString"])
    assert value["username"] == "a" and len(value["password"]) == 32
    moved = [event for event in server.events()
             if event["eventName"] == "UpdateSecretVersionStage" and "errorCode" not in event]
    assert len(moved) == 1
    assert moved[0]["userIdentity"]["arn"] == f"arn:aws:sts::{ACCOUNT}:assumed-role/rotator/rotate"
    assert value["password"] not in server.log.read_text() + json.dumps(server.events())


def test_a_function_of_awss_template_rotates_a_secret(rotating):
    server, root, function = rotating(TEMPLATE)
    arn, old = secret(root)
    token = root.secretsmanager.rotate_secret(
        SecretId=arn, RotationLambdaARN=function, RotationRules={"AutomaticallyAfterDays": 30})["VersionId"]
    until(lambda: rotated(root, arn))
    check(server, root, arn, old, token)


@pytest.mark.parametrize("after", [0.3, 1.5, 3, 5])
def test_a_rotation_outlives_the_server(rotating, after):
    server, root, function = rotating(SLOW)
    arn, old = secret(root)
    token = root.secretsmanager.rotate_secret(
        SecretId=arn, RotationLambdaARN=function, RotationRules={"AutomaticallyAfterDays": 30})["VersionId"]
    time.sleep(after)
    server.kill()
    server.start()
    root = Account(server, ACCOUNT, Account.root_of(server, ACCOUNT)).root
    until(lambda: rotated(root, arn))
    check(server, root, arn, old, token)


def test_what_a_function_says_of_its_failure_is_not_repeated(rotating):
    # Its own output is logged where the operator asks for it alone, as CloudWatch Logs has it.
    server, root, function = rotating(TELLS, log="debug,function=off")
    password = "hunter2isinthetype"
    made = root.secretsmanager.create_secret(Name="db", SecretString=json.dumps({"password": password}))
    arn = made["ARN"]
    root.secretsmanager.rotate_secret(
        SecretId=arn, RotationLambdaARN=function, RotationRules={"AutomaticallyAfterDays": 30})
    failed = until(lambda: [event for event in server.events() if event["eventName"] == "RotationFailed"])[0]
    assert failed["errorMessage"].startswith(f"Error when executing lambda {function} during createSecret step: ")
    assert "InvokeFailed" in {event["eventName"] for event in server.events()}
    described = root.secretsmanager.describe_secret(SecretId=arn)
    assert described["VersionIdsToStages"][made["VersionId"]] == ["AWSCURRENT"] and "LastRotatedDate" not in described
    said = server.log.read_text() + json.dumps(server.events()) + json.dumps(described, default=str)
    assert password not in said


def test_a_function_that_may_not_be_run(rotating):
    server, root, function = rotating(TEMPLATE, allow=[])
    arn, old = secret(root)
    with pytest.raises(root.secretsmanager.exceptions.ClientError) as refused:
        root.secretsmanager.rotate_secret(
            SecretId=arn, RotationLambdaARN=function, RotationRules={"AutomaticallyAfterDays": 30})
    assert refused.value.response["Error"]["Code"] == "AccessDeniedException"
    assert set(root.secretsmanager.describe_secret(SecretId=arn)["VersionIdsToStages"]) == {old}
