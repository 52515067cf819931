"""Fixtures: one server for the whole run, a fresh account for each test."""

import json

import pytest

from support.account import Account, allow, document
from support.federation import Issuer
from support.functions import Functions
from support.server import ROOT, Server
from support.xks import Proxy


@pytest.fixture(scope="session")
def proxy(tmp_path_factory):
    """The external key store proxy that the shared server may ask."""
    running = Proxy(tmp_path_factory.mktemp("xks"))
    yield running
    running.close()


FIRST_ACCOUNT = "777788889999"


@pytest.fixture(scope="session")
def shared_functions():
    """The functions of the shared server: one that rotates secrets of its first account, under the role `rotate`."""
    declared = Functions()
    code = (ROOT / "conformance/support/function/rotate.py").read_text()
    declared.rotator = declared.declare(
        FIRST_ACCOUNT, "rotate", code, role=f"arn:aws:iam::{FIRST_ACCOUNT}:role/rotate")
    yield declared
    declared.close()


@pytest.fixture(scope="session")
def issuer():
    """The issuer of identity tokens whose keys the shared server has."""
    return Issuer("https://id.example.com/ci")


@pytest.fixture(scope="session")
def server(tmp_path_factory, proxy, shared_functions, issuer):
    """The server that all tests share but for those that kill, seal or flood theirs."""
    folder = tmp_path_factory.mktemp("alcazar")
    keys = folder / "keys.json"
    keys.write_text(json.dumps(issuer.key_set()))
    options = [*proxy.options, "--functions", str(shared_functions.folder), "--oidc-jwks", f"{issuer.url}={keys}",
               "--oidc-fetch", "listed"]
    running = Server(folder, *options, ALCAZAR_ROOT_ACCOUNT_ID=FIRST_ACCOUNT).start()
    yield running
    ended = running.process.poll()
    running.kill()
    assert ended is None, f"the server ended by itself: {ended}; it said {running.log.read_text()}"


@pytest.fixture
def own_server(tmp_path):
    """A server of the test's own."""
    running = Server(tmp_path).start()
    yield running
    running.kill()


@pytest.fixture
def account(server):
    """A fresh account."""
    return Account.create(server)


@pytest.fixture(scope="session")
def rotating_account(server, shared_functions):
    """The account that has a rotation function: `rotator` is its ARN."""
    found = Account(server, FIRST_ACCOUNT, Account.root_of(server, FIRST_ACCOUNT))
    trusted = document({"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"})
    found.root.iam.create_role(RoleName="rotate", AssumeRolePolicyDocument=trusted)
    found.root.iam.put_role_policy(
        RoleName="rotate", PolicyName="own", PolicyDocument=document(allow("secretsmanager:*", "kms:*")))
    found.rotator = shared_functions.rotator
    return found


@pytest.fixture
def second_account(server):
    """Another fresh account."""
    return Account.create(server)


def pytest_collection_modifyitems(items):
    """The coverage lists are compared when everything else has run."""
    items.sort(key=lambda item: item.path.stem == "test_coverage")


@pytest.fixture(scope="session")
def recorded(server):
    """Every audit event of the shared server by request id, the caller's own account's first."""
    events = {}
    for event in server.events():
        # What a service did on the caller's behalf bears the id of the caller's request.
        if "invokedBy" in event["userIdentity"]:
            continue
        if "sharedEventID" not in event or event["userIdentity"]["type"] != "AWSAccount":
            events[event.get("requestID")] = event
    return events
