"""Rotation of secrets, by boto3, the stock command line, and a rotation function as people write them for AWS Lambda."""

import json
import time

from support.account import name
from support.refusal import refused

DAYS = {"AutomaticallyAfterDays": 30}


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
    first = told["LastRotatedDate"]
    told = wait(secrets, secret, lambda told: told["LastRotatedDate"] > first)
    assert "AWSCURRENT" in told["VersionIdsToStages"][again]
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


def test_days_of_the_last_read_of_versions(account):
    secrets, secret = account.root.secretsmanager, make(account)
    first = secrets.describe_secret(SecretId=secret)["VersionIdsToStages"]
    second = secrets.put_secret_value(SecretId=secret, SecretString="two")["VersionId"]
    old = next(iter(first))

    def days():
        found = secrets.list_secret_version_ids(SecretId=secret)["Versions"]
        return {version["VersionId"]: version.get("LastAccessedDate") for version in found}
    assert days() == {old: None, second: None}
    secrets.get_secret_value(SecretId=secret, VersionId=old)
    assert days()[second] is None and days()[old].timestamp() % 86400 == 0
    secrets.get_secret_value(SecretId=secret)
    assert days()[second] == days()[old] == secrets.describe_secret(SecretId=secret)["LastAccessedDate"]
