"""Every built operation denies a user whom no policy allows it, in AWS's words, and changes nothing."""

import pytest
from botocore import xform_name
from botocore.exceptions import ClientError

from support.account import session
from support.model import built, names_no_resource
from support.scene import Scene

# AWS: needs no permission, and no policy takes it away.
FREE = {"sts:GetCallerIdentity"}
# AWS: users may always call it, sessions never.
ONLY_SESSIONS = {"sts:GetSessionToken"}
# A token proves the caller, and is asked for before any policy: see test_oidc and test_saml.
BY_TOKEN = {"sts:AssumeRoleWithSAML", "sts:AssumeRoleWithWebIdentity"}
# One call that asks for two permissions, or one whose IAM action has another name.
ACTIONS = {"kms:ReEncrypt": "kms:ReEncryptFrom"}
# AWS: these two say `*` where there is no resource; the others say nothing of one.
SAY_ANY = {"iam", "kms"}
# By the reference it is of resources, by the service it is not.
WITHOUT_RESOURCE = {"cloudhsm:CreateCluster"}


def says_no_resource(operation):
    service = operation.partition(":")[0]
    return operation in WITHOUT_RESOURCE or (service not in SAY_ANY and names_no_resource(operation))


@pytest.fixture(scope="module")
def scene(server):
    return Scene(server)


@pytest.fixture(scope="module")
def nobody(scene):
    """A user without any policy."""
    return scene.account.user()


@pytest.fixture(scope="module")
def before(scene, nobody):
    return scene.state()


def test_every_operation_has_a_call_to_deny(scene):
    assert set(scene.calls()) == set(built())


def denied(principal, operation, parameters):
    """The call's denial, as boto3 raises it."""
    service, _, name = operation.partition(":")
    with pytest.raises(ClientError) as refused:
        getattr(principal.client(service), xform_name(name))(**parameters)
    error = refused.value.response["Error"]
    assert error["Code"] in ("AccessDenied", "AccessDeniedException"), error
    return error["Message"]


@pytest.mark.parametrize("operation", [it for it in built() if it not in FREE | ONLY_SESSIONS | BY_TOKEN])
def test_who_has_no_policy_is_denied(scene, nobody, before, operation):
    message = denied(nobody, operation, scene.calls()[operation])
    action = ACTIONS.get(operation, operation)
    refusal = f"User: {nobody.arn} is not authorized to perform: {action}"
    refusal += " because " if says_no_resource(operation) else " on resource: "
    assert message.startswith(refusal), message
    if operation != "sts:AssumeRole":
        assert message.endswith(f" because no identity-based policy allows the {action} action"), message


@pytest.mark.parametrize("operation", sorted(ONLY_SESSIONS))
def test_sessions_are_denied_what_only_users_may_call(scene, nobody, operation):
    mine = session(scene.account.server, nobody.sts.get_session_token()["Credentials"])
    assert "with session credentials" in denied(mine, operation, scene.calls()[operation])


def test_no_denied_call_changed_anything(scene, before):
    assert scene.state() == before
