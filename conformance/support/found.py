"""What is really there of a cell, read through the API, every relation from both of its sides."""

import json

from support.cell import settled


def found(root, cell_name, key_ids):
    """The cell's state as the server has it. Fails where two sides of one relation tell different things."""
    iam, path = root.iam, f"/{cell_name}/"
    users = {user["UserName"]: _user(iam, user["UserName"]) for user in iam.list_users(PathPrefix=path)["Users"]}
    groups = {}
    for group in iam.list_groups(PathPrefix=path)["Groups"]:
        members = iam.get_group(GroupName=group["GroupName"])["Users"]
        groups[group["GroupName"]] = [user["UserName"] for user in members]
    policies = {}
    for policy in iam.list_policies(PathPrefix=path, Scope="Local")["Policies"]:
        holders = iam.list_entities_for_policy(PolicyArn=policy["Arn"])["PolicyUsers"]
        policies[policy["Arn"]] = [user["UserName"] for user in holders]
        assert policy["AttachmentCount"] == len(holders), policy
    keys = {key: _key(root.kms, key) for key in key_ids}
    return settled({"users": users, "groups": groups, "policies": policies, "keys": keys})


def _user(iam, name):
    named = {"UserName": name}
    policies = iam.list_user_policies(**named)["PolicyNames"]
    access_keys = [key["AccessKeyId"] for key in iam.list_access_keys(**named)["AccessKeyMetadata"]]
    for key in access_keys:
        assert iam.get_access_key_last_used(AccessKeyId=key)["UserName"] == name
    return {
        "tags": {tag["Key"]: tag["Value"] for tag in iam.list_user_tags(**named)["Tags"]},
        "policies": {it: iam.get_user_policy(PolicyName=it, **named)["PolicyDocument"] for it in policies},
        "attached": [it["PolicyArn"] for it in iam.list_attached_user_policies(**named)["AttachedPolicies"]],
        "groups": [it["GroupName"] for it in iam.list_groups_for_user(**named)["Groups"]],
        "access_keys": access_keys,
    }


def _key(kms, key):
    described = kms.describe_key(KeyId=key)["KeyMetadata"]
    policy = json.loads(kms.get_key_policy(KeyId=key)["Policy"])
    sid = policy["Statement"][0].get("Sid")
    return {
        "enabled": described["Enabled"],
        "policy": None if policy.get("Id") == "key-default-1" else sid,
        "tags": {tag["TagKey"]: tag["TagValue"] for tag in kms.list_resource_tags(KeyId=key)["Tags"]},
        "aliases": [alias["AliasName"] for alias in kms.list_aliases(KeyId=key)["Aliases"]],
    }
