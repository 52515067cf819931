"""KMS and OpenSSL's command line, both ways: what the one signs, encrypts or agrees on, the other verifies, decrypts and
agrees on. Ed25519ph, ML-DSA and ML-KEM are not in every OpenSSL: test_kms_algorithms.py has them."""

import functools
import subprocess

import pytest

from support.account import Account
from support.importing import external_key, importing
from support.refusal import refused

RSA = {"RSA_2048": 2048, "RSA_3072": 3072, "RSA_4096": 4096}
CURVES = {"ECC_NIST_P256": "P-256", "ECC_NIST_P384": "P-384", "ECC_NIST_P521": "P-521", "ECC_SECG_P256K1": "secp256k1"}
ECDSA = {"ECC_NIST_P256": 256, "ECC_NIST_P384": 384, "ECC_NIST_P521": 512, "ECC_SECG_P256K1": 256}
ED25519 = "ECC_NIST_EDWARDS25519"
SIGNING = ([(spec, f"RSASSA_{scheme}_SHA_{bits}") for spec in RSA for scheme in ("PSS", "PKCS1_V1_5")
            for bits in (256, 384, 512)]
           + [(spec, f"ECDSA_SHA_{bits}") for spec, bits in ECDSA.items()] + [(ED25519, "ED25519_SHA_512")])
OAEP = [(spec, f"RSAES_OAEP_{hashed}") for spec in RSA for hashed in ("SHA_1", "SHA_256")]
DER = ("-keyform", "DER")


class OpenSsl:
    """The command line in a folder of its own."""

    def __init__(self, folder):
        self.folder = folder

    def write(self, **files):
        for name, content in files.items():
            (self.folder / name).write_bytes(content)

    def run(self, *arguments):
        command = ["openssl", *map(str, arguments)]
        return subprocess.run(command, cwd=self.folder, capture_output=True, text=True, check=False)

    def makes(self, name, tool, *arguments):
        """What a command writes into the file `name`."""
        done = self.run(tool, "-out", name, *arguments)
        assert done.returncode == 0, done
        return (self.folder / name).read_bytes()

    def private(self, spec):
        """A new key pair of a spec of KMS, in the file `private`: its PKCS#8."""
        kind = ["RSA", "-pkeyopt", f"rsa_keygen_bits:{RSA[spec]}"] if spec in RSA else ["ed25519"]
        if spec in CURVES:
            kind = ["EC", "-pkeyopt", f"ec_paramgen_curve:{CURVES[spec]}", "-pkeyopt", "ec_param_enc:named_curve"]
        self.makes("private.pem", "genpkey", "-algorithm", *kind)
        return self.makes("private", "pkcs8", "-topk8", "-nocrypt", "-in", "private.pem", "-outform", "DER")

    def public(self):
        """The public half of `private`."""
        return self.makes("public", "pkey", "-inform", "DER", "-in", "private", "-pubout", "-outform", "DER")

    def sign(self, algorithm):
        """A signature over the file `message` by `private`."""
        if algorithm == "ED25519_SHA_512":
            return self.makes("signature", "pkeyutl", "-sign", *DER, "-inkey", "private", "-rawin", "-in", "message")
        return self.makes("signature", "dgst", *digest(algorithm), *DER, "-sign", "private", "message")

    def verifies(self, algorithm):
        """Whether the files `signature`, `message` and `public` go together."""
        if algorithm == "ED25519_SHA_512":
            done = self.run("pkeyutl", "-verify", "-pubin", *DER, "-inkey", "public", "-rawin", "-in", "message",
                            "-sigfile", "signature")
            return done.returncode == 0 and "Verified Successfully" in done.stdout
        done = self.run("dgst", *digest(algorithm), *DER, "-verify", "public", "-signature", "signature", "message")
        return done.returncode == 0 and done.stdout == "Verified OK\n"


def digest(algorithm):
    """How `openssl dgst` is told of it; salt has the length of the digest, as KMS documents."""
    hashed = f"sha{algorithm[-3:]}"
    options = ("rsa_padding_mode:pss", "rsa_pss_saltlen:digest", f"rsa_mgf1_md:{hashed}") if "PSS" in algorithm else ()
    return [f"-{hashed}"] + [part for option in options for part in ("-sigopt", option)]


def oaep(algorithm):
    hashed = "sha1" if algorithm.endswith("SHA_1") else "sha256"
    options = ("rsa_padding_mode:oaep", f"rsa_oaep_md:{hashed}", f"rsa_mgf1_md:{hashed}")
    return [part for option in options for part in ("-pkeyopt", option)]


@pytest.fixture
def openssl(tmp_path):
    return OpenSsl(tmp_path)


@pytest.fixture(scope="module")
def kms(server):
    return Account.create(server).root.kms


@pytest.fixture(scope="module")
def own_key(kms):
    """A key that KMS made, of a spec and usage: its ARN and public half."""
    @functools.cache
    def made(spec, usage):
        key = kms.create_key(KeySpec=spec, KeyUsage=usage)["KeyMetadata"]["Arn"]
        return key, kms.get_public_key(KeyId=key)["PublicKey"]
    return made


@pytest.fixture(scope="module")
def their_key(kms, tmp_path_factory):
    """A key that OpenSSL made and KMS imported: its ARN and private half."""
    @functools.cache
    def made(spec, usage):
        openssl = OpenSsl(tmp_path_factory.mktemp("openssl"))
        private, key = openssl.private(spec), external_key(kms, KeySpec=spec, KeyUsage=usage)
        importing(kms, key, private, "RSA_AES_KEY_WRAP_SHA_256")
        assert kms.get_public_key(KeyId=key)["PublicKey"] == openssl.public()
        return key, private
    return made


@pytest.mark.parametrize("spec,algorithm", SIGNING)
def test_what_kms_signs_openssl_verifies(kms, own_key, openssl, spec, algorithm):
    key, public = own_key(spec, "SIGN_VERIFY")
    signature = kms.sign(KeyId=key, Message=b"a message", SigningAlgorithm=algorithm)["Signature"]
    openssl.write(public=public, message=b"a message", signature=signature)
    assert openssl.verifies(algorithm)
    openssl.write(message=b"another message")
    assert not openssl.verifies(algorithm)


@pytest.mark.parametrize("spec,algorithm", SIGNING)
def test_what_openssl_signs_kms_verifies(kms, their_key, openssl, spec, algorithm):
    key, private = their_key(spec, "SIGN_VERIFY")
    openssl.write(private=private, message=b"a message")
    given = {"KeyId": key, "Signature": openssl.sign(algorithm), "SigningAlgorithm": algorithm}
    assert kms.verify(Message=b"a message", **given)["SignatureValid"]
    with refused("KMSInvalidSignatureException"):
        kms.verify(Message=b"another message", **given)


@pytest.mark.parametrize("spec,algorithm", OAEP)
def test_what_openssl_encrypts_kms_decrypts(kms, own_key, openssl, spec, algorithm):
    key, public = own_key(spec, "ENCRYPT_DECRYPT")
    openssl.write(public=public, message=b"held")
    sealed = openssl.makes("sealed", "pkeyutl", "-encrypt", "-pubin", *DER, "-inkey", "public", *oaep(algorithm),
                           "-in", "message")
    given = {"KeyId": key, "CiphertextBlob": sealed}
    assert kms.decrypt(EncryptionAlgorithm=algorithm, **given)["Plaintext"] == b"held"
    [other] = {"RSAES_OAEP_SHA_1", "RSAES_OAEP_SHA_256"} - {algorithm}
    with refused("InvalidCiphertextException"):
        kms.decrypt(EncryptionAlgorithm=other, **given)


@pytest.mark.parametrize("spec,algorithm", OAEP)
def test_what_kms_encrypts_openssl_decrypts(kms, their_key, openssl, spec, algorithm):
    key, private = their_key(spec, "ENCRYPT_DECRYPT")
    sealed = kms.encrypt(KeyId=key, Plaintext=b"held", EncryptionAlgorithm=algorithm)["CiphertextBlob"]
    openssl.write(private=private, sealed=sealed)
    opened = openssl.makes("opened", "pkeyutl", "-decrypt", *DER, "-inkey", "private", *oaep(algorithm), "-in", "sealed")
    assert opened == b"held"


@pytest.mark.parametrize("spec", list(CURVES)[:3])
def test_kms_and_openssl_agree(kms, own_key, openssl, spec):
    key, public = own_key(spec, "KEY_AGREEMENT")
    openssl.private(spec)
    openssl.write(peer=public)
    theirs = openssl.makes("secret", "pkeyutl", "-derive", *DER, "-inkey", "private", "-peerform", "DER", "-peerkey", "peer")
    derived = kms.derive_shared_secret(KeyId=key, KeyAgreementAlgorithm="ECDH", PublicKey=openssl.public())
    assert derived["SharedSecret"] == theirs
