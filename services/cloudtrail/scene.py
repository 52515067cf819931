"""CloudTrail in the conformance tests' scene."""


def calls(scene, held):
    """A call for each built operation."""
    return {"LookupEvents": {}}
