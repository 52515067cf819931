"""Errors of IAM that no story comes across: each over the wire, once. The coverage list names those that cannot come."""

import datetime

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding

from support.account import allow, assume, name
from support.credentials import certificate, public_key
from support.organization import Organization
from support.refusal import refused

ROOT_SESSIONS = "iam.amazonaws.com"


def expired_certificate():
    key, then = ec.generate_private_key(ec.SECP256R1()), datetime.datetime(2020, 1, 1)
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "alcazar.test")])
    made = x509.CertificateBuilder(subject, subject, key.public_key(), 1, then, then + datetime.timedelta(days=1))
    return made.sign(key, hashes.SHA256()).public_bytes(Encoding.PEM).decode()


@pytest.fixture
def iam(account):
    return account.root.iam


@pytest.fixture
def user(iam):
    user = {"UserName": name("user")}
    iam.create_user(**user)
    return user


@pytest.mark.parametrize("body, code", [
    ("ssh-ed25519 AAAA", "UnrecognizedPublicKeyEncoding"), ("ssh-rsa AAAA", "InvalidPublicKey"),
    ("-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----", "InvalidPublicKey"),
])
def test_what_is_no_key_for_ssh(iam, user, body, code):
    with refused(code):
        iam.upload_ssh_public_key(SSHPublicKeyBody=body, **user)
    assert iam.list_ssh_public_keys(**user)["SSHPublicKeys"] == []


def test_a_key_or_certificate_that_is_there_already(iam, user):
    key, (body, _) = public_key(), certificate()
    iam.upload_ssh_public_key(SSHPublicKeyBody=key, **user)
    iam.upload_signing_certificate(CertificateBody=body, **user)
    with refused("DuplicateSSHPublicKey"):
        iam.upload_ssh_public_key(SSHPublicKeyBody=key, **user)
    with refused("DuplicateCertificate"):
        iam.upload_signing_certificate(CertificateBody=body, **user)


def test_what_is_no_certificate_now(iam, user):
    with refused("MalformedCertificate"):
        iam.upload_signing_certificate(CertificateBody="x", **user)
    with refused("InvalidCertificate"):
        iam.upload_signing_certificate(CertificateBody=expired_certificate(), **user)
    assert iam.list_signing_certificates(**user)["Certificates"] == []


def test_a_service_that_has_no_credentials_of_its_own(iam, user):
    with refused("NotSupportedService"):
        iam.create_service_specific_credential(ServiceName="s3.amazonaws.com", **user)


def test_a_policy_of_a_service_linked_role_is_for_no_other(iam, account):
    role = account.role().rpartition("/")[2]
    policy = "arn:aws:iam::aws:policy/aws-service-role/AWSOrganizationsServiceTrustPolicy"
    with refused("PolicyNotAttachable"):
        iam.attach_role_policy(RoleName=role, PolicyArn=policy)


def test_there_is_no_report_before_one_is_made(iam):
    with refused("ReportNotPresent"):
        iam.get_credential_report()


def test_only_users_have_a_password_to_change(account):
    with refused("InvalidUserType"):
        account.root.iam.change_password(OldPassword="a", NewPassword="b")


def test_who_guesses_a_password_waits(iam, account):
    ann = account.user(allow("iam:ChangePassword"))
    iam.create_login_profile(UserName=ann.name, Password="Tr0ub4dor&3")
    for _ in range(5):
        with refused("AccessDenied"):
            ann.iam.change_password(OldPassword="guess", NewPassword="staple-Battery9")
    with refused("EntityTemporarilyUnmodifiable"):
        ann.iam.change_password(OldPassword="Tr0ub4dor&3", NewPassword="staple-Battery9")


def test_root_access_is_for_organizations_with_all_features(server, account):
    with refused("OrganizationNotFoundException"):
        account.root.iam.enable_organizations_root_sessions()
    account.root.organizations.create_organization(FeatureSet="CONSOLIDATED_BILLING")
    with refused("OrganizationNotInAllFeaturesModeException"):
        account.root.iam.enable_organizations_root_sessions()
    organization = Organization(server)
    with refused("ServiceAccessNotEnabledException"):
        organization.management.root.iam.enable_organizations_root_sessions()
    organization.client.enable_aws_service_access(ServicePrincipal=ROOT_SESSIONS)
    member = organization.account()
    user = organization.management.user(allow("sts:AssumeRole"))
    inside = assume(user, f"arn:aws:iam::{member}:role/OrganizationAccountAccessRole")
    with refused("AccountNotManagementOrDelegatedAdministratorException"):
        inside.iam.enable_organizations_root_sessions()
    organization.client.register_delegated_administrator(AccountId=member, ServicePrincipal=ROOT_SESSIONS)
    with refused("CallerIsNotManagementAccountException"):
        inside.iam.enable_organizations_root_sessions()
