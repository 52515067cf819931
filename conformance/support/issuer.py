"""An OpenID Connect issuer that was not written for these tests: the npm package oidc-provider, in a process of its own."""

import http.client
import json
import ssl
import subprocess
from datetime import datetime, timedelta, timezone
from hashlib import sha1
from urllib.parse import urlencode

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from support.consumers import node
from support.server import environment

HOST = "id.company.example"
URL = f"https://{HOST}"


class Certified:
    """A key and a certificate of it; by itself, or by another."""

    def __init__(self, subject, by=None, host=None):
        self.key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(timezone.utc)
        self.name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, subject)])
        by = by or self
        built = (x509.CertificateBuilder().subject_name(self.name).issuer_name(by.name).public_key(self.key.public_key())
                 .serial_number(x509.random_serial_number()).not_valid_before(now - timedelta(days=1))
                 .not_valid_after(now + timedelta(days=10))
                 .add_extension(x509.BasicConstraints(ca=host is None, path_length=None), critical=True))
        if host:
            built = built.add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
        self.certificate = built.sign(by.key, hashes.SHA256())

    @property
    def pem(self):
        return self.certificate.public_bytes(serialization.Encoding.PEM)

    @property
    def thumbprint(self):
        return sha1(self.certificate.public_bytes(serialization.Encoding.DER)).hexdigest()


class PackagedIssuer:
    """The issuer, with an authority whose intermediate certifies it; tokens of its clients."""

    def __init__(self, folder, host=HOST):
        self.authority = Certified("authority of issuers")
        self.intermediate = Certified("intermediate of issuers", self.authority)
        own = Certified("issuer", self.intermediate, host)
        self.authority_file = folder / "oidc-ca.pem"
        self.authority_file.write_bytes(self.authority.pem)
        certificates, key = folder / "issuer.pem", folder / "issuer.key"
        certificates.write_bytes(own.pem + self.intermediate.pem)
        key.write_bytes(own.key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))
        self.host, self.url = host, f"https://{host}"
        self.log = open(folder / "issuer.log", "w")
        self.process = subprocess.Popen(
            node("issuer.mjs", self.url, certificates, key), stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=self.log, text=True, env=environment())
        self.port = int(self._heard().removeprefix("listening "))
        self.tls = ssl.create_default_context(cafile=self.authority_file)
        self.tls.check_hostname = False  # It is asked by its address.

    def _heard(self):
        for line in self.process.stdout:
            if line.startswith("> "):
                return line.removeprefix("> ").strip()
        raise AssertionError("the issuer ended")

    def _told(self, line):
        self.process.stdin.write(f"{line}\n")
        self.process.stdin.flush()
        return self._heard()

    def rotate(self):
        """From here on it has other keys, and those alone."""
        self._told("rotate")

    def asked(self):
        """How often somebody has asked for its keys."""
        return int(self._told("asked"))

    @property
    def listed(self):
        """How the server finds it, though its address is not a public one."""
        return ["--oidc-fetch-from", f"{self.host}=127.0.0.1:{self.port}"]

    def token(self, audience, algorithm="RS256"):
        """What the issuer gives to a client that asks for it."""
        connection = http.client.HTTPSConnection("127.0.0.1", self.port, context=self.tls, timeout=30)
        form = urlencode({"grant_type": "client_credentials", "client_id": f"pipeline-{algorithm}",
                          "client_secret": "secret", "resource": audience})
        headers = {"Host": self.host, "Content-Type": "application/x-www-form-urlencoded"}
        connection.request("POST", "/token", form, headers)
        answer = connection.getresponse()
        text = answer.read()
        connection.close()
        assert answer.status == 200, text
        return json.loads(text)["access_token"]

    def close(self):
        self.process.stdin.close()
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()
        self.log.close()
