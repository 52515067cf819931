"""Rotation of secrets, by boto3, the stock command line, and a rotation function as people write them for AWS Lambda."""

import json
import time

import pytest

from conftest import FIRST_ACCOUNT
from support.account import Account, allow, document, name
from support.functions import Functions
from support.refusal import refused
from support.server import ROOT, Server

DAYS = {"AutomaticallyAfterDays": 30}
CODE = (ROOT / "conformance/support/function/rotate.py").read_text()


def make(account, password="first"):
    """A new secret as rotation functions want it: its name."""
    secret = name("rotated")
    account.root.secretsmanager.create_secret(Name=secret, SecretString=json.dumps({"user": "app", "password": password}))
    return secret


def password(secrets, secret):
    return json.loads(secrets.get_secret_value(SecretId=secret)["SecretString"])["password"]


def wait(secrets, secret, until):
    """DescribeSecret's answer, once it is as it should be."""
    deadline = time.monotonic() + 60
    while not until(told := secrets.describe_secret(SecretId=secret)):
        assert time.monotonic() < deadline, told
        time.sleep(0.2)
    return told


def events(server, names):
    return [event for event in server.events() if event["eventName"] in names]


def test_a_secret_is_rotated(rotating_account, server):
    secrets, secret = rotating_account.root.secretsmanager, make(rotating_account)
    before = secrets.describe_secret(SecretId=secret)
    version = secrets.rotate_secret(
        SecretId=secret, RotationLambdaARN=rotating_account.rotator, RotationRules=DAYS)["VersionId"]
    told = wait(secrets, secret, lambda told: "LastRotatedDate" in told)
    assert told["RotationEnabled"] and told["RotationRules"] == DAYS
    assert told["RotationLambdaARN"] == rotating_account.rotator
    assert told["VersionIdsToStages"][version] == ["AWSCURRENT", "AWSPENDING"]
    assert (told["NextRotationDate"].date() - told["LastRotatedDate"].date()).days == 30
    assert len(password(secrets, secret)) == 32
    previous = secrets.get_secret_value(SecretId=secret, VersionStage="AWSPREVIOUS")
    assert previous["VersionId"] in before["VersionIdsToStages"] and "first" in previous["SecretString"]
    again = rotating_account.root.cli("secretsmanager", "rotate-secret", "--secret-id", secret)["VersionId"]
    wait(secrets, secret, lambda told: "AWSCURRENT" in told["VersionIdsToStages"].get(again, []))
    own = [event["eventName"] for event in events(server, {"RotationStarted", "RotationSucceeded", "RotationFailed"})
           if event["additionalEventData"]["SecretId"] == told["ARN"]]
    assert sorted(own) == ["RotationStarted"] * 2 + ["RotationSucceeded"] * 2
    cancelled = secrets.cancel_rotate_secret(SecretId=secret)
    assert "VersionId" not in cancelled
    told = secrets.describe_secret(SecretId=secret)
    assert not told["RotationEnabled"] and "NextRotationDate" not in told


def test_a_function_is_tried(rotating_account, server):
    secrets, secret = rotating_account.root.secretsmanager, make(rotating_account)
    secrets.rotate_secret(
        SecretId=secret, RotationLambdaARN=rotating_account.rotator, RotateImmediately=False,
        RotationRules={"ScheduleExpression": "cron(0 8 ? * SUN#1 *)", "Duration": "2h"})
    told = wait(secrets, secret, lambda told: len(told["VersionIdsToStages"]) == 1)
    assert "LastRotatedDate" not in told and password(secrets, secret) == "first"
    closes = told["NextRotationDate"]
    assert closes.astimezone(tz=None).timestamp() % 86400 == 10 * 3600 - 1
    own = [event["eventName"] for event in events(server, {"TestRotationSucceeded", "TestRotationFailed"})
           if event["additionalEventData"]["SecretId"] == told["ARN"]]
    assert own == ["TestRotationSucceeded"]


def test_what_is_refused(account, rotating_account):
    secrets, secret = account.root.secretsmanager, make(account)
    own = f"arn:aws:lambda:us-east-1:{account.id}:function:none"
    with refused("InvalidRequestException", "No Lambda rotation function ARN is associated with this secret."):
        secrets.rotate_secret(SecretId=secret)
    with refused("InvalidRequestException"):
        secrets.cancel_rotate_secret(SecretId=secret)
    with refused("AccessDeniedException", "Secrets Manager cannot invoke the specified Lambda function"):
        secrets.rotate_secret(SecretId=secret, RotationLambdaARN=own)
    with refused("AccessDeniedException", "lambda:InvokeFunction"):
        secrets.rotate_secret(SecretId=secret, RotationLambdaARN=rotating_account.rotator)
    with refused("InvalidParameterException", "both rotation frequency and schedule expression"):
        secrets.rotate_secret(
            SecretId=secret, RotationLambdaARN=own, RotationRules=DAYS | {"ScheduleExpression": "rate(1 day)"})
    for rules in ({"ScheduleExpression": "rate(3 hours)"}, {"ScheduleExpression": "cron(1 8 * * ? *)"},
                  {"ScheduleExpression": "cron(0 22 * * ? *)", "Duration": "3h"}):
        with refused("InvalidParameterException"):
            secrets.rotate_secret(SecretId=secret, RotationLambdaARN=own, RotationRules=rules)
    assert "RotationEnabled" not in secrets.describe_secret(SecretId=secret)


def test_days_of_the_last_read(account):
    secrets, secret = account.root.secretsmanager, make(account)
    assert "LastAccessedDate" not in secrets.describe_secret(SecretId=secret)
    secrets.get_secret_value(SecretId=secret)
    day = secrets.describe_secret(SecretId=secret)["LastAccessedDate"]
    assert day.timestamp() % 86400 == 0
    listed, = secrets.list_secrets(SortBy="last-accessed-date")["SecretList"]
    assert listed["LastAccessedDate"] == day


SLOW = CODE.replace("def lambda_handler(event, context):", """def lambda_handler(event, context):
    import time
    time.sleep(0.4)
    return handled(event, context)


def handled(event, context):""")


@pytest.fixture
def own_rotation(tmp_path):
    """A server of the test's own, its account and a function that takes its time."""
    functions = Functions()
    arn = functions.declare(FIRST_ACCOUNT, "rotate", SLOW, role=f"arn:aws:iam::{FIRST_ACCOUNT}:role/rotate")
    server = Server(tmp_path, "--functions", str(functions.folder), ALCAZAR_ROOT_ACCOUNT_ID=FIRST_ACCOUNT).start()
    account = Account(server, FIRST_ACCOUNT, Account.root_of(server, FIRST_ACCOUNT))
    trusted = document({"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"})
    account.root.iam.create_role(RoleName="rotate", AssumeRolePolicyDocument=trusted)
    account.root.iam.put_role_policy(
        RoleName="rotate", PolicyName="own", PolicyDocument=document(allow("secretsmanager:*", "kms:*")))
    yield server, account, arn
    server.kill()
    functions.close()


def test_a_rotation_outlives_kills(own_rotation):
    """Killed again and again, at any step: each time it goes on, and ends with the version it began with."""
    server, account, arn = own_rotation
    secret = make(account)
    version = account.root.secretsmanager.rotate_secret(
        SecretId=secret, RotationLambdaARN=arn, RotationRules=DAYS)["VersionId"]
    for pause in (0.2, 0.7, 1.2, 1.7, 2.2):
        time.sleep(pause)
        server.kill()
        server.start()
        root = Account.root_of(server, account.id)
        told = root.secretsmanager.describe_secret(SecretId=secret)
        assert any("AWSCURRENT" in stages for stages in told["VersionIdsToStages"].values())
        assert password(root.secretsmanager, secret)
    told = wait(root.secretsmanager, secret, lambda told: "LastRotatedDate" in told)
    assert "AWSCURRENT" in told["VersionIdsToStages"][version] and len(told["VersionIdsToStages"]) == 2
    assert password(root.secretsmanager, secret) != "first"
    own = events(server, {"RotationStarted", "RotationSucceeded", "RotationFailed", "RotationAbandoned"})
    assert sorted(event["eventName"] for event in own) == ["RotationStarted", "RotationSucceeded"]
    # Another one, of which nothing of the first is in the way.
    again = root.secretsmanager.rotate_secret(SecretId=secret)["VersionId"]
    wait(root.secretsmanager, secret, lambda told: "AWSCURRENT" in told["VersionIdsToStages"].get(again, []))
