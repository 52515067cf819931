"""Organizations: accounts in a tree, and policies that are above all of theirs."""

import json

import pytest

from support.account import Account, allow, assume, deny, name
from support.organization import Organization
from support.refusal import refused


@pytest.fixture
def organization(server):
    return Organization(server)


def pages(client, operation, member, **parameters):
    found = client.get_paginator(operation).paginate(PaginationConfig={"PageSize": 2}, **parameters)
    return [item for page in found for item in page[member]]


def test_a_tree_of_units_and_accounts(organization):
    client, root = organization.client, organization.root
    outer = organization.unit()
    inner = organization.unit(outer)
    renamed = client.update_organizational_unit(OrganizationalUnitId=inner, Name="renamed")["OrganizationalUnit"]
    assert client.describe_organizational_unit(OrganizationalUnitId=inner)["OrganizationalUnit"] == renamed
    accounts = {organization.account() for _ in range(3)}
    moved = min(accounts)
    client.move_account(AccountId=moved, SourceParentId=root, DestinationParentId=inner)
    assert client.list_parents(ChildId=moved)["Parents"] == [{"Id": inner, "Type": "ORGANIZATIONAL_UNIT"}]
    assert client.list_children(ParentId=inner, ChildType="ACCOUNT")["Children"] == [{"Id": moved, "Type": "ACCOUNT"}]
    everybody = {account["Id"] for account in pages(client, "list_accounts", "Accounts")}
    assert everybody == accounts | {organization.management.id}
    assert [it["Id"] for it in pages(client, "list_accounts_for_parent", "Accounts", ParentId=inner)] == [moved]
    units = pages(client, "list_organizational_units_for_parent", "OrganizationalUnits", ParentId=root)
    assert [unit["Id"] for unit in units] == [outer]
    with refused("OrganizationalUnitNotEmptyException"):
        client.delete_organizational_unit(OrganizationalUnitId=outer)
    client.delete_organizational_unit(OrganizationalUnitId=organization.unit())


def test_a_new_account_is_administered_from_the_management_account(organization):
    client = organization.client
    account = organization.account()
    [request] = client.list_create_account_status(States=["SUCCEEDED"])["CreateAccountStatuses"]
    described = client.describe_create_account_status(CreateAccountRequestId=request["Id"])
    assert described["CreateAccountStatus"] == request and request["AccountId"] == account
    told = client.describe_account(AccountId=account)["Account"]
    assert (told["Status"], told["JoinedMethod"]) == ("ACTIVE", "CREATED")
    user = organization.management.user(allow("sts:AssumeRole"))
    inside = assume(user, f"arn:aws:iam::{account}:role/OrganizationAccountAccessRole")
    assert inside.account == account
    inside.iam.create_user(UserName="ann")
    assert inside.organizations.describe_organization()["Organization"]["Id"] == organization.id
    client.close_account(AccountId=account)
    with refused("InvalidClientTokenId"):
        inside.iam.create_user(UserName="bob")


def test_a_service_control_policy_denies_at_once(organization):
    client = organization.client
    organization.enable()
    unit, account = organization.unit(), organization.account()
    client.move_account(AccountId=account, SourceParentId=organization.root, DestinationParentId=unit)
    user = organization.management.user(allow("sts:AssumeRole"))
    inside = assume(user, f"arn:aws:iam::{account}:role/OrganizationAccountAccessRole")
    inside.kms.list_keys()
    policy = organization.policy(deny("kms:*"))
    client.attach_policy(PolicyId=policy, TargetId=unit)
    with refused("AccessDeniedException", "with an explicit deny in a service control policy: arn:aws:", policy):
        inside.kms.list_keys()
    targets = client.list_targets_for_policy(PolicyId=policy)["Targets"]
    assert [(it["TargetId"], it["Type"]) for it in targets] == [(unit, "ORGANIZATIONAL_UNIT")]
    with refused("PolicyInUseException"):
        client.delete_policy(PolicyId=policy)
    client.detach_policy(PolicyId=policy, TargetId=unit)
    inside.kms.list_keys()
    with refused("ConstraintViolationException", "You cannot remove the last policy") as raised:
        client.detach_policy(PolicyId="p-FullAWSAccess", TargetId=unit)
    assert raised.value.response["Reason"] == "MIN_POLICY_TYPE_ATTACHMENT_LIMIT_EXCEEDED"
    client.delete_policy(PolicyId=policy)
    client.disable_policy_type(RootId=organization.root, PolicyType="SERVICE_CONTROL_POLICY")


def test_policies_are_listed_and_changed(organization):
    client = organization.client
    policy = organization.policy()
    client.update_policy(PolicyId=policy, Name="changed")
    assert client.describe_policy(PolicyId=policy)["Policy"]["PolicySummary"]["Name"] == "changed"
    listed = pages(client, "list_policies", "Policies", Filter="SERVICE_CONTROL_POLICY")
    assert {it["Id"] for it in listed} == {"p-FullAWSAccess", policy}
    kind = {"Filter": "SERVICE_CONTROL_POLICY", "TargetId": organization.root}
    [attached] = client.list_policies_for_target(**kind)["Policies"]
    assert attached["Id"] == "p-FullAWSAccess" and attached["AwsManaged"]
    client.tag_resource(ResourceId=policy, Tags=[{"Key": "a", "Value": "b"}, {"Key": "c", "Value": "d"}])
    client.untag_resource(ResourceId=policy, TagKeys=["a"])
    assert client.list_tags_for_resource(ResourceId=policy)["Tags"] == [{"Key": "c", "Value": "d"}]


def managed(organization, kind, content):
    """The id of a new policy that sets up services."""
    made = organization.client.create_policy(
        Name=name("policy"), Description="", Type=kind, Content=json.dumps(content))
    return made["Policy"]["PolicySummary"]["Id"]


def test_policies_are_inherited(organization):
    client, account = organization.client, organization.account()
    of_account = {"PolicyType": "TAG_POLICY", "TargetId": account}
    with refused("EffectivePolicyNotFoundException"):
        client.describe_effective_policy(**of_account)
    organization.enable("TAG_POLICY")
    first = {"costcenter": {"tag_key": {"@@assign": "CostCenter"}, "tag_value": {"@@assign": ["100"]}}}
    client.attach_policy(PolicyId=managed(organization, "TAG_POLICY", {"tags": first}), TargetId=organization.root)
    second = {"CostCenter": {"tag_value": {"@@append": ["200"]}}}
    client.attach_policy(PolicyId=managed(organization, "TAG_POLICY", {"tags": second}), TargetId=account)
    told = client.describe_effective_policy(**of_account)["EffectivePolicy"]
    effective = {"tags": {"costcenter": {"tag_key": "CostCenter", "tag_value": ["100", "200"]}}}
    assert json.loads(told["PolicyContent"]) == effective and told["TargetId"] == account
    enforced = {"tags": {"a": {"enforced_for": {"@@assign": ["kms:key"]}}}}
    with refused("MalformedPolicyDocumentException", "enforced_for is not implemented"):
        managed(organization, "TAG_POLICY", enforced)


def test_effective_policies_that_are_not_valid_are_told(organization):
    client, account = organization.client, organization.account()
    kind = {"PolicyType": "BACKUP_POLICY"}
    organization.enable("BACKUP_POLICY")
    assert client.list_accounts_with_invalid_effective_policy(**kind)["Accounts"] == []
    plan = managed(organization, "BACKUP_POLICY", {"plans": {"p": {"regions": {"@@assign": ["us-east-1"]}}}})
    client.attach_policy(PolicyId=plan, TargetId=account)
    assert [it["Id"] for it in client.list_accounts_with_invalid_effective_policy(**kind)["Accounts"]] == [account]
    told = client.list_effective_policy_validation_errors(AccountId=account, **kind)
    errors = told["EffectivePolicyValidationErrors"]
    assert [it["PathToError"] for it in errors] == ["plans/p/rules", "plans/p/selections"]
    assert all(it["ContributingPolicies"] == [plan] for it in errors)


def test_accounts_are_invited_and_leave(organization, account):
    client, theirs = organization.client, account.root.organizations
    with refused("AWSOrganizationsNotInUseException", "Your account is not a member of an organization."):
        theirs.describe_organization()
    client.cancel_handshake(HandshakeId=organization.invite(account))
    theirs.decline_handshake(HandshakeId=organization.invite(account))
    handshake = organization.invite(account)
    states = sorted(it["State"] for it in theirs.list_handshakes_for_account()["Handshakes"])
    assert states == ["CANCELED", "DECLINED", "OPEN"]
    assert len(client.list_handshakes_for_organization()["Handshakes"]) == 3
    theirs.accept_handshake(HandshakeId=handshake)
    assert theirs.describe_handshake(HandshakeId=handshake)["Handshake"]["State"] == "ACCEPTED"
    with refused("AccessDeniedException", "You don't have permissions to access this resource."):
        theirs.list_accounts()
    theirs.leave_organization()
    theirs.accept_handshake(HandshakeId=organization.invite(account))
    client.remove_account_from_organization(AccountId=account.id)
    client.delete_organization()


def test_a_delegated_administrator_reads(organization, server):
    client, account = organization.client, Account.create(server)
    account.root.organizations.accept_handshake(HandshakeId=organization.invite(account))
    delegation = {"AccountId": account.id, "ServicePrincipal": "ram.amazonaws.com"}
    with refused("ConstraintViolationException") as raised:
        client.register_delegated_administrator(**delegation)
    assert raised.value.response["Reason"] == "SERVICE_ACCESS_NOT_ENABLED"
    trusted = {"ServicePrincipal": "ram.amazonaws.com"}
    client.enable_aws_service_access(**trusted)
    [listed] = client.list_aws_service_access_for_organization()["EnabledServicePrincipals"]
    assert listed["ServicePrincipal"] == "ram.amazonaws.com"
    client.register_delegated_administrator(**delegation)
    [listed] = client.list_delegated_administrators()["DelegatedAdministrators"]
    [service] = client.list_delegated_services_for_account(AccountId=account.id)["DelegatedServices"]
    assert (listed["Id"], service["ServicePrincipal"]) == tuple(delegation.values())
    assert len(account.root.organizations.list_accounts()["Accounts"]) == 2
    client.disable_aws_service_access(**trusted)
    with refused("AccessDeniedException"):
        account.root.organizations.list_accounts()
    client.deregister_delegated_administrator(**delegation)
