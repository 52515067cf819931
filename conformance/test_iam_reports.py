"""IAM: who last used which service and action, and centralized root access, by boto3."""

import pytest

from support.account import Account, allow, assume, document, name, session
from support.organization import Organization
from support.refusal import refused
from support.reports import FEATURES, JOB, made

TASK = "arn:aws:iam::aws:policy/root-task/"


def asked(iam, arn, **further):
    return {"JobId": iam.generate_service_last_accessed_details(Arn=arn, **further)["JobId"]}


def test_what_a_user_called_is_told(account):
    iam = account.root.iam
    user = account.user(allow("iam:Get*", "kms:*", "sts:*"))
    user.iam.get_user()
    user.kms.list_keys()
    with refused("AccessDenied"):
        user.iam.list_users()
    job = asked(iam, user.arn, Granularity="ACTION_LEVEL")
    told = made(iam.get_service_last_accessed_details, **job)
    assert told["JobType"] == "ACTION_LEVEL"
    services = {it["ServiceNamespace"]: it for it in told["ServicesLastAccessed"]}
    assert set(services) == {"iam", "kms", "sts"}
    assert services["kms"]["LastAuthenticatedEntity"] == user.arn
    assert services["kms"]["LastAuthenticatedRegion"] == "us-east-1"
    assert services["kms"]["TotalAuthenticatedEntities"] == 1
    assert services["sts"]["TotalAuthenticatedEntities"] == 0 and "LastAuthenticated" not in services["sts"]
    actions = {it["ActionName"]: it for it in services["kms"]["TrackedActionsLastAccessed"]}
    assert actions["ListKeys"]["LastAccessedEntity"] == user.arn and "LastAccessedTime" not in actions["Encrypt"]
    # What is denied was tried; that no policy allows it is why it is not listed.
    assert services["iam"]["LastAuthenticated"] >= actions["ListKeys"]["LastAccessedTime"]
    assert "ListUsers" not in {it["ActionName"] for it in services["iam"]["TrackedActionsLastAccessed"]}
    first = iam.get_service_last_accessed_details(MaxItems=2, **job)
    rest = iam.get_service_last_accessed_details(MaxItems=2, Marker=first["Marker"], **job)
    assert first["IsTruncated"] and not rest["IsTruncated"]
    assert [it["ServiceNamespace"] for it in rest["ServicesLastAccessed"]] == ["sts"]
    with refused("NoSuchEntity"):
        account.user(allow("iam:*")).iam.get_service_last_accessed_details(**job)
    with refused("NoSuchEntity", JOB):
        iam.get_service_last_accessed_details(JobId=JOB)
    with refused("NoSuchEntity"):
        asked(iam, user.arn + "x")


def test_who_of_a_policy_called_is_told(account):
    iam = account.root.iam
    policy = iam.create_policy(PolicyName=name("policy"), PolicyDocument=document(allow("iam:*")))["Policy"]["Arn"]
    group, users = name("group"), [account.user(), account.user()]
    iam.create_group(GroupName=group)
    iam.attach_group_policy(GroupName=group, PolicyArn=policy)
    for user in users:
        iam.add_user_to_group(GroupName=group, UserName=user.name)
    role = account.role()
    iam.attach_role_policy(RoleName=role.rpartition("/")[2], PolicyArn=policy)
    assume(account.user(allow("sts:AssumeRole")), role).iam.list_users()
    users[0].iam.list_users()
    job = asked(iam, policy)
    [service] = made(iam.get_service_last_accessed_details, **job)["ServicesLastAccessed"]
    assert service["TotalAuthenticatedEntities"] == 2 and service["LastAuthenticatedEntity"] == users[0].arn
    told = iam.get_service_last_accessed_details_with_entities(ServiceNamespace="iam", **job)["EntityDetailsList"]
    seen = {it["EntityInfo"]["Arn"]: "LastAuthenticated" in it for it in told}
    assert seen == {users[0].arn: True, users[1].arn: False, role: True}
    granting = iam.list_policies_granting_service_access(Arn=users[1].arn, ServiceNamespaces=["iam", "kms"])
    by_service = {it["ServiceNamespace"]: it["Policies"] for it in granting["PoliciesGrantingServiceAccess"]}
    assert by_service["kms"] == []
    assert [it["PolicyArn"] for it in by_service["iam"]] == [policy]


def test_the_accounts_of_an_organization_are_told(server):
    organization = Organization(server)
    iam = organization.management.root.iam
    organization.enable()
    path, user = f"{organization.id}/{organization.root}", organization.management.user(allow("sts:AssumeRole"))
    member = organization.account()
    assume(user, f"arn:aws:iam::{member}:role/OrganizationAccountAccessRole").kms.list_keys()
    job = {"JobId": iam.generate_organizations_access_report(EntityPath=path)["JobId"]}
    told = made(iam.get_organizations_access_report, SortKey="LAST_AUTHENTICATED_TIME_DESCENDING", **job)
    details = {it["ServiceNamespace"]: it for it in told["AccessDetails"]}
    assert details["kms"]["EntityPath"] == f"{path}/{member}"
    assert details["kms"]["TotalAuthenticatedEntities"] == 1
    unused = sum("LastAuthenticatedTime" not in it for it in told["AccessDetails"])
    assert told["NumberOfServicesNotAccessed"] == unused
    assert told["NumberOfServicesAccessible"] == len(told["AccessDetails"])
    policy = organization.policy(allow("kms:*"))
    job = {"JobId": iam.generate_organizations_access_report(EntityPath=path, OrganizationsPolicyId=policy)["JobId"]}
    told = made(iam.get_organizations_access_report, **job)
    assert [it["ServiceNamespace"] for it in told["AccessDetails"]] == ["kms"]
    with refused("InvalidInput"):
        iam.generate_organizations_access_report(EntityPath=path + "/ou-abcd-12345678")
    with refused("AccessDenied"):
        Account.create(server).root.iam.generate_organizations_access_report(EntityPath=path)


@pytest.fixture
def governed(server):
    """An organization that trusts IAM."""
    organization = Organization(server)
    organization.client.enable_aws_service_access(ServicePrincipal="iam.amazonaws.com")
    return organization


def test_root_access_is_enabled_by_the_management_account(server, governed):
    iam = governed.management.root.iam
    assert iam.list_organizations_features() | {"ResponseMetadata": {}} == {
        "OrganizationId": governed.id, "EnabledFeatures": [], "ResponseMetadata": {}}
    iam.enable_organizations_root_credentials_management()
    assert iam.enable_organizations_root_sessions()["EnabledFeatures"] == list(FEATURES)
    assert iam.disable_organizations_root_sessions()["EnabledFeatures"] == [FEATURES[0]]
    assert iam.disable_organizations_root_credentials_management()["EnabledFeatures"] == []
    with refused("OrganizationNotFoundException"):
        Account.create(server).root.iam.list_organizations_features()
    with refused("ServiceAccessNotEnabledException"):
        Organization(server).management.root.iam.enable_organizations_root_sessions()
    inside = assume(governed.management.user(allow("sts:AssumeRole")),
                    f"arn:aws:iam::{governed.account()}:role/OrganizationAccountAccessRole")
    with refused("AccountNotManagementOrDelegatedAdministratorException"):
        inside.iam.list_organizations_features()


def test_a_root_users_task_is_done_by_others(server, governed):
    administrator = governed.management.user(allow("sts:AssumeRoot"))
    member = Account.create(server)
    member.root.organizations.accept_handshake(HandshakeId=governed.invite(member))
    target = {"TargetPrincipal": member.id, "TaskPolicyArn": {"arn": TASK + "IAMDeleteRootUserCredentials"}}
    with refused("AccessDenied", "is not authorized to perform: sts:AssumeRoot on resource: " + member.root_arn):
        administrator.sts.assume_root(**target)
    governed.management.root.iam.enable_organizations_root_credentials_management()
    task = session(server, administrator.sts.assume_root(DurationSeconds=900, **target)["Credentials"])
    assert task.sts.get_caller_identity()["Arn"] == member.root_arn
    [key] = task.iam.list_access_keys()["AccessKeyMetadata"]
    with refused("AccessDenied"):
        task.iam.create_access_key()
    with refused("AccessDeniedException", "with an explicit deny in a session policy: " + TASK):
        task.kms.list_keys()
    task.iam.delete_access_key(AccessKeyId=key["AccessKeyId"])
    with refused("InvalidClientTokenId"):
        member.root.sts.get_caller_identity()
    with refused("AccessDenied"):
        administrator.sts.assume_root(**target | {"TargetPrincipal": governed.management.id})
    with refused("ValidationError"):
        administrator.sts.assume_root(**target | {"TaskPolicyArn": {"arn": "arn:aws:iam::aws:policy/AdministratorAccess"}})


def test_the_form_of_tokens_is_chosen(account):
    iam = account.root.iam
    for chosen in (1, 2):
        iam.set_security_token_service_preferences(GlobalEndpointTokenVersion=f"v{chosen}Token")
        assert iam.get_account_summary()["SummaryMap"]["GlobalEndpointTokenVersion"] == chosen
