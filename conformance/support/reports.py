"""Reports on access and centralized root access: a call for each built operation of IAM that is about them."""

import time

JOB = "00000000-0000-4000-8000-000000000000"
FEATURES = ("RootCredentialsManagement", "RootSessions")


def calls(scene):
    """By operation; who may not make a call, does not learn what is there."""
    arn = {"Arn": f"arn:aws:iam::{scene.account.id}:user/{scene.user}"}
    job = {"JobId": JOB}
    parameters = {
        "GenerateServiceLastAccessedDetails": arn, "GetServiceLastAccessedDetails": job,
        "GetServiceLastAccessedDetailsWithEntities": job | {"ServiceNamespace": "iam"},
        "ListPoliciesGrantingServiceAccess": arn | {"ServiceNamespaces": ["iam"]},
        "GenerateOrganizationsAccessReport": {"EntityPath": "o-abcdefghij/r-abcd"},
        "GetOrganizationsAccessReport": job, "ListOrganizationsFeatures": {},
        "SetSecurityTokenServicePreferences": {"GlobalEndpointTokenVersion": "v1Token"},
    }
    for feature in FEATURES:
        parameters |= {f"{verb}Organizations{feature}": {} for verb in ("Enable", "Disable")}
    return parameters


def made(read, **parameters):
    """What `read` answers once the report is made; the server makes it within a second or two."""
    end = time.monotonic() + 30
    while (told := read(**parameters))["JobStatus"] == "IN_PROGRESS":
        assert time.monotonic() < end, "the report is not made"
        time.sleep(0.2)
    assert told["JobStatus"] == "COMPLETED"
    return told
