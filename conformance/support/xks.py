"""An external key store proxy of the tests' own: the published interface over TLS, in front of AES keys in memory."""

import base64
import hashlib
import itertools
import json
import re
import ssl
import threading
from datetime import datetime, timedelta, timezone
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from cryptography import x509
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

HOST = "xks.example.com"
NUMBERS = itertools.count(1)
SIGNED = re.compile(r"AWS4-HMAC-SHA256 Credential=([^/]+)/\d{8}/([^/]+)/kms-xks-proxy/aws4_request, "
                    r"SignedHeaders=([^,]+), Signature=([0-9a-f]{64})")


def calls():
    """A call for each operation on custom key stores that needs none to be there."""
    named = {"CustomKeyStoreId": "cks-0123456789abcdef0"}
    made = {"CustomKeyStoreName": "new", "CustomKeyStoreType": "EXTERNAL_KEY_STORE", **Realm(None).settings()}
    return {
        "CreateCustomKeyStore": made, "DescribeCustomKeyStores": {}, "ConnectCustomKeyStore": named,
        "DisconnectCustomKeyStore": named, "DeleteCustomKeyStore": named,
        "UpdateCustomKeyStore": named | {"NewCustomKeyStoreName": "newer"},
    }


def b64(content):
    return base64.b64encode(content).decode()


class Refused(Exception):
    """The proxy answers with an error."""

    def __init__(self, status, error):
        super().__init__(error)
        self.status, self.error = status, error


class Realm:
    """What one key store sees of the proxy: a path and a credential of its own, and keys by id."""

    def __init__(self, proxy):
        self.proxy = proxy
        self.path = f"/realm{next(NUMBERS)}/kms/xks/v1"
        self.access_key_id = "ABCDEFGHIJKLMNOPQRST"
        self.secret = b64(hashlib.sha256(self.path.encode()).digest())
        self.keys = {}
        self.asked = []
        self.answer = None

    def settings(self, **changed):
        """What CreateCustomKeyStore is told of it."""
        credential = {"AccessKeyId": self.access_key_id, "RawSecretAccessKey": self.secret}
        return {"XksProxyUriEndpoint": f"https://{HOST}", "XksProxyUriPath": self.path,
                "XksProxyConnectivity": "PUBLIC_ENDPOINT", "XksProxyAuthenticationCredential": credential} | changed

    def add(self, key, **changed):
        """A key that may be used."""
        self.keys[key] = {"secret": AESGCM.generate_key(256), "keySpec": "AES_256",
                          "keyUsage": ["ENCRYPT", "DECRYPT"], "keyStatus": "ENABLED"} | changed
        return key

    def check(self, path, headers, body):
        """The signature, made anew by botocore."""
        signed = SIGNED.fullmatch(headers.get("Authorization", ""))
        if not signed or signed[1] != self.access_key_id:
            raise Refused(401, "AuthenticationFailedException")
        assert set(signed[3].split(";")) >= {"content-type", "host", "x-amz-date"}
        auth = SigV4Auth(Credentials(signed[1], self.secret), "kms-xks-proxy", signed[2])
        request = AWSRequest("POST", f"https://{HOST}{path}", data=body,
                             headers={name: headers[name] for name in signed[3].split(";")})
        request.context["timestamp"] = headers["X-Amz-Date"]
        expected = auth.signature(auth.string_to_sign(request, auth.canonical_request(request)), request)
        if expected != signed[4]:
            raise Refused(401, "AuthenticationFailedException")

    def respond(self, path, body):
        """What an honest proxy answers."""
        if path == "/health":
            manager = {"id": "1", "model": "memory", "healthStatus": "ACTIVE"}
            return {"xksProxyFleetSize": 1, "xksProxyVendor": "tests", "xksProxyModel": "memory", "ekmVendor": "tests",
                    "ekmFleetDetails": [manager]}
        _, _, key, operation = path.split("/")
        if key not in self.keys:
            raise Refused(404, "KeyNotFoundException")
        key = self.keys[key]
        if operation == "metadata":
            return {member: key[member] for member in ("keySpec", "keyUsage", "keyStatus")}
        if key["keyStatus"] != "ENABLED":
            raise Refused(400, "InvalidStateException")
        assert body["encryptionAlgorithm"] == "AES_GCM"
        return (self._encrypt if operation == "encrypt" else self._decrypt)(key, body)

    def _encrypt(self, key, body):
        aad, plaintext = (base64.b64decode(body[name]) for name in ("additionalAuthenticatedData", "plaintext"))
        iv, metadata = AESGCM.generate_key(128)[:12], b"version=1"
        sealed = AESGCM(key["secret"]).encrypt(iv, plaintext, aad + metadata)
        ciphertext, tag = sealed[:-16], sealed[-16:]
        assert body["ciphertextDataIntegrityValueAlgorithm"] == "SHA_256"
        integrity = hashlib.sha256(aad + metadata + iv + ciphertext + tag).digest()
        return {"ciphertext": b64(ciphertext), "ciphertextMetadata": b64(metadata), "initializationVector": b64(iv),
                "authenticationTag": b64(tag), "ciphertextDataIntegrityValue": b64(integrity)}

    def _decrypt(self, key, body):
        names = ("additionalAuthenticatedData", "ciphertextMetadata", "initializationVector", "ciphertext",
                 "authenticationTag")
        aad, metadata, iv, ciphertext, tag = (base64.b64decode(body[name]) for name in names)
        try:
            return {"plaintext": b64(AESGCM(key["secret"]).decrypt(iv, ciphertext + tag, aad + metadata))}
        except InvalidTag as wrong:
            raise Refused(400, "InvalidCiphertextException") from wrong


class Proxy:
    """A proxy on a port of its own, with a certificate of an authority of its own."""

    def __init__(self, folder):
        self.folder = Path(folder)
        self.realms = {}
        self.released = threading.Event()
        self.issue(HOST)
        self.port = 0
        self.start()

    def start(self):
        """Listens, at the same port as before."""
        self.server = Listening(("127.0.0.1", self.port), self)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def stop(self):
        """Nobody answers any more."""
        self.server.shutdown()
        self.server.server_close()

    def close(self):
        """It is not needed any more, by nobody that waits for it either."""
        self.released.set()
        self.stop()

    def realm(self):
        made = Realm(self)
        self.realms[made.path] = made
        return made

    def of_guide(self, folder):
        """What docs/guide/key-stores.md takes for granted: a path, a credential, a key, and the authority in a file."""
        realm = self.realm()
        realm.secret = "c2VjcmV0IG9mIHRoZSBwcm94eSBpbiB0aGUgZ3VpZGUu"
        realm.add("vault-key-1")
        self.realms["/example/kms/xks/v1"] = realm
        (folder / "xks-ca.pem").write_bytes((self.folder / "xks-ca.pem").read_bytes())

    @property
    def options(self):
        """How the server finds it."""
        return ["--xks-proxy", f"{HOST}=127.0.0.1:{self.port}", "--xks-ca", str(self.folder / "xks-ca.pem")]

    def issue(self, host, ca=None):
        """A certificate for `host`, by the authority `ca` or a new one."""
        now, own = datetime.now(timezone.utc), ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "authority of proxies")])
        self.authority = ca or ec.generate_private_key(ec.SECP256R1())

        def certificate(subject, key):
            return (x509.CertificateBuilder().subject_name(subject).issuer_name(name).public_key(key.public_key())
                    .serial_number(x509.random_serial_number()).not_valid_before(now - timedelta(days=1))
                    .not_valid_after(now + timedelta(days=10)))
        authority = certificate(name, self.authority)
        authority = authority.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        names = x509.SubjectAlternativeName([x509.DNSName(host)])
        leaf = certificate(x509.Name([]), own).add_extension(names, critical=True)
        write = lambda name, *parts: (self.folder / name).write_bytes(b"".join(parts))
        encoding = serialization.Encoding.PEM
        write("xks-ca.pem", authority.sign(self.authority, hashes.SHA256()).public_bytes(encoding))
        write("xks.pem", leaf.sign(self.authority, hashes.SHA256()).public_bytes(encoding), own.private_bytes(
            encoding, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))


class Listening(ThreadingHTTPServer):
    """The port."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, address, proxy):
        super().__init__(address, Handler)
        self.proxy = proxy
        self.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.tls.load_cert_chain(proxy.folder / "xks.pem")

    def finish_request(self, request, client_address):
        # On a thread of its own: nobody's handshake keeps others waiting.
        with self.tls.wrap_socket(request, server_side=True) as secured:
            super().finish_request(secured, client_address)

    def handle_error(self, request, client_address):
        """Whoever went away is not missed."""


class Handler(BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        head, _, rest = self.path.partition("/kms/xks/v1")
        realm = self.server.proxy.realms.get(f"{head}/kms/xks/v1")
        try:
            if realm is None:
                raise Refused(404, "InvalidUriPathException")
            realm.check(self.path, self.headers, body)
            realm.asked.append((rest, json.loads(body)))
            answer = realm.answer(rest) if realm.answer else None
            if isinstance(answer, bytes):
                self.wfile.write(answer)
                self.close_connection = True
                return
            self._say(200, realm.respond(rest, json.loads(body)) | (answer or {}))
        except Refused as refused:
            self._say(refused.status, {"errorName": refused.error})

    def _say(self, status, content):
        text = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *_):
        """Nothing is to be said."""
