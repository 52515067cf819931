"""An authority of the tests' own, that vouches for databases."""

import ipaddress
from datetime import datetime, timedelta, timezone

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec


class Authority:
    """A key that signs certificates; its own is in `file`."""

    def __init__(self, folder):
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "authority of databases")])
        built = self._build(self.name, self.key).add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        self.file = folder / "authority.pem"
        self.file.write_bytes(self._signed(built))

    def issue(self, folder, address, identity):
        """A certificate for an address, and its key, as files of whoever runs the database."""
        key = ec.generate_private_key(ec.SECP256R1())
        names = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(address))])
        certificate = self._signed(self._build(x509.Name([]), key).add_extension(names, critical=True))
        private = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        files = folder / "certificate.pem", folder / "key.pem"
        for file, content in zip(files, (certificate, private)):
            file.write_bytes(content)
            file.chmod(0o600)
            identity(file)
        return files

    def _build(self, subject, key):
        now = datetime.now(timezone.utc)
        return (x509.CertificateBuilder().subject_name(subject).issuer_name(self.name).public_key(key.public_key())
                .serial_number(x509.random_serial_number()).not_valid_before(now - timedelta(days=1))
                .not_valid_after(now + timedelta(days=1)))

    def _signed(self, built):
        return built.sign(self.key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)
