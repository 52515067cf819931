"""Roles by the tokens of an issuer whose keys the server asks for: the npm package oidc-provider, and how it is trusted."""

import secrets
import socket
import threading

import boto3
import pytest
from botocore import UNSIGNED
from botocore.config import Config

from support.account import Account, allow, document, name
from support.federation import encoded
from support.issuer import HOST, URL, PackagedIssuer
from support.refusal import refused
from support.server import Server

AUDIENCE = "urn:sts.amazonaws.com"
UNREACHABLE = "Error communicating with the identity provider."
NOBODY = "The identity provider could not be reached. Give its thumbprints in ThumbprintList."


@pytest.fixture(scope="module")
def issuer(tmp_path_factory):
    running = PackagedIssuer(tmp_path_factory.mktemp("issuer"))
    yield running
    running.close()


class Scene:
    """A server of the test's own, an account with a provider, and a role that trusts it."""

    def __init__(self, folder, *options):
        self.server = Server(folder, *options).start()
        self.iam = Account.create(self.server).root.iam
        self.sts = boto3.client("sts", region_name="us-east-1", endpoint_url=f"https://{self.server.address}",
                                verify=str(self.server.data / "ca.pem"), config=Config(
                                    signature_version=UNSIGNED, retries={"total_max_attempts": 1}))

    def provider(self, *thumbprints, url=URL):
        given = {"ThumbprintList": list(thumbprints)} if thumbprints else {}
        made = self.iam.create_open_id_connect_provider(Url=url, ClientIDList=[AUDIENCE], **given)
        self.arn = made["OpenIDConnectProviderArn"]
        host = url.removeprefix("https://")
        trust = {"Effect": "Allow", "Principal": {"Federated": self.arn}, "Action": "sts:AssumeRoleWithWebIdentity",
                 "Condition": {"StringEquals": {f"{host}:aud": AUDIENCE},
                               "StringLike": {f"{host}:sub": "pipeline-*"}}}
        role = self.iam.create_role(RoleName=name("deploy"), AssumeRolePolicyDocument=document(trust))
        self.role = role["Role"]["Arn"]

    def shown(self):
        return self.iam.get_open_id_connect_provider(OpenIDConnectProviderArn=self.arn)["ThumbprintList"]

    def assume(self, token):
        return self.sts.assume_role_with_web_identity(
            RoleArn=self.role, RoleSessionName="ci", WebIdentityToken=token)["SubjectFromWebIdentityToken"]


@pytest.fixture
def start(tmp_path):
    """Starts a scene with these options."""
    started = []

    def start(*options):
        started.append(Scene(tmp_path, *options))
        return started[-1]
    yield start
    for scene in started:
        scene.server.kill()


def trusted(issuer):
    return [*issuer.listed, "--oidc-ca", str(issuer.authority_file)]


def test_keys_are_asked_for_once_and_again_when_they_are_rotated(start, issuer):
    scene, before = start(*trusted(issuer)), issuer.asked()
    scene.provider()
    assert scene.shown() == [issuer.intermediate.thumbprint]
    for algorithm in ("RS256", "ES384", "RS256"):
        assert scene.assume(issuer.token(AUDIENCE, algorithm)) == f"pipeline-{algorithm}"
    assert issuer.asked() == before + 1
    old = issuer.token(AUDIENCE)
    issuer.rotate()
    assert scene.assume(issuer.token(AUDIENCE)) == "pipeline-RS256"
    assert issuer.asked() == before + 2
    with refused("InvalidIdentityToken", "Couldn't retrieve verification key"):
        scene.assume(old)


def test_tokens_for_others_and_made_up_keys(start, issuer):
    scene = start(*trusted(issuer))
    scene.provider()
    with refused("InvalidIdentityToken", "Incorrect token audience"):
        scene.assume(issuer.token("urn:somebody-else"))
    token, before = issuer.token(AUDIENCE), issuer.asked()
    for _ in range(40):
        with refused("InvalidIdentityToken", "Couldn't retrieve verification key"):
            scene.assume(_named_otherwise(token))
    assert issuer.asked() - before <= 6


def _named_otherwise(token):
    _, claims, signature = token.split(".")
    return f'{encoded({"alg": "RS256", "kid": secrets.token_hex(8)})}.{claims}.{signature}'


def test_thumbprints_vouch_where_no_authority_does(start, issuer):
    scene = start(*issuer.listed)
    scene.provider(issuer.intermediate.thumbprint.upper())
    assert scene.assume(issuer.token(AUDIENCE)) == "pipeline-RS256"
    change = scene.iam.update_open_id_connect_provider_thumbprint
    for other in (issuer.authority.thumbprint, "a" * 40):
        change(OpenIDConnectProviderArn=scene.arn, ThumbprintList=[other])
        with refused("IDPCommunicationError", UNREACHABLE):
            scene.assume(issuer.token(AUDIENCE))
    change(OpenIDConnectProviderArn=scene.arn, ThumbprintList=["a" * 40, issuer.intermediate.thumbprint])
    assert scene.assume(issuer.token(AUDIENCE)) == "pipeline-RS256"


def test_authorities_come_before_thumbprints(start, issuer):
    scene = start(*trusted(issuer))
    scene.provider("a" * 40)
    assert scene.shown() == ["a" * 40]
    assert scene.assume(issuer.token(AUDIENCE)) == "pipeline-RS256"


def test_thumbprints_are_found_where_none_are_given(start, issuer):
    scene = start(*issuer.listed)
    scene.provider()
    assert scene.shown() == [issuer.intermediate.thumbprint]
    assert scene.assume(issuer.token(AUDIENCE)) == "pipeline-RS256"


class Deaf:
    """A port of this machine, and how often somebody comes there."""

    def __init__(self):
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port, self.came = self.socket.getsockname()[1], 0
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        while True:
            try:
                self.socket.accept()[0].close()
            except OSError:
                return
            self.came += 1


@pytest.mark.parametrize("host", ["127.0.0.1", "169.254.169.254", "10.0.0.1", "0.0.0.0",
                                  "192.168.1.1", "0177.0.0.1", "127.1"])
def test_nobody_has_the_server_look_into_its_own_network(start, issuer, host):
    """Whoever may make a provider learns nothing of it, not even by what they are told."""
    scene = start(*trusted(issuer))
    with refused("OpenIdIdpCommunicationError", NOBODY):
        scene.provider(url=f"https://{host}")
    scene.provider("a" * 40, url=f"https://{host}")
    claims = {"iss": f"https://{host}", "sub": "a", "aud": AUDIENCE}
    token = f'{encoded({"alg": "RS256"})}.{encoded(claims)}.AAAA'
    with refused("IDPCommunicationError", UNREACHABLE):
        scene.assume(token)
    assert "not a public one" in scene.server.log.read_text()


def test_a_listed_host_is_asked_at_its_place_alone(start, issuer):
    """What the operator lists is a host and a port; an issuer there names no others for its keys."""
    deaf = Deaf()
    scene = start("--oidc-fetch", "listed", "--oidc-fetch-from", f"{HOST}=127.0.0.1:{deaf.port}")
    with refused("OpenIdIdpCommunicationError", NOBODY):
        scene.provider()
    assert deaf.came == 1
    for other in ("https://other.company.example", "https://127.0.0.1"):
        with refused("OpenIdIdpCommunicationError", NOBODY):
            scene.provider(url=other)
    assert deaf.came == 1
    deaf.socket.close()


def test_an_issuer_that_is_gone_and_comes_back(start, tmp_path):
    gone = PackagedIssuer(tmp_path)
    scene = start(*trusted(gone))
    scene.provider()
    token = gone.token(AUDIENCE)
    gone.close()
    with refused("IDPCommunicationError", UNREACHABLE):
        scene.assume(token)
