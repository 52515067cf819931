"""Tokens by which others know who calls: verified by PyJWT, which knows the issuer alone and asks the server."""

import json
import ssl
import urllib.error
import urllib.request

import jwt
import pytest

from support.account import allow, deny, session
from support.refusal import refused

AUDIENCE = "https://api.example.com"


class Verifier:
    """A service elsewhere, that trusts one issuer."""

    def __init__(self, server, issuer):
        self.tls = ssl.create_default_context(cafile=server.data / "ca.pem")
        self.issuer = issuer
        found = json.loads(self.read(f"{issuer}/.well-known/openid-configuration"))
        assert found["issuer"] == issuer
        self.keys_at = found["jwks_uri"]
        self.keys = jwt.PyJWKClient(self.keys_at, ssl_context=self.tls)

    def read(self, url, **more):
        with urllib.request.urlopen(urllib.request.Request(url, **more), context=self.tls, timeout=30) as answer:
            assert answer.headers["Content-Type"] == "application/json"
            return answer.read()

    def verify(self, token, audience=AUDIENCE):
        key = self.keys.get_signing_key_from_jwt(token)
        return jwt.decode(token, key, algorithms=["RS256", "ES384"], audience=audience, issuer=self.issuer,
                          options={"require": ["iss", "aud", "sub", "exp", "iat", "jti"]})


@pytest.fixture
def verifier(account):
    issuer = account.root.iam.enable_outbound_web_identity_federation()["IssuerIdentifier"]
    return Verifier(account.server, issuer)


def token(principal, **more):
    given = {"Audience": [AUDIENCE], "SigningAlgorithm": "ES384"} | more
    return principal.sts.get_web_identity_token(**given)["WebIdentityToken"]


@pytest.mark.parametrize("algorithm", ["ES384", "RS256"])
def test_a_verifier_that_knows_the_issuer_knows_the_caller(account, verifier, algorithm):
    user = account.user(allow("sts:GetWebIdentityToken", "sts:TagGetWebIdentityToken"))
    given = token(user, SigningAlgorithm=algorithm, DurationSeconds=60, Tags=[{"Key": "job", "Value": "7"}])
    claims = verifier.verify(given)
    assert claims["sub"] == f"arn:aws:iam::{account.id}:user/{user.name}"
    assert claims["exp"] - claims["iat"] == 60
    own = claims["https://sts.amazonaws.com/"]
    assert (own["aws_account"], own["source_region"], own["request_tags"]) == (account.id, "us-east-1", {"job": "7"})
    assert jwt.get_unverified_header(given)["alg"] == algorithm


def test_what_others_sign_is_not_believed(account, second_account, verifier):
    given = token(account.root)
    with pytest.raises(jwt.InvalidAudienceError):
        verifier.verify(given, audience="https://other.example.com")
    head, claims, signature = given.split(".")
    with pytest.raises(jwt.InvalidSignatureError):
        verifier.verify(f"{head}.{claims}.{signature[:-8]}AAAAAAAA")
    second_account.root.iam.enable_outbound_web_identity_federation()
    with pytest.raises(jwt.PyJWKClientError):
        verifier.verify(token(second_account.root))


def test_disabling_ends_new_tokens_and_spares_old_ones(account, verifier):
    iam, given = account.root.iam, token(account.root)
    info = iam.get_outbound_web_identity_federation_info()
    assert (info["IssuerIdentifier"], info["JwtVendingEnabled"]) == (verifier.issuer, True)
    with refused("FeatureEnabled"):
        iam.enable_outbound_web_identity_federation()
    iam.disable_outbound_web_identity_federation()
    for call in (iam.disable_outbound_web_identity_federation, iam.get_outbound_web_identity_federation_info):
        with refused("FeatureDisabled"):
            call()
    with refused("OutboundWebIdentityFederationDisabledException"):
        token(account.root)
    assert Verifier(account.server, verifier.issuer).verify(given)["sub"] == account.root_arn
    assert iam.enable_outbound_web_identity_federation()["IssuerIdentifier"] == verifier.issuer


def test_a_token_tells_the_role_and_never_outlives_the_session(account, verifier):
    role = account.role(allow("sts:GetWebIdentityToken"))
    user = account.user(allow("sts:AssumeRole", resource=role))
    given = user.sts.assume_role(RoleArn=role, RoleSessionName="night", DurationSeconds=900)["Credentials"]
    night = session(account.server, given)
    claims = verifier.verify(token(night))
    assert claims["sub"] == claims["https://sts.amazonaws.com/"]["principal_id"] == role
    with refused("SessionDurationEscalationException"):
        token(night, DurationSeconds=3600)


def test_policies_and_limits(account, verifier):
    with refused("AccessDenied", "sts:GetWebIdentityToken"):
        token(account.user(deny("sts:*")))
    untagging = account.user(allow("sts:GetWebIdentityToken"))
    with refused("AccessDenied", "sts:TagGetWebIdentityToken"):
        token(untagging, Tags=[{"Key": "job", "Value": "7"}])
    with refused("JWTPayloadSizeExceededException"):
        token(account.root, Audience=["a" * 1000] * 10)
    assert verifier.verify(token(account.root, Audience=["b", AUDIENCE]))["aud"] == ["b", AUDIENCE]


def test_a_token_is_no_way_back(account, verifier):
    host = verifier.issuer.removeprefix("https://").replace(f":{account.server.port}", "")
    account.root.iam.create_open_id_connect_provider(Url=f"https://{host}", ThumbprintList=["a" * 40])
    with refused("InvalidIdentityToken"):
        account.root.sts.assume_role_with_web_identity(
            RoleArn=f"arn:aws:iam::{account.id}:role/a", RoleSessionName="a1", WebIdentityToken=token(account.root))


def test_nothing_else_is_read_without_a_signature(account, verifier):
    keys = json.loads(verifier.read(verifier.keys_at))["keys"]
    assert [sorted(key) for key in keys] == [["alg", "crv", "kid", "kty", "use", "x", "y"],
                                             ["alg", "e", "kid", "kty", "n", "use"]]
    base = verifier.issuer.rpartition("/")[0]
    for path in ("/", "/.well-known/jwks.json", "/x/.well-known/jwks.json", f"/{account.id}/.well-known/jwks.json"):
        with pytest.raises(urllib.error.HTTPError) as missing:
            verifier.read(base + path)
        assert missing.value.code == 404 and missing.value.read() == b""
    with pytest.raises(urllib.error.HTTPError) as posted:
        verifier.read(verifier.keys_at, data=b"")
    assert posted.value.code in (400, 403, 404)
