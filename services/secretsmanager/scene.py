"""Secrets Manager in the conformance tests' scene: a secret, and a call of each operation on it."""

import json

from support.account import document, name

# Of each secret that is not there BatchGetSecretValue tells so, and succeeds.
ABOUT_ANYTHING = {"BatchGetSecretValue", "CreateSecret"}


def make(scene):
    """A new secret under a key of the account: its name."""
    made = scene.root.secretsmanager.create_secret(
        Name=name("held-secret"), SecretString="held", KmsKeyId=scene.key_arn, Tags=[{"Key": "color", "Value": "blue"}])
    return made["Name"]


def calls(scene, secret):
    """Parameters of a call for each built operation."""
    held = {"SecretId": secret}
    policy = {"ResourcePolicy": document()}
    abroad = "eu-central-1"
    return {
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


def state(root):
    """Everything of the account's secrets that a call could change, values too."""
    client = root.secretsmanager
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
