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
