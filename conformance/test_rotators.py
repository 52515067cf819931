"""Alcazar's own rotators against real databases and the real server."""

import json
import socket
import subprocess
import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest

from support.account import allow, assume
from support.authority import Authority
from support.databases import SUPERUSER_PASSWORD, MariaDb, PostgreSql
from support.empty_version import EmptyVersion
from support.rotator import STEPS, Raised, Rotator
from support.server import binary, environment

SECOND = "the second 'password'"
ODD = ("O'Neil \"the\" \\app; -- é", "p'a\"s\\s %s $1 ; -- wörd")


@pytest.fixture(scope="module")
def postgresql():
    database = PostgreSql()
    yield database
    database.close()


@pytest.fixture(scope="module")
def mariadb():
    database = MariaDb()
    yield database
    database.close()


@pytest.fixture(params=["postgresql", "mariadb"])
def database(request):
    return request.getfixturevalue(request.param)


class Scene:
    """A secret of a database's user, and the role that may rotate it."""

    def __init__(self, account, database, folder, strategy, username, password, **further):
        self.account, self.database, self.folder, self.strategy = account, database, folder, strategy
        self.secrets = account.root.secretsmanager
        self.current = {"engine": database.engine, "host": database.host, "port": database.port, "username": username,
                        "password": password, "note": "kept"} | further
        made = self.secrets.create_secret(Name=f"db/{uuid.uuid4()}", SecretString=json.dumps(self.current))
        self.secret = made["ARN"]
        secrets = [self.secret, *filter(None, [further.get("masterarn")])]
        role = account.role(
            allow("secretsmanager:DescribeSecret", "secretsmanager:PutSecretValue",
                  "secretsmanager:UpdateSecretVersionStage", resource=self.secret),
            allow("secretsmanager:GetSecretValue", resource=secrets), allow("secretsmanager:GetRandomPassword"))
        self.role = assume(account.user(allow("sts:AssumeRole")), role)

    def rotator(self, **variables):
        family = {"postgres": "postgresql"}.get(self.database.engine, "mysql")
        return Rotator(f"{family}-{self.strategy}", self.role, self.folder / "function.log", **variables)

    def pending(self, **changed):
        """Puts a version that is about to become the current one: its id."""
        token = str(uuid.uuid4())
        self.secrets.put_secret_value(SecretId=self.secret, ClientRequestToken=token, VersionStages=["AWSPENDING"],
                                      SecretString=json.dumps(self.value() | changed))
        return token

    def value(self, stage="AWSCURRENT"):
        return json.loads(self.secrets.get_secret_value(SecretId=self.secret, VersionStage=stage)["SecretString"])

    def current_version(self):
        return self.secrets.get_secret_value(SecretId=self.secret)["VersionId"]

    def lets_in(self, value):
        return self.database.lets_in(value["username"], value["password"])


@pytest.fixture
def scene(account, tmp_path):
    """Makes scenes of one account; no password of theirs may be in what was logged."""
    made, secret = [], set()

    def make(database, strategy, username, password, **further):
        database.make_user(username, password)
        made.append(Scene(account, database, tmp_path, strategy, username, password, **further))
        return made[-1]

    yield make
    for each in made:
        versions = each.secrets.list_secret_version_ids(SecretId=each.secret, IncludeDeprecated=True)["Versions"]
        for version in versions:
            try:
                held = each.secrets.get_secret_value(SecretId=each.secret, VersionId=version["VersionId"])
            except each.secrets.exceptions.ResourceNotFoundException:
                continue
            secret.add((json.loads(held["SecretString"])["password"], version["VersionId"]))
        first = each.current["password"]
        logged = each.database.logged() + (tmp_path / "function.log").read_text()
        # What tests themselves told the database stands in its log.
        for password in {password for password, _ in secret} - {first} - told(each):
            assert password not in logged


def told(scene):
    return getattr(scene, "told", set())


def superuser(account, database):
    """The secret of the database's superuser."""
    value = {"engine": database.engine, "host": database.host, "port": database.port, "username": database.superuser,
             "password": SUPERUSER_PASSWORD}
    made = account.root.secretsmanager.create_secret(Name=f"super/{uuid.uuid4()}", SecretString=json.dumps(value))
    return made["ARN"]


@pytest.mark.parametrize("username, password", [("app-single", "first"), ODD], ids=["plain", "odd"])
def test_a_user_changes_its_own_password(scene, database, username, password):
    it = scene(database, "single-user", username, password)
    for number in range(2):
        before = it.value()
        token = it.pending(password=f"{number}{ODD[1]}")
        pending = it.value("AWSPENDING")
        for step in STEPS:
            for _ in range(2):
                # A process for each: whatever is known is in the secret and the database.
                with it.rotator() as rotator:
                    rotator.step(step, it.secret, token)
            assert it.lets_in(pending) == (step != "createSecret")
            assert it.lets_in(before) == (step == "createSecret")
            assert (it.current_version() == token) == (step == "finishSecret")
        assert it.value() == pending and it.value("AWSPREVIOUS") == before
    assert pending["note"] == "kept"


def test_what_comes_before_is_asked_for(scene, database):
    it = scene(database, "single-user", "app-order", "first")
    with it.rotator() as rotator:
        for token, told in [("0" * 32, "has no stage"), (it.pending(), None)]:
            for step in STEPS if told else ():
                with pytest.raises(Raised, match=told):
                    rotator.step(step, it.secret, token)
        # The database does not know it yet.
        token = it.pending(password=SECOND)
        with pytest.raises(Raised, match="Database: the database does not take the user and password of AWSPENDING"):
            rotator.step("testSecret", it.secret, token)
        assert it.current_version() != token
        for event in (b"{}", b"nonsense", {"Step": "dropSecret", "SecretId": it.secret, "ClientRequestToken": token}):
            with pytest.raises(Raised, match="InvalidEvent"):
                rotator.runtime.ask(event)
        rotator.step("setSecret", it.secret, token)
        rotator.step("testSecret", it.secret, token)


def test_a_rotation_that_was_broken_off_goes_on_with_the_previous_password(scene, database):
    it = scene(database, "single-user", "app-previous", "first")
    it.told = {"first"}
    # The secret went ahead of the database.
    it.secrets.put_secret_value(SecretId=it.secret, SecretString=json.dumps(it.value() | {"password": "never set"}))
    token = it.pending(password="third")
    with it.rotator() as rotator:
        for step in STEPS:
            rotator.step(step, it.secret, token)
    assert it.lets_in(it.value()) and it.value()["password"] == "third"


def test_passwords_are_not_shown_to_others(scene, database):
    it = scene(database, "single-user", "app-other", "first")
    with it.rotator() as rotator:
        for changed, told in [
            ({"username": "postgres"}, "AWSPENDING has a user that does not follow"),
            ({"host": "127.0.0.2"}, "do not have the same engine, host and port"),
            ({"port": 1}, "do not have the same engine, host and port"),
            ({"engine": "oracle"}, "its engine is not"),
            ({"host": ""}, "it has no host"),
            ({"ssl": "perhaps"}, "its ssl is neither true nor false"),
        ]:
            token = it.pending(**changed)
            with pytest.raises(Raised, match=told):
                rotator.step("setSecret", it.secret, token)
    assert it.lets_in(it.current)


def test_a_user_that_nobody_knows_the_password_of(scene, database):
    it = scene(database, "single-user", "app-lost", "first")
    token = it.pending(password=SECOND)
    database.change_password("app-lost", "another")
    with it.rotator() as rotator, pytest.raises(Raised, match="password of AWSCURRENT"):
        rotator.step("setSecret", it.secret, token)
    assert it.value()["password"] == "first"


def test_a_database_that_is_not_there(scene, database):
    it = scene(database, "single-user", "app-away", "first")
    it.secrets.put_secret_value(SecretId=it.secret, SecretString=json.dumps(it.value() | {"port": 1}))
    token = it.pending(password=SECOND)
    with it.rotator() as rotator, pytest.raises(Raised, match="the database cannot be reached"):
        rotator.step("setSecret", it.secret, token)


def test_a_role_that_may_not(scene, database, account):
    it = scene(database, "single-user", "app-denied", "first")
    it.role = assume(account.user(allow("sts:AssumeRole")), account.role(allow("secretsmanager:DescribeSecret")))
    token = it.pending(password=SECOND)
    with it.rotator() as rotator, pytest.raises(Raised, match="GetSecretValue: AccessDeniedException"):
        rotator.step("setSecret", it.secret, token)
    events = it.account.server.events()
    denied = [event for event in events if event.get("errorCode") == "AccessDenied" and event["eventName"] == "GetSecretValue"
              and event["recipientAccountId"] == account.id]
    assert denied and denied[0]["userIdentity"]["type"] == "AssumedRole"


def test_two_users_take_turns(scene, database, account):
    username, password = f"{ODD[0]} 2", ODD[1]
    it = scene(database, "alternating-users", username, password, masterarn=superuser(account, database))
    database.make_table(username)
    sessions = [database.session(username, password)]
    for number in range(3):
        before = it.value()
        other = username if before["username"] != username else f"{username}_clone"
        token = it.pending(username=other, password=f"{number}{ODD[1]}")
        pending = it.value("AWSPENDING")
        for step in STEPS:
            for _ in range(2):
                with it.rotator() as rotator:
                    rotator.step(step, it.secret, token)
            # Whoever has the current value is let in all the time, and whoever is in stays in.
            assert it.lets_in(before)
            assert it.lets_in(pending) == (step != "createSecret")
            assert {session.ask("SELECT it FROM held") for session in sessions} == {"held"}
        assert it.value() == pending
        sessions.append(database.session(pending["username"], pending["password"]))
    for session in sessions:
        session.close()


def test_a_superuser_does_nothing_for_whoever_has_no_user(scene, database, account):
    it = scene(database, "alternating-users", "app-stranger", "first", masterarn=superuser(account, database))
    token = it.pending(username="app-stranger_clone", password=SECOND)
    database.change_password("app-stranger", "another")
    with it.rotator() as rotator, pytest.raises(Raised, match="password of AWSCURRENT"):
        rotator.step("setSecret", it.secret, token)
    assert not database.lets_in("app-stranger_clone", SECOND)


def test_a_superuser_that_is_none(scene, database, account):
    none = scene(database, "alternating-users", "app-none", "first")
    token = none.pending(username="app-none_clone", password=SECOND)
    with none.rotator() as rotator, pytest.raises(Raised, match="it has no masterarn"):
        rotator.step("setSecret", none.secret, token)

    missing = superuser(account, database)[:-6] + "nobody"
    lost = scene(database, "alternating-users", "app-missing", "first", masterarn=missing)
    token = lost.pending(username="app-missing_clone", password=SECOND)
    with lost.rotator() as rotator, pytest.raises(Raised, match="the secret of the superuser does not exist"):
        rotator.step("setSecret", lost.secret, token)

    weak = superuser(account, database)
    database.make_user("weak", "weak")
    value = json.loads(none.secrets.get_secret_value(SecretId=weak)["SecretString"])
    for changed, told in [({"username": "weak", "password": "weak"}, "Database: "), ({"password": "wrong"}, "of the superuser"),
                          ({"host": "localhost"}, "do not have the same engine, host and port")]:
        none.secrets.put_secret_value(SecretId=weak, SecretString=json.dumps(value | changed))
        it = scene(database, "alternating-users", f"app-weak-{uuid.uuid4().hex[:6]}", "first", masterarn=weak)
        token = it.pending(username=it.current["username"] + "_clone", password=SECOND)
        with it.rotator() as rotator, pytest.raises(Raised, match=told):
            rotator.step("setSecret", it.secret, token)
        assert not it.lets_in(it.value("AWSPENDING"))


def test_an_alternate_that_is_somebody_else(scene, postgresql, account):
    it = scene(postgresql, "alternating-users", "app-own", "first", masterarn=superuser(account, postgresql))
    postgresql.make_user("app-own_clone", "of another")
    token = it.pending(username="app-own_clone", password=SECOND)
    with it.rotator() as rotator:
        with pytest.raises(Raised, match="was not granted its original"):
            rotator.step("setSecret", it.secret, token)
        assert postgresql.lets_in("app-own_clone", "of another")
        postgresql.sql('GRANT "app-own" TO "app-own_clone"')
        rotator.step("setSecret", it.secret, token)
    assert it.lets_in(it.value("AWSPENDING"))


def test_nobody_is_the_other_half_of_who_may_more(scene, database, account):
    """Whoever may make users makes one that another's name is the clone of, to be told that one's new password."""
    it = scene(database, "alternating-users", "app-theft_clone", "first", masterarn=superuser(account, database))
    database.make_user("app-theft", "of another")
    database.sql('GRANT "app-theft_clone" TO "app-theft"' if database.engine == "postgres"
                 else "GRANT ALL PRIVILEGES ON *.* TO 'app-theft'@'%'")
    token = it.pending(username="app-theft", password=SECOND)
    with it.rotator() as rotator, pytest.raises(Raised, match="other half|belong together"):
        rotator.step("setSecret", it.secret, token)
    assert database.lets_in("app-theft", "of another")


def test_a_clone_that_was_made_by_halves_is_finished(scene, mariadb, account):
    it = scene(mariadb, "alternating-users", "app-half", "first", masterarn=superuser(account, mariadb))
    mariadb.make_table("app-half")
    mariadb.sql(f"CREATE USER 'app-half_clone'@'%' IDENTIFIED BY PASSWORD '*{40 * '0'}'")
    token = it.pending(username="app-half_clone", password=SECOND)
    with it.rotator() as rotator:
        rotator.step("setSecret", it.secret, token)
    session = mariadb.session("app-half_clone", SECOND)
    assert session.ask("SELECT it FROM held") == "held"
    session.close()


@pytest.mark.parametrize("strategy", ["single-user", "alternating-users"])
def test_two_rotators_at_once(scene, database, account, strategy):
    username = f"app-both-{strategy[:3]}"
    it = scene(database, strategy, username, "first", masterarn=superuser(account, database))
    other = username if strategy == "single-user" else f"{username}_clone"
    token = it.pending(username=other, password=SECOND)

    def rotate():
        with it.rotator() as rotator:
            rotator.step("setSecret", it.secret, token)

    with ThreadPoolExecutor() as both:
        ended = [one.exception() for one in [both.submit(rotate) for _ in range(2)]]
    # One may find that the other was faster; that is asked for again, as every step that fails.
    assert None in ended and {type(error) for error in ended} <= {type(None), Raised}
    rotate()
    assert it.lets_in(it.value("AWSPENDING"))


def test_postgresql_keeps_passwords_as_it_is_told(scene, postgresql):
    it = scene(postgresql, "single-user", "app-md5", "first")
    postgresql.sql('ALTER ROLE "app-md5" SET password_encryption = md5')
    token = it.pending(password="sécond")
    with it.rotator() as rotator:
        rotator.step("setSecret", it.secret, token)
    assert postgresql.sql("SELECT rolpassword FROM pg_authid WHERE rolname = 'app-md5'").startswith("md5")


@pytest.mark.parametrize("kind", [PostgreSql, MariaDb])
def test_tls_is_as_the_secret_says(scene, account, tmp_path, kind):
    folders = [tmp_path / name for name in ("own", "other")]
    for folder in folders:
        folder.mkdir()
    own, other = map(Authority, folders)
    database = kind(own)
    try:
        sure, open_minded, off, unknown = (
            scene(database, "single-user", f"app-{name}", "first", **further)
            for name, further in [("sure", {"ssl": True}), ("open", {}), ("off", {"ssl": False}), ("unknown", {"ssl": True})])
        for it, authority in [(sure, own), (open_minded, other)]:
            token = it.pending(password=SECOND)
            with it.rotator(DATABASE_CA_BUNDLE=str(authority.file)) as rotator:
                for step in STEPS[1:3]:
                    rotator.step(step, it.secret, token)
            assert it.lets_in(it.value("AWSPENDING"))
        for it, authority, told in [(off, own, "does not take the user and password"), (unknown, other, "UnknownIssuer|certificate")]:
            token = it.pending(password=SECOND)
            with it.rotator(DATABASE_CA_BUNDLE=str(authority.file)) as rotator, pytest.raises(Raised, match=told):
                rotator.step("setSecret", it.secret, token)
            assert it.lets_in(it.value())
    finally:
        database.close()


def test_a_database_without_tls_that_a_secret_asks_for(scene, database):
    it = scene(database, "single-user", "app-asks", "first", ssl=True)
    token = it.pending(password=SECOND)
    with it.rotator() as rotator, pytest.raises(Raised, match="TLS"):
        rotator.step("setSecret", it.secret, token)
    assert it.lets_in(it.value())


def test_a_new_version_is_made_once(account, tmp_path):
    current = {"engine": "mysql", "host": "db", "username": "app", "password": "first", "extra": {"a": [1]}}
    rules = {"PASSWORD_LENGTH": "40", "EXCLUDE_CHARACTERS": "'; \\é", "EXCLUDE_PUNCTUATION": "true",
             "REQUIRE_EACH_INCLUDED_TYPE": "no"}
    for strategy, username in [("single-user", "app"), ("alternating-users", "app_clone")]:
        secret = EmptyVersion(current)
        with Rotator(f"mysql-{strategy}", account.root, tmp_path / "log", AWS_ENDPOINT_URL=secret.url, **rules) as rotator:
            for _ in range(2):
                rotator.step("createSecret", "s", "new")
            assert json.loads(secret.values["new"]) == current | {"username": username, "password": "random"}
            asked = [asked for operation, asked in secret.calls if operation == "GetRandomPassword"]
            assert asked == [{"PasswordLength": 40, "ExcludeCharacters": "'; \\é", "ExcludePunctuation": True,
                              "ExcludeNumbers": False, "ExcludeUppercase": False, "ExcludeLowercase": False,
                              "RequireEachIncludedType": False}]
            # What is no answer is no value.
            for answer in (b"", b"{", b"[]", b'"' + 2_000_000 * b"x" + b'"'):
                secret.answer = answer
                with pytest.raises(Raised, match="SecretsManager: DescribeSecret: no answer"):
                    rotator.step("createSecret", "s", "new")
        secret.close()


def test_a_step_ends_with_its_time(scene, postgresql):
    it = scene(postgresql, "single-user", "app-late", "first")
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        it.secrets.put_secret_value(SecretId=it.secret, SecretString=json.dumps(it.value() | {"port": port}))
        token = it.pending(password=SECOND)
        for seconds, told in [(2, "TimedOut: the step did not end in time"), (30, "did not let in in time")]:
            with it.rotator(seconds=seconds) as rotator, pytest.raises(Raised, match=told):
                rotator.step("setSecret", it.secret, token)


def test_environments_that_are_not_those_of_a_function(account, tmp_path):
    variables = {"AWS_LAMBDA_RUNTIME_API": "127.0.0.1:1"}
    for name, told in [("oracle-single-user", "no such function"), ("postgresql-single-user", "AWS_ENDPOINT_URL is not set")]:
        done = subprocess.run([binary(), "function", name], env=environment(**variables), capture_output=True, text=True, timeout=20)
        assert done.returncode != 0 and told in done.stderr
