"""Organizations in the conformance tests' scene: calls that need nothing to be there."""

from support.account import document

DENY = {"Effect": "Deny", "Action": "kms:*", "Resource": "*"}


def calls(scene, held):
    """A call for each built operation that needs nothing to be there: who may not make it, does not learn that."""
    account, unit, root, policy = "000000000001", "ou-abcd-12345678", "r-abcd", "p-12345678"
    of_account, of_unit, of_policy = {"AccountId": account}, {"OrganizationalUnitId": unit}, {"PolicyId": policy}
    handshake, kind = {"HandshakeId": "h-12345678"}, {"PolicyType": "SERVICE_CONTROL_POLICY"}
    effective = {"PolicyType": "TAG_POLICY"}
    attachment = of_policy | {"TargetId": unit}
    delegation = of_account | {"ServicePrincipal": "ram.amazonaws.com"}
    tagged = {"ResourceId": account}
    return {
        "AcceptHandshake": handshake, "CancelHandshake": handshake, "DeclineHandshake": handshake,
        "DescribeHandshake": handshake, "ListHandshakesForAccount": {}, "ListHandshakesForOrganization": {},
        "AttachPolicy": attachment, "DetachPolicy": attachment,
        "CloseAccount": of_account, "DescribeAccount": of_account, "RemoveAccountFromOrganization": of_account,
        "CreateAccount": {"Email": "a@example.com", "AccountName": "a"},
        "DescribeCreateAccountStatus": {"CreateAccountRequestId": "car-12345678"}, "ListCreateAccountStatus": {},
        "CreateOrganization": {}, "DeleteOrganization": {}, "DescribeOrganization": {}, "LeaveOrganization": {},
        "CreateOrganizationalUnit": {"ParentId": root, "Name": "a"}, "DescribeOrganizationalUnit": of_unit,
        "DeleteOrganizationalUnit": of_unit, "UpdateOrganizationalUnit": of_unit | {"Name": "b"},
        "CreatePolicy": {"Name": "a", "Description": "", "Content": document(DENY), "Type": kind["PolicyType"]},
        "DeletePolicy": of_policy, "DescribePolicy": of_policy, "UpdatePolicy": of_policy | {"Name": "b"},
        "ListTargetsForPolicy": of_policy, "ListPolicies": {"Filter": kind["PolicyType"]},
        "DescribeEffectivePolicy": effective, "ListAccountsWithInvalidEffectivePolicy": effective,
        "ListEffectivePolicyValidationErrors": of_account | effective,
        "ListPoliciesForTarget": {"TargetId": unit, "Filter": kind["PolicyType"]},
        "EnablePolicyType": {"RootId": root} | kind, "DisablePolicyType": {"RootId": root} | kind,
        "InviteAccountToOrganization": {"Target": {"Id": account, "Type": "ACCOUNT"}},
        "ListAccounts": {}, "ListRoots": {}, "ListParents": {"ChildId": account},
        "ListAccountsForParent": {"ParentId": root}, "ListOrganizationalUnitsForParent": {"ParentId": root},
        "ListChildren": {"ParentId": root, "ChildType": "ACCOUNT"},
        "MoveAccount": of_account | {"SourceParentId": root, "DestinationParentId": unit},
        "RegisterDelegatedAdministrator": delegation, "DeregisterDelegatedAdministrator": delegation,
        "EnableAWSServiceAccess": {"ServicePrincipal": "ram.amazonaws.com"},
        "DisableAWSServiceAccess": {"ServicePrincipal": "ram.amazonaws.com"}, "ListAWSServiceAccessForOrganization": {},
        "ListDelegatedAdministrators": {}, "ListDelegatedServicesForAccount": of_account,
        "ListTagsForResource": tagged, "TagResource": tagged | {"Tags": [{"Key": "color", "Value": "red"}]},
        "UntagResource": tagged | {"TagKeys": ["color"]},
    }
