"""A secret for the scene of one of everything, and a call of each operation on it."""

import json

from support.account import document, name

TOKEN = "0" * 32


def make(root, key_arn):
    """A new secret under a key of the account: its name."""
    made = root.secretsmanager.create_secret(
        Name=name("held-secret"), SecretString="held", KmsKeyId=key_arn, Tags=[{"Key": "color", "Value": "blue"}])
    return made["Name"]


def calls(secret):
    """Parameters of a call for each built operation."""
    held = {"SecretId": secret}
    policy = {"ResourcePolicy": document()}
    abroad = "eu-central-1"
    parameters = {
        "BatchGetSecretValue": {"SecretIdList": [secret]}, "CreateSecret": {"Name": "new-secret"}, "ListSecrets": {},
        "GetRandomPassword": {}, "GetSecretValue": held, "DescribeSecret": held, "ListSecretVersionIds": held,
        "PutSecretValue": held | {"SecretString": "changed"}, "UpdateSecret": held | {"Description": "changed"},
        "UpdateSecretVersionStage": held | {"VersionStage": "new"},
        "RotateSecret": held, "CancelRotateSecret": held, "DeleteSecret": held, "RestoreSecret": held, "StopReplicationToReplica": held,
        "GetResourcePolicy": held, "DeleteResourcePolicy": held, "PutResourcePolicy": held | policy,
        "ValidateResourcePolicy": held | policy,
        "TagResource": held | {"Tags": [{"Key": "color", "Value": "red"}]}, "UntagResource": held | {"TagKeys": ["color"]},
        "ReplicateSecretToRegions": held | {"AddReplicaRegions": [{"Region": abroad}]},
        "RemoveRegionsFromReplication": held | {"RemoveReplicaRegions": [abroad]},
    }
    return {f"secretsmanager:{operation}": it for operation, it in parameters.items()}


def state(client):
    """Everything of the account's secrets that a call could change, values too."""
    pages = client.get_paginator("list_secrets").paginate(IncludePlannedDeletion=True)
    found = [secret for page in pages for secret in page["SecretList"]]
    for secret in found:
        # What is read below is told by the next one who lists.
        secret.pop("LastAccessedDate", None)
    values = []
    for secret in found:
        value = client.get_secret_value(SecretId=secret["ARN"])
        policy = client.get_resource_policy(SecretId=secret["ARN"])
        values.append([value["SecretString"], value["VersionId"], policy.get("ResourcePolicy")])
    return json.loads(json.dumps([found, values], default=str))
