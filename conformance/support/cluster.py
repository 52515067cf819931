"""CloudHSM clusters: their owner's certificate authority, and their tokens as a PKCS#11 client sees them."""

import json
import subprocess
import sys
import time
from datetime import datetime, timedelta, timezone

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from support.server import environment
from support.token import MODULE

WITHIN = 60


class Authority:
    """The owner's certificate authority."""

    def __init__(self):
        self.key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self.name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "owner")])
        ca = x509.BasicConstraints(ca=True, path_length=None)
        self.certificate = self._certificate(self.name, self.key.public_key()).add_extension(ca, critical=True).sign(
            self.key, hashes.SHA256())

    def _certificate(self, subject, public_key):
        now = datetime.now(timezone.utc)
        return (x509.CertificateBuilder().subject_name(subject).issuer_name(self.name).public_key(public_key)
                .serial_number(x509.random_serial_number()).not_valid_before(now - timedelta(days=1))
                .not_valid_after(now + timedelta(days=10)))

    def sign(self, request):
        """A certificate for a PKCS#10 request, whose own signature is checked first."""
        request = x509.load_pem_x509_csr(request.encode())
        assert request.is_signature_valid
        return pem(self._certificate(request.subject, request.public_key()).sign(self.key, hashes.SHA256()))


def pem(certificate):
    return certificate.public_bytes(serialization.Encoding.PEM).decode()


def until(check):
    """Waits for a duty of the server."""
    end = time.monotonic() + WITHIN
    while not (found := check()):
        assert time.monotonic() < end, "it never came to that"
        time.sleep(0.1)
    return found


class Cluster:
    """A cluster of an account."""

    def __init__(self, account, **parameters):
        self.hsm_client = account.root.cloudhsm
        self.server = account.server
        usual = {"HsmType": "hsm1.medium", "SubnetIds": ["subnet-00000001", "subnet-00000002"]}
        made = self.hsm_client.create_cluster(**usual | parameters)
        self.id = made["Cluster"]["ClusterId"]

    def describe(self):
        [found] = self.hsm_client.describe_clusters(Filters={"clusterIds": [self.id]})["Clusters"]
        return found

    def wait(self, state):
        return until(lambda: (found := self.describe())["State"] == state and found)

    def add(self, zone):
        """A new HSM, when it is there."""
        made = self.hsm_client.create_hsm(ClusterId=self.id, AvailabilityZone=zone)["Hsm"]
        assert made["State"] == "CREATE_IN_PROGRESS"
        until(lambda: [hsm for hsm in self.describe()["Hsms"] if hsm["HsmId"] == made["HsmId"] and hsm["State"] == "ACTIVE"])
        return Hsm(self.server, self.id, made["HsmId"])

    def initialize(self, authority):
        request = self.describe()["Certificates"]["ClusterCsr"]
        answer = self.hsm_client.initialize_cluster(
            ClusterId=self.id, SignedCert=authority.sign(request), TrustAnchor=pem(authority.certificate))
        assert answer["State"] == "INITIALIZE_IN_PROGRESS"
        return self.wait("INITIALIZED")


class Hsm:
    """An HSM, as whoever has its PIN reaches it."""

    def __init__(self, server, cluster, hsm):
        self.id = hsm
        self.folder = server.data / "hsms" / cluster / hsm

    def run(self, script, **values):
        """Runs Python in a process that sees this token alone; what it printed as JSON."""
        prologue = ("import json, os, pkcs11\nfrom pkcs11 import *\n"
                    "values = json.loads(os.environ['VALUES'])\n"
                    f"token = pkcs11.lib({MODULE!r}).get_token(token_label='hsm')\n")
        variables = environment(SOFTHSM2_CONF=str(self.folder / "softhsm2.conf"), VALUES=json.dumps(values))
        done = subprocess.run([sys.executable, "-c", prologue + script], env=variables, capture_output=True, text=True,
                              timeout=60)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout) if done.stdout else None

    def activate(self, officer, new_officer, pin):
        """The owner's officer changes the PIN and gives the user one."""
        self.run("with token.open(rw=True, so_pin=values['officer']) as session:\n"
                 "    session.init_pin(values['pin'])\n"
                 "    session.set_pin(values['officer'], values['new_officer'])\n",
                 officer=officer, new_officer=new_officer, pin=pin)
