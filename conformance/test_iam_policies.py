"""IAM policies: inline, managed, AWS's own, attachments, versions and boundaries, by boto3."""

import json

import pytest

from support.account import allow, deny, document, name
from support.refusal import refused

READ = document(allow("s3:GetObject"))
WRITE = document(allow("s3:PutObject"))


@pytest.fixture
def iam(account):
    return account.root.iam


@pytest.fixture(params=["user", "group", "role"])
def holder(request, account):
    """A new user, group or role: its kind and how calls name it."""
    iam, kind = account.root.iam, request.param
    if kind == "role":
        return kind, {"RoleName": account.role().rpartition("/")[2]}
    named = {f"{kind.capitalize()}Name": name(kind)}
    getattr(iam, f"create_{kind}")(**named)
    return kind, named


def managed(iam, text=READ, **further):
    """A new managed policy: its ARN."""
    return iam.create_policy(PolicyName=name("policy"), PolicyDocument=text, **further)["Policy"]["Arn"]


def pages(iam, operation, member, **parameters):
    found = iam.get_paginator(operation).paginate(PaginationConfig={"PageSize": 2}, **parameters)
    return [item for page in found for item in page[member]]


def test_inline_policies(iam, holder):
    kind, named = holder
    for policy in ("one", "two", "three"):
        getattr(iam, f"put_{kind}_policy")(PolicyName=policy, PolicyDocument=READ, **named)
    getattr(iam, f"put_{kind}_policy")(PolicyName="one", PolicyDocument=WRITE, **named)
    found = getattr(iam, f"get_{kind}_policy")(PolicyName="one", **named)
    assert found["PolicyDocument"] == json.loads(WRITE) and found["PolicyName"] == "one"
    assert sorted(pages(iam, f"list_{kind}_policies", "PolicyNames", **named)) == ["one", "three", "two"]
    with refused("MalformedPolicyDocument"):
        getattr(iam, f"put_{kind}_policy")(PolicyName="four", PolicyDocument="{}", **named)
    getattr(iam, f"delete_{kind}_policy")(PolicyName="one", **named)
    with refused("NoSuchEntity"):
        getattr(iam, f"get_{kind}_policy")(PolicyName="one", **named)
    with refused("DeleteConflict", "must delete policies first"):
        getattr(iam, f"delete_{kind}")(**named)


def test_attachments(iam, holder):
    kind, named = holder
    policies = [managed(iam) for _ in range(3)]
    for policy in policies:
        getattr(iam, f"attach_{kind}_policy")(PolicyArn=policy, **named)
    attached = pages(iam, f"list_attached_{kind}_policies", "AttachedPolicies", **named)
    assert sorted(policy["PolicyArn"] for policy in attached) == sorted(policies)
    assert iam.get_policy(PolicyArn=policies[0])["Policy"]["AttachmentCount"] == 1
    entities = iam.list_entities_for_policy(PolicyArn=policies[0])
    member = f"{kind.capitalize()}Name"
    assert entities[f"Policy{kind.capitalize()}s"][0][member] == named[member]
    with refused("DeleteConflict"):
        iam.delete_policy(PolicyArn=policies[0])
    with refused("DeleteConflict", "must detach all policies first"):
        getattr(iam, f"delete_{kind}")(**named)
    for policy in policies:
        getattr(iam, f"detach_{kind}_policy")(PolicyArn=policy, **named)
    with refused("NoSuchEntity"):
        getattr(iam, f"detach_{kind}_policy")(PolicyArn=policies[0], **named)
    getattr(iam, f"delete_{kind}")(**named)
    iam.delete_policy(PolicyArn=policies[0])


def test_a_managed_policy_lives_and_ends(iam, account):
    made = iam.create_policy(PolicyName="reading", Path="/team/", PolicyDocument=READ, Description="reads",
                             Tags=[{"Key": "color", "Value": "blue"}])["Policy"]
    arn = made["Arn"]
    assert arn == f"arn:aws:iam::{account.id}:policy/team/reading" and made["PolicyId"].startswith("ANPA")
    assert (made["DefaultVersionId"], made["AttachmentCount"], made["IsAttachable"]) == ("v1", 0, True)
    iam.get_waiter("policy_exists").wait(PolicyArn=arn, WaiterConfig={"Delay": 0, "MaxAttempts": 1})
    assert iam.get_policy(PolicyArn=arn)["Policy"]["Description"] == "reads"
    with refused("EntityAlreadyExists"):
        iam.create_policy(PolicyName="reading", PolicyDocument=READ)
    iam.tag_policy(PolicyArn=arn, Tags=[{"Key": "size", "Value": "9"}])
    iam.untag_policy(PolicyArn=arn, TagKeys=["color"])
    assert pages(iam, "list_policy_tags", "Tags", PolicyArn=arn) == [{"Key": "size", "Value": "9"}]
    assert [policy["Arn"] for policy in pages(iam, "list_policies", "Policies", Scope="Local")] == [arn]
    iam.delete_policy(PolicyArn=arn)
    with refused("NoSuchEntity"):
        iam.get_policy(PolicyArn=arn)


def test_a_policy_has_five_versions(iam):
    arn = managed(iam)
    for number in range(2, 6):
        made = iam.create_policy_version(PolicyArn=arn, PolicyDocument=WRITE, SetAsDefault=number == 3)
        assert made["PolicyVersion"]["VersionId"] == f"v{number}"
    with refused("LimitExceeded"):
        iam.create_policy_version(PolicyArn=arn, PolicyDocument=WRITE)
    versions = pages(iam, "list_policy_versions", "Versions", PolicyArn=arn)
    assert sorted(version["VersionId"] for version in versions) == ["v1", "v2", "v3", "v4", "v5"]
    assert [version["VersionId"] for version in versions if version["IsDefaultVersion"]] == ["v3"]
    assert iam.get_policy_version(PolicyArn=arn, VersionId="v1")["PolicyVersion"]["Document"] == json.loads(READ)
    with refused("DeleteConflict"):
        iam.delete_policy_version(PolicyArn=arn, VersionId="v3")
    with refused("DeleteConflict"):
        iam.delete_policy(PolicyArn=arn)
    iam.set_default_policy_version(PolicyArn=arn, VersionId="v1")
    assert iam.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"] == "v1"
    iam.delete_policy_version(PolicyArn=arn, VersionId="v3")
    with refused("NoSuchEntity"):
        iam.get_policy_version(PolicyArn=arn, VersionId="v3")


def test_policies_of_aws_are_there_from_the_start(iam, account):
    arn = "arn:aws:iam::aws:policy/AdministratorAccess"
    version = iam.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"]
    found = iam.get_policy_version(PolicyArn=arn, VersionId=version)["PolicyVersion"]["Document"]
    assert found["Statement"] == [{"Effect": "Allow", "Action": "*", "Resource": "*"}]
    listed = {policy["PolicyName"] for policy in pages(iam, "list_policies", "Policies", Scope="AWS")}
    assert {"AdministratorAccess", "PowerUserAccess", "ReadOnlyAccess", "SecurityAudit"} <= listed
    user = account.user()
    with refused("AccessDenied"):
        user.iam.list_users()
    iam.attach_user_policy(UserName=user.name, PolicyArn=arn)
    assert user.iam.list_users()["Users"]
    with refused("AccessDenied"):
        iam.delete_policy(PolicyArn=arn)


def test_a_group_gives_its_policies_to_its_members(iam, account):
    user = account.user()
    iam.create_group(GroupName="readers")
    iam.attach_group_policy(GroupName="readers", PolicyArn=managed(iam, document(allow("iam:ListUsers"))))
    iam.add_user_to_group(GroupName="readers", UserName=user.name)
    assert user.iam.list_users()["Users"]
    iam.remove_user_from_group(GroupName="readers", UserName=user.name)
    with refused("AccessDenied"):
        user.iam.list_users()


def test_boundaries_of_users(iam, account):
    user = account.user(allow("iam:*"))
    boundary = managed(iam, document(allow("iam:ListUsers")))
    iam.put_user_permissions_boundary(UserName=user.name, PermissionsBoundary=boundary)
    found = iam.get_user(UserName=user.name)["User"]["PermissionsBoundary"]
    assert found == {"PermissionsBoundaryType": "Policy", "PermissionsBoundaryArn": boundary}
    assert user.iam.list_users()["Users"]
    with refused("AccessDenied", "because no permissions boundary allows the iam:ListRoles action"):
        user.iam.list_roles()
    iam.delete_user_permissions_boundary(UserName=user.name)
    assert "PermissionsBoundary" not in iam.get_user(UserName=user.name)["User"]
    user.iam.list_roles()


def test_boundaries_of_roles(iam, account):
    role = account.role().rpartition("/")[2]
    boundary = managed(iam)
    iam.put_role_permissions_boundary(RoleName=role, PermissionsBoundary=boundary)
    assert iam.get_role(RoleName=role)["Role"]["PermissionsBoundary"]["PermissionsBoundaryArn"] == boundary
    assert iam.list_entities_for_policy(PolicyArn=boundary, PolicyUsageFilter="PermissionsBoundary")["PolicyRoles"]
    iam.delete_role_permissions_boundary(RoleName=role)
    assert "PermissionsBoundary" not in iam.get_role(RoleName=role)["Role"]


def test_a_changed_policy_counts_at_the_next_call(iam, account):
    user = account.user(allow("iam:ListUsers"))
    user.iam.list_users()
    iam.put_user_policy(UserName=user.name, PolicyName="never", PolicyDocument=document(deny("iam:*")))
    with refused("AccessDenied", "with an explicit deny in an identity-based policy"):
        user.iam.list_users()
