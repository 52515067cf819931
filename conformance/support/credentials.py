"""Authenticator apps and certificates, and for each operation on credentials a call to deny."""

import base64
import hashlib
import hmac
import struct
import subprocess
import time


def totp(seed, step):
    """The code that an app with this base32 seed shows at a step of thirty seconds (RFC 6238)."""
    digest = hmac.new(base64.b32decode(seed), struct.pack(">Q", step), hashlib.sha1).digest()
    offset = digest[-1] & 15
    return f"{(struct.unpack('>I', digest[offset:offset + 4])[0] & 0x7FFFFFFF) % 1_000_000:06}"


class Authenticator:
    """A virtual MFA device of an account."""

    def __init__(self, iam, name):
        made = iam.create_virtual_mfa_device(VirtualMFADeviceName=name)["VirtualMFADevice"]
        self.serial_number, self.seed, self.picture = made["SerialNumber"], made["Base32StringSeed"], made["QRCodePNG"]

    def code(self, later=0):
        return totp(self.seed, int(time.time()) // 30 + later)

    def two(self, *later):
        """What EnableMFADevice and ResyncMFADevice take beside the user."""
        first, second = (self.code(step) for step in later)
        return {"SerialNumber": self.serial_number, "AuthenticationCode1": first, "AuthenticationCode2": second}


def openssl(*arguments, given=None):
    done = subprocess.run(["openssl", *arguments], input=given, capture_output=True, text=True, check=True)
    return done.stdout


def certificate():
    """A self-signed certificate and its private key, in PEM."""
    key = openssl("genrsa", "2048")
    request = ("req", "-x509", "-new", "-key", "/dev/stdin", "-subj", "/CN=alcazar.test", "-days", "30")
    return openssl(*request, given=key), key


def public_key():
    """An RSA public key in PEM."""
    return openssl("rsa", "-pubout", given=openssl("genrsa", "2048"))


def calls(scene):
    """Parameters of a call for each operation of IAM on credentials."""
    user = {"UserName": scene.user}
    serial = {"SerialNumber": f"arn:aws:iam::{scene.account.id}:mfa/none"}
    codes = {"AuthenticationCode1": "123456", "AuthenticationCode2": "123456"}
    password, status = {"Password": "Tr0ub4dor&3"}, {"Status": "Inactive"}
    tags, keys = {"Tags": [{"Key": "color", "Value": "red"}]}, {"TagKeys": ["color"]}
    ssh, signing = user | {"SSHPublicKeyId": "APKA" + "A" * 16}, user | {"CertificateId": "A" * 28}
    service, server = user | {"ServiceSpecificCredentialId": "ACCA" + "A" * 16}, {"ServerCertificateName": "none"}
    return {
        "ChangePassword": {"OldPassword": "old", "NewPassword": "new"},
        "CreateLoginProfile": user | password, "UpdateLoginProfile": user | password,
        "GetLoginProfile": user, "DeleteLoginProfile": user,
        "GetAccountPasswordPolicy": {}, "DeleteAccountPasswordPolicy": {},
        "UpdateAccountPasswordPolicy": {"HardExpiry": True},
        "CreateVirtualMFADevice": {"VirtualMFADeviceName": "new"}, "DeleteVirtualMFADevice": serial,
        "EnableMFADevice": user | serial | codes, "ResyncMFADevice": user | serial | codes,
        "DeactivateMFADevice": user | serial, "GetMFADevice": user | serial,
        "ListMFADevices": user, "ListVirtualMFADevices": {},
        "TagMFADevice": serial | tags, "UntagMFADevice": serial | keys, "ListMFADeviceTags": serial,
        "UploadSSHPublicKey": user | {"SSHPublicKeyBody": "ssh-rsa AAAA"}, "ListSSHPublicKeys": user,
        "GetSSHPublicKey": ssh | {"Encoding": "SSH"}, "UpdateSSHPublicKey": ssh | status, "DeleteSSHPublicKey": ssh,
        "UploadSigningCertificate": user | {"CertificateBody": "x"}, "ListSigningCertificates": user,
        "UpdateSigningCertificate": signing | status, "DeleteSigningCertificate": signing,
        "CreateServiceSpecificCredential": user | {"ServiceName": "codecommit.amazonaws.com"},
        "ListServiceSpecificCredentials": user, "ResetServiceSpecificCredential": service,
        "UpdateServiceSpecificCredential": service | status, "DeleteServiceSpecificCredential": service,
        "UploadServerCertificate": server | {"CertificateBody": "x", "PrivateKey": "x"},
        "GetServerCertificate": server, "ListServerCertificates": {}, "DeleteServerCertificate": server,
        "UpdateServerCertificate": server | {"NewPath": "/moved/"},
        "TagServerCertificate": server | tags, "UntagServerCertificate": server | keys,
        "ListServerCertificateTags": server,
        "GenerateCredentialReport": {}, "GetCredentialReport": {}, "GetAccountAuthorizationDetails": {},
    }
