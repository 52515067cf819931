"""Simulations of policies: what would be allowed, and what a real call then says, by boto3."""

import json

import pytest

from support.account import allow, deny, document, name
from support.refusal import refused

BUCKET = "arn:aws:s3:::bucket"


@pytest.fixture
def iam(account):
    return account.root.iam


def on_bucket(principal, effect="Allow"):
    """A bucket's policy about one principal."""
    return document({"Effect": effect, "Principal": {"AWS": principal}, "Action": "s3:*", "Resource": BUCKET})


def simulate(iam, *policies, actions=("s3:GetObject",), **further):
    """The results of SimulateCustomPolicy, all pages of them."""
    found = iam.get_paginator("simulate_custom_policy").paginate(
        PolicyInputList=list(policies), ActionNames=list(actions), **further)
    return [result for page in found for result in page["EvaluationResults"]]


def decisions(results):
    return {result["EvalActionName"]: result["EvalDecision"] for result in results}


def test_decisions_and_where_they_stand(iam):
    policy = document(allow("s3:*"), deny("s3:Delete*"))
    results = simulate(iam, policy, actions=["s3:GetObject", "s3:DeleteObject", "kms:Encrypt"])
    assert decisions(results) == {
        "s3:GetObject": "allowed", "s3:DeleteObject": "explicitDeny", "kms:Encrypt": "implicitDeny"}
    allowed, denied, nothing = (result["MatchedStatements"] for result in results)
    assert nothing == []
    first = len('{"Version": "2012-10-17", "Statement": [') + 1
    second = first + len(json.dumps(allow("s3:*")))
    assert allowed == [{
        "SourcePolicyId": "PolicyInputList.1", "SourcePolicyType": "IAM Policy",
        "StartPosition": {"Line": 1, "Column": first}, "EndPosition": {"Line": 1, "Column": second}}]
    assert denied[0]["StartPosition"] == {"Line": 1, "Column": second}


def test_boundaries_and_organizations(iam):
    [result] = simulate(iam, document(allow("*")), PermissionsBoundaryPolicyInputList=[document(allow("kms:*"))])
    assert result["EvalDecision"] == "implicitDeny"
    assert result["PermissionsBoundaryDecisionDetail"] == {"AllowedByPermissionsBoundary": False}
    levels = [[document(allow("*"))], [document(allow("*")), document(deny("s3:*"))]]
    levels = [{"ServiceControlPolicyInputList": level} for level in levels]
    [result] = simulate(iam, document(allow("*")), OrderedOrganizationPolicyInputList=levels)
    assert result["EvalDecision"] == "explicitDeny" and result["MatchedStatements"] == []
    assert result["OrganizationsDecisionDetail"] == {"AllowedByOrganizations": False}


def test_resource_policies(iam, account, second_account):
    caller = f"arn:aws:iam::{account.id}:user/ann"
    asked = {"ResourceArns": [BUCKET], "ResourcePolicy": on_bucket(caller), "CallerArn": caller}
    [result] = simulate(iam, document(allow("iam:*")), **asked)
    assert result["EvalDecision"] == "allowed" and result["EvalDecisionDetails"] == {}
    assert [it["SourcePolicyId"] for it in result["MatchedStatements"]] == ["ResourcePolicy"]
    asked["ResourceOwner"] = second_account.root_arn
    [result] = simulate(iam, document(allow("iam:*")), **asked)
    assert result["EvalDecision"] == "implicitDeny"
    [specific] = result["ResourceSpecificResults"]
    assert specific["EvalDecisionDetails"] == {"IAM Policy": "implicitDeny", "Resource Policy": "allowed"}
    with refused("InvalidInput", "Invalid caller"):
        simulate(iam, document(allow("*")), ResourceArns=[BUCKET], ResourcePolicy=on_bucket(caller))


def test_context(iam):
    policy = document(allow("s3:*", Condition={
        "StringEquals": {"aws:username": "ann"}, "IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}))
    keys = iam.get_context_keys_for_custom_policy(PolicyInputList=[policy])["ContextKeyNames"]
    assert keys == ["aws:username", "aws:SourceIp"]
    entries = [
        {"ContextKeyName": "aws:username", "ContextKeyType": "string", "ContextKeyValues": ["ann"]},
        {"ContextKeyName": "aws:SourceIp", "ContextKeyType": "ip", "ContextKeyValues": ["10.1.2.3"]}]
    [result] = simulate(iam, policy, ContextEntries=entries)
    assert result["EvalDecision"] == "allowed" and result["MissingContextValues"] == []
    [result] = simulate(iam, policy, ContextEntries=entries[:1])
    assert result["EvalDecision"] == "implicitDeny" and result["MissingContextValues"] == ["aws:SourceIp"]
    with refused("InvalidInput"):
        simulate(iam, policy, ContextEntries=[entries[0] | {"ContextKeyType": "ip"}])


def test_pages(iam):
    actions = [f"s3:Get{number}" for number in range(7)]
    results = simulate(iam, document(allow("s3:*")), actions=actions, PaginationConfig={"PageSize": 3})
    assert [result["EvalActionName"] for result in results] == actions


def test_what_is_simulated_is_what_happens(iam, account):
    """A simulated decision about a user is that of the user's own call."""
    user = account.user(allow("iam:Get*"), deny("iam:GetGroup"))
    group = name("group")
    iam.create_group(GroupName=group)
    iam.put_group_policy(GroupName=group, PolicyName="lists", PolicyDocument=document(allow("iam:ListUsers")))
    iam.add_user_to_group(GroupName=group, UserName=user.name)
    actions = ["iam:GetUser", "iam:GetGroup", "iam:ListUsers", "iam:ListRoles"]
    found = iam.simulate_principal_policy(PolicySourceArn=user.arn, ActionNames=actions)["EvaluationResults"]
    assert decisions(found) == dict(zip(actions, ["allowed", "explicitDeny", "allowed", "implicitDeny"]))
    sources = [[it["SourcePolicyId"] for it in result["MatchedStatements"]] for result in found]
    assert sources == [[f"user_{user.name}_own"], [f"user_{user.name}_own"], [f"group_{group}_lists"], []]
    user.iam.get_user(UserName=user.name)
    user.iam.list_users()
    with refused("AccessDenied", "with an explicit deny in an identity-based policy"):
        user.iam.get_group(GroupName=group)
    with refused("AccessDenied", "because no identity-based policy allows the iam:ListRoles action"):
        user.iam.list_roles()
    excluded = [{"PolicyType": "inline"}]
    found = iam.simulate_principal_policy(
        PolicySourceArn=user.arn, ActionNames=actions, PolicyExclusionList=excluded)["EvaluationResults"]
    assert set(decisions(found).values()) == {"implicitDeny"}


def test_keys_of_a_principals_policies(iam, account):
    conditional = {"StringEquals": {"aws:PrincipalTag/team": "red"}}
    user = account.user(allow("s3:*", resource="arn:aws:s3:::${aws:username}", Condition=conditional))
    keys = iam.get_context_keys_for_principal_policy(PolicySourceArn=user.arn)["ContextKeyNames"]
    assert keys == ["aws:username", "aws:PrincipalTag/team"]


def test_refusals(iam, account, second_account):
    with refused("NoSuchEntity", "The role with name none cannot be found."):
        iam.simulate_principal_policy(PolicySourceArn=f"arn:aws:iam::{account.id}:role/none", ActionNames=["s3:Get"])
    with refused("InvalidInput", "does not have access to policies in account"):
        theirs = second_account.user().arn
        iam.simulate_principal_policy(PolicySourceArn=theirs, ActionNames=["s3:Get"])
    with refused("InvalidInput", "Syntax errors in policy."):
        simulate(iam, "{}")
    with refused("AccessDenied", "iam:SimulateCustomPolicy on resource: *"):
        simulate(account.user(allow("s3:*")).iam, document(allow("*")))
