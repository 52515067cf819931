"""Roles by the assertions of pysaml2's identity provider, and by what attackers make of them."""

import json
import re
import subprocess
import time

import boto3
import pytest
from botocore import UNSIGNED
from botocore.config import Config

from support.account import Account, allow, document, name, session
from support.principal import AWS as CLI
from support.refusal import refused
from support.saml import RECIPIENT, IdentityProvider, Pair, encoded, parts

INVALID = "InvalidIdentityToken"
DENIED = "Not authorized to perform sts:AssumeRoleWithSAML"
SIGNATURE = "Response signature invalid"


@pytest.fixture(scope="module")
def idp():
    return IdentityProvider()


def trusting(provider, **condition):
    condition = condition or {"StringEquals": {"saml:aud": RECIPIENT}}
    actions = ["sts:AssumeRoleWithSAML", "sts:TagSession", "sts:SetSourceIdentity"]
    return json.dumps({"Version": "2012-10-17", "Statement": {
        "Effect": "Allow", "Principal": {"Federated": provider}, "Action": actions, "Condition": condition}})


class Scene:
    """An account with a provider, and a role that trusts it."""

    def __init__(self, server, idp):
        self.server, self.idp = server, idp
        self.account = Account.create(server)
        iam = self.iam = self.account.root.iam
        made = iam.create_saml_provider(Name="idp", SAMLMetadataDocument=idp.metadata())
        self.provider = made["SAMLProviderArn"]
        self.role = name("staff")
        trust = trusting(self.provider)
        self.role_arn = iam.create_role(RoleName=self.role, AssumeRolePolicyDocument=trust)["Role"]["Arn"]
        policy = document(allow("sts:GetCallerIdentity", "iam:ListUsers"))
        iam.put_role_policy(RoleName=self.role, PolicyName="p", PolicyDocument=policy)
        self.sts = boto3.client("sts", region_name="us-east-1", endpoint_url=f"https://{server.address}",
                                verify=str(server.data / "ca.pem"), config=Config(signature_version=UNSIGNED))
        # Counted with the calls of the account's own clients.
        self.sts.meta.events.register("after-call.*.*", self.account.root._note)

    def attributes(self, **more):
        return {"Role": [f"{self.role_arn},{self.provider}"], "RoleSessionName": ["ann"]} | more

    def response(self, *, said=None, **more):
        return self.idp.response(self.attributes(**said or {}), **more)

    def assume(self, response, **more):
        parameters = {"RoleArn": self.role_arn, "PrincipalArn": self.provider, "SAMLAssertion": encoded(response)}
        return self.sts.assume_role_with_saml(**parameters | more)


@pytest.fixture
def scene(server, idp):
    return Scene(server, idp)


def test_a_response_gives_a_session(scene):
    """The assertion signed, the response signed, or both; and more than once within its five minutes."""
    for signing in ({}, {"sign_assertion": False, "sign_response": True}, {"sign_assertion": True, "sign_response": True}):
        response = scene.response(**signing)
        for _ in range(2):
            answer = scene.assume(response, DurationSeconds=900)
    assert (answer["Subject"], answer["SubjectType"]) == ("ann", "persistent")
    assert (answer["Issuer"], answer["Audience"]) == (scene.idp.entity, RECIPIENT)
    assert answer["AssumedRoleUser"]["Arn"].endswith(f":assumed-role/{scene.role}/ann")
    user = session(scene.server, answer["Credentials"])
    assert user.iam.list_users()["Users"] == []


def test_the_record_names_who_was_vouched_for_and_never_the_assertion(scene):
    response = scene.response()
    answer = scene.assume(response)
    events = [event for event in scene.server.events() if event["eventName"] == "AssumeRoleWithSAML"]
    event = next(event for event in events if event.get("recipientAccountId") == scene.account.id)
    qualifier = answer["NameQualifier"]
    assert event["userIdentity"] == {"type": "SAMLUser", "identityProvider": qualifier, "userName": "ann",
                                     "principalId": f"{qualifier}:ann"}
    assert encoded(response)[:100] not in json.dumps(events)


def test_what_is_not_for_aws_or_not_for_now(scene, monkeypatch):
    with refused(INVALID, "Response does not contain the required audience"):
        scene.assume(scene.response(audience="urn:other"))
    with refused(INVALID, "Recipient in AuthnResponse"):
        scene.assume(scene.response(recipient="https://evil.example.com/saml"))
    now, real = time.time(), time.gmtime
    for seconds, code, words in ((-310, "ExpiredTokenException", "Token must be redeemed within 5 minutes of issuance"),
                                 (310, INVALID, "The assertion is not valid yet")):
        monkeypatch.setattr(time, "gmtime", lambda *given, at=now + seconds: real(*(given or [at])))
        response = scene.response()
        monkeypatch.setattr(time, "gmtime", real)
        with refused(code, words):
            scene.assume(response)


def test_what_is_not_signed_by_the_provider(scene):
    with refused(INVALID, SIGNATURE):
        scene.assume(scene.response(sign_assertion=False, sign_response=False))
    other = IdentityProvider()
    with refused(INVALID, SIGNATURE):
        scene.assume(other.response(scene.attributes()))
    with refused(INVALID, SIGNATURE):
        scene.assume(scene.response().replace(">ann<", ">eve<"))
    with refused("IDPRejectedClaim"):
        scene.assume(scene.response().replace("status:Success", "status:Responder"))
    with refused(INVALID, "Invalid base64 SAMLResponse"):
        scene.assume('<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>')


def test_a_comment_does_not_shorten_a_name(scene):
    response = scene.response(user="ann@example.com.evil.example")
    commented = response.replace("ann@example.com.evil", "ann@example.com<!-- -->.evil")
    assert scene.assume(commented)["Subject"] == "ann@example.com.evil.example"


def test_wrapped_signatures(scene):
    """The signed assertion is kept elsewhere in the document, and another stands in its place."""
    before, good, after = parts(scene.response())
    signature = good[good.index("<ns2:Signature"):good.index("</ns2:Signature>") + len("</ns2:Signature>")]
    bare = good.replace(signature, "")
    evil = re.sub(' ID="[^"]*"', ' ID="evil"', bare).replace(">ann<", ">eve<")
    issuer = "</ns1:Issuer>"
    holding = signature.replace("</ns2:Signature>", f"<ns2:Object>{bare}</ns2:Object></ns2:Signature>")
    for wrapped in (
            f"{before}{evil}{good}{after}", f"{before}{good}{evil}{after}",
            f"{before}<ns0:Extensions>{good}</ns0:Extensions>{evil}{after}",
            before + evil.replace("</ns1:Assertion>", f"{good}</ns1:Assertion>") + after,
            before + evil.replace(issuer, issuer + signature, 1) + bare + after,
            before + evil.replace(issuer, issuer + holding, 1) + after,
            before + evil.replace('ID="evil"', re.search(' (ID="[^"]*")', good)[1], 1).replace(
                issuer, issuer + holding, 1) + after):
        with refused(INVALID, SIGNATURE):
            scene.assume(wrapped)


def test_certificates_roll_over(scene, tmp_path):
    idp = IdentityProvider()
    this = {"SAMLProviderArn": scene.provider}
    scene.iam.update_saml_provider(SAMLMetadataDocument=idp.metadata(), **this)
    old = idp.response(scene.attributes())
    scene.assume(old)
    both = idp.rolled_over()
    new = idp.response(scene.attributes())
    with refused(INVALID, SIGNATURE):
        scene.assume(new)
    scene.iam.update_saml_provider(SAMLMetadataDocument=both, **this)
    scene.assume(old)
    scene.assume(new)
    scene.iam.update_saml_provider(SAMLMetadataDocument=idp.metadata(), **this)
    with refused(INVALID, SIGNATURE):
        scene.assume(old)
    scene.assume(new)


def test_encrypted_assertions(scene, tmp_path):
    pair, other = Pair(tmp_path, "ours"), Pair(tmp_path, "other")
    plain = scene.response()
    with refused(INVALID, SIGNATURE):
        scene.assume(scene.idp.encrypted(plain, pair))
    this = {"SAMLProviderArn": scene.provider}
    scene.iam.update_saml_provider(AddPrivateKey=pair.key, AssertionEncryptionMode="Required", **this)
    found = scene.iam.get_saml_provider(**this)
    assert (found["AssertionEncryptionMode"], len(found["PrivateKeyList"])) == ("Required", 1)
    with refused(INVALID, "Response does not contain an encrypted assertion"):
        scene.assume(plain)
    own = scene.response(recipient=f"{RECIPIENT}/acs/{found['SAMLProviderUUID']}")
    scene.iam.update_assume_role_policy(RoleName=scene.role, PolicyDocument=trusting(
        scene.provider, StringLike={"saml:aud": f"{RECIPIENT}*"}))
    for cipher in ("2009/xmlenc11#aes256-gcm", "2001/04/xmlenc#aes128-cbc"):
        encrypted = scene.idp.encrypted(own, pair, f"http://www.w3.org/{cipher}")
        assert scene.assume(encrypted)["Subject"] == "ann"
    with refused(INVALID, "Recipient in AuthnResponse"):
        scene.assume(scene.idp.encrypted(plain, pair))
    with refused(INVALID, SIGNATURE):
        scene.assume(scene.idp.encrypted(own, other))
    unsigned = scene.response(sign_assertion=False, sign_response=False)
    with refused(INVALID, SIGNATURE):
        scene.assume(scene.idp.encrypted(unsigned, pair))
    key = found["PrivateKeyList"][0]["KeyId"]
    scene.iam.update_saml_provider(RemovePrivateKey=key, AssertionEncryptionMode="Allowed", **this)
    scene.assume(plain)


def test_role_and_provider_are_a_pair(scene):
    with refused("AccessDenied", DENIED):
        scene.assume(scene.response(said={"Role": [f"{scene.role_arn}-other,{scene.provider}"]}))
    scene.assume(scene.response(said={"Role": [f"{scene.provider},{scene.role_arn}"]}))
    with refused(INVALID, "Specified provider doesn't exist"):
        scene.assume(scene.response(), PrincipalArn=f"{scene.provider}-other")
    missing = f"{scene.role_arn}-missing"
    with refused("AccessDenied", DENIED):
        scene.assume(scene.response(said={"Role": [f"{missing},{scene.provider}"]}), RoleArn=missing)


def test_session_tags_and_source_identity_come_from_the_assertion(scene):
    said = {"Team": ["app"], "TransitiveTagKeys": ["Team"], "SourceIdentity": ["ann"], "SessionDuration": ["900"]}
    answer = scene.assume(scene.response(said=said))
    assert answer["SourceIdentity"] == "ann"
    tagged = json.dumps({"Version": "2012-10-17", "Statement": {
        "Effect": "Allow", "Action": "iam:ListRoles", "Resource": "*",
        "Condition": {"StringEquals": {"aws:PrincipalTag/Team": "app", "aws:FederatedProvider": scene.provider,
                                       "saml:sub": "ann"}}}})
    scene.iam.put_role_policy(RoleName=scene.role, PolicyName="tagged", PolicyDocument=tagged)
    session(scene.server, answer["Credentials"]).iam.list_roles()
    with refused("AccessDenied"):
        session(scene.server, scene.assume(scene.response())["Credentials"]).iam.list_roles()
    without = json.loads(trusting(scene.provider))
    without["Statement"]["Action"] = "sts:AssumeRoleWithSAML"
    scene.iam.update_assume_role_policy(RoleName=scene.role, PolicyDocument=json.dumps(without))
    with refused("AccessDenied", "Not authorized to perform sts:TagSession"):
        scene.assume(scene.response(said=said))


def test_the_trust_policy_decides(scene):
    staff = trusting(scene.provider, **{"ForAnyValue:StringEquals": {"saml:edupersonaffiliation": "staff"}})
    scene.iam.update_assume_role_policy(RoleName=scene.role, PolicyDocument=staff)
    scene.assume(scene.response(said={"eduPersonAffiliation": ["member", "staff"]}))
    for said in ({}, {"eduPersonAffiliation": ["student"]}):
        with refused("AccessDenied", DENIED):
            scene.assume(scene.response(said=said))


def test_by_the_command_line(scene, tmp_path):
    assertion = tmp_path / "assertion"
    assertion.write_text(encoded(scene.response()))
    found = subprocess.run(
        [CLI, "sts", "assume-role-with-saml", "--role-arn", scene.role_arn, "--principal-arn", scene.provider,
         "--saml-assertion", f"file://{assertion}", "--endpoint-url", f"https://{scene.server.address}",
         "--ca-bundle", str(scene.server.data / "ca.pem"), "--region", "us-east-1", "--output", "json"],
        capture_output=True, text=True, check=True)
    assert json.loads(found.stdout)["Subject"] == "ann"


def test_a_provider_changes_and_goes(scene):
    this, iam = {"SAMLProviderArn": scene.provider}, scene.iam
    iam.tag_saml_provider(Tags=[{"Key": "a", "Value": "1"}], **this)
    assert iam.list_saml_provider_tags(**this)["Tags"] == [{"Key": "a", "Value": "1"}]
    iam.untag_saml_provider(TagKeys=["a"], **this)
    found = iam.get_saml_provider(**this)
    assert found["SAMLMetadataDocument"] == scene.idp.metadata()
    assert [it["Arn"] for it in iam.list_saml_providers()["SAMLProviderList"]] == [scene.provider]
    with refused("EntityAlreadyExists", "Provider with name idp already exists."):
        iam.create_saml_provider(Name="idp", SAMLMetadataDocument=scene.idp.metadata())
    with refused("InvalidInput", "Could not parse metadata"):
        iam.create_saml_provider(Name="new", SAMLMetadataDocument="a" * 1000)
    response = scene.response()
    scene.assume(response)
    iam.delete_saml_provider(**this)
    with refused(INVALID, "Specified provider doesn't exist"):
        scene.assume(response)
