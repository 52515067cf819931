"""A secret of a real database, rotated by RotateSecret and a function of Alcazar's own, in its sandbox, under its role."""

import json
import time
import uuid

import pytest

from support.account import Account, allow, document
from support.databases import SUPERUSER_PASSWORD, MariaDb, PostgreSql
from support.functions import Functions
from support.server import Server

ACCOUNT = "111122223333"
LAMBDA = document({"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"})
ROOT = {"ALCAZAR_ROOT_ACCOUNT_ID": ACCOUNT, "ALCAZAR_ROOT_ACCESS_KEY_ID": "AKIAEXAMPLEEXAMPLE00",
        "ALCAZAR_ROOT_SECRET_ACCESS_KEY": "a-secret-of-the-tests-own-0123456789"}
NAMES = ("postgresql-single-user", "postgresql-alternating-users", "mysql-single-user", "mysql-alternating-users")


@pytest.fixture(scope="module", params=[PostgreSql, MariaDb])
def database(request):
    running = request.param()
    yield running
    running.close()


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    functions = Functions()
    for name in NAMES:
        functions.declare(ACCOUNT, name, command=["alcazar", "function", name], role=f"arn:aws:iam::{ACCOUNT}:role/{name}",
                          timeout=60, environment={"EXCLUDE_CHARACTERS": "/@"})
    running = Server(tmp_path_factory.mktemp("alcazar"), "--functions", str(functions.folder), **ROOT,
                     ALCAZAR_LOG="function=info,warn").start()
    yield running
    running.kill()
    functions.close()


@pytest.fixture(scope="module")
def root(server):
    root = Account(server, ACCOUNT, Account.root_of(server, ACCOUNT)).root
    for name in NAMES:
        root.iam.create_role(RoleName=name, AssumeRolePolicyDocument=LAMBDA)
    return root


class Rotated:
    """A secret that a function rotates, and nothing but that and what else it is given."""

    def __init__(self, root, database, strategy, username, **further):
        self.secrets, self.database, self.username = root.secretsmanager, database, username
        name = f"{'postgresql' if database.engine == 'postgres' else 'mysql'}-{strategy}"
        database.make_user(username, "first")
        value = {"engine": database.engine, "host": database.host, "port": database.port, "username": username,
                 "password": "first"} | further
        self.arn = self.secrets.create_secret(Name=f"db/{uuid.uuid4()}", SecretString=json.dumps(value))["ARN"]
        steps = allow("secretsmanager:DescribeSecret", "secretsmanager:GetSecretValue", "secretsmanager:PutSecretValue",
                      "secretsmanager:UpdateSecretVersionStage", resource=self.arn)
        master = allow("secretsmanager:GetSecretValue", resource=further.get("masterarn", self.arn))
        root.iam.put_role_policy(RoleName=name, PolicyName="own", PolicyDocument=document(
            steps, master, allow("secretsmanager:GetRandomPassword")))
        self.function = f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:{name}"

    def rotate(self):
        """One rotation: the new value."""
        last = self.last()
        token = self.secrets.rotate_secret(SecretId=self.arn, RotationLambdaARN=self.function,
                                           RotationRules={"AutomaticallyAfterDays": 30})["VersionId"]
        deadline = time.monotonic() + 120
        while self.last() == last:
            assert time.monotonic() < deadline, self.secrets.describe_secret(SecretId=self.arn)
            time.sleep(0.2)
        assert self.secrets.get_secret_value(SecretId=self.arn)["VersionId"] == token
        return self.value()

    def last(self):
        """When its last rotation ended."""
        return self.secrets.describe_secret(SecretId=self.arn).get("LastRotatedDate")

    def value(self):
        return json.loads(self.secrets.get_secret_value(SecretId=self.arn)["SecretString"])

    def lets_in(self, value):
        return self.database.lets_in(value["username"], value["password"])


def test_a_user_gets_new_passwords(server, root, database):
    it = Rotated(root, database, "single-user", "app-end-to-end")
    values = [it.value(), it.rotate(), it.rotate()]
    assert len({value["password"] for value in values}) == 3
    assert [it.lets_in(value) for value in values] == [False, False, True]
    made = json.dumps(server.events()) + server.log.read_text() + database.logged()
    assert not any(value["password"] in made for value in values[1:])
    moved = [event for event in server.events() if event["eventName"] == "UpdateSecretVersionStage"]
    assert moved[0]["userIdentity"]["sessionContext"]["sessionIssuer"]["userName"].endswith("-single-user")


def test_two_users_take_turns(server, root, database):
    value = {"engine": database.engine, "host": database.host, "port": database.port, "username": database.superuser,
             "password": SUPERUSER_PASSWORD}
    master = root.secretsmanager.create_secret(Name=f"super/{uuid.uuid4()}", SecretString=json.dumps(value))["ARN"]
    it = Rotated(root, database, "alternating-users", "app-turns", masterarn=master)
    database.make_table("app-turns")
    values, sessions = [it.value()], []
    for _ in range(3):
        sessions.append(database.session(values[-1]["username"], values[-1]["password"]))
        values.append(it.rotate())
        # Whoever is in stays in, and who has not yet read the new value gets in with the old one.
        assert it.lets_in(values[-1]) and it.lets_in(values[-2])
        assert {session.ask("SELECT it FROM held") for session in sessions} == {"held"}
    for session in sessions:
        session.close()
    assert [value["username"] for value in values] == ["app-turns", "app-turns_clone"] * 2


def test_a_rotation_that_fails_leaves_the_secret_as_it_is(server, root, database):
    it = Rotated(root, database, "single-user", "app-fails")
    before = it.value()
    database.change_password("app-fails", "another")
    it.secrets.rotate_secret(SecretId=it.arn, RotationLambdaARN=it.function, RotationRules={"AutomaticallyAfterDays": 30})
    deadline = time.monotonic() + 120
    while not any(event["eventName"] == "RotationFailed" and it.arn in json.dumps(event) for event in server.events()):
        assert time.monotonic() < deadline
        time.sleep(0.5)
    assert it.value() == before and database.lets_in("app-fails", "another")
