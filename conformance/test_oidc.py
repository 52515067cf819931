"""Roles by the tokens of an OpenID Connect provider whose keys the operator put down; a pipeline without secrets."""

import json

import boto3
import pytest
from botocore import UNSIGNED
from botocore.config import Config

from support.account import Account, allow, document, name, session
from support.federation import CLIENT_ID, Issuer
from support.refusal import refused

HOST = "id.example.com/ci"
URL = f"https://{HOST}"
INVALID = "InvalidIdentityToken"
DENIED = "Not authorized to perform sts:AssumeRoleWithWebIdentity"


def trusting(provider, **condition):
    """Who comes from the main branch of one team's repositories."""
    condition = condition or {"StringEquals": {f"{HOST}:aud": CLIENT_ID},
                              "StringLike": {f"{HOST}:sub": "repo:team/*:ref:refs/heads/main"}}
    actions = ["sts:AssumeRoleWithWebIdentity", "sts:TagSession", "sts:SetSourceIdentity"]
    return json.dumps({"Version": "2012-10-17", "Statement": {
        "Effect": "Allow", "Principal": {"Federated": provider}, "Action": actions, "Condition": condition}})


class Scene:
    """An account with a provider, and a role that trusts it."""

    def __init__(self, server):
        self.server = server
        self.account = Account.create(server)
        iam = self.iam = self.account.root.iam
        made = iam.create_open_id_connect_provider(Url=URL, ClientIDList=[CLIENT_ID])
        self.provider = made["OpenIDConnectProviderArn"]
        self.role = name("deploy")
        trust = trusting(self.provider)
        self.role_arn = iam.create_role(RoleName=self.role, AssumeRolePolicyDocument=trust)["Role"]["Arn"]
        policy = document(allow("sts:GetCallerIdentity", "iam:ListUsers"))
        iam.put_role_policy(RoleName=self.role, PolicyName="p", PolicyDocument=policy)
        self.variables = {"AWS_ENDPOINT_URL": f"https://{server.address}", "AWS_DEFAULT_REGION": "us-east-1",
                          "AWS_CA_BUNDLE": str(server.data / "ca.pem")}
        self.sts = boto3.client("sts", region_name="us-east-1", endpoint_url=f"https://{server.address}",
                                verify=str(server.data / "ca.pem"), config=Config(signature_version=UNSIGNED))
        # Counted with the calls of the account's own clients.
        self.sts.meta.events.register("after-call.*.*", self.account.root._note)

    def assume(self, token, **more):
        parameters = {"RoleArn": self.role_arn, "RoleSessionName": "ci", "WebIdentityToken": token} | more
        return self.sts.assume_role_with_web_identity(**parameters)


@pytest.fixture
def scene(server):
    return Scene(server)


def test_a_token_gives_a_session(scene, issuer):
    answer = scene.assume(issuer.token(), DurationSeconds=900)
    assert answer["SubjectFromWebIdentityToken"] == "repo:team/app:ref:refs/heads/main"
    assert (answer["Provider"], answer["Audience"]) == (scene.provider, CLIENT_ID)
    assert answer["AssumedRoleUser"]["Arn"].endswith(f":assumed-role/{scene.role}/ci")
    assert "SessionToken" in answer["Credentials"]


def test_an_unmodified_sdk_finds_its_token(scene, issuer, tmp_path, monkeypatch):
    """AWS_WEB_IDENTITY_TOKEN_FILE and AWS_ROLE_ARN, and nothing else."""
    token = tmp_path / "token"
    token.write_text(issuer.token())
    for variable in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE"):
        monkeypatch.delenv(variable, raising=False)
    own = {"AWS_WEB_IDENTITY_TOKEN_FILE": str(token), "AWS_ROLE_ARN": scene.role_arn,
           "AWS_ROLE_SESSION_NAME": "pipeline"}
    for variable, value in (scene.variables | own).items():
        monkeypatch.setenv(variable, value)
    found = boto3.Session()
    assert found.client("sts").get_caller_identity()["Arn"].endswith(f":assumed-role/{scene.role}/pipeline")
    assert found.client("iam").list_users()["Users"] == []


def test_the_record_names_who_was_vouched_for_and_never_the_token(scene, issuer):
    token = issuer.token()
    scene.assume(token)
    events = [event for event in scene.server.events() if event["eventName"] == "AssumeRoleWithWebIdentity"]
    event = next(event for event in events if event.get("recipientAccountId") == scene.account.id)
    assert event["userIdentity"] == {
        "type": "WebIdentityUser", "identityProvider": scene.provider, "userName": "repo:team/app:ref:refs/heads/main",
        "principalId": f"{scene.provider}:{CLIENT_ID}:repo:team/app:ref:refs/heads/main"}
    assert token not in json.dumps(events) and token.split(".")[1] not in json.dumps(events)


@pytest.mark.parametrize(("forge", "words"), [
    (lambda issuer: issuer.without_signature(), "not a valid JWT"),
    (lambda issuer: issuer.signed_by_the_public_key(), "not a valid JWT"),
    (lambda issuer: Issuer(URL).token(), "The signature of the ID Token is not valid"),
    (lambda issuer: Issuer(URL, "two").token(), "Couldn't retrieve verification key"),
    (lambda issuer: issuer.token(aud="somebody-else"), "Incorrect token audience"),
    (lambda issuer: issuer.token(azp="somebody-else"), "Incorrect token audience"),
    (lambda issuer: issuer.token(iss="https://evil.example.com"), "No OpenIDConnect provider found in your account"),
    (lambda issuer: issuer.token(nbf=4_000_000_000), "not valid yet"),
    (lambda issuer: issuer.token(sub=None), "Missing a required claim: sub"),
    (lambda issuer: "an access token", "not a valid JWT"),
], ids=["none", "hs256", "replaced-key", "rotated-key", "aud", "azp", "iss", "nbf", "sub", "opaque"])
def test_what_proves_nothing_gives_nothing(scene, issuer, forge, words):
    with refused(INVALID, words):
        scene.assume(forge(issuer))


def test_an_expired_token(scene, issuer):
    with refused("ExpiredTokenException", "Token expired: current date/time"):
        scene.assume(issuer.token(exp=1_700_000_000))


def test_the_trust_policy_decides(scene, issuer):
    for subject in ("repo:team/app:ref:refs/heads/feature", "repo:other/app:ref:refs/heads/main"):
        with refused("AccessDenied", DENIED):
            scene.assume(issuer.token(sub=subject))
    with refused("AccessDenied", DENIED):
        scene.assume(issuer.token(), RoleArn=scene.role_arn + "-missing")
    only_ann = trusting(scene.provider, StringEquals={f"{HOST}:actor": "ann"})
    scene.iam.update_assume_role_policy(RoleName=scene.role, PolicyDocument=only_ann)
    scene.assume(issuer.token())
    with refused("AccessDenied", DENIED):
        scene.assume(issuer.token(actor="eve"))


def test_a_provider_speaks_for_its_own_account(scene, issuer, second_account):
    """A role of another account trusts this account's provider."""
    other = second_account.root.iam
    role = name("deploy")
    arn = other.create_role(RoleName=role, AssumeRolePolicyDocument=trusting(scene.provider))["Role"]["Arn"]
    with refused(INVALID, "No OpenIDConnect provider found in your account"):
        scene.assume(issuer.token(), RoleArn=arn)
    other.create_open_id_connect_provider(Url=URL, ClientIDList=[CLIENT_ID])
    with refused("AccessDenied", DENIED):
        scene.assume(issuer.token(), RoleArn=arn)


def test_session_tags_and_source_identity_come_from_the_token(scene, issuer):
    token = issuer.token(**{"https://aws.amazon.com/tags": {"principal_tags": {"Team": ["app"]}},
                            "https://aws.amazon.com/source_identity": "ann"})
    assert scene.assume(token)["SourceIdentity"] == "ann"


def test_a_provider_changes_and_goes(scene, issuer):
    this, iam = {"OpenIDConnectProviderArn": scene.provider}, scene.iam
    iam.add_client_id_to_open_id_connect_provider(ClientID="other", **this)
    # The provider's client now, but not one that the role trusts.
    with refused("AccessDenied", DENIED):
        scene.assume(issuer.token(aud="other"))
    iam.remove_client_id_from_open_id_connect_provider(ClientID="other", **this)
    with refused(INVALID, "Incorrect token audience"):
        scene.assume(issuer.token(aud="other"))
    iam.update_open_id_connect_provider_thumbprint(ThumbprintList=["A" * 40], **this)
    iam.tag_open_id_connect_provider(Tags=[{"Key": "a", "Value": "1"}], **this)
    assert iam.list_open_id_connect_provider_tags(**this)["Tags"] == [{"Key": "a", "Value": "1"}]
    iam.untag_open_id_connect_provider(TagKeys=["a"], **this)
    found = iam.get_open_id_connect_provider(**this)
    assert (found["Url"], found["ClientIDList"], found["ThumbprintList"]) == (HOST, [CLIENT_ID], ["a" * 40])
    assert iam.list_open_id_connect_providers()["OpenIDConnectProviderList"] == [{"Arn": scene.provider}]
    with refused("EntityAlreadyExists", f"Provider with url {URL} already exists."):
        iam.create_open_id_connect_provider(Url=URL)
    credentials = scene.assume(issuer.token())["Credentials"]
    iam.delete_open_id_connect_provider(**this)
    with refused(INVALID, "No OpenIDConnect provider found in your account"):
        scene.assume(issuer.token())
    # What was given lasts until it expires.
    again = session(scene.server, credentials)
    assert again.sts.get_caller_identity()["Account"] == scene.account.id


def test_a_provider_whose_keys_are_not_there(scene, issuer):
    """Its tokens are not taken, and the log says how to change that."""
    other = Issuer("https://other.example.com")
    with refused("OpenIdIdpCommunicationError"):
        scene.iam.create_open_id_connect_provider(Url=other.url, ClientIDList=[CLIENT_ID])
    scene.iam.create_open_id_connect_provider(Url=other.url, ClientIDList=[CLIENT_ID], ThumbprintList=["a" * 40])
    with refused("IDPCommunicationError"):
        scene.assume(other.token())
    assert "--oidc-jwks" in scene.server.log.read_text()
