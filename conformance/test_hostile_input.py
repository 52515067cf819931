"""Bad input gets AWS's error and changes nothing."""

import json

import pytest

from support.account import Account, allow, document, key_policy, principals, trust
from support.refusal import refused
from support.scene import Scene
from support.wire import Connection, Request, send


@pytest.fixture(scope="module")
def scene(server):
    scene = Scene(server)
    scene.before = scene.state()
    return scene


@pytest.fixture(autouse=True)
def nothing_changed(scene):
    yield
    assert scene.state() == scene.before


def raw(scene, service, operation, body):
    """A signed call with this very body."""
    request = Request.of(service, operation)
    request.body = body if isinstance(body, bytes) else body.encode()
    return send(scene.account.server, request.signed(scene.account.server, scene.root))


@pytest.mark.parametrize("body", [
    "{", "", "[]", "null", "true", '"text"', "{]", '{"KeyId":}', "{'KeyId':'x'}", '{"KeyId":"x"}garbage', b"\xff\xfe",
    '{"KeyId": "x", "Plaintext": 5}', '{"KeyId": {"a": 1}, "Plaintext": "eA=="}', '{"KeyId": ["x"]}',
    '{"KeyId": "x", "Plaintext": "not base64!"}', '{"KeyId": "x", "EncryptionContext": []}',
    '{"KeyId": "x", "EncryptionContext": {"a": 1}}', '{"DryRun": "yes"}', '{"GrantTokens": "x"}',
    "[" * 100_000, '{"a":' * 5_000 + "1" + "}" * 5_000, '{"KeyId": "\\ud800"}'], ids=lambda it: repr(it[:24]))
def test_json_that_is_not_what_was_asked(scene, body):
    answer = raw(scene, "kms", "Encrypt", body)
    assert answer.status == 400
    assert answer.code in ("SerializationException", "ValidationException"), answer


@pytest.mark.parametrize(("operation", "body", "code"), [
    ("GenerateRandom", '{"NumberOfBytes": "32"}', "SerializationException"),
    ("GenerateRandom", '{"NumberOfBytes": 1e400}', "SerializationException"),
    ("GenerateRandom", '{"NumberOfBytes": 3.5}', "SerializationException"),
    ("GenerateRandom", '{"NumberOfBytes": 99999999999999999999}', "SerializationException"),
    ("GenerateRandom", '{"NumberOfBytes": 0}', "ValidationException"),
    ("GenerateRandom", '{"NumberOfBytes": -1}', "ValidationException"),
    ("ListKeys", '{"Limit": 1001}', "ValidationException"),
    ("ListKeys", '{"Marker": "invented"}', "InvalidMarkerException"),
    ("DescribeKey", "{}", "ValidationException"),
    ("DescribeKey", '{"KeyId": ""}', "ValidationException"),
    ("EnableKey", '{"KeyId": null}', "ValidationException"),
    ("NoSuchOperation", "{}", "UnknownOperationException"),
    ("CreateKey", '{"KeySpec": "ROT13"}', "ValidationException"),
])
def test_values_out_of_range(scene, operation, body, code):
    answer = raw(scene, "kms", operation, body)
    assert (answer.status, answer.code) == (400, code), answer


def test_several_violations_are_told_at_once(scene):
    kms = scene.root.kms
    words = ("2 validation errors detected: Value '5000' at 'numberOfBytes'", "; Value 'AES_512' at 'keySpec' failed")
    with refused("ValidationException", *words):
        kms.generate_data_key(KeyId="x", KeySpec="AES_512", NumberOfBytes=5000)


def test_encrypt_takes_4096_bytes_and_no_more(scene):
    with refused("ValidationException", "'plaintext'", "length less than or equal to 4096"):
        scene.root.kms.encrypt(KeyId=scene.key_id, Plaintext=b"x" * 4097)


def test_an_encryption_context_has_a_limit(scene):
    with refused("ValidationException"):
        scene.root.kms.encrypt(KeyId=scene.key_id, Plaintext=b"x", EncryptionContext={"k": "v" * 8193})


@pytest.mark.parametrize("key", [
    "00000000-0000-4000-8000-000000000000", "alias/nobody", "nonsense", "../../etc/passwd",
    "arn:aws:kms:us-east-1:000000000000:key/x", "arn:aws:s3:::bucket", "x" * 2048])
def test_a_key_that_is_not_there(scene, key):
    with pytest.raises((scene.root.kms.exceptions.NotFoundException, scene.root.kms.exceptions.InvalidArnException,
                        scene.root.kms.exceptions.ClientError)) as answer:
        scene.root.kms.encrypt(KeyId=key, Plaintext=b"x")
    assert answer.value.response["Error"]["Code"] in (
        "NotFoundException", "InvalidArnException", "AccessDeniedException")


OK = {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}

MALFORMED = {
    "no JSON": "{",
    "no object": "[]",
    "empty": "{}",
    "no statement": json.dumps({"Version": "2012-10-17"}),
    "no statements": document(),
    "unknown version": json.dumps({"Version": "2020-01-01", "Statement": [OK]}),
    "unknown element": document(OK | {"Colour": "blue"}),
    "unknown effect": document(OK | {"Effect": "Permit"}),
    "no effect": document({"Action": "s3:*", "Resource": "*"}),
    "no action": document({"Effect": "Allow", "Resource": "*"}),
    "no resource": document({"Effect": "Allow", "Action": "s3:*"}),
    "both actions": document(OK | {"NotAction": "s3:*"}),
    "action without vendor": document(OK | {"Action": "GetObject"}),
    "resource without arn": document(OK | {"Resource": "bucket"}),
    "principal": document(OK | {"Principal": "*"}),
    "unknown operator": document(OK | {"Condition": {"StringSounds": {"aws:username": "x"}}}),
    "two of one Sid": document(OK | {"Sid": "A"}, OK | {"Sid": "A"}),
    "Sid with a space": document(OK | {"Sid": "a b"}),
    "wrong date": document(OK | {"Condition": {"DateLessThan": {"aws:CurrentTime": "yesterday"}}}),
}


@pytest.mark.parametrize("text", MALFORMED.values(), ids=MALFORMED.keys())
def test_malformed_policies_are_refused_with_the_reason(scene, text):
    iam = scene.root.iam
    for operation, named in ((iam.put_user_policy, {"UserName": scene.user, "PolicyName": "new"}),
                             (iam.put_role_policy, {"RoleName": scene.role, "PolicyName": "new"}),
                             (iam.create_policy, {"PolicyName": "new"})):
        with pytest.raises(iam.exceptions.MalformedPolicyDocumentException) as answer:
            operation(PolicyDocument=text, **named)
        assert answer.value.response["Error"]["Message"]


@pytest.mark.parametrize("text", [
    "{", "{}", document(OK), key_policy(principals("arn:aws:iam::1:root")), key_policy(principals("nobody")),
    document({"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "kms"}),
    document({"Effect": "Deny", "Principal": "*", "Action": "kms:*", "Resource": "*"})], ids=lambda it: it[-48:])
def test_malformed_key_policies_are_refused_with_the_reason(scene, text):
    kms = scene.root.kms
    for operation, named in ((kms.put_key_policy, {"KeyId": scene.key_id}), (kms.create_key, {})):
        with pytest.raises(kms.exceptions.MalformedPolicyDocumentException) as answer:
            operation(Policy=text, **named)
        assert answer.value.response["Error"]["Message"]


@pytest.mark.parametrize("text", ["{", document(OK), trust("nobody"), trust("arn:aws:iam::123:root"),
                                  trust("*", Resource="*"), trust("*", Action="s3:*")])
def test_malformed_trust_policies_are_refused_with_the_reason(scene, text):
    iam = scene.root.iam
    with pytest.raises(iam.exceptions.MalformedPolicyDocumentException):
        iam.create_role(RoleName="new", AssumeRolePolicyDocument=text)
    with pytest.raises(iam.exceptions.MalformedPolicyDocumentException):
        iam.update_assume_role_policy(RoleName=scene.role, PolicyDocument=text)


def test_policies_have_a_size(scene):
    iam, large = scene.root.iam, document(*(allow(f"s3:Get{number:0>40}*") for number in range(100)))
    with refused("LimitExceeded", "2048"):
        iam.put_user_policy(UserName=scene.user, PolicyName="new", PolicyDocument=large)
    with refused("LimitExceeded", "6144"):
        iam.create_policy(PolicyName="new", PolicyDocument=large)
    with refused("LimitExceededException"):
        scene.root.kms.put_key_policy(KeyId=scene.key_id, Policy=key_policy(
            *(principals(scene.account.root_arn, Sid=f"{number:0>500}") for number in range(80))))


@pytest.mark.parametrize(("operation", "parameters", "member"), [
    ("CreateUser", {"UserName": "x" * 65}, "userName"), ("CreateUser", {"UserName": "a b"}, "userName"),
    ("CreateUser", {"UserName": ""}, "userName"), ("CreateUser", {"UserName": "a/b"}, "userName"),
    ("CreateUser", {"UserName": "new", "Path": "x" * 513}, "path"),
    ("CreateUser", {"UserName": "new", "Path": "no/slashes"}, "path"),
    ("CreateGroup", {"GroupName": "x" * 129}, "groupName"),
    ("CreateRole", {"RoleName": "x" * 65, "AssumeRolePolicyDocument": trust("*")}, "roleName"),
    ("CreatePolicy", {"PolicyName": "x" * 129, "PolicyDocument": "{}"}, "policyName"),
    ("CreateInstanceProfile", {"InstanceProfileName": "x" * 129}, "instanceProfileName"),
    ("CreateAccountAlias", {"AccountAlias": "Upper"}, "accountAlias"),
    ("ListUsers", {"MaxItems": "0"}, "maxItems"), ("ListUsers", {"MaxItems": "1001"}, "maxItems"),
    ("CreateUser", {"UserName": "new", "Tags.member.1.Key": "k" * 129, "Tags.member.1.Value": "v"},
     "tags.1.member.key"),
])
def test_names_that_are_too_long_or_of_the_wrong_form(scene, operation, parameters, member):
    server = scene.account.server
    answer = send(server, Request.of("iam", operation, parameters).signed(server, scene.root))
    assert (answer.status, answer.code) == (400, "ValidationError"), answer
    assert "detected: Value " in answer.text and f"at '{member}'" in answer.text.replace("&apos;", "'")
    assert "failed to satisfy constraint" in answer.text


@pytest.mark.parametrize("body", [
    "", "Action", "Action=", "Version=2010-05-08", "Action=ListUsers&Version=1999-01-01",
    "Action=NoSuchAction&Version=2010-05-08", "Action=CreateUser&Version=2010-05-08",
    "Action=ListUsers&Version=2010-05-08&MaxItems=many", b"Action=CreateUser&Version=2010-05-08&UserName=%ff%fe",
    "Action=CreateUser&Version=2010-05-08&UserName=new&Tags.member.x.Key=a",
    "Action=CreateUser&Version=2010-05-08&UserName=new&Tags.member.999999999.Key=a"],
    ids=lambda it: repr(it[-24:]))
def test_forms_that_are_not_what_was_asked(scene, body):
    answer = raw(scene, "iam", "ListUsers", body)
    assert 400 <= answer.status < 500, answer


def test_hostile_calls_are_recorded_too(scene):
    server = scene.account.server
    answer = raw(scene, "kms", "Encrypt", "{")
    [event] = server.events("--request-id", answer.request_id)
    assert event["errorCode"] == "SerializationException" and event["userIdentity"]["type"] == "Root"


def test_a_thousand_bad_calls_on_one_connection(server):
    """A connection outlives errors, and every error is the caller's."""
    root = Account.create(server).root
    with Connection(server) as connection:
        for number in range(1000):
            request = Request.of("sts", "GetCallerIdentity")
            request.body += b"&x=%" + bytes([number % 256]) * (number % 7)
            assert 400 <= connection.send(request.signed(server, root)).status < 500 or number % 7 in range(7)
