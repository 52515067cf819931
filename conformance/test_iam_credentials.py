"""Passwords, MFA devices, keys, certificates and reports, by boto3."""

import csv
import io

import pytest

from support.account import allow, assume, document, session, trust
from support.credentials import Authenticator, certificate, public_key
from support.refusal import refused

TAGS = [{"Key": "color", "Value": "blue"}]


@pytest.fixture
def iam(account):
    return account.root.iam


def test_the_password_policy_comes_and_goes(iam):
    iam.update_account_password_policy(MinimumPasswordLength=12, MaxPasswordAge=90, PasswordReusePrevention=3)
    found = iam.get_account_password_policy()["PasswordPolicy"]
    assert found["MinimumPasswordLength"] == 12 and found["ExpirePasswords"] is True and found["MaxPasswordAge"] == 90
    iam.delete_account_password_policy()
    with refused("NoSuchEntity", "The Password Policy with domain name"):
        iam.get_account_password_policy()


def test_a_user_changes_a_password(iam, account):
    ann = account.user(allow("iam:ChangePassword"))
    who = {"UserName": ann.arn.rpartition("/")[2]}
    iam.create_login_profile(Password="Tr0ub4dor&3", PasswordResetRequired=True, **who)
    assert iam.get_login_profile(**who)["LoginProfile"]["PasswordResetRequired"] is True
    ann.iam.change_password(OldPassword="Tr0ub4dor&3", NewPassword="correct-Horse7")
    assert iam.get_login_profile(**who)["LoginProfile"]["PasswordResetRequired"] is False
    with refused("AccessDenied", "The old password was incorrect"):
        ann.iam.change_password(OldPassword="Tr0ub4dor&3", NewPassword="staple-Battery9")
    with refused("PasswordPolicyViolation"):
        iam.update_login_profile(Password="weak", **who)
    iam.update_login_profile(Password="staple-Battery9", **who)
    iam.delete_login_profile(**who)


def test_a_device_is_enabled_used_and_taken_away(iam, account):
    ann = account.user(allow("sts:AssumeRole"), allow("iam:GetUser"))
    who = {"UserName": ann.arn.rpartition("/")[2]}
    app = Authenticator(iam, "phone")
    assert app.picture.startswith(b"\x89PNG") and len(app.seed) == 64
    serial = {"SerialNumber": app.serial_number}
    with refused("InvalidAuthenticationCode"):
        iam.enable_mfa_device(**who, **app.two(50, 51))
    iam.enable_mfa_device(**who, **app.two(-2, -1))
    assert iam.list_mfa_devices(**who)["MFADevices"][0]["SerialNumber"] == app.serial_number
    assert iam.get_mfa_device(**who, **serial)["UserName"] == who["UserName"]
    assert iam.list_virtual_mfa_devices()["VirtualMFADevices"][0]["User"]["UserName"] == who["UserName"]
    code = app.code()
    credentials = ann.sts.get_session_token(TokenCode=code, **serial)["Credentials"]
    assert session(account.server, credentials).iam.get_user()["User"]["UserName"] == who["UserName"]
    with refused("AccessDenied", "invalid MFA one time pass code"):
        ann.sts.get_session_token(TokenCode=code, **serial)
    iam.resync_mfa_device(**who, **app.two(3, 4))
    iam.tag_mfa_device(Tags=TAGS, **serial)
    assert iam.list_mfa_device_tags(**serial)["Tags"] == TAGS
    iam.untag_mfa_device(TagKeys=["color"], **serial)
    iam.deactivate_mfa_device(**who, **serial)
    iam.delete_virtual_mfa_device(**serial)
    assert iam.list_virtual_mfa_devices()["VirtualMFADevices"] == []


def test_a_role_that_demands_a_device(iam, account):
    ann = account.user(allow("sts:AssumeRole"))
    app = Authenticator(iam, "phone")
    iam.enable_mfa_device(UserName=ann.arn.rpartition("/")[2], **app.two(-2, -1))
    demand = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}
    role = iam.create_role(RoleName="guarded", AssumeRolePolicyDocument=trust(account.root_arn, Condition=demand))
    arn = role["Role"]["Arn"]
    with refused("AccessDenied"):
        assume(ann, arn)
    assume(ann, arn, SerialNumber=app.serial_number, TokenCode=app.code())


def test_keys_for_ssh(iam):
    iam.create_user(UserName="ann")
    made = iam.upload_ssh_public_key(UserName="ann", SSHPublicKeyBody=public_key())["SSHPublicKey"]
    key = {"UserName": "ann", "SSHPublicKeyId": made["SSHPublicKeyId"]}
    found = iam.get_ssh_public_key(Encoding="SSH", **key)["SSHPublicKey"]
    assert found["SSHPublicKeyBody"].startswith("ssh-rsa ") and found["Fingerprint"] == made["Fingerprint"]
    iam.update_ssh_public_key(Status="Inactive", **key)
    assert iam.list_ssh_public_keys(UserName="ann")["SSHPublicKeys"][0]["Status"] == "Inactive"
    iam.delete_ssh_public_key(**key)


def test_signing_certificates(iam):
    iam.create_user(UserName="ann")
    body, _ = certificate()
    made = iam.upload_signing_certificate(UserName="ann", CertificateBody=body)["Certificate"]
    named = {"UserName": "ann", "CertificateId": made["CertificateId"]}
    iam.update_signing_certificate(Status="Inactive", **named)
    assert iam.list_signing_certificates(UserName="ann")["Certificates"][0]["Status"] == "Inactive"
    iam.delete_signing_certificate(**named)


def test_server_certificates(iam):
    body, key = certificate()
    iam.upload_server_certificate(ServerCertificateName="web", CertificateBody=body, PrivateKey=key, Tags=TAGS)
    with refused("KeyPairMismatch"):
        iam.upload_server_certificate(ServerCertificateName="x", CertificateBody=body, PrivateKey=certificate()[1])
    iam.tag_server_certificate(ServerCertificateName="web", Tags=[{"Key": "a", "Value": "1"}])
    iam.untag_server_certificate(ServerCertificateName="web", TagKeys=["a"])
    assert iam.list_server_certificate_tags(ServerCertificateName="web")["Tags"] == TAGS
    iam.update_server_certificate(ServerCertificateName="web", NewServerCertificateName="www")
    assert len(iam.list_server_certificates()["ServerCertificateMetadataList"]) == 1
    assert iam.get_server_certificate(ServerCertificateName="www")["ServerCertificate"]["Tags"] == TAGS
    iam.delete_server_certificate(ServerCertificateName="www")


def test_passwords_for_services(iam):
    iam.create_user(UserName="ann")
    service = {"UserName": "ann", "ServiceName": "codecommit.amazonaws.com"}
    made = iam.create_service_specific_credential(**service)["ServiceSpecificCredential"]
    named = {"UserName": "ann", "ServiceSpecificCredentialId": made["ServiceSpecificCredentialId"]}
    again = iam.reset_service_specific_credential(**named)["ServiceSpecificCredential"]
    assert again["ServicePassword"] != made["ServicePassword"]
    iam.update_service_specific_credential(Status="Inactive", **named)
    assert iam.list_service_specific_credentials(UserName="ann")["ServiceSpecificCredentials"][0]["Status"] == "Inactive"
    iam.delete_service_specific_credential(**named)


def test_the_credential_report(iam):
    iam.create_user(UserName="ann")
    with refused("ReportNotPresent"):
        iam.get_credential_report()
    assert iam.generate_credential_report()["State"] == "STARTED"
    found = iam.get_credential_report()
    lines = list(csv.DictReader(io.StringIO(found["Content"].decode())))
    assert found["ReportFormat"] == "text/csv" and [line["user"] for line in lines] == ["<root_account>", "ann"]
    assert lines[0]["access_key_1_active"] == "true" and lines[1]["password_enabled"] == "false"


def test_all_that_an_account_may_do(iam):
    for name in ("ann", "bob"):
        iam.create_user(UserName=name, Tags=TAGS)
    iam.put_user_policy(UserName="ann", PolicyName="p", PolicyDocument=document(allow("s3:*")))
    pages = list(iam.get_paginator("get_account_authorization_details").paginate(PaginationConfig={"PageSize": 1}))
    users = [user for page in pages for user in page["UserDetailList"]]
    assert [user["UserName"] for user in users] == ["ann", "bob"]
    assert users[0]["UserPolicyList"][0]["PolicyDocument"]["Statement"][0]["Action"] == ["s3:*"]
