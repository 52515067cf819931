"""A rotation function as people write them for AWS Lambda: it knows nothing of this server.

It takes the API calls, the environment and the shape that AWS documents for rotation functions; "setSecret" and "testSecret"
have no database to talk to, so they only look at what they would use.
"""

import json
import logging
import os

import boto3

logger = logging.getLogger()
logger.setLevel(logging.INFO)


def lambda_handler(event, context):
    """The four steps of a rotation."""
    secret, token, step = event["SecretId"], event["ClientRequestToken"], event["Step"]
    service = boto3.client("secretsmanager", endpoint_url=os.environ["SECRETS_MANAGER_ENDPOINT"])
    metadata = service.describe_secret(SecretId=secret)
    if not metadata.get("RotationEnabled"):
        raise ValueError("Secret %s is not enabled for rotation" % secret)
    versions = metadata["VersionIdsToStages"]
    if token not in versions:
        raise ValueError("Secret version %s has no stage for rotation of secret %s." % (token, secret))
    if "AWSCURRENT" in versions[token]:
        logger.info("Secret version %s already set as AWSCURRENT for secret %s." % (token, secret))
        return
    if "AWSPENDING" not in versions[token]:
        raise ValueError("Secret version %s not set as AWSPENDING for rotation of secret %s." % (token, secret))
    steps = {"createSecret": create_secret, "setSecret": set_secret, "testSecret": test_secret,
             "finishSecret": finish_secret}
    if step not in steps:
        raise ValueError("Invalid step parameter")
    steps[step](service, secret, token)


def create_secret(service, secret, token):
    """Keeps a new password as AWSPENDING, unless an earlier try has."""
    current = json.loads(service.get_secret_value(SecretId=secret, VersionStage="AWSCURRENT")["SecretString"])
    try:
        service.get_secret_value(SecretId=secret, VersionId=token, VersionStage="AWSPENDING")
        logger.info("createSecret: there is one for %s." % secret)
    except service.exceptions.ResourceNotFoundException:
        made = service.get_random_password(ExcludeCharacters="/@\"'\\")
        current["password"] = made["RandomPassword"]
        service.put_secret_value(SecretId=secret, ClientRequestToken=token, SecretString=json.dumps(current),
                                 VersionStages=["AWSPENDING"])
        logger.info("createSecret: put one for ARN %s and version %s." % (secret, token))


def set_secret(service, secret, token):
    pending(service, secret, token)


def test_secret(service, secret, token):
    assert pending(service, secret, token)["password"]


def pending(service, secret, token):
    value = service.get_secret_value(SecretId=secret, VersionId=token, VersionStage="AWSPENDING")
    return json.loads(value["SecretString"])


def finish_secret(service, secret, token):
    """Moves AWSCURRENT to the new version."""
    metadata = service.describe_secret(SecretId=secret)
    current = None
    for version, stages in metadata["VersionIdsToStages"].items():
        if "AWSCURRENT" in stages:
            if version == token:
                logger.info("finishSecret: version %s is AWSCURRENT already." % version)
                return
            current = version
            break
    service.update_secret_version_stage(SecretId=secret, VersionStage="AWSCURRENT", MoveToVersionId=token,
                                        RemoveFromVersionId=current)
    logger.info("finishSecret: version %s is AWSCURRENT of %s." % (token, secret))
