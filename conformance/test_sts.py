"""STS: who am I, sessions of roles, users and federated users, by boto3."""

import json

import pytest
from botocore.auth import SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from support.account import allow, assume, deny, document, session, trust
from support.refusal import refused
from support.wire import get


def role_name(arn):
    return arn.rpartition("/")[2]


def test_everyone_learns_who_they_are(account):
    assert account.root.sts.get_caller_identity()["Arn"] == account.root_arn
    user = account.user(deny("sts:*"))
    found = user.sts.get_caller_identity()
    assert found["UserId"].startswith("AIDA") and found["Account"] == account.id
    assert found["Arn"] == f"arn:aws:iam::{account.id}:user/{user.name}"
    assert user.cli("sts", "get-caller-identity")["UserId"] == found["UserId"]


def test_a_presigned_call_needs_no_header(account):
    request = AWSRequest("GET", f"http://{account.server.address}/?Action=GetCallerIdentity&Version=2011-06-15")
    credentials = Credentials(account.root.access_key_id, account.root.secret_access_key)
    SigV4QueryAuth(credentials, "sts", "us-east-1", expires=60).add_auth(request)
    answer = get(account.server, request.url)
    assert answer.status == 200 and account.root_arn in answer.text


def test_a_role_session_is_what_its_role_is(account):
    role = account.role(allow("iam:GetRole"))
    user = account.user(allow("sts:AssumeRole", resource=role))
    answer = user.sts.assume_role(RoleArn=role, RoleSessionName="night", DurationSeconds=900)
    assert answer["Credentials"]["AccessKeyId"].startswith("ASIA")
    assert answer["AssumedRoleUser"]["Arn"] == f"arn:aws:sts::{account.id}:assumed-role/{role_name(role)}/night"
    night = session(account.server, answer["Credentials"])
    assert night.sts.get_caller_identity()["UserId"] == answer["AssumedRoleUser"]["AssumedRoleId"]
    assert night.iam.get_role(RoleName=role_name(role))["Role"]["Arn"] == role
    with refused("AccessDenied", answer["AssumedRoleUser"]["Arn"], "iam:ListRoles"):
        night.iam.list_roles()
    with refused("AccessDenied", "Cannot call GetSessionToken with session credentials"):
        night.sts.get_session_token()


def test_a_role_is_assumed_only_by_those_both_sides_name(account, second_account):
    role = account.role()
    with refused("AccessDenied", "is not authorized to perform: sts:AssumeRole on resource: " + role):
        account.user().sts.assume_role(RoleArn=role, RoleSessionName="night")
    stranger = second_account.user(allow("sts:AssumeRole"))
    with refused("AccessDenied"):
        stranger.sts.assume_role(RoleArn=role, RoleSessionName="night")
    account.root.iam.update_assume_role_policy(
        RoleName=role_name(role), PolicyDocument=trust(second_account.root_arn))
    assert assume(stranger, role).account == account.id
    with refused("AccessDenied", "Roles may not be assumed by root accounts."):
        account.root.sts.assume_role(RoleArn=role, RoleSessionName="night")


def test_external_id_source_identity_and_tags(account):
    condition = {"StringEquals": {"sts:ExternalId": "agreed"}}
    actions = ["sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"]
    tagged = {"StringEquals": {"aws:PrincipalTag/team": "red"}}
    role = account.role(allow("iam:ListUsers", Condition=tagged),
                        trusting=trust(account.root_arn, Action=actions, Condition=condition))
    user = account.user(allow(*actions))
    with refused("AccessDenied"):
        assume(user, role, ExternalId="guessed")
    with refused("AccessDenied"):
        assume(user, role)
    agreed = {"ExternalId": "agreed", "SourceIdentity": "ann"}
    answer = user.sts.assume_role(RoleArn=role, RoleSessionName="night", **agreed)
    assert answer["SourceIdentity"] == "ann"
    with refused("AccessDenied"):
        session(account.server, answer["Credentials"]).iam.list_users()
    red = assume(user, role, Tags=[{"Key": "team", "Value": "red"}], **agreed)
    assert red.iam.list_users()["Users"]


def test_durations_have_bounds(account):
    role = account.role(allow("sts:AssumeRole"))
    user = account.user(allow("sts:AssumeRole"))
    with refused("ValidationError", "MaxSessionDuration"):
        assume(user, role, DurationSeconds=3601)
    with refused("ValidationError", "1 validation error detected", "durationSeconds"):
        assume(user, role, DurationSeconds=899)
    account.root.iam.update_role(RoleName=role_name(role), MaxSessionDuration=43200)
    assume(user, role, DurationSeconds=43200)
    chained = account.role(trusting=trust(role))
    account.root.iam.update_role(RoleName=role_name(chained), MaxSessionDuration=43200)
    with refused("ValidationError", "1 hour session limit for roles assumed by role chaining"):
        assume(assume(user, role), chained, DurationSeconds=3601)
    assert "assumed-role" in assume(assume(user, role), chained).arn


def test_session_policies_only_take_away(account):
    trusting = trust(account.root_arn, Action=["sts:AssumeRole", "sts:TagSession"])
    role = account.role(allow("iam:ListUsers", "iam:ListRoles"), trusting=trusting)
    user = account.user(allow("sts:AssumeRole", "sts:TagSession"))
    narrow = assume(user, role, Policy=document(allow("iam:ListUsers", "iam:ListGroups")))
    narrow.iam.list_users()
    with refused("AccessDenied", "because no session policy allows the iam:ListRoles action"):
        narrow.iam.list_roles()
    with refused("AccessDenied"):
        narrow.iam.list_groups()
    with refused("MalformedPolicyDocument"):
        assume(user, role, Policy="{")
    with refused("PackedPolicyTooLarge"):
        sid = "".join(chr(97 + (7 * at * at) % 26) for at in range(1900))
        assume(user, role, Policy=document(allow("iam:*", Sid=sid)),
               PolicyArns=[{"arn": "arn:aws:iam::aws:policy/ReadOnlyAccess"}] * 1,
               Tags=[{"Key": f"{at:0>120}", "Value": f"{at * at:0>250}"} for at in range(50)])


def test_a_session_ends_with_its_role(account):
    role = account.role(trusting=trust(account.root_arn))
    night = assume(account.user(allow("sts:AssumeRole")), role)
    night.sts.get_caller_identity()
    account.root.iam.delete_role(RoleName=role_name(role))
    account.root.iam.create_role(RoleName=role_name(role), AssumeRolePolicyDocument=trust(account.root_arn))
    with refused("InvalidClientTokenId"):
        night.sts.get_caller_identity()


def test_session_tokens_of_users(account):
    user = account.user(allow("kms:ListKeys", "iam:ListUsers"))
    answer = user.sts.get_session_token(DurationSeconds=900)
    mine = session(account.server, answer["Credentials"])
    assert mine.sts.get_caller_identity()["Arn"] == user.arn
    assert mine.kms.list_keys()["Keys"] == []
    with refused("InvalidClientTokenId"):
        mine.iam.list_users()
    cut = answer["Credentials"]["SessionToken"][:-8]
    forged = session(account.server, answer["Credentials"] | {"SessionToken": cut})
    with refused("InvalidClientTokenId"):
        forged.sts.get_caller_identity()


def test_federated_users(account):
    user = account.user(allow("sts:GetFederationToken", "kms:ListKeys", "kms:ListAliases"))
    answer = user.sts.get_federation_token(Name="bob", Policy=document(allow("kms:ListKeys")))
    assert answer["FederatedUser"]["Arn"] == f"arn:aws:sts::{account.id}:federated-user/bob"
    bob = session(account.server, answer["Credentials"])
    assert bob.sts.get_caller_identity()["UserId"] == f"{account.id}:bob"
    assert bob.kms.list_keys()["Keys"] == []
    with refused("AccessDeniedException", "federated-user/bob", "because no session policy allows the kms:ListAliases"):
        bob.kms.list_aliases()
    with refused("AccessDenied", "sts:GetFederationToken on resource: arn:aws:sts::"):
        account.user().sts.get_federation_token(Name="bob")


def test_the_account_of_an_access_key(account, second_account):
    user = account.user()
    found = second_account.root.sts.get_access_key_info(AccessKeyId=user.access_key_id)
    assert found["Account"] == account.id
    with refused("AccessDenied", "sts:GetAccessKeyInfo"):
        user.sts.get_access_key_info(AccessKeyId=user.access_key_id)


def test_a_denial_is_explained_to_those_who_may_decode_it(account, second_account):
    user = account.user(allow("sts:DecodeAuthorizationMessage"))
    with refused("AccessDenied") as denied:
        user.iam.list_roles()
    headers = denied.value.response["ResponseMetadata"]["HTTPHeaders"]
    encoded = headers["x-alcazar-encoded-authorization-message"]
    answer = user.sts.decode_authorization_message(EncodedMessage=encoded)
    decoded = json.loads(answer["DecodedMessage"])
    assert decoded["allowed"] is False and decoded["explicitDeny"] is False
    assert decoded["context"]["action"] == "iam:ListRoles" and decoded["context"]["principal"]["arn"] == user.arn
    with refused("AccessDenied"):
        account.user().sts.decode_authorization_message(EncodedMessage=encoded)
    for foreign, caller in ((encoded, second_account.root), ("nonsense", user)):
        with pytest.raises(caller.sts.exceptions.InvalidAuthorizationMessageException):
            caller.sts.decode_authorization_message(EncodedMessage=foreign)
