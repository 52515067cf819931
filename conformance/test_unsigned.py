"""No operation is reached by anybody who does not prove who they are, whatever is wrong with the proof."""

from dataclasses import replace
from datetime import datetime, timedelta, timezone

import pytest

from support.account import Account
from support.flat import parameters_of
from support.model import services
from support.principal import Principal
from support.scene import Scene, scenes
from support.wire import Connection, Request

EVERY = [(service.name, operation) for service in services().values() for operation in service.operations]

# AWS: tells the account of anybody's access key; a history of events tells what its own account has named.
TOLD = {"sts:GetAccessKeyInfo", "cloudtrail:LookupEvents"}

# A token proves the caller, in place of a signature: without either the call is as unproved as the others.
BY_TOKEN = {"sts:AssumeRoleWithSAML": "InvalidIdentityToken", "sts:AssumeRoleWithWebIdentity": "InvalidIdentityToken"}

# AWS's code in the JSON protocols, and in Query.
MISSING = ("MissingAuthenticationTokenException", "MissingAuthenticationToken")
WRONG = ("InvalidSignatureException", "SignatureDoesNotMatch")
UNKNOWN = ("UnrecognizedClientException", "InvalidClientTokenId")
INCOMPLETE = ("IncompleteSignatureException", "IncompleteSignature")


@pytest.fixture(scope="module")
def scene(server):
    """What the walks try to reach, with its state before them."""
    scene = Scene(server)
    scene.before = scene.state()
    return scene


@pytest.fixture(scope="module")
def stranger(server):
    """The root user of another account."""
    return Account.create(server).root


def unsigned(request, scene, _):
    return request


def wrong_secret(request, scene, stranger):
    """The victim's key id, and a secret that is not its own."""
    mixed = Principal(scene.account.server, scene.root.access_key_id, stranger.secret_access_key)
    return request.signed(scene.account.server, mixed)


def changed_signature(request, scene, _):
    """A good signature with its last digit changed."""
    signed = request.signed(scene.account.server, scene.root)
    text = signed.headers["Authorization"]
    changed = text[:-1] + ("0" if text[-1] != "0" else "1")
    return replace(signed, headers=signed.headers | {"Authorization": changed})


def changed_body(request, scene, _):
    """A good signature of another body."""
    return request.signed(scene.account.server, scene.root, signed_body=request.body + b" ")


def unknown_key(request, scene, _):
    nobody = Principal(scene.account.server, "AKIANOBODYNOBODYNOBO", "x" * 40)
    return request.signed(scene.account.server, nobody)


def invented_token(request, scene, _):
    invented = Principal(scene.account.server, "ASIANOBODYNOBODYNOBO", "x" * 40, "invented token")
    return request.signed(scene.account.server, invented)


def root_with_invented_token(request, scene, _):
    """A good key with a token that is nobody's."""
    invented = Principal(scene.account.server, scene.root.access_key_id, scene.root.secret_access_key, "invented")
    return request.signed(scene.account.server, invented)


def six_minutes_old(request, scene, _):
    return request.signed(scene.account.server, scene.root, at=datetime.now(timezone.utc) - timedelta(minutes=6))


def six_minutes_ahead(request, scene, _):
    return request.signed(scene.account.server, scene.root, at=datetime.now(timezone.utc) + timedelta(minutes=6))


def another_service(request, scene, _):
    """A good signature for a service of the same protocol."""
    other = {"kms": "cloudtrail", "cloudtrail": "kms"}.get(request.service, "s3")
    return request.signed(scene.account.server, scene.root, service=other)


def incomplete(request, scene, _):
    signed = request.signed(scene.account.server, scene.root)
    cut = signed.headers["Authorization"].partition(", Signature=")[0]
    return replace(signed, headers=signed.headers | {"Authorization": cut})


def basic_authentication(request, scene, _):
    return replace(request, headers=request.headers | {"Authorization": "Basic cm9vdDpyb290"})


@pytest.mark.parametrize(("forge", "codes"), [
    (unsigned, MISSING), (basic_authentication, MISSING), (wrong_secret, WRONG), (changed_signature, WRONG),
    (changed_body, WRONG), (unknown_key, UNKNOWN), (invented_token, UNKNOWN), (root_with_invented_token, UNKNOWN),
    (six_minutes_old, WRONG), (six_minutes_ahead, WRONG), (another_service, WRONG), (incomplete, INCOMPLETE),
], ids=lambda it: getattr(it, "__name__", ""))
def test_no_operation_is_reached_without_proof(server, scene, stranger, forge, codes):
    """Walks every operation of every service, built or not: each is refused with AWS's code, and recorded."""
    calls = scene.calls()
    began = datetime.now(timezone.utc) - timedelta(seconds=1)
    answers = {}
    with Connection(server) as connection:
        for service, operation in EVERY:
            parameters = parameters_of(service, operation, calls.get(f"{service}:{operation}"))
            request = forge(Request.of(service, operation, parameters), scene, stranger)
            answer = connection.send(request)
            expected = codes[0] if services()[service].is_json else codes[1]
            # Where a token is the proof, none is missing; but what is no signature is one nowhere.
            if forge is unsigned:
                expected = BY_TOKEN.get(f"{service}:{operation}", expected)
            assert answer.code == expected, (service, operation, answer)
            answers[answer.request_id] = (service, operation, answer.code)
    assert scene.state() == scene.before
    check_records(server, began, answers)


def check_records(server, began, answers):
    """Each call left one record, with its operation and its error, by nobody known."""
    assert len(answers) == len(EVERY)
    events = server.events("--from", began.strftime("%Y-%m-%dT%H:%M:%SZ"))
    recorded = {event.get("requestID"): event for event in events}
    for request_id, (service, operation, code) in answers.items():
        event = recorded[request_id]
        assert event["errorCode"] == code
        assert (event["eventSource"], event["eventName"]) == (f"{service}.amazonaws.com", operation)
        assert event["userIdentity"]["type"] == "Unknown"


def test_another_account_reaches_nothing_of_this_one(server, scene, stranger):
    """The root user of another account names what this account holds, in every built operation."""
    with Connection(server) as connection:
        for operation, parameters in scene.calls().items():
            service, _, name = operation.partition(":")
            request = Request.of(service, name, parameters_of(service, name, parameters))
            answer = connection.send(request.signed(server, stranger))
            assert answer.status < 500, (operation, answer)
            if operation not in TOLD:
                assert answer.status != 200 or scene.account.id not in answer.text, (operation, answer)
            # Without parameters a call is about the caller's own account or organization.
            if parameters and names_what_is_held(operation):
                assert answer.status in (400, 403, 404, 409), (operation, answer)
    assert scene.state() == scene.before


def names_what_is_held(operation):
    """Whether the scene's call of it can only be about something in the scene's account."""
    service, _, verb = operation.partition(":")
    if service in scenes():
        return verb not in getattr(scenes()[service], "ABOUT_ANYTHING", ())
    own = ("Create", "ListUsers", "ListGroups", "ListRoles", "ListPolicies", "ListKeys", "ListAliases",
           "ListInstanceProfiles", "ListAccountAliases", "GetAccountSummary", "GetCallerIdentity", "GetAccessKeyInfo",
           "GetSessionToken", "GetFederationToken", "GenerateRandom", "SimulateCustomPolicy",
           "GetContextKeysForCustomPolicy", "UpdateAccountPasswordPolicy", "GetAccountAuthorizationDetails",
           "UploadServerCertificate", "ListServerCertificates", "ListVirtualMFADevices",
           "SetSecurityTokenServicePreferences")
    exact = {"ListGroupsForUser", "ListInstanceProfilesForRole", "CreatePolicyVersion", "CreateAccessKey",
             "CreateAlias"}
    return verb in exact or not verb.startswith(own)
