"""An organization of a fresh account, and a call for each built operation of the service."""

from support.account import Account, document, name

DENY = {"Effect": "Deny", "Action": "kms:*", "Resource": "*"}


class Organization:
    """A fresh account's organization."""

    def __init__(self, server):
        self.management = Account.create(server)
        self.client = self.management.root.organizations
        self.id = self.client.create_organization(FeatureSet="ALL")["Organization"]["Id"]
        self.root = self.client.list_roots()["Roots"][0]["Id"]

    def enable(self, kind="SERVICE_CONTROL_POLICY"):
        self.client.enable_policy_type(RootId=self.root, PolicyType=kind)

    def unit(self, parent=None):
        """The id of a new unit."""
        made = self.client.create_organizational_unit(ParentId=parent or self.root, Name=name("unit"))
        return made["OrganizationalUnit"]["Id"]

    def account(self):
        """The id of a new account."""
        label = name("member")
        made = self.client.create_account(Email=f"{label}@example.com", AccountName=label)["CreateAccountStatus"]
        assert made["State"] == "SUCCEEDED"
        return made["AccountId"]

    def policy(self, *statements):
        """The id of a new service control policy."""
        made = self.client.create_policy(
            Name=name("policy"), Description="", Type="SERVICE_CONTROL_POLICY",
            Content=document(*statements or [DENY]))
        return made["Policy"]["PolicySummary"]["Id"]

    def invite(self, account):
        """The id of an invitation."""
        invited = self.client.invite_account_to_organization(Target={"Id": account.id, "Type": "ACCOUNT"})
        return invited["Handshake"]["Id"]


def calls():
    """A call for each built operation that needs nothing to be there: who may not make it, does not learn that."""
    account, unit, root, policy = "000000000001", "ou-abcd-12345678", "r-abcd", "p-12345678"
    of_account, of_unit, of_policy = {"AccountId": account}, {"OrganizationalUnitId": unit}, {"PolicyId": policy}
    handshake, kind = {"HandshakeId": "h-12345678"}, {"PolicyType": "SERVICE_CONTROL_POLICY"}
    effective = {"PolicyType": "TAG_POLICY"}
    attachment = of_policy | {"TargetId": unit}
    delegation = of_account | {"ServicePrincipal": "ram.amazonaws.com"}
    tagged = {"ResourceId": account}
    parameters = {
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
    return {f"organizations:{operation}": it for operation, it in parameters.items()}
