"""IAM users, groups, roles, access keys and instance profiles, by boto3."""

import json

import pytest

from support.account import allow, document, name, trust
from support.principal import Principal
from support.refusal import refused

TAGS = [{"Key": "color", "Value": "blue"}, {"Key": "size", "Value": "9"}]


@pytest.fixture
def iam(account):
    return account.root.iam


def pages(iam, operation, member, **parameters):
    """All of a listing, two at a time."""
    found = iam.get_paginator(operation).paginate(PaginationConfig={"PageSize": 2}, **parameters)
    return [item for page in found for item in page[member]]


def test_a_user_lives_and_ends(iam, account):
    made = iam.create_user(UserName="ann", Path="/team/", Tags=TAGS)["User"]
    assert made["Arn"] == f"arn:aws:iam::{account.id}:user/team/ann"
    assert made["UserId"].startswith("AIDA") and made["Path"] == "/team/"
    iam.get_waiter("user_exists").wait(UserName="ann", WaiterConfig={"Delay": 0, "MaxAttempts": 1})
    with refused("EntityAlreadyExists", "User with name ANN already exists."):
        iam.create_user(UserName="ANN")
    iam.update_user(UserName="ann", NewUserName="anna", NewPath="/")
    found = iam.get_user(UserName="anna")["User"]
    assert found["Arn"] == f"arn:aws:iam::{account.id}:user/anna" and found["UserId"] == made["UserId"]
    assert found["CreateDate"] == made["CreateDate"]
    with pytest.raises(iam.exceptions.NoSuchEntityException, match="The user with name ann cannot be found"):
        iam.get_user(UserName="ann")
    iam.delete_user(UserName="anna")
    with refused("NoSuchEntity"):
        iam.delete_user(UserName="anna")


def test_users_are_listed_by_path_and_page(iam):
    for number in range(5):
        iam.create_user(UserName=f"u{number}", Path="/even/" if number % 2 == 0 else "/odd/")
    assert [user["UserName"] for user in pages(iam, "list_users", "Users")] == ["u0", "u1", "u2", "u3", "u4"]
    assert [user["UserName"] for user in pages(iam, "list_users", "Users", PathPrefix="/odd/")] == ["u1", "u3"]


def test_the_root_user_gets_itself(iam, account):
    found = iam.get_user()["User"]
    assert found["Arn"] == account.root_arn and found["UserId"] == account.id


def test_tags_of_users(iam):
    iam.create_user(UserName="ann", Tags=TAGS)
    iam.tag_user(UserName="ann", Tags=[{"Key": "color", "Value": "red"}])
    assert sorted((tag["Key"], tag["Value"]) for tag in pages(iam, "list_user_tags", "Tags", UserName="ann")) == [
        ("color", "red"), ("size", "9")]
    iam.untag_user(UserName="ann", TagKeys=["size"])
    assert iam.get_user(UserName="ann")["User"]["Tags"] == [{"Key": "color", "Value": "red"}]
    with refused("InvalidInput", "Duplicate tag keys"):
        iam.tag_user(UserName="ann", Tags=[{"Key": "a", "Value": "1"}, {"Key": "A", "Value": "2"}])


def test_a_user_with_belongings_is_not_deleted(iam, account):
    user = account.user(allow("s3:*"))
    with refused("DeleteConflict", "must delete policies first"):
        iam.delete_user(UserName=user.name)
    iam.delete_user_policy(UserName=user.name, PolicyName="own")
    with refused("DeleteConflict"):
        iam.delete_user(UserName=user.name)
    iam.delete_access_key(UserName=user.name, AccessKeyId=user.access_key_id)
    iam.delete_user(UserName=user.name)


def test_access_keys_and_their_last_use(iam, account):
    iam.create_user(UserName="ann")
    first = iam.create_access_key(UserName="ann")["AccessKey"]
    assert first["AccessKeyId"].startswith("AKIA") and first["Status"] == "Active"
    assert iam.get_access_key_last_used(AccessKeyId=first["AccessKeyId"])["AccessKeyLastUsed"] == {
        "ServiceName": "N/A", "Region": "N/A"}
    ann = Principal(account.server, first["AccessKeyId"], first["SecretAccessKey"])
    ann.sts.get_caller_identity()
    used = iam.get_access_key_last_used(AccessKeyId=first["AccessKeyId"])
    assert used["UserName"] == "ann" and used["AccessKeyLastUsed"]["ServiceName"] == "sts"
    second = iam.create_access_key(UserName="ann")["AccessKey"]
    with refused("LimitExceeded", "AccessKeysPerUser: 2"):
        iam.create_access_key(UserName="ann")
    listed = pages(iam, "list_access_keys", "AccessKeyMetadata", UserName="ann")
    assert {key["AccessKeyId"] for key in listed} == {first["AccessKeyId"], second["AccessKeyId"]}
    iam.update_access_key(UserName="ann", AccessKeyId=first["AccessKeyId"], Status="Inactive")
    with refused("InvalidClientTokenId"):
        ann.sts.get_caller_identity()
    iam.update_access_key(UserName="ann", AccessKeyId=first["AccessKeyId"], Status="Active")
    assert ann.sts.get_caller_identity()["Arn"].endswith("user/ann")
    iam.delete_access_key(UserName="ann", AccessKeyId=first["AccessKeyId"])
    with refused("InvalidClientTokenId"):
        ann.sts.get_caller_identity()


def test_groups_and_their_members(iam, account):
    made = iam.create_group(GroupName="writers", Path="/team/")["Group"]
    assert made["Arn"] == f"arn:aws:iam::{account.id}:group/team/writers" and made["GroupId"].startswith("AGPA")
    for user in ("a", "b", "c"):
        iam.create_user(UserName=user)
        iam.add_user_to_group(GroupName="writers", UserName=user)
    assert [user["UserName"] for user in pages(iam, "get_group", "Users", GroupName="writers")] == ["a", "b", "c"]
    assert [group["GroupName"] for group in pages(iam, "list_groups_for_user", "Groups", UserName="b")] == ["writers"]
    with refused("DeleteConflict", "must remove users from group first"):
        iam.delete_group(GroupName="writers")
    iam.update_group(GroupName="writers", NewGroupName="authors")
    assert [group["GroupName"] for group in pages(iam, "list_groups", "Groups")] == ["authors"]
    assert iam.list_groups_for_user(UserName="b")["Groups"][0]["GroupName"] == "authors"
    for user in ("a", "b", "c"):
        iam.remove_user_from_group(GroupName="authors", UserName=user)
    iam.delete_group(GroupName="authors")
    with refused("NoSuchEntity", "The group with name authors cannot be found."):
        iam.get_group(GroupName="authors")


def test_a_role_lives_and_ends(iam, account):
    made = iam.create_role(RoleName="night", AssumeRolePolicyDocument=trust(account.root_arn), MaxSessionDuration=7200,
                           Description="at night", Tags=TAGS)["Role"]
    assert made["Arn"] == f"arn:aws:iam::{account.id}:role/night" and made["RoleId"].startswith("AROA")
    iam.get_waiter("role_exists").wait(RoleName="night", WaiterConfig={"Delay": 0, "MaxAttempts": 1})
    found = iam.get_role(RoleName="night")["Role"]
    assert found["AssumeRolePolicyDocument"] == json.loads(trust(account.root_arn))
    assert (found["MaxSessionDuration"], found["Description"]) == (7200, "at night")
    iam.update_role(RoleName="night", MaxSessionDuration=3600, Description="late")
    assert iam.update_role_description(RoleName="night", Description="later")["Role"]["Description"] == "later"
    iam.update_assume_role_policy(RoleName="night", PolicyDocument=trust("*"))
    assert iam.get_role(RoleName="night")["Role"]["AssumeRolePolicyDocument"] == json.loads(trust("*"))
    with refused("MalformedPolicyDocument"):
        iam.update_assume_role_policy(RoleName="night", PolicyDocument=document(allow("s3:*")))
    iam.tag_role(RoleName="night", Tags=[{"Key": "size", "Value": "10"}])
    iam.untag_role(RoleName="night", TagKeys=["color"])
    assert pages(iam, "list_role_tags", "Tags", RoleName="night") == [{"Key": "size", "Value": "10"}]
    assert [role["RoleName"] for role in pages(iam, "list_roles", "Roles")] == ["night"]
    iam.delete_role(RoleName="night")
    with refused("NoSuchEntity", "The role with name night cannot be found."):
        iam.get_role(RoleName="night")


def test_instance_profiles_hold_one_role(iam, account):
    made = iam.create_instance_profile(InstanceProfileName="web", Path="/site/", Tags=TAGS)["InstanceProfile"]
    assert made["Arn"] == f"arn:aws:iam::{account.id}:instance-profile/site/web"
    assert made["InstanceProfileId"].startswith("AIPA") and made["Roles"] == []
    waiter = iam.get_waiter("instance_profile_exists")
    waiter.wait(InstanceProfileName="web", WaiterConfig={"Delay": 0, "MaxAttempts": 1})
    first, second = (account.role().rpartition("/")[2] for _ in range(2))
    iam.add_role_to_instance_profile(InstanceProfileName="web", RoleName=first)
    with refused("LimitExceeded", "InstanceSessionsPerInstanceProfile: 1"):
        iam.add_role_to_instance_profile(InstanceProfileName="web", RoleName=second)
    found = iam.get_instance_profile(InstanceProfileName="web")["InstanceProfile"]
    assert [role["RoleName"] for role in found["Roles"]] == [first]
    of_role = pages(iam, "list_instance_profiles_for_role", "InstanceProfiles", RoleName=first)
    assert [profile["InstanceProfileName"] for profile in of_role] == ["web"]
    assert len(pages(iam, "list_instance_profiles", "InstanceProfiles", PathPrefix="/site/")) == 1
    for conflicting, named in (("delete_role", {"RoleName": first}), ("delete_instance_profile", {})):
        with refused("DeleteConflict"):
            getattr(iam, conflicting)(**(named or {"InstanceProfileName": "web"}))
    iam.tag_instance_profile(InstanceProfileName="web", Tags=[{"Key": "size", "Value": "10"}])
    iam.untag_instance_profile(InstanceProfileName="web", TagKeys=["color"])
    tags = pages(iam, "list_instance_profile_tags", "Tags", InstanceProfileName="web")
    assert tags == [{"Key": "size", "Value": "10"}]
    iam.remove_role_from_instance_profile(InstanceProfileName="web", RoleName=first)
    iam.delete_instance_profile(InstanceProfileName="web")
    iam.delete_role(RoleName=first)


def test_a_role_is_linked_to_a_service(iam, account):
    made = iam.create_service_linked_role(AWSServiceName="autoscaling.amazonaws.com", CustomSuffix="web", Description="it")
    made = made["Role"]
    named = {"RoleName": made["RoleName"]}
    assert made["RoleName"] == "AWSServiceRoleForAutoScaling_web" and made["Description"] == "it"
    assert made["Path"] == "/aws-service-role/autoscaling.amazonaws.com/"
    trusted = made["AssumeRolePolicyDocument"]["Statement"][0]["Principal"]
    assert trusted == {"Service": "autoscaling.amazonaws.com"}
    attached = iam.list_attached_role_policies(**named)["AttachedPolicies"]
    assert [policy["PolicyName"] for policy in attached] == ["AutoScalingServiceRolePolicy"]
    assert iam.get_policy(PolicyArn=attached[0]["PolicyArn"])["Policy"]["AttachmentCount"] == 1
    with refused("UnmodifiableEntity", "is only modifiable by AWS"):
        iam.delete_role(**named)
    with refused("AccessDenied"):
        account.root.sts.assume_role(RoleArn=made["Arn"], RoleSessionName="stranger")
    user = account.user(allow("sts:AssumeRole"))
    with refused("AccessDenied"):
        user.sts.assume_role(RoleArn=made["Arn"], RoleSessionName="stranger")
    task = iam.delete_service_linked_role(**named)["DeletionTaskId"]
    assert iam.get_service_linked_role_deletion_status(DeletionTaskId=task)["Status"] == "SUCCEEDED"
    with refused("NoSuchEntity"):
        iam.get_role(**named)


def test_the_account_has_one_alias_and_a_summary(iam, account):
    alias = f"alias{account.id}"
    iam.create_account_alias(AccountAlias=alias)
    assert pages(iam, "list_account_aliases", "AccountAliases") == [alias]
    iam.create_user(UserName=name("counted"))
    account.role()
    summary = iam.get_account_summary()["SummaryMap"]
    assert (summary["Users"], summary["Roles"], summary["Groups"]) == (1, 1, 0)
    assert summary["AccessKeysPerUserQuota"] == 2
    iam.delete_account_alias(AccountAlias=alias)
    assert iam.list_account_aliases()["AccountAliases"] == []
    with refused("NoSuchEntity"):
        iam.delete_account_alias(AccountAlias=alias)


def test_the_command_line_tells_the_same(account):
    root = account.root
    made = root.cli("iam", "create-user", "--user-name", "ann", "--tags", "Key=color,Value=blue")["User"]
    assert root.cli("iam", "get-user", "--user-name", "ann")["User"] == made
    assert [user["UserName"] for user in root.cli("iam", "list-users")["Users"]] == ["ann"]
    root.cli("iam", "wait", "user-exists", "--user-name", "ann")
    assert root.cli("iam", "delete-user", "--user-name", "ann") == {}
