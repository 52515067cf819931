"""pysaml2's identity provider, and what an attacker makes of its responses."""

import base64
import datetime
import subprocess
import tempfile
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from saml2 import BINDING_HTTP_REDIRECT, xmldsig
from saml2.config import IdPConfig
from saml2.metadata import entity_descriptor
from saml2.saml import NAMEID_FORMAT_PERSISTENT, NameID
from saml2.server import Server

RECIPIENT = "https://signin.aws.amazon.com/saml"
AUDIENCE = "urn:amazon:webservices"
AWS = "https://aws.amazon.com/SAML/Attributes/"

# pysaml2 knows attributes by names of its own.
NAMES = {"Role": f"{AWS}Role", "RoleSessionName": f"{AWS}RoleSessionName", "SourceIdentity": f"{AWS}SourceIdentity",
         "SessionDuration": f"{AWS}SessionDuration", "TransitiveTagKeys": f"{AWS}TransitiveTagKeys",
         "Team": f"{AWS}PrincipalTag:Team", "eduPersonAffiliation": "urn:oid:1.3.6.1.4.1.5923.1.1.1.1"}
ATTRIBUTES = f"""MAP = {{"identifier": "urn:oasis:names:tc:SAML:2.0:attrname-format:uri",
"fro": {({value: key for key, value in NAMES.items()})!r}, "to": {NAMES!r}}}"""


class Pair:
    """An RSA key and its certificate, in files."""

    def __init__(self, folder, name):
        key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        now = datetime.datetime.now(datetime.timezone.utc)
        certificate = (x509.CertificateBuilder().subject_name(subject).issuer_name(subject).serial_number(1)
                       .public_key(key.public_key()).not_valid_before(now)
                       .not_valid_after(now + datetime.timedelta(days=1)).sign(key, hashes.SHA256()))
        self.key = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
        self.certificate = certificate.public_bytes(Encoding.PEM).decode()
        self.key_file, self.certificate_file = folder / f"{name}.key", folder / f"{name}.crt"
        self.key_file.write_text(self.key)
        self.certificate_file.write_text(self.certificate)


class IdentityProvider:
    """An identity provider whose users are who it is told they are."""

    def __init__(self, entity="https://id.example.com/saml"):
        self._kept = tempfile.TemporaryDirectory()
        self.folder = Path(self._kept.name)
        maps = self.folder / "maps"
        maps.mkdir()
        (maps / "aws.py").write_text(ATTRIBUTES)
        self.entity, self.maps = entity, maps
        self.pair = Pair(self.folder, "signing")
        self.server = self._server()

    def _server(self):
        server = Server(config=self._config(self.pair))
        # It knows no metadata of AWS, in which it would look.
        server.has_encrypt_cert_in_metadata = lambda _: False
        return server

    def _config(self, pair):
        endpoint = ("https://id.example.com/sso", BINDING_HTTP_REDIRECT)
        return IdPConfig().load({
            "entityid": self.entity, "key_file": str(pair.key_file), "cert_file": str(pair.certificate_file),
            "attribute_map_dir": str(self.maps), "metadata": {},
            "service": {"idp": {
                "name": "tests", "endpoints": {"single_sign_on_service": [endpoint]},
                "policy": {"default": {"lifetime": {"minutes": 5}, "attribute_restrictions": None,
                                       "name_form": "urn:oasis:names:tc:SAML:2.0:attrname-format:uri"}}}}})

    def metadata(self):
        """What it publishes of itself."""
        return "<!-- " + "for at least a thousand characters " * 20 + "-->" + str(entity_descriptor(self.server.config))

    def rolled_over(self):
        """Signs with another key from now on. Answers metadata with the certificates of both."""
        before = self.metadata()
        self.pair = Pair(self.folder, "next")
        self.server = self._server()
        own = self.metadata()
        end = "</ns0:KeyDescriptor>"
        old, new = (it[it.index("<ns0:KeyDescriptor"):it.rindex(end) + len(end)] for it in (before, own))
        return own.replace(new, old + new)

    def response(self, attributes, user="ann", recipient=RECIPIENT, audience=AUDIENCE, **signing):
        """A signed response about a user, as XML."""
        signing = signing or {"sign_assertion": True, "sign_response": False}
        subject = NameID(format=NAMEID_FORMAT_PERSISTENT, text=user)
        authentication = {"class_ref": "urn:oasis:names:tc:SAML:2.0:ac:classes:Password"}
        return str(self.server.create_authn_response(
            attributes, in_response_to="_request", destination=recipient, sp_entity_id=audience, name_id=subject,
            authn=authentication, sign_alg=xmldsig.SIG_RSA_SHA256, digest_alg=xmldsig.DIGEST_SHA256, **signing))


    def encrypted(self, response, pair, cipher="http://www.w3.org/2009/xmlenc11#aes256-gcm"):
        """The response with its assertion encrypted for the owner of a key, by xmlsec1."""
        before, assertion, after = parts(response)
        declared = "".join(f' xmlns:{prefix}="{space}"' for prefix, space in SPACES.items())
        plain, template, made = (self.folder / file for file in ("plain.xml", "template.xml", "made.xml"))
        plain.write_text(assertion.replace("<ns1:Assertion", f"<ns1:Assertion{declared}", 1))
        template.write_text(TEMPLATE.format(cipher=cipher))
        size = "".join(letter for letter in cipher.rpartition("#")[2] if letter.isdigit())
        subprocess.run(["xmlsec1", "--encrypt", "--pubkey-cert-pem", pair.certificate_file, "--session-key", f"aes-{size}",
                        "--xml-data", plain, "--output", made, template], check=True, capture_output=True)
        data = made.read_text().partition("?>")[2].strip()
        return f"{before}<ns1:EncryptedAssertion>{data}</ns1:EncryptedAssertion>{after}"


SPACES = {"ns1": "urn:oasis:names:tc:SAML:2.0:assertion", "ns2": "http://www.w3.org/2000/09/xmldsig#",
          "xsi": "http://www.w3.org/2001/XMLSchema-instance"}
TEMPLATE = """<?xml version="1.0"?>
<xenc:EncryptedData xmlns:xenc="http://www.w3.org/2001/04/xmlenc#" Type="http://www.w3.org/2001/04/xmlenc#Element">
<xenc:EncryptionMethod Algorithm="{cipher}"/><ds:KeyInfo xmlns:ds="http://www.w3.org/2000/09/xmldsig#">
<xenc:EncryptedKey><xenc:EncryptionMethod Algorithm="http://www.w3.org/2001/04/xmlenc#rsa-oaep-mgf1p"/>
<xenc:CipherData><xenc:CipherValue/></xenc:CipherData></xenc:EncryptedKey></ds:KeyInfo>
<xenc:CipherData><xenc:CipherValue/></xenc:CipherData></xenc:EncryptedData>"""


def parts(response):
    """What is before the assertion, the assertion, and what is behind it."""
    begins, end = response.index("<ns1:Assertion"), "</ns1:Assertion>"
    ends = response.rindex(end) + len(end)
    return response[:begins], response[begins:ends], response[ends:]


def encoded(response):
    return base64.b64encode(response.encode()).decode()
