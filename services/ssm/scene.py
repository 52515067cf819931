"""Parameter Store in the conformance tests' scene: a parameter, and a call of each operation on it."""

import json

from support.account import document, name

# Some name the parameters that are not there, and succeed; a setting is named by an id that every account has.
ABOUT_ANYTHING = {"DeleteParameters", "GetParameters", "GetParametersByPath", "GetServiceSetting", "ResetServiceSetting",
                  "UpdateServiceSetting"}


def make(scene):
    """A new parameter under a key of the account: its name."""
    root, made = scene.root, f"/{name('held')}/parameter"
    root.ssm.put_parameter(Name=made, Value="held", Type="SecureString", KeyId=scene.key_arn, Tier="Advanced",
                           Tags=[{"Key": "color", "Value": "blue"}])
    root.ssm.label_parameter_version(Name=made, Labels=["held"])
    return made


def calls(scene, parameter):
    """Parameters of a call for each built operation."""
    held = {"Name": parameter}
    tagged = {"ResourceType": "Parameter", "ResourceId": parameter}
    shared = {"ResourceArn": f"arn:aws:ssm:us-east-1:{scene.account.id}:parameter{parameter}"}
    setting = {"SettingId": "/ssm/parameter-store/default-parameter-tier"}
    return {
        "PutParameter": held | {"Value": "changed", "Overwrite": True}, "DescribeParameters": {},
        "GetParameter": held, "GetParameters": {"Names": [parameter]}, "GetParameterHistory": held,
        "GetParametersByPath": {"Path": parameter.rpartition("/")[0]},
        "DeleteParameter": held, "DeleteParameters": {"Names": [parameter]},
        "LabelParameterVersion": held | {"Labels": ["new"]},
        "UnlabelParameterVersion": held | {"Labels": ["held"], "ParameterVersion": 1},
        "AddTagsToResource": tagged | {"Tags": [{"Key": "color", "Value": "red"}]},
        "RemoveTagsFromResource": tagged | {"TagKeys": ["color"]}, "ListTagsForResource": tagged,
        "GetResourcePolicies": shared, "PutResourcePolicy": shared | {"Policy": document()},
        "GetServiceSetting": setting, "ResetServiceSetting": setting,
        "UpdateServiceSetting": setting | {"SettingValue": "Advanced"},
        "DeleteResourcePolicy": shared | {"PolicyId": "any", "PolicyHash": "any"},
    }


def state(root):
    """Everything of the account's parameters that a call could change, values too."""
    client = root.ssm
    pages = client.get_paginator("describe_parameters").paginate()
    found = [parameter for page in pages for parameter in page["Parameters"]]
    more = []
    for parameter in found:
        more.append([
            client.get_parameter_history(Name=parameter["Name"], WithDecryption=True)["Parameters"],
            client.list_tags_for_resource(ResourceType="Parameter", ResourceId=parameter["Name"])["TagList"],
            client.get_resource_policies(ResourceArn=parameter["ARN"])["Policies"],
        ])
    setting = client.get_service_setting(SettingId="/ssm/parameter-store/default-parameter-tier")["ServiceSetting"]
    return json.loads(json.dumps([found, more, setting], default=str))
