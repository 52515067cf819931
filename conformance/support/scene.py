"""An account with one of everything, and for each built operation a call that names what it holds.

What a service adds to it is in its own folder, `services/NAME/scene.py`:

- `calls(scene, held)`: the parameters of a call for each of its built operations, by name;
- `make(scene)`, where calls need something to be there: makes it, and answers what `held` is to be;
- `state(root)`, where calls could change something: all of that, as the account's owner sees it;
- `ABOUT_ANYTHING`: the operations whose calls a stranger may make too, as they are about nothing in the account.
"""

import importlib.util
import json
from functools import lru_cache

from support import credentials, federation, reports, xks
from support.account import Account, allow, document, key_policy, name, principals, trust
from support.server import ROOT


class Scene:
    """One of everything in a fresh account."""

    def __init__(self, server):
        account = self.account = Account.create(server)
        root = self.root = account.root
        self.user = name("held-user")
        self.group = name("held-group")
        self.role = name("held-role")
        self.profile = name("held-profile")
        tags = [{"Key": "color", "Value": "blue"}]
        root.iam.create_user(UserName=self.user, Tags=tags)
        inline = {"PolicyName": "inline", "PolicyDocument": document(allow("s3:GetObject"))}
        root.iam.put_user_policy(UserName=self.user, **inline)
        root.iam.create_group(GroupName=self.group)
        root.iam.put_group_policy(GroupName=self.group, **inline)
        root.iam.add_user_to_group(GroupName=self.group, UserName=self.user)
        role = root.iam.create_role(RoleName=self.role, AssumeRolePolicyDocument=trust(account.root_arn), Tags=tags)
        self.role_arn = role["Role"]["Arn"]
        root.iam.put_role_policy(RoleName=self.role, **inline)
        linked = root.iam.create_service_linked_role(AWSServiceName="ecs.amazonaws.com")["Role"]
        self.linked_role = linked["RoleName"]
        root.iam.create_instance_profile(InstanceProfileName=self.profile)
        root.iam.add_role_to_instance_profile(InstanceProfileName=self.profile, RoleName=self.role)
        made = root.iam.create_policy(PolicyName=name("held-policy"), PolicyDocument=document(allow("s3:*")), Tags=tags)
        self.policy_arn = made["Policy"]["Arn"]
        root.iam.create_policy_version(PolicyArn=self.policy_arn, PolicyDocument=document(allow("s3:List*")))
        root.iam.attach_user_policy(UserName=self.user, PolicyArn=self.policy_arn)
        root.iam.create_account_alias(AccountAlias=f"alias{account.id}")
        self.access_key_id = root.iam.create_access_key(UserName=self.user)["AccessKey"]["AccessKeyId"]
        self._make_keys()
        self.held = {service: own.make(self) for service, own in scenes().items() if hasattr(own, "make")}

    def _make_keys(self):
        kms = self.root.kms
        self.key_arn = self.account.key()
        self.key_id = self.key_arn.rpartition("/")[2]
        self.alias = f"alias/{name('held')}"
        kms.create_alias(AliasName=self.alias, TargetKeyId=self.key_id)
        kms.tag_resource(KeyId=self.key_id, Tags=[{"TagKey": "color", "TagValue": "blue"}])
        made = kms.create_grant(KeyId=self.key_arn, GranteePrincipal=self.role_arn, Operations=["DescribeKey"])
        self.grant_id = made["GrantId"]
        self.ciphertext = kms.encrypt(KeyId=self.key_id, Plaintext=b"held")["CiphertextBlob"]

    def calls(self):
        """Parameters of a call for each built operation, by `service:Operation`. Keys are named by ARN."""
        calls = _iam(self) | _kms(self) | _sts(self)
        for service, own in scenes().items():
            found = own.calls(self, self.held.get(service))
            calls |= {f"{service}:{operation}": it for operation, it in found.items()}
        return calls

    def state(self):
        """Everything in the account that a call could change, as far as its owner can see it."""
        own = {service: own.state(self.root) for service, own in scenes().items() if hasattr(own, "state")}
        return {"iam": _state_of_iam(self.root.iam), "kms": _state_of_kms(self.root.kms)} | own


@lru_cache
def scenes():
    """What services have in `scene.py`, by the name that IAM knows them by."""
    found = {}
    for path in sorted(ROOT.glob("services/*/scene.py")):
        metadata = json.loads(path.with_name("model.json").read_text())["metadata"]
        specification = importlib.util.spec_from_file_location(f"scene_of_{path.parent.name}", path)
        own = found[metadata["name"]] = importlib.util.module_from_spec(specification)
        specification.loader.exec_module(own)
    return found


def _iam(scene):
    user, group, role = {"UserName": scene.user}, {"GroupName": scene.group}, {"RoleName": scene.role}
    policy, profile = {"PolicyArn": scene.policy_arn}, {"InstanceProfileName": scene.profile}
    inline = {"PolicyName": "inline"}
    written = inline | {"PolicyDocument": document(allow("s3:PutObject"))}
    tags, keys = {"Tags": [{"Key": "color", "Value": "red"}]}, {"TagKeys": ["color"]}
    key = user | {"AccessKeyId": scene.access_key_id}
    trusted = {"AssumeRolePolicyDocument": trust("*")}
    boundary = {"PermissionsBoundary": scene.policy_arn}
    members = profile | role
    source = {"PolicySourceArn": f"arn:aws:iam::{scene.account.id}:user/{scene.user}"}
    given, simulated = {"PolicyInputList": [document(allow("s3:*"))]}, {"ActionNames": ["s3:GetObject"]}
    path = {"NewPath": "/moved/"}
    parameters = {
        "AddRoleToInstanceProfile": members, "RemoveRoleFromInstanceProfile": members,
        "AddUserToGroup": user | group, "RemoveUserFromGroup": user | group,
        "AttachGroupPolicy": group | policy, "DetachGroupPolicy": group | policy,
        "AttachRolePolicy": role | policy, "DetachRolePolicy": role | policy,
        "AttachUserPolicy": user | policy, "DetachUserPolicy": user | policy,
        "CreateAccessKey": user, "ListAccessKeys": user, "DeleteAccessKey": key,
        "UpdateAccessKey": key | {"Status": "Inactive"},
        "GetAccessKeyLastUsed": {"AccessKeyId": scene.access_key_id},
        "CreateAccountAlias": {"AccountAlias": "another-alias"}, "ListAccountAliases": {},
        "DeleteAccountAlias": {"AccountAlias": f"alias{scene.account.id}"},
        "CreateGroup": {"GroupName": "new-group"}, "CreateUser": {"UserName": "new-user"},
        "CreateRole": {"RoleName": "new-role"} | trusted,
        "CreateInstanceProfile": {"InstanceProfileName": "new-profile"},
        "CreateServiceLinkedRole": {"AWSServiceName": "rds.amazonaws.com"},
        "DeleteServiceLinkedRole": {"RoleName": scene.linked_role},
        "GetServiceLinkedRoleDeletionStatus": {
            "DeletionTaskId": f"task/aws-service-role/ecs.amazonaws.com/{scene.linked_role}/1"},
        "CreatePolicy": {"PolicyName": "new-policy", "PolicyDocument": document(allow("s3:*"))},
        "CreatePolicyVersion": policy | {"PolicyDocument": document(allow("s3:*"))},
        "GetPolicyVersion": policy | {"VersionId": "v1"}, "SetDefaultPolicyVersion": policy | {"VersionId": "v2"},
        "DeletePolicyVersion": policy | {"VersionId": "v2"},
        "ListPolicyVersions": policy, "GetPolicy": policy, "DeletePolicy": policy, "ListPolicies": {},
        "ListEntitiesForPolicy": policy,
        "GetAccountSummary": {}, "ListGroups": {}, "ListUsers": {}, "ListRoles": {}, "ListInstanceProfiles": {},
        "ListGroupsForUser": user, "ListInstanceProfilesForRole": role,
        "UpdateAssumeRolePolicy": role | {"PolicyDocument": trust(scene.account.root_arn)},
        "UpdateRole": role | {"Description": "changed"}, "UpdateRoleDescription": role | {"Description": "changed"},
        "UpdateGroup": group | path, "UpdateUser": user | path,
        "GetContextKeysForCustomPolicy": given, "GetContextKeysForPrincipalPolicy": source,
        "SimulateCustomPolicy": given | simulated, "SimulatePrincipalPolicy": source | simulated,
    }
    for noun, named in (("Group", group), ("Role", role), ("User", user), ("InstanceProfile", profile)):
        parameters |= {f"Get{noun}": named, f"Delete{noun}": named}
    for noun, named in (("Group", group), ("Role", role), ("User", user)):
        parameters |= {
            f"Put{noun}Policy": named | written, f"Get{noun}Policy": named | inline,
            f"Delete{noun}Policy": named | inline, f"List{noun}Policies": named,
            f"ListAttached{noun}Policies": named,
        }
    for noun, named in (("Role", role), ("User", user)):
        parameters |= {f"Put{noun}PermissionsBoundary": named | boundary, f"Delete{noun}PermissionsBoundary": named}
    for noun, named in (("Role", role), ("User", user), ("Policy", policy), ("InstanceProfile", profile)):
        parameters |= {f"Tag{noun}": named | tags, f"Untag{noun}": named | keys, f"List{noun}Tags": named}
    parameters |= credentials.calls(scene) | federation.calls(scene) | reports.calls(scene)
    return {f"iam:{operation}": it for operation, it in parameters.items()}


def _kms(scene):
    key = {"KeyId": scene.key_arn}
    size = {"NumberOfBytes": 32}
    policy = key_policy(principals(scene.account.root_arn))
    alias = f"arn:aws:kms:us-east-1:{scene.account.id}:{scene.alias}"
    parameters = {
        "CreateKey": {}, "ListKeys": {}, "ListAliases": {}, "GenerateRandom": size,
        "CreateAlias": {"AliasName": "alias/new", "TargetKeyId": scene.key_id},
        "UpdateAlias": {"AliasName": scene.alias, "TargetKeyId": scene.key_id},
        "DeleteAlias": {"AliasName": scene.alias},
        "DescribeKey": {"KeyId": alias}, "EnableKey": key, "DisableKey": key, "CancelKeyDeletion": key,
        "ScheduleKeyDeletion": key | {"PendingWindowInDays": 7},
        "UpdateKeyDescription": key | {"Description": "changed"},
        "GetKeyPolicy": key, "ListKeyPolicies": key, "PutKeyPolicy": key | {"Policy": policy},
        "TagResource": key | {"Tags": [{"TagKey": "color", "TagValue": "red"}]},
        "UntagResource": key | {"TagKeys": ["color"]}, "ListResourceTags": key,
        "Encrypt": key | {"Plaintext": b"text"}, "Decrypt": {"CiphertextBlob": scene.ciphertext},
        "ReEncrypt": {"CiphertextBlob": scene.ciphertext, "DestinationKeyId": scene.key_arn},
        "GenerateDataKey": key | size, "GenerateDataKeyWithoutPlaintext": key | size,
        "CreateGrant": key | {"GranteePrincipal": scene.role_arn, "Operations": ["Encrypt"]},
        "ListGrants": key, "RevokeGrant": key | {"GrantId": scene.grant_id},
        "RetireGrant": key | {"GrantId": scene.grant_id},
        "ListRetirableGrants": {"RetiringPrincipal": scene.account.root_arn}, "GetKeyLastUsage": key,
    }
    parameters |= {name: key for name in (
        "DeleteImportedKeyMaterial", "DisableKeyRotation", "EnableKeyRotation", "GetKeyRotationStatus",
        "ListKeyRotations", "RotateKeyOnDemand")}
    parameters |= {
        "GetParametersForImport": key | {
            "WrappingAlgorithm": "RSAES_OAEP_SHA_256", "WrappingKeySpec": "RSA_2048"},
        "ImportKeyMaterial": key | {
            "ImportToken": b"x", "EncryptedKeyMaterial": b"x", "ExpirationModel": "KEY_MATERIAL_DOES_NOT_EXPIRE"},
        "ReplicateKey": key | {"ReplicaRegion": "eu-west-1"},
        "UpdatePrimaryRegion": key | {"PrimaryRegion": "eu-west-1"},
    }
    parameters |= _kms_of_other_kinds(key) | xks.calls()
    return {f"kms:{operation}": it for operation, it in parameters.items()}


def _kms_of_other_kinds(key):
    """Calls on keys that do not encrypt."""
    kem, pair = key | {"EncapsulationAlgorithm": "ML_KEM"}, key | {"KeyPairSpec": "ECC_NIST_P256"}
    mac = key | {"Message": b"text", "MacAlgorithm": "HMAC_SHA_256"}
    message = key | {"Message": b"text", "SigningAlgorithm": "ECDSA_SHA_256"}
    return {
        "Encapsulate": kem, "Decapsulate": kem | {"SharedSecretCiphertextBlob": b"x"},
        "DeriveSharedSecret": key | {"KeyAgreementAlgorithm": "ECDH", "PublicKey": b"x"},
        "GenerateDataKeyPair": pair, "GenerateDataKeyPairWithoutPlaintext": pair,
        "GenerateMac": mac, "VerifyMac": mac | {"Mac": b"x"}, "GetPublicKey": key,
        "Sign": message, "Verify": message | {"Signature": b"x"},
    }


def _sts(scene):
    return {
        "sts:AssumeRole": {"RoleArn": scene.role_arn, "RoleSessionName": "session"},
        "sts:AssumeRoot": {"TargetPrincipal": scene.account.id,
                           "TaskPolicyArn": {"arn": "arn:aws:iam::aws:policy/root-task/SQSUnlockQueuePolicy"}},
        "sts:AssumeRoleWithSAML": {"RoleArn": scene.role_arn, "SAMLAssertion": "nobody's assertion",
                                   "PrincipalArn": f"arn:aws:iam::{scene.account.id}:saml-provider/none"},
        "sts:AssumeRoleWithWebIdentity": {"RoleArn": scene.role_arn, "RoleSessionName": "session",
                                          "WebIdentityToken": "nobody's token"},
        "sts:DecodeAuthorizationMessage": {"EncodedMessage": "anything"},
        "sts:GetAccessKeyInfo": {"AccessKeyId": scene.access_key_id},
        "sts:GetCallerIdentity": {},
        "sts:GetFederationToken": {"Name": "federated"},
        "sts:GetSessionToken": {},
        "sts:GetWebIdentityToken": {"Audience": ["https://api.example.com"], "SigningAlgorithm": "ES384"},
    }


def _all(client, operation, member, **parameters):
    pages = client.get_paginator(operation).paginate(**parameters)
    return [item for page in pages for item in page[member]]


def _state_of_iam(iam):
    state = {
        "aliases": _all(iam, "list_account_aliases", "AccountAliases"),
        "policies": _all(iam, "list_policies", "Policies", Scope="Local"),
        "profiles": _all(iam, "list_instance_profiles", "InstanceProfiles"),
    }
    for policy in state["policies"]:
        state[policy["Arn"]] = _all(iam, "list_policy_versions", "Versions", PolicyArn=policy["Arn"])
    for noun, plural in (("User", "Users"), ("Group", "Groups"), ("Role", "Roles")):
        lower = noun.lower()
        for entity in _all(iam, f"list_{plural.lower()}", plural):
            named = {f"{noun}Name": entity[f"{noun}Name"]}
            entity.pop("PasswordLastUsed", None)
            entity.pop("RoleLastUsed", None)
            inline = _all(iam, f"list_{lower}_policies", "PolicyNames", **named)
            get = getattr(iam, f"get_{lower}_policy")
            state[entity["Arn"]] = [
                entity,
                [get(PolicyName=policy, **named)["PolicyDocument"] for policy in inline],
                _all(iam, f"list_attached_{lower}_policies", "AttachedPolicies", **named),
            ]
            if noun != "Group":
                state[entity["Arn"]].append(getattr(iam, f"list_{lower}_tags")(**named)["Tags"])
            if noun == "User":
                state[entity["Arn"]].append(_all(iam, "list_access_keys", "AccessKeyMetadata", **named))
                state[entity["Arn"]].append(_all(iam, "list_groups_for_user", "Groups", **named))
    return json.loads(json.dumps(state, default=str))


def _state_of_kms(kms):
    state = {"aliases": _all(kms, "list_aliases", "Aliases")}
    for key in _all(kms, "list_keys", "Keys"):
        named = {"KeyId": key["KeyId"]}
        state[key["KeyArn"]] = [
            kms.describe_key(**named)["KeyMetadata"],
            kms.get_key_policy(**named)["Policy"],
            kms.list_resource_tags(**named)["Tags"],
        ]
    return json.loads(json.dumps(state, default=str))
